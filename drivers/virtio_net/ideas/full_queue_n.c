// SPDX-License-Identifier: MIT
/*
 * full_queue_n.c - packets that do not fit are queued in the driver, up to
 * "extra" of them, and only then is the queue stopped: "what does it do to
 * performance if we queue more packets?" A third queue, after the qdisc and the
 * ring.
 */
#include "virtio_net.h"

static unsigned int extra = 16;
module_param(extra, uint, 0444);
MODULE_PARM_DESC(extra, "Packets queued outside the ring at most");

/* From the queue into the ring, in order, with one kick. False if some are left. */
static bool send_waiting(struct virtnet_info *vi)
{
	struct sk_buff *skb;
	bool added = false;
	int capacity = 0;

	while ((skb = __skb_dequeue(&vi->waiting)) != NULL) {
		capacity = xmit_skb(vi, skb);
		if (capacity < 0) {
			__skb_queue_head(&vi->waiting, skb);
			break;
		}
		completion_sent(vi, skb, capacity);
		added = true;
	}
	if (added)
		vi->svq->vq_ops->kick(vi->svq);
	return !skb;
}

/* What waits must go out even if nothing follows it. */
static void full_tasklet(unsigned long data)
{
	struct virtnet_info *vi = (void *)data;

	netif_tx_lock_bh(vi->dev);
	for (;;) {
		free_old_xmit_skbs(vi);
		if (send_waiting(vi))
			break;
		if (skb_queue_len(&vi->waiting) > extra)
			netif_stop_queue(vi->dev);
		if (vi->svq->vq_ops->enable_cb(vi->svq))
			break;
		vi->svq->vq_ops->disable_cb(vi->svq);
	}
	netif_tx_unlock_bh(vi->dev);
}

void full_init(struct virtnet_info *vi)
{
	skb_queue_head_init(&vi->waiting);
	tasklet_init(&vi->full_tasklet, full_tasklet, (unsigned long)vi);
}

int start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct virtnet_info *vi = netdev_priv(dev);
	bool waited = !skb_queue_empty(&vi->waiting);

	__skb_queue_tail(&vi->waiting, skb);
	/* Behind others, when nothing has been used since: an attempt would only force a kick. */
	if (!free_old_xmit_skbs(vi) && waited)
		goto full;
again:
	if (send_waiting(vi))
		return NETDEV_TX_OK;
full:
	if (skb_queue_len(&vi->waiting) > extra)
		netif_stop_queue(dev);
	/* Wake us when there is room. If there is some already, no interrupt may come: go on. */
	if (unlikely(!vi->svq->vq_ops->enable_cb(vi->svq))) {
		vi->svq->vq_ops->disable_cb(vi->svq);
		netif_start_queue(dev);
		free_old_xmit_skbs(vi);
		goto again;
	}
	return NETDEV_TX_OK;
}

void full_interrupt(struct virtnet_info *vi)
{
	tasklet_schedule(&vi->full_tasklet);
}

void full_exit(struct virtnet_info *vi)
{
	tasklet_kill(&vi->full_tasklet);
	__skb_queue_purge(&vi->waiting);
}
