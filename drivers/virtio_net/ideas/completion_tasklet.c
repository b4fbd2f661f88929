// SPDX-License-Identifier: MIT
/*
 * completion_tasklet.c - sent packets are freed before the next one is sent, and
 * by a tasklet when the device says that the ring has run empty: with
 * VIRTIO_F_NOTIFY_ON_EMPTY it interrupts then even though it was asked not to.
 * As found in 2.6.30 and 2.6.31, where the device can.
 */
#include "virtio_net.h"

const bool completion_on_empty = true;

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
