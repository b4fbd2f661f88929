// SPDX-License-Identifier: MIT
/*
 * refill_always.c - after each packet one buffer is added, and kicked only when
 * half of the ring has not been exposed: "code might become simpler if we add
 * buffers immediately, but don't kick until later". Every packet costs the same,
 * and kicks are as rare as with refill_half.c.
 */
#include "virtio_net.h"

void refill_init(struct virtnet_info *vi)
{
	(void)vi;
}

void refill_packet(struct virtnet_info *vi)
{
	/* One that could not be had earlier is made up for. */
	while (vi->num < vi->max) {
		if (add_recvbuf(vi, GFP_ATOMIC) < 0)
			break;
	}
	if (vi->unkicked > vi->max / 2)
		kick_recv(vi);
}

void refill_poll(struct virtnet_info *vi)
{
	/* What the device can see is all used up: it must not wait for more packets. */
	if (vi->num == vi->unkicked && vi->unkicked > 0)
		kick_recv(vi);
	if (vi->num < vi->max / 2)
		oom_refill(vi);
}

void refill_exit(struct virtnet_info *vi)
{
	(void)vi;
}
