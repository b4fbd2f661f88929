// SPDX-License-Identifier: MIT
/* net/core/dev.c - network devices, the way of a packet to and from a driver, and NAPI. */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/delay.h>
#include <linux/sched.h>
#include <net/ip.h>
#include <lab/machine.h>
#include <lab/kernel.h>
#include <lab/mm.h>

/* net.core.netdev_budget: packets one run of NET_RX_SOFTIRQ may handle. */
#define NETDEV_BUDGET	300

/* What each CPU has; there is one. */
static struct softnet_data {
	struct Qdisc *output_queue;		/* to be run by NET_TX_SOFTIRQ */
	struct sk_buff *completion_queue;	/* to be freed by it */
	struct list_head poll_list;		/* to be polled by NET_RX_SOFTIRQ */
	struct sk_buff_head input_pkt_queue;	/* from netif_rx() */
	struct napi_struct backlog;
	unsigned int time_squeeze;
} softnet_data;

static LIST_HEAD(dev_base_head);
static DEFINE_MUTEX(rtnl_mutex);
static int last_ifindex;

void rtnl_lock(void)
{
	mutex_lock(&rtnl_mutex);
}

void rtnl_unlock(void)
{
	mutex_unlock(&rtnl_mutex);
}

int rtnl_is_locked(void)
{
	return mutex_is_locked(&rtnl_mutex);
}

/* ---- transmission ---- */

/* Put a qdisc on the output queue, unless it is there. */
void __netif_schedule(struct Qdisc *q)
{
	unsigned long flags;

	if (test_and_set_bit(__QDISC_STATE_SCHED, &q->state))
		return;
	local_irq_save(flags);
	q->next_sched = softnet_data.output_queue;
	softnet_data.output_queue = q;
	raise_softirq_irqoff(NET_TX_SOFTIRQ);
	local_irq_restore(flags);
}

void __netif_tx_lock(struct netdev_queue *txq, int cpu)
{
	spin_lock(&txq->_xmit_lock);
	txq->xmit_lock_owner = cpu;
}

bool __netif_tx_trylock(struct netdev_queue *txq)
{
	if (!spin_trylock(&txq->_xmit_lock))
		return false;
	txq->xmit_lock_owner = 0;
	return true;
}

void __netif_tx_unlock(struct netdev_queue *txq)
{
	txq->xmit_lock_owner = -1;
	spin_unlock(&txq->_xmit_lock);
}

/**
 * netif_tx_lock - keep transmission out of a driver
 * @dev: device
 *
 * The core holds it around ndo_start_xmit. From process context only with
 * bottom halves off: netif_tx_lock_bh().
 */
void netif_tx_lock(struct net_device *dev)
{
	__netif_tx_lock(&dev->_tx, 0);
}

void netif_tx_unlock(struct net_device *dev)
{
	__netif_tx_unlock(&dev->_tx);
}

void netif_tx_lock_bh(struct net_device *dev)
{
	local_bh_disable();
	netif_tx_lock(dev);
}

void netif_tx_unlock_bh(struct net_device *dev)
{
	netif_tx_unlock(dev);
	local_bh_enable();
}

void netif_tx_stop_queue(struct netdev_queue *txq)
{
	if (!test_and_set_bit(__QUEUE_STATE_XOFF, &txq->state))
		lab_netdev(LAB_NETDEV_STOP_QUEUE, 0);
}

void netif_tx_wake_queue(struct netdev_queue *txq)
{
	if (test_and_clear_bit(__QUEUE_STATE_XOFF, &txq->state)) {
		lab_netdev(LAB_NETDEV_WAKE_QUEUE, 0);
		__netif_schedule(txq->qdisc);
	}
}

/**
 * netif_stop_queue - ask the core for no more packets
 * @dev: device
 */
void netif_stop_queue(struct net_device *dev)
{
	netif_tx_stop_queue(&dev->_tx);
}

/**
 * netif_wake_queue - ask for packets again, and have waiting ones sent now
 * @dev: device
 */
