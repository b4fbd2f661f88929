/* SPDX-License-Identifier: MIT */
/* linux/ktime.h - time since boot in nanoseconds. */
#ifndef _LINUX_KTIME_H
#define _LINUX_KTIME_H

#include <linux/types.h>
#include <lab/machine.h>

/* A structure in 2.6.31, a plain number since 4.10: only these functions look inside. */
typedef s64 ktime_t;

__nostep ktime_t ktime_get(void)
{
	return (ktime_t)lab_clock();
}

#define ktime_to_ns(t)		(t)
#define ktime_sub(a, b)		((a) - (b))
#define ktime_us_delta(a, b)	(((a) - (b)) / 1000)
#define ktime_get_ns()		((u64)ktime_get())

#endif
