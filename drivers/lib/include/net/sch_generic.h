/* SPDX-License-Identifier: MIT */
/* net/sch_generic.h - queueing disciplines: what waits between dev_queue_xmit() and the driver. */
#ifndef _NET_SCH_GENERIC_H
#define _NET_SCH_GENERIC_H

#include <linux/skbuff.h>

struct netdev_queue;

#define NET_XMIT_SUCCESS	0
#define NET_XMIT_DROP		1	/* dropped */
#define NET_XMIT_CN		2	/* congestion */

enum {
	__QDISC_STATE_RUNNING,
	__QDISC_STATE_SCHED,
	__QDISC_STATE_DEACTIVATED,
};

#define PFIFO_FAST_BANDS	3

struct Qdisc {
	int (*enqueue)(struct sk_buff *skb, struct Qdisc *q);
	struct sk_buff *(*dequeue)(struct Qdisc *q);
	struct netdev_queue *dev_queue;
	struct Qdisc *next_sched;	/* on the CPU's output_queue, for NET_TX_SOFTIRQ */
	struct sk_buff *gso_skb;	/* requeued: goes first; a list linked by ->next in 5.10 */
	unsigned long state;		/* __QDISC_STATE_* */
	spinlock_t lock;
	unsigned int qlen;		/* all bands, and gso_skb */
	struct sk_buff_head band[PFIFO_FAST_BANDS];
	unsigned long packets, bytes;	/* handed to the driver */
	unsigned long drops, requeues;
};

extern struct Qdisc noop_qdisc;

struct net_device;

void __netif_schedule(struct Qdisc *q);
void __qdisc_run(struct Qdisc *q);
void dev_activate(struct net_device *dev);
void dev_deactivate(struct net_device *dev);
void dev_init_scheduler(struct net_device *dev);
void dev_shutdown(struct net_device *dev);

static inline void qdisc_run(struct Qdisc *q)
{
	if (!test_and_set_bit(__QDISC_STATE_RUNNING, &q->state))
		__qdisc_run(q);
}

#endif