void netif_wake_queue(struct net_device *dev)
{
	netif_tx_wake_queue(&dev->_tx);
}

/**
 * netif_start_queue - allow packets, without having waiting ones sent now
 * @dev: device
 */
void netif_start_queue(struct net_device *dev)
{
	if (test_and_clear_bit(__QUEUE_STATE_XOFF, &dev->_tx.state))
		lab_netdev(LAB_NETDEV_WAKE_QUEUE, 0);
}

/* What the device cannot do is done here, before it sees the packet. */
static int prepare_for_device(struct sk_buff *skb, struct net_device *dev)
{
	if (skb_is_nonlinear(skb) && !(dev->features & NETIF_F_SG) && skb_linearize(skb))
		return -ENOMEM;
	if (skb->ip_summed == CHECKSUM_PARTIAL && !(dev->features & NETIF_F_ALL_CSUM))
		return skb_checksum_help(skb);
	return 0;
}

/**
 * dev_queue_xmit - send a packet
 * @skb: packet; it is the core's from now on, whatever this returns
 *
 * NET_XMIT_*, or a negative error.
 */
int dev_queue_xmit(struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;
	struct netdev_queue *txq;
	struct Qdisc *q;
	int rc;

	if (prepare_for_device(skb, dev)) {
		lab_skb(LAB_SKB_DROP, skb);
		kfree_skb(skb);
		return -ENOMEM;
	}

	rcu_read_lock_bh();
	txq = netdev_get_tx_queue(dev, 0);
	q = rcu_dereference(txq->qdisc);
	spin_lock(&q->lock);
	rc = q->enqueue(skb, q);
	if (q != &noop_qdisc)
		qdisc_run(q);
	spin_unlock(&q->lock);
	rcu_read_unlock_bh();
	return rc;
}

/* Under the TX lock, with the queue running. */
int dev_hard_start_xmit(struct sk_buff *skb, struct net_device *dev, struct netdev_queue *txq)
{
	int rc;

	lab_skb(LAB_SKB_XMIT, skb);
	rc = dev->netdev_ops->ndo_start_xmit(skb, dev);
	if (rc == NETDEV_TX_OK) {
		txq->trans_start = jiffies;
		lab_skb(LAB_SKB_XMIT_OK, skb);
	} else {
		lab_skb(LAB_SKB_XMIT_BUSY, skb);
	}
	return rc;
}

/* Free a packet from any context: NET_TX_SOFTIRQ does it. */
void dev_kfree_skb_irq(struct sk_buff *skb)
{
	unsigned long flags;

	if (unlikely(!kmem_is_live(skb))) {
		skb_bad_free(skb, __func__);
		return;
	}
	if (!atomic_dec_and_test(&skb->users))
		return;
	local_irq_save(flags);
	skb->next = softnet_data.completion_queue;
	softnet_data.completion_queue = skb;
	raise_softirq_irqoff(NET_TX_SOFTIRQ);
	local_irq_restore(flags);
}

void dev_kfree_skb_any(struct sk_buff *skb)
{
	if (in_irq() || irqs_disabled())
		dev_kfree_skb_irq(skb);
	else
		dev_kfree_skb(skb);
}

static void net_tx_action(struct softirq_action *h)
{
	struct softnet_data *sd = &softnet_data;
	struct sk_buff *clist;
	struct Qdisc *head;

	(void)h;
	if (sd->completion_queue) {
		local_irq_disable();
		clist = sd->completion_queue;
		sd->completion_queue = NULL;
		local_irq_enable();
		while (clist) {
			struct sk_buff *skb = clist;

			clist = clist->next;
			WARN_ON(atomic_read(&skb->users));
			__kfree_skb(skb);
		}
	}

	if (sd->output_queue) {
		local_irq_disable();
		head = sd->output_queue;
		sd->output_queue = NULL;
		local_irq_enable();
		while (head) {
			struct Qdisc *q = head;

			head = head->next_sched;
			if (spin_trylock(&q->lock)) {
				clear_bit(__QDISC_STATE_SCHED, &q->state);
				if (!test_bit(__QDISC_STATE_DEACTIVATED, &q->state))
					qdisc_run(q);
				spin_unlock(&q->lock);
			} else {
				/* Whoever holds it is in dev_queue_xmit(), below us: try again later. */
				clear_bit(__QDISC_STATE_SCHED, &q->state);
				__netif_schedule(q);
			}
		}
	}
}

