/* SPDX-License-Identifier: MIT */
/* linux/delay.h - msleep() sleeps; udelay() burns the CPU's time. */
#ifndef _LINUX_DELAY_H
#define _LINUX_DELAY_H

#include <linux/types.h>

void msleep(unsigned int msecs);
unsigned long msleep_interruptible(unsigned int msecs);
void usleep_range(unsigned long min_us, unsigned long max_us);
void ndelay(unsigned long ns);
#define udelay(us)	ndelay((us) * 1000UL)
#define mdelay(ms)	ndelay((ms) * 1000000UL)

#endif
