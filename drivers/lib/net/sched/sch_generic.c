// SPDX-License-Identifier: MIT
/* net/sched/sch_generic.c - the qdiscs pfifo_fast and noop, and their life with the device's. */
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
	struct sk_buff *skb;

	/* Requeued ones: one in 2.6.31, a list in 5.10. */
	while ((skb = q->gso_skb) != NULL) {
		q->gso_skb = skb->next;
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
