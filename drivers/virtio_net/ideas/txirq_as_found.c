// SPDX-License-Identifier: MIT
/*
 * txirq_as_found.c - a queue comes with its interrupt enabled, and for the
 * transmit queue nobody changes that until the first interrupt has come: "second
 * part is probably unintentional".
 */
#include "virtio_net.h"

void txirq_created(struct virtnet_info *vi)
{
	(void)vi;
}
