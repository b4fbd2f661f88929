/* SPDX-License-Identifier: MIT */
/* linux/bottom_half.h - keeping softirqs off the CPU. */
#ifndef _LINUX_BH_H
#define _LINUX_BH_H

void local_bh_disable(void);
void local_bh_enable(void);
void _local_bh_enable(void);

#endif
