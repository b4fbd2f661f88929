// SPDX-License-Identifier: MIT
/*
 * arch/lab/kernel/entry.c - what is assembly on a real CPU: the interrupt gates
 * and the interrupt flag. Not stepped.
 */
#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <lab/machine.h>
#include <lab/kernel.h>
#include "hooks.h"

/* Power-on state: masked, until start_kernel() is ready for interrupts. */
u32 lab_irqs_disabled = 1;
u32 preempt_count;

void local_irq_disable(void)
{
	lab_irqs_disabled = 1;
}

void local_irq_enable(void)
{
	lab_irqs_disabled = 0;
	if (__lab.irq_pending)
		lab_irq_unmasked();
}

unsigned long __local_irq_save(void)
{
	unsigned long flags = lab_irqs_disabled;

	lab_irqs_disabled = 1;
	return flags;
}

void __local_irq_restore(unsigned long flags)
{
	if (flags)
		lab_irqs_disabled = 1;
	else
		local_irq_enable();
}

/*
 * A CPU masks interrupts as it enters a gate, and iret unmasks them: before the
 * first and after the last line of C. Only unmasked code is interrupted, so the
 * flag to go back to is always "enabled".
 */
void lab_irq(u32 irq)
{
	lab_irqs_disabled = 1;
	do_IRQ(irq);
	lab_irqs_disabled = 0;
}

void lab_timer_interrupt(void)
{
	lab_irqs_disabled = 1;
	smp_apic_timer_interrupt();
	lab_irqs_disabled = 0;
}
