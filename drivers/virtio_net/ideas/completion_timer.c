// SPDX-License-Identifier: MIT
/*
 * completion_timer.c - sent packets are freed before the next one is sent, and by
 * a timer 100 ms after the last one (14c998f034b). As found in 2.6.30 and 2.6.31,
 * where the device cannot notify on empty.
 */
#include "virtio_net.h"

const bool completion_on_empty = false;

static unsigned int free_ms = 100;
module_param(free_ms, uint, 0444);
MODULE_PARM_DESC(free_ms, "Time from the last packet until sent ones are freed, ms");

static void xmit_free(unsigned long data)
{
	struct virtnet_info *vi = (void *)data;

	netif_tx_lock(vi->dev);
	/* When the device has some still, look again. */
	if (!free_old_xmit_skbs(vi))
		mod_timer(&vi->free_timer, jiffies + msecs_to_jiffies(free_ms));
	netif_tx_unlock(vi->dev);
}

void completion_init(struct virtnet_info *vi)
{
	setup_timer(&vi->free_timer, xmit_free, (unsigned long)vi);
}

void completion_sent(struct virtnet_info *vi, struct sk_buff *skb, int capacity)
{
	(void)skb;
	(void)capacity;
	mod_timer(&vi->free_timer, jiffies + msecs_to_jiffies(free_ms));
}

void completion_interrupt(struct virtnet_info *vi)
{
	(void)vi;
}

void completion_exit(struct virtnet_info *vi)
{
	del_timer_sync(&vi->free_timer);
}
