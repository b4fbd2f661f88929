/* SPDX-License-Identifier: MIT */
/* asm/system.h - where 2.6.31 has its barriers and interrupt flags. */
#ifndef _ASM_SYSTEM_H
#define _ASM_SYSTEM_H

#include <asm/barrier.h>
#include <linux/irqflags.h>

#endif
