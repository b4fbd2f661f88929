// SPDX-License-Identifier: MIT
/*
 * net/sched/sch_xmit.c - the loop that moves packets from a qdisc to its driver,
 * as of 2.6.31: a part of sch_generic.c there.
 *
 * One packet at a time. Every packet goes through the queue, even an empty one
 * (the bypass came in 2.6.32).
 */
#include <linux/netdevice.h>
#include <lab/machine.h>

/* The driver did not take it: first in line when the queue runs again. */
static int dev_requeue_skb(struct sk_buff *skb, struct Qdisc *q)
{
	q->gso_skb = skb;
	q->requeues++;
	q->qlen++;
	__netif_schedule(q);
	return 0;
}

static struct sk_buff *dequeue_skb(struct Qdisc *q)
{
	struct sk_buff *skb = q->gso_skb;

	if (unlikely(skb)) {
		/* Do not take it out just to put it back. */
		if (netif_tx_queue_stopped(q->dev_queue) || netif_tx_queue_frozen(q->dev_queue))
			return NULL;
		q->gso_skb = NULL;
		q->qlen--;
		lab_skb(LAB_SKB_DEQUEUE, skb);
		return skb;
	}
	return q->dequeue(q);
}

/*
 * Hand one packet to the driver. Called, and returns, with the qdisc's lock
 * held; the driver runs under its TX lock instead.
 *
 * Whether it is worth while to go on: 0 if the queue is empty or stopped.
 */
static int qdisc_restart(struct Qdisc *q)
{
	struct netdev_queue *txq = q->dev_queue;
	struct net_device *dev;
	struct sk_buff *skb;
	int ret = NETDEV_TX_BUSY;

	skb = dequeue_skb(q);
	if (unlikely(!skb))
		return 0;

	dev = txq->dev;
	spin_unlock(&q->lock);
	if (!(dev->features & NETIF_F_LLTX))
		__netif_tx_lock(txq, 0);
	if (!netif_tx_queue_stopped(txq) && !netif_tx_queue_frozen(txq))
		ret = dev_hard_start_xmit(skb, dev, txq);
	else
		lab_skb(LAB_SKB_ENQUEUE, skb);
	if (!(dev->features & NETIF_F_LLTX))
		__netif_tx_unlock(txq);
	spin_lock(&q->lock);

	switch (ret) {
	case NETDEV_TX_OK:
		ret = q->qlen;
		break;
	default:
		/* A stopped queue may have been stopped under our hands; BUSY from a running one is the driver's fault. */
		if (unlikely(ret != NETDEV_TX_BUSY && ret != NETDEV_TX_LOCKED) && printk_ratelimit())
			printk(KERN_WARNING "BUG %s code %d qlen %u\n", dev->name, ret, q->qlen);
		ret = dev_requeue_skb(skb, q);
		break;
	}
	if (ret && (netif_tx_queue_stopped(txq) || netif_tx_queue_frozen(txq)))
		ret = 0;
	return ret;
}

/* Until the qdisc is empty, the driver's queue stopped, or a jiffy is over. */
void __qdisc_run(struct Qdisc *q)
{
	unsigned long start_time = jiffies;

	while (qdisc_restart(q)) {
		if (jiffies != start_time) {
			__netif_schedule(q);
			break;
		}
	}
	clear_bit(__QDISC_STATE_RUNNING, &q->state);
}
