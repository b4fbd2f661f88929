/* SPDX-License-Identifier: MIT */
/*
 * lab/unaligned.h - a load that need not be aligned, of code that is not stepped.
 * What it then costs is the cost `guestUnaligned` of a scenario. Not for drivers.
 */
#ifndef _LAB_UNALIGNED_H
#define _LAB_UNALIGNED_H

#include <linux/compiler.h>
#include <lab/machine.h>

/* Where the compiler must not believe that an address is a multiple of 4. */
typedef u32 __aligned(1) lab_u32;

/* One load, of the whole word. */
static inline u32 lab_load32(const void *p)
{
	if ((unsigned long)p % sizeof(u32))
		lab_charge(LAB_COST_UNALIGNED, sizeof(u32));
	return *(const volatile lab_u32 *)p;
}

#endif
