// SPDX-License-Identifier: MIT
/*
 * refill_thread.c - below half, a work item fills the ring up from process
 * context, with GFP_KERNEL: "could be a thread as well. Idea: might be good for
 * performance anyway". Polling allocates nothing.
 */
#include "virtio_net.h"

static void refill_work(struct work_struct *work)
{
	struct virtnet_info *vi = container_of(work, struct virtnet_info, refill_work);

	if (!fill_recv_sleeping(vi))
		oom_refill(vi);
}

void refill_init(struct virtnet_info *vi)
{
	INIT_WORK(&vi->refill_work, refill_work);
}

void refill_packet(struct virtnet_info *vi)
{
	(void)vi;
}

void refill_poll(struct virtnet_info *vi)
{
	if (vi->num < vi->max / 2)
		schedule_work(&vi->refill_work);
}

void refill_exit(struct virtnet_info *vi)
{
	cancel_work_sync(&vi->refill_work);
}
