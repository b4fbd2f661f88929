/* SPDX-License-Identifier: MIT */
/* linux/jiffies.h - coarse time. */
#ifndef _LINUX_JIFFIES_H
#define _LINUX_JIFFIES_H

#include <linux/kernel.h>
#include <asm/param.h>

/* Brought up to date from the machine's clock at each interrupt and each entry: the machine is tickless. */
extern unsigned long volatile jiffies;

/* As in Linux jiffies wraps five minutes after boot, so that code which cannot stand it is found. */
#define INITIAL_JIFFIES		((unsigned long)(unsigned int)(-300 * HZ))

#define NSEC_PER_SEC		1000000000L
#define NSEC_PER_MSEC		1000000L
#define NSEC_PER_USEC		1000L
#define USEC_PER_SEC		1000000L
#define MSEC_PER_SEC		1000L
#define TICK_NSEC		(NSEC_PER_SEC / HZ)
#define MAX_JIFFY_OFFSET	((LONG_MAX >> 1) - 1)

#define time_after(a, b)	((long)((b) - (a)) < 0)
#define time_before(a, b)	time_after(b, a)
#define time_after_eq(a, b)	((long)((a) - (b)) >= 0)
#define time_before_eq(a, b)	time_after_eq(b, a)

__nostep unsigned long msecs_to_jiffies(unsigned int m)
{
	return DIV_ROUND_UP(m, MSEC_PER_SEC / HZ);
}

__nostep unsigned int jiffies_to_msecs(unsigned long j)
{
	return j * (MSEC_PER_SEC / HZ);
}

__nostep unsigned long usecs_to_jiffies(unsigned int u)
{
	return DIV_ROUND_UP(u, USEC_PER_SEC / HZ);
}

#define round_jiffies(j)	(j)

#endif
