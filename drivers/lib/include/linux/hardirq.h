/* SPDX-License-Identifier: MIT */
/*
 * linux/hardirq.h - which context are we in?
 *
 * preempt_count, as in 2.6.31: bits 0-7 preemption depth, 8-15 softirq (serving
 * one, or bottom halves disabled), 16-25 hardirq nesting.
 */
#ifndef _LINUX_HARDIRQ_H
#define _LINUX_HARDIRQ_H

#include <linux/preempt.h>
#include <linux/irqflags.h>

#define PREEMPT_OFFSET	(1UL << 0)
#define SOFTIRQ_OFFSET	(1UL << 8)
#define HARDIRQ_OFFSET	(1UL << 16)
#define PREEMPT_MASK	0x000000ffUL
#define SOFTIRQ_MASK	0x0000ff00UL
#define HARDIRQ_MASK	0x03ff0000UL

#define hardirq_count()	(preempt_count() & HARDIRQ_MASK)
#define softirq_count()	(preempt_count() & SOFTIRQ_MASK)
#define irq_count()	(preempt_count() & (HARDIRQ_MASK | SOFTIRQ_MASK))

#define in_irq()	(hardirq_count())
#define in_softirq()	(softirq_count())
#define in_interrupt()	(irq_count())
#define in_atomic()	((preempt_count() & (PREEMPT_MASK | SOFTIRQ_MASK | HARDIRQ_MASK)) != 0)

void irq_enter(void);
void irq_exit(void);

/* Waits for handlers that run on another CPU: there is none. */
void synchronize_irq(unsigned int irq);

#endif
