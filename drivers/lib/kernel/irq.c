// SPDX-License-Identifier: MIT
/*
 * kernel/irq.c - interrupt lines and their handlers.
 *
 * Handlers run with interrupts off. 2.6.31 still enabled them for handlers
 * without IRQF_DISABLED; Linux stopped doing so in 2.6.35 (e58aa3d2d0cc).
 */
#include <linux/interrupt.h>
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <lab/kernel.h>

#define NR_IRQS		16
/* Unclaimed interrupts after which a line is taken for broken and disabled. */
#define IRQ_UNHANDLED_LIMIT	99900

struct irqaction {
	irq_handler_t handler;
	unsigned long flags;
	const char *name;
	void *dev_id;
	struct irqaction *next;
};

struct irq_desc {
	struct irqaction *action;
	unsigned int depth;		/* disable_irq() calls outstanding */
	bool pending;			/* came while disabled */
	unsigned int irqs_unhandled;
	unsigned int count;
};

static struct irq_desc irq_desc[NR_IRQS];

/**
 * request_irq - install an interrupt handler
 * @irq: line
 * @handler: function
 * @flags: IRQF_SHARED if others may use the line too
 * @name: for messages
 * @dev_id: passed to the handler; tells handlers of one line apart
 */
int request_irq(unsigned int irq, irq_handler_t handler, unsigned long flags, const char *name, void *dev_id)
{
	struct irqaction *action, **p;
	unsigned long irqflags;

	might_sleep();
	if (irq >= NR_IRQS || !handler || ((flags & IRQF_SHARED) && !dev_id))
		return -EINVAL;
	for (p = &irq_desc[irq].action; *p; p = &(*p)->next) {
		if (!((*p)->flags & flags & IRQF_SHARED))
			return -EBUSY;
	}
	action = kmalloc(sizeof(*action), GFP_KERNEL);
	if (!action)
		return -ENOMEM;
	*action = (struct irqaction){ .handler = handler, .flags = flags, .name = name, .dev_id = dev_id };

	local_irq_save(irqflags);
	*p = action;
	local_irq_restore(irqflags);
	return 0;
}

/**
 * free_irq - remove an interrupt handler
 * @irq: line
 * @dev_id: as given to request_irq()
 */
void free_irq(unsigned int irq, void *dev_id)
{
	struct irqaction *action, **p;
	unsigned long flags;

	might_sleep();
	if (WARN(irq >= NR_IRQS, "Trying to free irq %u, which does not exist\n", irq))
		return;
	local_irq_save(flags);
	for (p = &irq_desc[irq].action; *p && (*p)->dev_id != dev_id; p = &(*p)->next)
		;
	action = *p;
	if (action)
		*p = action->next;
	local_irq_restore(flags);
	if (WARN(!action, "Trying to free already-free IRQ %u\n", irq))
		return;
	kfree(action);
}

static void handle_IRQ_event(unsigned int irq, struct irq_desc *desc)
{
	irqreturn_t ret = IRQ_NONE;
	struct irqaction *action;

	for (action = desc->action; action; action = action->next)
		ret |= action->handler(irq, action->dev_id);

	desc->count++;
	if (ret != IRQ_NONE) {
		desc->irqs_unhandled = 0;
		return;
	}
	if (++desc->irqs_unhandled == IRQ_UNHANDLED_LIMIT) {
		printk(KERN_ERR "irq %u: nobody cared\n", irq);
		printk(KERN_EMERG "Disabling IRQ #%u\n", irq);
		desc->depth++;
	}
}

void do_IRQ(u32 irq)
{
	struct irq_desc *desc;

	irq_enter();
	if (irq < NR_IRQS) {
		desc = &irq_desc[irq];
		if (desc->depth)
			desc->pending = true;
		else
			handle_IRQ_event(irq, desc);
	}
	irq_exit();
}

void disable_irq_nosync(unsigned int irq)
{
	irq_desc[irq].depth++;
}

void disable_irq(unsigned int irq)
{
	disable_irq_nosync(irq);
	synchronize_irq(irq);
}

/* What came in the meantime is handled now. */
void enable_irq(unsigned int irq)
{
	struct irq_desc *desc = &irq_desc[irq];
	unsigned long flags;

	if (WARN(!desc->depth, "Unbalanced enable for IRQ %u\n", irq))
		return;
	local_irq_save(flags);
	if (--desc->depth == 0 && desc->pending) {
		desc->pending = false;
		irq_enter();
		handle_IRQ_event(irq, desc);
		irq_exit();
	}
	local_irq_restore(flags);
}

void synchronize_irq(unsigned int irq)
{
	(void)irq;
	barrier();
}
