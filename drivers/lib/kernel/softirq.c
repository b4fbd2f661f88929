// SPDX-License-Identifier: MIT
/*
 * kernel/softirq.c - softirqs and tasklets.
 *
 * Softirqs run on the way out of an interrupt, when bottom halves are enabled
 * again, or, if they keep coming, in ksoftirqd: an entry of its own from the
 * machine's scheduler.
 */
#include <linux/interrupt.h>
#include <linux/sched.h>
#include <lab/machine.h>
#include <lab/kernel.h>

/* Rounds before softirqs that raise themselves again are left to ksoftirqd. */
#define MAX_SOFTIRQ_RESTART	10

static unsigned long softirq_pending;
static struct softirq_action softirq_vec[NR_SOFTIRQS];

struct tasklet_head {
	struct tasklet_struct *head;
	struct tasklet_struct **tail;
};

static struct tasklet_head tasklet_vec = { .tail = &tasklet_vec.head };
static struct tasklet_head tasklet_hi_vec = { .tail = &tasklet_hi_vec.head };

unsigned long local_softirq_pending(void)
{
	return softirq_pending;
}

/* What lockdep_softirq_enter() and _exit() tell lockdep, told to the machine. On one line each: to be followed costs no line. */
#define softirq_enter()	do { add_preempt_count(SOFTIRQ_OFFSET); lab_softirq(1); } while (0)
#define softirq_exit()	do { lab_softirq(0); sub_preempt_count(SOFTIRQ_OFFSET); } while (0)

static void wakeup_softirqd(void)
{
	lab_wake(LAB_RUN_KSOFTIRQD);
}

static void __do_softirq(void)
{
	struct softirq_action *h;
	unsigned long pending;
	int max_restart = MAX_SOFTIRQ_RESTART;

	pending = local_softirq_pending();
	softirq_enter();
	do {
		/* Cleared with interrupts off: what is raised from now on makes another round. */
		softirq_pending = 0;
		local_irq_enable();

		for (h = softirq_vec; pending; h++, pending >>= 1) {
			if (pending & 1)
				h->action(h);
		}

		local_irq_disable();
		pending = local_softirq_pending();
	} while (pending && --max_restart);

	if (pending)
		wakeup_softirqd();
	softirq_exit();
}

void do_softirq(void)
{
	unsigned long flags;

	if (in_interrupt())
		return;
	local_irq_save(flags);
	if (local_softirq_pending())
		__do_softirq();
	local_irq_restore(flags);
}

/**
 * local_bh_disable - keep softirqs off this CPU
 */
void local_bh_disable(void)
{
	add_preempt_count(SOFTIRQ_OFFSET);
}

/* For use where softirqs run later anyway: with interrupts off, or on the way out of one. */
void _local_bh_enable(void)
{
	sub_preempt_count(SOFTIRQ_OFFSET);
}

/**
 * local_bh_enable - let softirqs run again, those that are pending at once
 *
 * Not with interrupts off: softirqs enable them.
 */
void local_bh_enable(void)
{
	WARN_ON_ONCE(in_irq() || irqs_disabled());
	sub_preempt_count(SOFTIRQ_OFFSET);
	if (unlikely(!in_interrupt() && local_softirq_pending()))
		do_softirq();
}

void irq_enter(void)
{
	update_jiffies();
	add_preempt_count(HARDIRQ_OFFSET);
}

void irq_exit(void)
{
	sub_preempt_count(HARDIRQ_OFFSET);
	if (!in_interrupt() && local_softirq_pending())
		__do_softirq();
}

void __raise_softirq_irqoff(unsigned int nr)
{
	softirq_pending |= 1UL << nr;
}

/**
 * raise_softirq_irqoff - mark a softirq pending, with interrupts off
 * @nr: which
 *
 * In an interrupt or with bottom halves disabled it runs when that ends;
 * otherwise nothing would run it soon, so ksoftirqd is woken.
 */
void raise_softirq_irqoff(unsigned int nr)
{
	__raise_softirq_irqoff(nr);
	if (!in_interrupt())
		wakeup_softirqd();
}

void raise_softirq(unsigned int nr)
{
	unsigned long flags;

	local_irq_save(flags);
	raise_softirq_irqoff(nr);
	local_irq_restore(flags);
}

void open_softirq(int nr, void (*action)(struct softirq_action *))
{
	softirq_vec[nr].action = action;
}

void run_ksoftirqd(void)
{
	if (local_softirq_pending())
		do_softirq();
}

static void tasklet_append(struct tasklet_head *vec, struct tasklet_struct *t, unsigned int nr)
{
	unsigned long flags;

	local_irq_save(flags);
	t->next = NULL;
	*vec->tail = t;
	vec->tail = &t->next;
	raise_softirq_irqoff(nr);
	local_irq_restore(flags);
}

void __tasklet_schedule(struct tasklet_struct *t)
{
	tasklet_append(&tasklet_vec, t, TASKLET_SOFTIRQ);
}

void __tasklet_hi_schedule(struct tasklet_struct *t)
{
	tasklet_append(&tasklet_hi_vec, t, HI_SOFTIRQ);
}

static void run_tasklets(struct tasklet_head *vec, unsigned int nr)
{
	struct tasklet_struct *list, *t;

	local_irq_disable();
	list = vec->head;
	vec->head = NULL;
	vec->tail = &vec->head;
	local_irq_enable();

	while (list) {
		t = list;
		list = list->next;

		if (!atomic_read(&t->count)) {
			if (!test_and_clear_bit(TASKLET_STATE_SCHED, &t->state))
				BUG();
			set_bit(TASKLET_STATE_RUN, &t->state);
			t->func(t->data);
			clear_bit(TASKLET_STATE_RUN, &t->state);
			continue;
		}

		/* Disabled: it stays scheduled, and is looked at again. */
		tasklet_append(vec, t, nr);
	}
}

static void tasklet_action(struct softirq_action *a)
{
	(void)a;
	run_tasklets(&tasklet_vec, TASKLET_SOFTIRQ);
}

static void tasklet_hi_action(struct softirq_action *a)
{
	(void)a;
	run_tasklets(&tasklet_hi_vec, HI_SOFTIRQ);
}

void tasklet_init(struct tasklet_struct *t, void (*func)(unsigned long), unsigned long data)
{
	t->next = NULL;
	t->state = 0;
	atomic_set(&t->count, 0);
	t->func = func;
	t->data = data;
}

/* Runs are over when this is called from process context: a tasklet does not sleep. */
void tasklet_disable(struct tasklet_struct *t)
{
	atomic_inc(&t->count);
}

void tasklet_enable(struct tasklet_struct *t)
{
	atomic_dec(&t->count);
}

/**
 * tasklet_kill - wait until a tasklet is neither scheduled nor running
 * @t: tasklet, which must not schedule itself again
 */
void tasklet_kill(struct tasklet_struct *t)
{
	might_sleep();
	while (test_and_set_bit(TASKLET_STATE_SCHED, &t->state)) {
		while (test_bit(TASKLET_STATE_SCHED, &t->state))
			yield();
	}
	clear_bit(TASKLET_STATE_SCHED, &t->state);
}

void softirq_init(void)
{
	open_softirq(TASKLET_SOFTIRQ, tasklet_action);
	open_softirq(HI_SOFTIRQ, tasklet_hi_action);
}
