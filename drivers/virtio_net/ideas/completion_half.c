// SPDX-License-Identifier: MIT
/*
 * completion_half.c - transmit interrupts are enabled when the ring is half full:
 * "we are running out of buffers, it's important to free them ASAP". The guest
 * decides; below half, sent packets wait for the next one.
 */
#include "virtio_net.h"

const bool completion_on_empty = false;

static void free_tasklet(unsigned long data)
{
	struct virtnet_info *vi = (void *)data;

	netif_tx_lock_bh(vi->dev);
	free_old_xmit_skbs(vi);
	netif_tx_unlock_bh(vi->dev);
}

void completion_init(struct virtnet_info *vi)
{
	tasklet_init(&vi->free_tasklet, free_tasklet, (unsigned long)vi);
}

void completion_sent(struct virtnet_info *vi, struct sk_buff *skb, int capacity)
{
	unsigned int room = capacity + skb_vnet_hdr(skb)->num_sg;

	/* The first packet finds the ring empty: so many there are. */
	if (room > vi->tx_size)
		vi->tx_size = room;
	if ((unsigned int)capacity >= vi->tx_size / 2)
		return;
	/* Some were used before the device could see this: it need not interrupt for them. */
	if (!vi->svq->vq_ops->enable_cb(vi->svq)) {
		vi->svq->vq_ops->disable_cb(vi->svq);
		tasklet_schedule(&vi->free_tasklet);
	}
}

void completion_interrupt(struct virtnet_info *vi)
{
	tasklet_schedule(&vi->free_tasklet);
}

void completion_exit(struct virtnet_info *vi)
{
	tasklet_kill(&vi->free_tasklet);
}
