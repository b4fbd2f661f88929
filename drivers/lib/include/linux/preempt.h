/* SPDX-License-Identifier: MIT */
/*
 * linux/preempt.h - preempt_count.
 *
 * Always kept, as with CONFIG_PREEMPT, so that sleeping under a spinlock is
 * noticed. There is nothing to preempt to: one process context at a time.
 */
#ifndef _LINUX_PREEMPT_H
#define _LINUX_PREEMPT_H

#include <linux/types.h>

extern u32 preempt_count;

#define preempt_count()		preempt_count
#define preempt_disable()	((void)(preempt_count += 1))
#define preempt_enable()	((void)(preempt_count -= 1))
#define add_preempt_count(n)	((void)(preempt_count += (n)))
#define sub_preempt_count(n)	((void)(preempt_count -= (n)))

#endif
