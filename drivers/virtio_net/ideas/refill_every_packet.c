// SPDX-License-Identifier: MIT
/* refill_every_packet.c - after each packet one buffer is added and kicked: every packet costs the same. */
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
	kick_recv(vi);
}

void refill_poll(struct virtnet_info *vi)
{
	if (vi->num < vi->max / 2)
		oom_refill(vi);
}

void refill_exit(struct virtnet_info *vi)
{
	(void)vi;
}