/* ---- reception ---- */

/* An IPv4 header and a TCP header, each with its options. */
#define MAX_HEADERS	(60 + 60)

/* To its protocol; the stack here has IPv4, and others take what they get. The packet is the caller's still. */
__nostep int deliver_skb(struct sk_buff *skb)
{
	int ret = NET_RX_SUCCESS;

	skb_reset_network_header(skb);
	if (skb->protocol == htons(ETH_P_IP))
		ret = ip_rcv(skb, skb->dev, NULL, skb->dev);
	lab_skb(LAB_SKB_RECEIVE, skb);
	return ret;
}

/**
 * netif_receive_skb - give a received packet to the stack
 * @skb: packet, after eth_type_trans(); from softirq context
 *
 * The stack here looks at the headers, which it wants in the linear part,
 * answers what wants an answer, and frees the packet. NET_RX_DROP if the header
 * of an IPv4 packet is bad; packet sockets get it even so.
 */
int netif_receive_skb(struct sk_buff *skb)
{
	u32 mac_len;
	int ret;

	if (!skb->mac_header)
		skb_reset_mac_header(skb);
	mac_len = skb->data - skb->mac_header;

	/* ip_rcv() and tcp_v4_rcv() do so; GRO has done it before them since 2.6.29. */
	pskb_may_pull(skb, min_t(unsigned int, skb->len, MAX_HEADERS));
	ret = deliver_skb(skb);
	lab_frame_deliver(skb->mac_header, mac_len + skb_headlen(skb), mac_len + skb->len);
	stack_answer(skb->dev);
	kfree_skb(skb);
	return ret;
}

/**
 * netif_rx - give a received packet to the stack, from any context
 * @skb: packet, after eth_type_trans()
 */
int netif_rx(struct sk_buff *skb)
{
	struct softnet_data *sd = &softnet_data;
	unsigned long flags;

	/* net.core.netdev_max_backlog */
	local_irq_save(flags);
	if (sd->input_pkt_queue.qlen > 1000) {
		local_irq_restore(flags);
		lab_skb(LAB_SKB_DROP, skb);
		dev_kfree_skb_any(skb);
		return NET_RX_DROP;
	}
	if (!sd->input_pkt_queue.qlen)
		napi_schedule(&sd->backlog);
	__skb_queue_tail(&sd->input_pkt_queue, skb);
	local_irq_restore(flags);
	return NET_RX_SUCCESS;
}

static int process_backlog(struct napi_struct *napi, int quota)
{
	struct softnet_data *sd = &softnet_data;
	struct sk_buff *skb;
	int work = 0;

	while (work < quota) {
		local_irq_disable();
		skb = __skb_dequeue(&sd->input_pkt_queue);
		if (!skb) {
			__napi_complete(napi);
			local_irq_enable();
			break;
		}
		local_irq_enable();
		netif_receive_skb(skb);
		work++;
	}
	return work;
}

/* ---- NAPI ---- */

/**
 * __napi_schedule - have a context polled
 * @n: context for which napi_schedule_prep() was true
 */
void __napi_schedule(struct napi_struct *n)
{
	unsigned long flags;

	local_irq_save(flags);
	list_add_tail(&n->poll_list, &softnet_data.poll_list);
	__raise_softirq_irqoff(NET_RX_SOFTIRQ);
	/* Linux counts on being in an interrupt or bottom half here; ksoftirqd helps those who are not. */
	if (!in_interrupt())
		lab_wake(LAB_RUN_KSOFTIRQD);
	local_irq_restore(flags);
}

