// SPDX-License-Identifier: MIT
/*
 * kernel/workqueue.c - the shared queue events/0.
 *
 * Each work item is an entry of its own from the machine's scheduler. An item
 * that sleeps keeps its place on the stack, and others may run above it.
 */
#include <linux/interrupt.h>
#include <linux/workqueue.h>
#include <linux/wait.h>
#include <lab/machine.h>
#include <lab/kernel.h>

static LIST_HEAD(worklist);
static DEFINE_SPINLOCK(cwq_lock);
static struct work_struct *current_work;

/* WORK_STRUCT_PENDING is set and ours: nobody else queues it. */
static void __queue_work(struct work_struct *work)
{
	unsigned long flags;

	spin_lock_irqsave(&cwq_lock, flags);
	list_add_tail(&work->entry, &worklist);
	spin_unlock_irqrestore(&cwq_lock, flags);
	lab_wake(LAB_RUN_WORK);
}

/**
 * schedule_work - have a function called in process context
 * @work: says which
 *
 * 0 if it was queued already.
 */
int schedule_work(struct work_struct *work)
{
	if (test_and_set_bit(WORK_STRUCT_PENDING, &work->data))
		return 0;
	BUG_ON(!list_empty(&work->entry));
	__queue_work(work);
	return 1;
}

static void delayed_work_timer_fn(unsigned long data)
{
	struct delayed_work *dwork = (struct delayed_work *)data;

	__queue_work(&dwork->work);
}

/**
 * schedule_delayed_work - the same, after a time
 * @dwork: says which
 * @delay: jiffies; 0 for now
 */
int schedule_delayed_work(struct delayed_work *dwork, unsigned long delay)
{
	if (delay == 0)
		return schedule_work(&dwork->work);
	if (test_and_set_bit(WORK_STRUCT_PENDING, &dwork->work.data))
		return 0;
	BUG_ON(timer_pending(&dwork->timer));
	dwork->timer.expires = jiffies + delay;
	dwork->timer.data = (unsigned long)dwork;
	dwork->timer.function = delayed_work_timer_fn;
	add_timer(&dwork->timer);
	return 1;
}

/* One item; the next one gets an entry of its own. */
void run_workqueue(void)
{
	struct work_struct *work, *outer = current_work;
	work_func_t func;

	spin_lock_irq(&cwq_lock);
	if (list_empty(&worklist)) {
		spin_unlock_irq(&cwq_lock);
		return;
	}
	work = list_first_entry(&worklist, struct work_struct, entry);
	func = work->func;
	current_work = work;
	list_del_init(&work->entry);
	spin_unlock_irq(&cwq_lock);

	/* From here on it may be queued again, by itself too; and func() may free it. */
	clear_bit(WORK_STRUCT_PENDING, &work->data);
	func(work);
	WARN(in_atomic() || irqs_disabled(), "work function %p left atomic\n", func);
	current_work = outer;
	if (!list_empty(&worklist))
		lab_wake(LAB_RUN_WORK);
}

/* An item that runs now is a frame below us on the stack: waiting for it would last for ever. */
static void wait_on_work(struct work_struct *work, const char *who)
{
	char text[160];
	int len;

	might_sleep();
	if (current_work != work)
		return;
	len = scnprintf(text, sizeof(text),
			"deadlock: %s() waits for a work item that runs below it on the stack", who);
	lab_die(LAB_DIE_DEADLOCK, work, text, len);
}

static int dequeue_work(struct work_struct *work)
{
	unsigned long flags;

	if (!work_pending(work))
		return 0;
	spin_lock_irqsave(&cwq_lock, flags);
	list_del_init(&work->entry);
	spin_unlock_irqrestore(&cwq_lock, flags);
	clear_bit(WORK_STRUCT_PENDING, &work->data);
	return 1;
}

/**
 * cancel_work_sync - take an item off the queue, or wait until it is done
 * @work: item; it may be queued again unless the caller prevents that
 *
 * Whether it was pending.
 */
int cancel_work_sync(struct work_struct *work)
{
	int pending = dequeue_work(work);

	wait_on_work(work, __func__);
	return pending;
}

int cancel_delayed_work(struct delayed_work *dwork)
{
	int pending = del_timer_sync(&dwork->timer);

	if (pending)
		clear_bit(WORK_STRUCT_PENDING, &dwork->work.data);
	return pending;
}

int cancel_delayed_work_sync(struct delayed_work *dwork)
{
	int pending = cancel_delayed_work(dwork) || dequeue_work(&dwork->work);

	wait_on_work(&dwork->work, __func__);
	return pending;
}

/**
 * flush_scheduled_work - wait until everything queued so far is done
 */
void flush_scheduled_work(void)
{
	if (current_work)
		wait_on_work(current_work, __func__);
	might_sleep();
	while (!list_empty(&worklist))
		__wait_for_event();
}
