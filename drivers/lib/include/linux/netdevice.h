/* SPDX-License-Identifier: MIT */
/*
 * linux/netdevice.h - network devices as of 2.6.31, with one TX queue each,
 * and NAPI.
 */
#ifndef _LINUX_NETDEVICE_H
#define _LINUX_NETDEVICE_H

#include <linux/kernel.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <linux/socket.h>
#include <linux/timer.h>
#include <net/sch_generic.h>

struct net_device;
struct ethtool_ops;

#define MAX_ADDR_LEN		32

/* What ndo_start_xmit returns. */
enum netdev_tx {
	NETDEV_TX_OK = 0,		/* the driver took care of the packet */
	NETDEV_TX_BUSY,			/* it did not: the core queues it again */
	NETDEV_TX_LOCKED = -1,		/* its own lock was taken (NETIF_F_LLTX only) */
};

#define netdev_tx_t	int		/* an enum since 2.6.32 */

#define NET_RX_SUCCESS		0
#define NET_RX_DROP		1

struct net_device_stats {
	unsigned long rx_packets;
	unsigned long tx_packets;
	unsigned long rx_bytes;
	unsigned long tx_bytes;
	unsigned long rx_errors;
	unsigned long tx_errors;
	unsigned long rx_dropped;
	unsigned long tx_dropped;
	unsigned long multicast;
	unsigned long collisions;
	unsigned long rx_length_errors;
	unsigned long rx_over_errors;
	unsigned long rx_crc_errors;
	unsigned long rx_frame_errors;
	unsigned long rx_fifo_errors;
	unsigned long rx_missed_errors;
	unsigned long tx_aborted_errors;
	unsigned long tx_carrier_errors;
	unsigned long tx_fifo_errors;
	unsigned long tx_heartbeat_errors;
	unsigned long tx_window_errors;
	unsigned long rx_compressed;
	unsigned long tx_compressed;
};

/* ---- NAPI ---- */

struct napi_struct {
	struct list_head poll_list;	/* on the CPU's list while scheduled */
	unsigned long state;		/* NAPI_STATE_* bits */
	int weight;			/* most packets one call of poll may handle */
	int (*poll)(struct napi_struct *napi, int budget);
	struct net_device *dev;
	struct list_head dev_list;
};

enum {
	NAPI_STATE_SCHED,		/* poll is scheduled, or running, or NAPI is disabled */
	NAPI_STATE_DISABLE,		/* napi_disable() waits */
	NAPI_STATE_NO_BUSY_POLL,	/* it cleans a TX queue: there is nothing to receive (4.5) */
};

#define NAPI_POLL_WEIGHT	64

void netif_napi_add(struct net_device *dev, struct napi_struct *napi,
		    int (*poll)(struct napi_struct *, int), int weight);
void netif_tx_napi_add(struct net_device *dev, struct napi_struct *napi,
		       int (*poll)(struct napi_struct *, int), int weight);
void netif_napi_del(struct napi_struct *napi);
void __napi_schedule(struct napi_struct *n);
void __napi_complete(struct napi_struct *n);
void napi_complete(struct napi_struct *n);
bool napi_complete_done(struct napi_struct *n, int work_done);
void napi_disable(struct napi_struct *n);

__nostep int napi_disable_pending(struct napi_struct *n)
{
	return test_bit(NAPI_STATE_DISABLE, &n->state);
}

/**
 * napi_schedule_prep - may this context be scheduled?
 * @n: NAPI context
 *
 * True at most once until it completes: the caller must then __napi_schedule().
 */
static inline int napi_schedule_prep(struct napi_struct *n)
{
	return !napi_disable_pending(n) && !test_and_set_bit(NAPI_STATE_SCHED, &n->state);
}

static inline void napi_schedule(struct napi_struct *n)
{
	if (napi_schedule_prep(n))
		__napi_schedule(n);
}

static inline void napi_enable(struct napi_struct *n)
{
	BUG_ON(!test_bit(NAPI_STATE_SCHED, &n->state));
	smp_mb__before_clear_bit();
	clear_bit(NAPI_STATE_SCHED, &n->state);
}

/* ---- the device ---- */

enum {
	__QUEUE_STATE_XOFF,		/* the driver stopped it */
	__QUEUE_STATE_FROZEN,
};

struct netdev_queue {
	struct net_device *dev;
	struct Qdisc *qdisc;
	unsigned long state;		/* __QUEUE_STATE_* bits */
	struct Qdisc *qdisc_sleeping;
	spinlock_t _xmit_lock;		/* held around ndo_start_xmit */
	int xmit_lock_owner;		/* CPU, or -1 */
	unsigned long trans_start;	/* jiffies of the last transmission */
};

