// SPDX-License-Identifier: MIT
/*
 * full_park.c - a packet that does not fit is parked, one at most, and the queue
 * stopped: as found in 2.6.30 and 2.6.31. When another one comes all the same, it
 * is dropped. NETDEV_TX_BUSY is never returned.
 */
#include "virtio_net.h"

/* A parked packet must go out even if nothing follows it (11a3a1546d0). */
static void send_parked(unsigned long data)
{
	struct virtnet_info *vi = (void *)data;
	struct sk_buff *skb;
	int capacity;

	netif_tx_lock_bh(vi->dev);
	skb = __skb_dequeue(&vi->waiting);
	if (skb) {
		free_old_xmit_skbs(vi);
		capacity = xmit_skb(vi, skb);
		if (capacity >= 0) {
			vi->svq->vq_ops->kick(vi->svq);
			completion_sent(vi, skb, capacity);
		} else {
			__skb_queue_head(&vi->waiting, skb);
		}
	}
	netif_tx_unlock_bh(vi->dev);
}

void full_init(struct virtnet_info *vi)
{
	skb_queue_head_init(&vi->waiting);
	tasklet_init(&vi->full_tasklet, send_parked, (unsigned long)vi);
}

int start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct virtnet_info *vi = netdev_priv(dev);
	struct sk_buff *parked;
	int capacity = 0;

again:
	/* Free what the device is done with: it makes room. */
	free_old_xmit_skbs(vi);

	/* The parked packet goes first. */
	parked = __skb_dequeue(&vi->waiting);
	if (unlikely(parked)) {
		capacity = xmit_skb(vi, parked);
		if (capacity < 0) {
			__skb_queue_head(&vi->waiting, parked);
			goto stop_queue;
		}
		completion_sent(vi, parked, capacity);
	}

	if (likely(skb)) {
		capacity = xmit_skb(vi, skb);
		if (capacity < 0) {
			__skb_queue_tail(&vi->waiting, skb);
			skb = NULL;
			goto stop_queue;
		}
	}
done:
	vi->svq->vq_ops->kick(vi->svq);
	if (likely(skb))
		completion_sent(vi, skb, capacity);
	return NETDEV_TX_OK;

stop_queue:
	netif_stop_queue(dev);

	/* Wake us when there is room. If there is some already, no interrupt may come: go on. */
	if (unlikely(!vi->svq->vq_ops->enable_cb(vi->svq))) {
		vi->svq->vq_ops->disable_cb(vi->svq);
		netif_start_queue(dev);
		goto again;
	}
	if (skb) {
		/* The parked one is still stuck, and there is room for one only. */
		dev->stats.tx_dropped++;
		kfree_skb(skb);
		skb = NULL;
	}
	goto done;
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
