// SPDX-License-Identifier: MIT
/*
 * oom_work.c - without memory a work item tries again at once, from process
 * context, where it may wait for memory, and then every 500 ms: as in 2.6.31, with
 * its two later fixes (39d32157740, 3e9d08ec0a6).
 */
#include "virtio_net.h"

static void oom_work(struct work_struct *work)
{
	struct virtnet_info *vi = container_of(work, struct virtnet_info, oom_work.work);

	/* Some buffers may be too few for the device to go on: try until the ring is full. */
	if (!fill_recv_sleeping(vi))
		schedule_delayed_work(&vi->oom_work, HZ / 2);
}

void oom_init(struct virtnet_info *vi)
{
	INIT_DELAYED_WORK(&vi->oom_work, oom_work);
}

void oom_refill(struct virtnet_info *vi)
{
	schedule_delayed_work(&vi->oom_work, 0);
}

void oom_exit(struct virtnet_info *vi)
{
	cancel_delayed_work_sync(&vi->oom_work);
}