struct net_device_ops {
	int (*ndo_init)(struct net_device *dev);
	void (*ndo_uninit)(struct net_device *dev);
	int (*ndo_open)(struct net_device *dev);
	int (*ndo_stop)(struct net_device *dev);
	int (*ndo_start_xmit)(struct sk_buff *skb, struct net_device *dev);
	void (*ndo_set_rx_mode)(struct net_device *dev);
	int (*ndo_set_mac_address)(struct net_device *dev, void *addr);
	int (*ndo_validate_addr)(struct net_device *dev);
	int (*ndo_change_mtu)(struct net_device *dev, int new_mtu);
	void (*ndo_tx_timeout)(struct net_device *dev);
	struct net_device_stats *(*ndo_get_stats)(struct net_device *dev);
};

enum netdev_state_t {
	__LINK_STATE_START,
	__LINK_STATE_PRESENT,
	__LINK_STATE_NOCARRIER,
};

struct net_device {
	char name[IFNAMSIZ];
	int irq;
	unsigned long state;		/* __LINK_STATE_* bits */
	struct list_head dev_list;
	struct list_head napi_list;
	unsigned long features;		/* NETIF_F_* */
#define NETIF_F_SG		1	/* scatter/gather */
#define NETIF_F_IP_CSUM		2	/* checksums of TCP and UDP over IPv4 */
#define NETIF_F_NO_CSUM		4	/* needs none: loopback */
#define NETIF_F_HW_CSUM		8	/* any checksum */
#define NETIF_F_IPV6_CSUM	16
#define NETIF_F_HIGHDMA		32
#define NETIF_F_FRAGLIST	64
#define NETIF_F_GSO		2048
#define NETIF_F_LLTX		4096	/* the driver locks for itself */
#define NETIF_F_GSO_SHIFT	16
#define NETIF_F_GSO_MASK	0xffff0000
#define NETIF_F_TSO		(SKB_GSO_TCPV4 << NETIF_F_GSO_SHIFT)
#define NETIF_F_UFO		(SKB_GSO_UDP << NETIF_F_GSO_SHIFT)
#define NETIF_F_GSO_ROBUST	(SKB_GSO_DODGY << NETIF_F_GSO_SHIFT)
#define NETIF_F_TSO_ECN		(SKB_GSO_TCP_ECN << NETIF_F_GSO_SHIFT)
#define NETIF_F_TSO6		(SKB_GSO_TCPV6 << NETIF_F_GSO_SHIFT)
#define NETIF_F_GEN_CSUM	(NETIF_F_NO_CSUM | NETIF_F_HW_CSUM)
#define NETIF_F_ALL_CSUM	(NETIF_F_GEN_CSUM | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM)

	int ifindex;
	struct net_device_stats stats;
	const struct net_device_ops *netdev_ops;
	const struct ethtool_ops *ethtool_ops;
	unsigned int flags;		/* IFF_* */
	unsigned int mtu;
	unsigned short type;
	unsigned short hard_header_len;
	unsigned char perm_addr[MAX_ADDR_LEN];
	unsigned char addr_len;
	unsigned char dev_addr[MAX_ADDR_LEN];
	unsigned char broadcast[MAX_ADDR_LEN];
	unsigned long tx_queue_len;	/* packets the qdisc may hold */
	int watchdog_timeo;
	unsigned long trans_start;
	enum { NETREG_UNINITIALIZED = 0, NETREG_REGISTERED, NETREG_UNREGISTERED } reg_state;
	struct netdev_queue _tx;
	unsigned int num_tx_queues;
	struct device dev;
};

#define to_net_dev(d)		container_of(d, struct net_device, dev)
#define SET_NETDEV_DEV(net, pdev)	((net)->dev.parent = (pdev))

#define NETDEV_ALIGN		32

/* The driver's private part, behind the structure. */
__nostep void *netdev_priv(const struct net_device *dev)
{
	return (char *)dev + ALIGN(sizeof(struct net_device), NETDEV_ALIGN);
}

struct net_device *alloc_netdev(int sizeof_priv, const char *name, void (*setup)(struct net_device *));
void free_netdev(struct net_device *dev);
int register_netdev(struct net_device *dev);
int register_netdevice(struct net_device *dev);
void unregister_netdev(struct net_device *dev);
void unregister_netdevice(struct net_device *dev);
int dev_open(struct net_device *dev);
int dev_close(struct net_device *dev);
int dev_queue_xmit(struct sk_buff *skb);
int dev_hard_start_xmit(struct sk_buff *skb, struct net_device *dev, struct netdev_queue *txq);
int netif_rx(struct sk_buff *skb);
int netif_receive_skb(struct sk_buff *skb);
#define napi_gro_receive(napi, skb)	netif_receive_skb(skb)
struct net_device *dev_get_by_index(int ifindex);
#define dev_hold(dev)		do { (void)(dev); } while (0)
#define dev_put(dev)		do { (void)(dev); } while (0)

