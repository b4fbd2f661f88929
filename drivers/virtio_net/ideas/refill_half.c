// SPDX-License-Identifier: MIT
/*
 * refill_half.c - the ring is filled up when it is below half of what it held,
 * with one kick: as found in 2.6.30 to 2.6.34. One packet in max/2 pays for all
 * of them.
 */
#include "virtio_net.h"

void refill_init(struct virtnet_info *vi)
{
	(void)vi;
}

void refill_packet(struct virtnet_info *vi)
{
	(void)vi;
}

void refill_poll(struct virtnet_info *vi)
{
	if (vi->num < vi->max / 2 && !fill_recv(vi, GFP_ATOMIC))
		oom_refill(vi);
}

void refill_exit(struct virtnet_info *vi)
{
	(void)vi;
}
