// SPDX-License-Identifier: MIT
/*
 * completion_poll.c - sent packets are freed before the next one is sent, and by
 * nothing else. When no other follows, the last ones stay, and with them what
 * they hold: the sender's socket, a connection tracking entry (14c998f034b).
 */
#include "virtio_net.h"

const bool completion_on_empty = false;

void completion_init(struct virtnet_info *vi)
{
	(void)vi;
}

void completion_sent(struct virtnet_info *vi, struct sk_buff *skb, int capacity)
{
	(void)vi;
	(void)skb;
	(void)capacity;
}

void completion_interrupt(struct virtnet_info *vi)
{
	(void)vi;
}

void completion_exit(struct virtnet_info *vi)
{
	(void)vi;
}
