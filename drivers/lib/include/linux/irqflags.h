/* SPDX-License-Identifier: MIT */
/* linux/irqflags.h - masking of hard interrupts on the one vCPU. Flags are 0 (enabled) or 1. */
#ifndef _LINUX_IRQFLAGS_H
#define _LINUX_IRQFLAGS_H

#include <linux/types.h>

extern u32 lab_irqs_disabled;

void local_irq_disable(void);
void local_irq_enable(void);
unsigned long __local_irq_save(void);
void __local_irq_restore(unsigned long flags);

#define local_irq_save(flags)		((flags) = __local_irq_save())
#define local_irq_restore(flags)	__local_irq_restore(flags)
#define local_save_flags(flags)		((flags) = lab_irqs_disabled)
#define irqs_disabled()			(lab_irqs_disabled != 0)

#endif