/* ---- its TX queue ---- */

__nostep struct netdev_queue *netdev_get_tx_queue(struct net_device *dev, unsigned int index)
{
	(void)index;
	return &dev->_tx;
}

void netif_tx_stop_queue(struct netdev_queue *txq);
void netif_tx_wake_queue(struct netdev_queue *txq);

static inline void netif_tx_start_queue(struct netdev_queue *txq)
{
	clear_bit(__QUEUE_STATE_XOFF, &txq->state);
}

__nostep int netif_tx_queue_stopped(const struct netdev_queue *txq)
{
	return test_bit(__QUEUE_STATE_XOFF, &txq->state);
}

__nostep int netif_tx_queue_frozen(const struct netdev_queue *txq)
{
	return test_bit(__QUEUE_STATE_FROZEN, &txq->state);
}

__nostep bool netif_xmit_stopped(const struct netdev_queue *txq)
{
	return netif_tx_queue_stopped(txq);
}

__nostep bool netif_xmit_frozen_or_stopped(const struct netdev_queue *txq)
{
	return netif_tx_queue_stopped(txq) || netif_tx_queue_frozen(txq);
}

/*
 * Another packet of the same batch follows this one: the driver may leave the
 * kick to it (3.18). Only the loop of 5.10 ever says so: see sch_xmit-5.10.c.
 */
bool netdev_xmit_more(void);

void netif_start_queue(struct net_device *dev);
void netif_stop_queue(struct net_device *dev);
void netif_wake_queue(struct net_device *dev);

__nostep int netif_queue_stopped(const struct net_device *dev)
{
	return netif_tx_queue_stopped(&dev->_tx);
}

/* There is one TX queue. */
#define netif_start_subqueue(dev, index)	netif_start_queue(dev)
#define netif_stop_subqueue(dev, index)		netif_stop_queue(dev)
#define netif_wake_subqueue(dev, index)		netif_wake_queue(dev)

__nostep int netif_running(const struct net_device *dev)
{
	return test_bit(__LINK_STATE_START, &dev->state);
}

__nostep int netif_device_present(struct net_device *dev)
{
	return test_bit(__LINK_STATE_PRESENT, &dev->state);
}

__nostep int netif_carrier_ok(const struct net_device *dev)
{
	return !test_bit(__LINK_STATE_NOCARRIER, &dev->state);
}

void netif_carrier_on(struct net_device *dev);
void netif_carrier_off(struct net_device *dev);
void netif_device_detach(struct net_device *dev);
void netif_device_attach(struct net_device *dev);

/* The lock the core holds around ndo_start_xmit: taken by a driver to keep transmission out. */
void __netif_tx_lock(struct netdev_queue *txq, int cpu);
bool __netif_tx_trylock(struct netdev_queue *txq);
void __netif_tx_unlock(struct netdev_queue *txq);
void netif_tx_lock(struct net_device *dev);
void netif_tx_unlock(struct net_device *dev);
void netif_tx_lock_bh(struct net_device *dev);
void netif_tx_unlock_bh(struct net_device *dev);

/* ---- messages ---- */

#define netdev_dev(net)			((net)->dev.parent ? (net)->dev.parent : &(net)->dev)
#define netdev_printk(level, net, fmt, ...) \
	dev_printk(level, netdev_dev(net), "%s: " fmt, (net)->name, ##__VA_ARGS__)
#define netdev_err(net, fmt, ...)	_dev_err(netdev_dev(net), "%s: " fmt, (net)->name, ##__VA_ARGS__)
#define netdev_warn(net, fmt, ...)	_dev_warn(netdev_dev(net), "%s: " fmt, (net)->name, ##__VA_ARGS__)
#define netdev_notice(net, fmt, ...)	netdev_printk(KERN_NOTICE, net, fmt, ##__VA_ARGS__)
#define net_ratelimit()			printk_ratelimit()
#define net_warn_ratelimited(fmt, ...)	do { if (net_ratelimit()) pr_warn(fmt, ##__VA_ARGS__); } while (0)
#define net_dbg_ratelimited(fmt, ...)	pr_debug(fmt, ##__VA_ARGS__)
#define netdev_info(net, fmt, ...)	netdev_printk(KERN_INFO, net, fmt, ##__VA_ARGS__)
#define netdev_dbg(net, fmt, ...)	dev_dbg(&(net)->dev, "%s: " fmt, (net)->name, ##__VA_ARGS__)

#endif
