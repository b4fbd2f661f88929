// SPDX-License-Identifier: MIT
/*
 * full_busy.c - a packet that does not fit goes back to the qdisc with
 * NETDEV_TX_BUSY, and the queue is stopped ("virtio_net: return NETDEV_TX_BUSY
 * instead of queueing an extra skb", May 2009). The qdisc keeps it for later.
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

again:
	/* Free what the device is done with: it makes room. */
	free_old_xmit_skbs(vi);

	capacity = xmit_skb(vi, skb);
	if (unlikely(capacity < 0)) {
		netif_stop_queue(dev);
		/* Wake us when there is room. If there is some already, no interrupt may come: go on. */
		if (unlikely(!vi->svq->vq_ops->enable_cb(vi->svq))) {
			vi->svq->vq_ops->disable_cb(vi->svq);
			netif_start_queue(dev);
			goto again;
		}
		return NETDEV_TX_BUSY;
	}
	vi->svq->vq_ops->kick(vi->svq);
	completion_sent(vi, skb, capacity);
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