/* With interrupts off. */
void __napi_complete(struct napi_struct *n)
{
	BUG_ON(!test_bit(NAPI_STATE_SCHED, &n->state));
	list_del(&n->poll_list);
	smp_mb__before_clear_bit();
	clear_bit(NAPI_STATE_SCHED, &n->state);
}

/**
 * napi_complete - done polling: interrupts take over
 * @n: context; called by its poll function
 */
void napi_complete(struct napi_struct *n)
{
	unsigned long flags;

	local_irq_save(flags);
	__napi_complete(n);
	local_irq_restore(flags);
}

/**
 * napi_complete_done - the same, since 3.19
 * @n: context
 * @work_done: packets handled in this poll
 *
 * False if polling goes on after all. Never here: there is no busy polling and
 * no gro_flush_timeout.
 */
bool napi_complete_done(struct napi_struct *n, int work_done)
{
	(void)work_done;
	napi_complete(n);
	return true;
}

/**
 * napi_disable - wait until a context is not polled any more, and keep it so
 * @n: context
 */
void napi_disable(struct napi_struct *n)
{
	might_sleep();
	set_bit(NAPI_STATE_DISABLE, &n->state);
	while (test_and_set_bit(NAPI_STATE_SCHED, &n->state))
		msleep(1);
	clear_bit(NAPI_STATE_DISABLE, &n->state);
}

/**
 * netif_napi_add - make a NAPI context; it is disabled at first
 * @dev: device
 * @napi: context
 * @poll: handles at most the given number of packets, returns how many it did
 * @weight: that number
 */
void netif_napi_add(struct net_device *dev, struct napi_struct *napi,
		    int (*poll)(struct napi_struct *, int), int weight)
{
	INIT_LIST_HEAD(&napi->poll_list);
	napi->poll = poll;
	napi->weight = weight;
	napi->dev = dev;
	napi->state = 0;
	list_add(&napi->dev_list, &dev->napi_list);
	set_bit(NAPI_STATE_SCHED, &napi->state);
}

/**
 * netif_tx_napi_add - the same, for a context that only cleans a TX queue
 */
void netif_tx_napi_add(struct net_device *dev, struct napi_struct *napi,
		       int (*poll)(struct napi_struct *, int), int weight)
{
	netif_napi_add(dev, napi, poll, weight);
	set_bit(NAPI_STATE_NO_BUSY_POLL, &napi->state);
}

void netif_napi_del(struct napi_struct *napi)
{
	list_del_init(&napi->dev_list);
}

/* Which queue an event is about. */
__nostep u32 napi_event(const struct napi_struct *n, u32 op)
{
	return test_bit(NAPI_STATE_NO_BUSY_POLL, &n->state) ? op + LAB_NETDEV_NAPI_TX : op;
}

static void net_rx_action(struct softirq_action *h)
{
	struct list_head *list = &softnet_data.poll_list;
	unsigned long time_limit = jiffies + 2;
	int budget = NETDEV_BUDGET;

	(void)h;
	local_irq_disable();
	while (!list_empty(list)) {
		struct napi_struct *n;
		int work = 0, weight;

		if (unlikely(budget <= 0 || time_after(jiffies, time_limit)))
			goto softnet_break;
		local_irq_enable();

		/* Interrupts add at the tail only, so the first entry is ours. */
		n = list_first_entry(list, struct napi_struct, poll_list);
		weight = n->weight;

		/* It may be on the list and not scheduled: napi_disable() took the bit over. */
		if (test_bit(NAPI_STATE_SCHED, &n->state)) {
			lab_netdev(napi_event(n, LAB_NETDEV_NAPI_ENTER), weight);
			work = n->poll(n, weight);
			lab_netdev(napi_event(n, LAB_NETDEV_NAPI_EXIT), work);
		}
		WARN_ON_ONCE(work > weight);
		budget -= work;

		local_irq_disable();
		/* A poll function that used all its weight must not complete: it owns the entry no more than we do. */
		if (unlikely(work == weight)) {
			if (unlikely(napi_disable_pending(n)))
				__napi_complete(n);
			else
				list_move_tail(&n->poll_list, list);
		}
	}
out:
	local_irq_enable();
	return;

softnet_break:
	softnet_data.time_squeeze++;
	__raise_softirq_irqoff(NET_RX_SOFTIRQ);
	goto out;
}

