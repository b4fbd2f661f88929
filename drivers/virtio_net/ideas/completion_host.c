// SPDX-License-Identifier: MIT
/*
 * completion_host.c - transmit interrupts are always enabled, and the device
 * decides: it interrupts when half of the ring is used, say ("can be done from
 * host or from guest"). Goes with txirq_as_found.c, which enables them first.
 */
#include "virtio_net.h"

const bool completion_on_empty = false;

static void free_tasklet(unsigned long data)
{
	struct virtnet_info *vi = (void *)data;

	netif_tx_lock_bh(vi->dev);
	do {
		vi->svq->vq_ops->disable_cb(vi->svq);
		free_old_xmit_skbs(vi);
		/* Some may have been used before the device could see this. */
	} while (!vi->svq->vq_ops->enable_cb(vi->svq));
	netif_tx_unlock_bh(vi->dev);
}

void completion_init(struct virtnet_info *vi)
{
	tasklet_init(&vi->free_tasklet, free_tasklet, (unsigned long)vi);
}

void completion_sent(struct virtnet_info *vi, struct sk_buff *skb, int capacity)
{
	(void)vi;
	(void)skb;
	(void)capacity;
}

void completion_interrupt(struct virtnet_info *vi)
{
	tasklet_schedule(&vi->free_tasklet);
}

void completion_exit(struct virtnet_info *vi)
{
	tasklet_kill(&vi->free_tasklet);
}
