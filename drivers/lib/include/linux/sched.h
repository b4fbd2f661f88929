/* SPDX-License-Identifier: MIT */
/* linux/sched.h - giving up the CPU for a time. */
#ifndef _LINUX_SCHED_H
#define _LINUX_SCHED_H

#include <linux/kernel.h>
#include <linux/jiffies.h>
#include <asm/processor.h>

#define MAX_SCHEDULE_TIMEOUT	LONG_MAX

#define TASK_RUNNING		0
#define TASK_INTERRUPTIBLE	1
#define TASK_UNINTERRUPTIBLE	2

#define set_current_state(state)	do { } while (0)
#define __set_current_state(state)	do { } while (0)

void schedule(void);
long schedule_timeout(long timeout);
#define schedule_timeout_uninterruptible(timeout)	schedule_timeout(timeout)
#define schedule_timeout_interruptible(timeout)		schedule_timeout(timeout)
#define cond_resched()		({ might_sleep(); 0; })
#define need_resched()		0
#define yield()			schedule()

#endif