/* ---- devices ---- */

struct net_device *dev_get_by_index(int ifindex)
{
	struct net_device *dev;

	list_for_each_entry(dev, &dev_base_head, dev_list) {
		if (dev->ifindex == ifindex)
			return dev;
	}
	return NULL;
}

/**
 * alloc_netdev - make a network device
 * @sizeof_priv: bytes of the driver's private part
 * @name: may contain %d
 * @setup: sets the fields of its kind
 */
struct net_device *alloc_netdev(int sizeof_priv, const char *name, void (*setup)(struct net_device *))
{
	size_t size = ALIGN(sizeof(struct net_device), NETDEV_ALIGN) + sizeof_priv;
	struct net_device *dev = kzalloc(size, GFP_KERNEL);

	if (!dev)
		return NULL;
	INIT_LIST_HEAD(&dev->napi_list);
	INIT_LIST_HEAD(&dev->dev_list);
	dev->_tx.dev = dev;
	dev->_tx.xmit_lock_owner = -1;
	spin_lock_init(&dev->_tx._xmit_lock);
	dev->_tx._xmit_lock.name = "the device's TX lock";
	dev->num_tx_queues = 1;
	setup(dev);
	strlcpy(dev->name, name, IFNAMSIZ);
	return dev;
}

void free_netdev(struct net_device *dev)
{
	struct napi_struct *p, *n;

	WARN(dev->reg_state == NETREG_REGISTERED, "free_netdev: %s is still registered\n", dev->name);
	list_for_each_entry_safe(p, n, &dev->napi_list, dev_list)
		netif_napi_del(p);
	kfree(dev);
}

/**
 * register_netdevice - make a device known; with the RTNL held
 * @dev: device
 */
int register_netdevice(struct net_device *dev)
{
	char format[IFNAMSIZ];
	int err;

	ASSERT_RTNL();
	BUG_ON(dev->reg_state != NETREG_UNINITIALIZED);
	BUG_ON(!dev->netdev_ops || !dev->netdev_ops->ndo_start_xmit);
	if (strchr(dev->name, '%')) {
		strlcpy(format, dev->name, IFNAMSIZ);
		*strchr(format, '%') = '\0';
		snprintf(dev->name, IFNAMSIZ, "%s%d", format, last_ifindex);
	}
	if (dev->netdev_ops->ndo_init) {
		err = dev->netdev_ops->ndo_init(dev);
		if (err)
			return err > 0 ? -EIO : err;
	}

	/* 2.6.31 corrects impossible combinations: scatter/gather needs checksums done by the device. */
	if ((dev->features & NETIF_F_SG) && !(dev->features & NETIF_F_ALL_CSUM)) {
		printk(KERN_NOTICE "%s: Dropping NETIF_F_SG since no checksum feature.\n", dev->name);
		dev->features &= ~NETIF_F_SG;
	}
	if ((dev->features & NETIF_F_TSO) && !(dev->features & NETIF_F_SG)) {
		printk(KERN_NOTICE "%s: Dropping NETIF_F_TSO since no SG feature.\n", dev->name);
		dev->features &= ~NETIF_F_TSO;
	}

	dev->ifindex = ++last_ifindex;
	set_bit(__LINK_STATE_PRESENT, &dev->state);
	dev_init_scheduler(dev);
	list_add_tail(&dev->dev_list, &dev_base_head);
	dev_set_name(&dev->dev, "%s", dev->name);
	dev->reg_state = NETREG_REGISTERED;
	lab_netdev(LAB_NETDEV_REGISTER, dev->ifindex);
	return 0;
}

int register_netdev(struct net_device *dev)
{
	int err;

	rtnl_lock();
	err = register_netdevice(dev);
	rtnl_unlock();
	return err;
}

