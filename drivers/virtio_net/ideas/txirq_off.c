// SPDX-License-Identifier: MIT
/* txirq_off.c - transmit interrupts are disabled when the device is created: "minor wart" removed. */
#include "virtio_net.h"

void txirq_created(struct virtnet_info *vi)
{
	vi->svq->vq_ops->disable_cb(vi->svq);
}
