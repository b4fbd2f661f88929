// SPDX-License-Identifier: MIT
/*
 * oom_next_packet.c - without memory nothing is done: the next packet tries again.
 * As found in 2.6.30. When the last buffer is used up, there is no next packet,
 * and the ring is dead.
 */
#include "virtio_net.h"

void oom_init(struct virtnet_info *vi)
{
	(void)vi;
}

void oom_refill(struct virtnet_info *vi)
{
	(void)vi;
}

void oom_exit(struct virtnet_info *vi)
{
	(void)vi;
}
