// SPDX-License-Identifier: MIT
/*
 * net/sched/sch_xmit-5.10.c - the loop that moves packets from a qdisc to its
 * driver, as of 5.10: a part of sch_generic.c and of net/core/dev.c there.
 *
 * Packets are taken out of the qdisc in bulk, and handed to the driver one after
 * another under one lock; all but the last come with netdev_xmit_more() true, so
 * that the driver can leave the kick to the last one.
 *
 * How many: Linux limits the bulk of a qdisc that has a TX queue to itself by
 * that queue's byte limit (BQL), which a driver without BQL, as virtio_net before
 * 6.11, leaves at 0: such a qdisc sends one by one. Qdiscs that have not, a
 * classful one on a multiqueue device, take up to 8 packets for the same TX
 * queue. The lab's is taken for one of these.
 */
#include <linux/netdevice.h>
#include <linux/module.h>
#include <lab/machine.h>

/* Most packets of one bulk; 1: none but requeued ones go in one. */
static int qdisc_bulk = 8;
module_param(qdisc_bulk, int, 0444);

/* net.core.dev_weight: packets of one run of a qdisc. */
static const int dev_tx_weight = 64;

/* What each CPU has; there is one. */
static bool xmit_more;

bool netdev_xmit_more(void)
{
	return xmit_more;
}

/* The driver did not take these: first in line when the queue runs again. @busy: the one it refused, if any. */
static void dev_requeue_skb(struct sk_buff *skb, const struct sk_buff *busy, struct Qdisc *q)
{
	q->gso_skb = skb;
	for (; skb; skb = skb->next) {
		q->requeues++;
		q->qlen++;
		/* The refused one is counted already. */
		if (skb != busy)
			lab_skb(LAB_SKB_ENQUEUE, skb);
	}
	__netif_schedule(q);
}

/* More packets behind @skb, linked by ->next. Packets in all. */
static int try_bulk_dequeue_skb_slow(struct Qdisc *q, struct sk_buff *skb)
{
	struct sk_buff *nskb;
	int cnt = 1;

	while (cnt < qdisc_bulk) {
		nskb = q->dequeue(q);
		if (!nskb)
			break;
		skb->next = nskb;
		skb = nskb;
		cnt++;
	}
	skb->next = NULL;
	return cnt;
}

/* A list of packets to send; NULL if there are none, or they must not be sent now. */
static struct sk_buff *dequeue_skb(struct Qdisc *q, int *packets)
{
	struct sk_buff *skb, *requeued = q->gso_skb;

	*packets = 1;
	if (unlikely(requeued)) {
		/* Do not take them out just to put them back. */
		if (netif_xmit_frozen_or_stopped(q->dev_queue))
			return NULL;
		q->gso_skb = NULL;
		for (skb = requeued; skb; skb = skb->next) {
			q->qlen--;
			lab_skb(LAB_SKB_DEQUEUE, skb);
		}
		return requeued;
	}
	skb = q->dequeue(q);
	if (skb)
		*packets = try_bulk_dequeue_skb_slow(q, skb);
	return skb;
}

/* Under the TX lock. What the driver did not take; NULL if all went. */
static struct sk_buff *dev_hard_start_xmit_list(struct sk_buff *first, struct net_device *dev,
						struct netdev_queue *txq, struct sk_buff **busy)
{
	struct sk_buff *skb = first;
	int rc;

	while (skb) {
		struct sk_buff *next = skb->next;

		skb->next = NULL;
		xmit_more = next != NULL;
		rc = dev_hard_start_xmit(skb, dev, txq);
		xmit_more = false;
		if (unlikely(rc != NETDEV_TX_OK)) {
			skb->next = next;
			*busy = skb;
			return skb;
		}
		skb = next;
		/* A driver that stops its queue has kicked, whatever else was to come. */
		if (netif_xmit_stopped(txq))
			break;
	}
	return skb;
}

/*
 * Hand a list of packets to the driver. Called, and returns, with the qdisc's
 * lock held; the driver runs under its TX lock instead.
 *
 * Whether it is worth while to go on: false if the queue is stopped, or the
 * driver did not take all.
 */
static bool sch_direct_xmit(struct sk_buff *skb, struct Qdisc *q)
{
	struct netdev_queue *txq = q->dev_queue;
	struct net_device *dev = txq->dev;
	struct sk_buff *busy = NULL;

	spin_unlock(&q->lock);
	__netif_tx_lock(txq, 0);
	if (!netif_xmit_frozen_or_stopped(txq))
		skb = dev_hard_start_xmit_list(skb, dev, txq, &busy);
	__netif_tx_unlock(txq);
	spin_lock(&q->lock);

	if (unlikely(skb)) {
		dev_requeue_skb(skb, busy, q);
		return false;
	}
	return !netif_xmit_frozen_or_stopped(txq);
}

static bool qdisc_restart(struct Qdisc *q, int *packets)
{
	struct sk_buff *skb = dequeue_skb(q, packets);

	return skb && sch_direct_xmit(skb, q);
}

/* Until the qdisc is empty, the driver's queue stopped, or the quota used up. */
void __qdisc_run(struct Qdisc *q)
{
	int quota = dev_tx_weight;
	int packets;

	while (qdisc_restart(q, &packets)) {
		quota -= packets;
		if (quota <= 0) {
			__netif_schedule(q);
			break;
		}
	}
	clear_bit(__QDISC_STATE_RUNNING, &q->state);
}
