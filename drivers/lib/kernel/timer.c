// SPDX-License-Identifier: MIT
/*
 * kernel/timer.c - jiffies and timers.
 *
 * The machine is tickless (CONFIG_NO_HZ): its one-shot clock event is set to the
 * earliest timer, and jiffies is brought up to date at every interrupt and
 * entry. The timer wheel is a list sorted by expiry: it holds a handful.
 */
#include <linux/interrupt.h>
#include <linux/sched.h>
#include <linux/timer.h>
#include <lab/machine.h>
#include <lab/kernel.h>

unsigned long volatile jiffies = INITIAL_JIFFIES;

static LIST_HEAD(timer_base);
static struct timer_list *running_timer;

void update_jiffies(void)
{
	jiffies = INITIAL_JIFFIES + (unsigned long)(lab_clock() / TICK_NSEC);
}

void cpu_relax(void)
{
	barrier();
	update_jiffies();
}

/* Virtual time at which jiffies becomes @expires, which is not in the past. */
static u64 jiffies_to_clock(unsigned long expires)
{
	u64 now = lab_clock() / TICK_NSEC;
	long ahead = (long)(expires - INITIAL_JIFFIES - (unsigned long)now);

	return ahead <= 0 ? now * TICK_NSEC : (now + (u64)ahead) * TICK_NSEC;
}

static void program_clock_event(void)
{
	struct timer_list *first;

	if (list_empty(&timer_base)) {
		lab_set_timer(~0ULL);
		return;
	}
	first = list_first_entry(&timer_base, struct timer_list, entry);
	lab_set_timer(jiffies_to_clock(first->expires));
}

/* With interrupts off. Timers of one jiffy expire in the order they were added. */
static void internal_add_timer(struct timer_list *timer)
{
	struct list_head *pos;

	list_for_each(pos, &timer_base) {
		if (time_before(timer->expires, list_entry(pos, struct timer_list, entry)->expires))
			break;
	}
	list_add_tail(&timer->entry, pos);
	if (timer_base.next == &timer->entry)
		program_clock_event();
}

static void detach_timer(struct timer_list *timer)
{
	bool was_first = timer_base.next == &timer->entry;

	list_del(&timer->entry);
	timer->entry.next = NULL;
	if (was_first)
		program_clock_event();
}

void init_timer(struct timer_list *timer)
{
	timer->entry.next = NULL;
}

/**
 * setup_timer - prepare a timer
 * @timer: timer
 * @function: called in softirq context when it expires
 * @data: its argument
 */
void setup_timer(struct timer_list *timer, void (*function)(unsigned long), unsigned long data)
{
	timer->function = function;
	timer->data = data;
	init_timer(timer);
}

/**
 * mod_timer - (re)start a timer
 * @timer: timer
 * @expires: jiffies at which it shall expire
 *
 * Whether it was pending.
 */
int mod_timer(struct timer_list *timer, unsigned long expires)
{
	unsigned long flags;
	int pending;

	BUG_ON(!timer->function);
	local_irq_save(flags);
	pending = timer_pending(timer);
	/* The usual case of a timer that is pushed on for every packet, within one jiffy. */
	if (pending && timer->expires == expires)
		goto out;
	if (pending)
		list_del(&timer->entry);
	timer->expires = expires;
	internal_add_timer(timer);
	if (pending)
		program_clock_event();
out:
	local_irq_restore(flags);
	return pending;
}

void add_timer(struct timer_list *timer)
{
	BUG_ON(timer_pending(timer));
	mod_timer(timer, timer->expires);
}

/**
 * del_timer - stop a timer
 * @timer: timer
 *
 * Whether it was pending.
 */
int del_timer(struct timer_list *timer)
{
	unsigned long flags;
	int pending;

	local_irq_save(flags);
	pending = timer_pending(timer);
	if (pending)
		detach_timer(timer);
	local_irq_restore(flags);
	return pending;
}

/**
 * del_timer_sync - stop a timer and wait until its function is not running
 * @timer: timer
 *
 * Not from an interrupt: it may have interrupted that very function.
 */
int del_timer_sync(struct timer_list *timer)
{
	char text[120];
	int len;

	WARN_ON(in_irq());
	if (running_timer == timer) {
		len = scnprintf(text, sizeof(text),
				"deadlock: del_timer_sync() waits for the timer's own function, below it on the stack");
		lab_die(LAB_DIE_DEADLOCK, timer, text, len);
	}
	return del_timer(timer);
}

static void run_timer_softirq(struct softirq_action *h)
{
	struct timer_list *timer, *outer;

	(void)h;
	local_irq_disable();
	while (!list_empty(&timer_base)) {
		timer = list_first_entry(&timer_base, struct timer_list, entry);
		if (time_after(timer->expires, jiffies))
			break;
		detach_timer(timer);
		outer = running_timer;
		running_timer = timer;
		local_irq_enable();
		timer->function(timer->data);
		local_irq_disable();
		running_timer = outer;
	}
	local_irq_enable();
}

/* The clock event: in the name of the x86 vector it stands for. */
void smp_apic_timer_interrupt(void)
{
	irq_enter();
	raise_softirq_irqoff(TIMER_SOFTIRQ);
	irq_exit();
}

void timers_report_pending(void)
{
	struct timer_list *timer;
	char text[120];
	int len;

	list_for_each_entry(timer, &timer_base, entry) {
		len = scnprintf(text, sizeof(text), "timer %p is still pending after its driver was removed", timer);
		lab_finding(LAB_FINDING_API, timer, sizeof(*timer), text, len);
	}
}

void init_timers(void)
{
	update_jiffies();
	open_softirq(TIMER_SOFTIRQ, run_timer_softirq);
}