void unregister_netdevice(struct net_device *dev)
{
	ASSERT_RTNL();
	BUG_ON(dev->reg_state != NETREG_REGISTERED);
	dev_close(dev);
	dev_shutdown(dev);
	list_del_init(&dev->dev_list);
	if (dev->netdev_ops->ndo_uninit)
		dev->netdev_ops->ndo_uninit(dev);
	dev->reg_state = NETREG_UNREGISTERED;
	last_ifindex--;
}

void unregister_netdev(struct net_device *dev)
{
	rtnl_lock();
	unregister_netdevice(dev);
	rtnl_unlock();
}

/**
 * dev_open - bring a device up; with the RTNL held
 * @dev: device
 */
int dev_open(struct net_device *dev)
{
	const struct net_device_ops *ops = dev->netdev_ops;
	int ret = 0;

	ASSERT_RTNL();
	if (dev->flags & IFF_UP)
		return 0;
	if (!netif_device_present(dev))
		return -ENODEV;

	set_bit(__LINK_STATE_START, &dev->state);
	if (ops->ndo_validate_addr)
		ret = ops->ndo_validate_addr(dev);
	if (!ret && ops->ndo_open)
		ret = ops->ndo_open(dev);
	if (ret) {
		clear_bit(__LINK_STATE_START, &dev->state);
		return ret;
	}
	dev->flags |= IFF_UP;
	dev_activate(dev);
	return 0;
}

/**
 * dev_close - take a device down; with the RTNL held
 * @dev: device
 */
int dev_close(struct net_device *dev)
{
	ASSERT_RTNL();
	might_sleep();
	if (!(dev->flags & IFF_UP))
		return 0;
	clear_bit(__LINK_STATE_START, &dev->state);
	dev_deactivate(dev);
	if (dev->netdev_ops->ndo_stop)
		dev->netdev_ops->ndo_stop(dev);
	dev->flags &= ~IFF_UP;
	return 0;
}

/* What the init scripts do: every interface up. Without any there is nothing to run a scenario on. */
int dev_open_all(void)
{
	struct net_device *dev;
	int err, first_err = 0;

	if (list_empty(&dev_base_head)) {
		printk(KERN_ERR "no network interface: no driver has registered one\n");
		return -ENODEV;
	}
	rtnl_lock();
	list_for_each_entry(dev, &dev_base_head, dev_list) {
		err = dev_open(dev);
		if (err) {
			printk(KERN_ERR "%s: cannot be brought up: error %d\n", dev->name, err);
			if (!first_err)
				first_err = err;
		}
	}
	rtnl_unlock();
	return first_err;
}

void dev_close_all(void)
{
	struct net_device *dev;

	rtnl_lock();
	list_for_each_entry(dev, &dev_base_head, dev_list)
		dev_close(dev);
	rtnl_unlock();
}

void netif_carrier_on(struct net_device *dev)
{
	clear_bit(__LINK_STATE_NOCARRIER, &dev->state);
}

void netif_carrier_off(struct net_device *dev)
{
	set_bit(__LINK_STATE_NOCARRIER, &dev->state);
}

void netif_device_detach(struct net_device *dev)
{
	if (test_and_clear_bit(__LINK_STATE_PRESENT, &dev->state) && netif_running(dev))
		netif_stop_queue(dev);
}

void netif_device_attach(struct net_device *dev)
{
	if (!test_and_set_bit(__LINK_STATE_PRESENT, &dev->state) && netif_running(dev))
		netif_wake_queue(dev);
}

u32 ethtool_op_get_link(struct net_device *dev)
{
	return netif_carrier_ok(dev) ? 1 : 0;
}

void net_dev_init(void)
{
	struct softnet_data *sd = &softnet_data;

	INIT_LIST_HEAD(&sd->poll_list);
	skb_queue_head_init(&sd->input_pkt_queue);
	sd->backlog.poll = process_backlog;
	sd->backlog.weight = 64;
	open_softirq(NET_TX_SOFTIRQ, net_tx_action);
	open_softirq(NET_RX_SOFTIRQ, net_rx_action);
}
