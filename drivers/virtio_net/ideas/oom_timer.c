// SPDX-License-Identifier: MIT
/*
 * oom_timer.c - without memory a timer tries again after 500 ms: what the FIXME of
 * 2.6.30 asks for. Timers and NAPI are both softirqs: one does not interrupt the
 * other, and neither may sleep for memory.
 */
#include "virtio_net.h"

static void oom_timeout(unsigned long data)
{
	struct virtnet_info *vi = (void *)data;

	if (!fill_recv(vi, GFP_ATOMIC))
		mod_timer(&vi->oom_timer, jiffies + HZ / 2);
}

void oom_init(struct virtnet_info *vi)
{
	setup_timer(&vi->oom_timer, oom_timeout, (unsigned long)vi);
}

void oom_refill(struct virtnet_info *vi)
{
	if (!timer_pending(&vi->oom_timer))
		mod_timer(&vi->oom_timer, jiffies + HZ / 2);
}

void oom_exit(struct virtnet_info *vi)
{
	del_timer_sync(&vi->oom_timer);
}
