// SPDX-License-Identifier: MIT
/*
 * net/sched/sch_generic.c - the qdisc pfifo_fast, and the loop that moves
 * packets from a qdisc to its driver.
 *
 * As of 2.6.31: every packet goes through the queue, even an empty one (the
 * bypass came in 2.6.32).
 */
#include <linux/netdevice.h>
#include <linux/sched.h>
#include <lab/machine.h>

/* Band for each priority: interactive 0, normal 1, bulk 2. */
static const u8 prio2band[16] = { 1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1 };

static int pfifo_fast_enqueue(struct sk_buff *skb, struct Qdisc *qdisc)
{
	struct sk_buff_head *list = &qdisc->band[prio2band[skb->priority & 15]];

	/* As in 2.6.31 the limit is the whole queue's, not the band's. */
	if (qdisc->qlen < qdisc->dev_queue->dev->tx_queue_len) {
		qdisc->qlen++;
		__skb_queue_tail(list, skb);
		lab_skb(LAB_SKB_ENQUEUE, skb);
		return NET_XMIT_SUCCESS;
	}
	qdisc->drops++;
	lab_skb(LAB_SKB_DROP, skb);
	kfree_skb(skb);
	return NET_XMIT_DROP;
}

static struct sk_buff *pfifo_fast_dequeue(struct Qdisc *qdisc)
{
	int prio;

	for (prio = 0; prio < PFIFO_FAST_BANDS; prio++) {
		struct sk_buff *skb = __skb_dequeue(&qdisc->band[prio]);

		if (skb) {
			qdisc->qlen--;
			lab_skb(LAB_SKB_DEQUEUE, skb);
			return skb;
		}
	}
	return NULL;
}

/* Qdisc of a device that is down. */
static int noop_enqueue(struct sk_buff *skb, struct Qdisc *qdisc)
{
	(void)qdisc;
	lab_skb(LAB_SKB_DROP, skb);
	kfree_skb(skb);
	return NET_XMIT_CN;
}

static struct sk_buff *noop_dequeue(struct Qdisc *qdisc)
{
	(void)qdisc;
	return NULL;
}

struct Qdisc noop_qdisc = {
	.enqueue = noop_enqueue,
	.dequeue = noop_dequeue,
	.lock = __SPIN_LOCK_UNLOCKED(noop_qdisc.lock),
};

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

static struct Qdisc *pfifo_fast_create(struct netdev_queue *dev_queue)
{
	struct Qdisc *q = kzalloc(sizeof(*q), GFP_KERNEL);
	int prio;

	if (!q)
		return NULL;
	spin_lock_init(&q->lock);
	q->lock.name = "the qdisc's lock";
	q->enqueue = pfifo_fast_enqueue;
	q->dequeue = pfifo_fast_dequeue;
	q->dev_queue = dev_queue;
	for (prio = 0; prio < PFIFO_FAST_BANDS; prio++)
		skb_queue_head_init(&q->band[prio]);
	return q;
}

/* What waits is lost. */
static void qdisc_reset(struct Qdisc *q)
{
	struct sk_buff *skb = q->gso_skb;

	if (skb) {
		q->gso_skb = NULL;
		q->qlen--;
		lab_skb(LAB_SKB_DEQUEUE, skb);
		lab_skb(LAB_SKB_DROP, skb);
		kfree_skb(skb);
	}
	while ((skb = q->dequeue(q)) != NULL) {
		lab_skb(LAB_SKB_DROP, skb);
		kfree_skb(skb);
	}
}

/* A device that has no qdisc yet gets one when it comes up. */
void dev_activate(struct net_device *dev)
{
	struct netdev_queue *txq = &dev->_tx;

	if (txq->qdisc_sleeping == &noop_qdisc) {
		struct Qdisc *q = pfifo_fast_create(txq);

		if (!q) {
			printk(KERN_INFO "%s: activation failed\n", dev->name);
			return;
		}
		txq->qdisc_sleeping = q;
	}
	clear_bit(__QDISC_STATE_DEACTIVATED, &txq->qdisc_sleeping->state);
	rcu_assign_pointer(txq->qdisc, txq->qdisc_sleeping);
}

void dev_deactivate(struct net_device *dev)
{
	struct netdev_queue *txq = &dev->_tx;
	struct Qdisc *q = txq->qdisc;

	txq->qdisc = &noop_qdisc;
	if (q == &noop_qdisc)
		return;
	spin_lock_bh(&q->lock);
	set_bit(__QDISC_STATE_DEACTIVATED, &q->state);
	qdisc_reset(q);
	spin_unlock_bh(&q->lock);
	/* The CPU's output queue may still name it: NET_TX_SOFTIRQ takes it off. */
	while (test_bit(__QDISC_STATE_SCHED, &q->state) || test_bit(__QDISC_STATE_RUNNING, &q->state))
		yield();
}

void dev_init_scheduler(struct net_device *dev)
{
	dev->_tx.qdisc = &noop_qdisc;
	dev->_tx.qdisc_sleeping = &noop_qdisc;
}

void dev_shutdown(struct net_device *dev)
{
	struct Qdisc *q = dev->_tx.qdisc_sleeping;

	dev_init_scheduler(dev);
	if (q != &noop_qdisc)
		kfree(q);
}
