// SPDX-License-Identifier: MIT
/*
 * full_stop_early.c - the queue is stopped while there is still room for the
 * longest packet, so that none finds the ring full: as in 2.6.32 (48925e372f0).
 * The last 2 + MAX_SKB_FRAGS descriptors are never used by shorter ones.
 */
#include "virtio_net.h"

void full_init(struct virtnet_info *vi)
{
	(void)vi;
}

int start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct virtnet_info *vi = netdev_priv(dev);
	int capacity;

	/* Free what the device is done with: it makes room. */
	free_old_xmit_skbs(vi);

	capacity = xmit_skb(vi, skb);
	if (WARN_ON(capacity < 0))
		return NETDEV_TX_BUSY;
	vi->svq->vq_ops->kick(vi->svq);
	completion_sent(vi, skb, capacity);

	if (capacity < (int)(2 + MAX_SKB_FRAGS)) {
		netif_stop_queue(dev);
		if (unlikely(!vi->svq->vq_ops->enable_cb(vi->svq))) {
			/* More was used just now: perhaps that is enough. */
			capacity += free_old_xmit_skbs(vi);
			if (capacity >= (int)(2 + MAX_SKB_FRAGS)) {
				netif_start_queue(dev);
				vi->svq->vq_ops->disable_cb(vi->svq);
			}
		}
	}
	return NETDEV_TX_OK;
}

void full_interrupt(struct virtnet_info *vi)
{
	(void)vi;
}

void full_exit(struct virtnet_info *vi)
{
	(void)vi;
}
