/* SPDX-License-Identifier: MIT */
/* linux/random.h - random numbers that are the same in each run, so that a run repeats to the byte. */
#ifndef _LINUX_RANDOM_H
#define _LINUX_RANDOM_H

#include <linux/types.h>

u32 random32(void);
void get_random_bytes(void *buf, int len);

#endif
