// SPDX-License-Identifier: MIT
/* kernel/sched.c - sleeping: time advances in place, and what is due runs above this frame. */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/sched.h>
#include <linux/wait.h>
#include <lab/machine.h>
#include <lab/kernel.h>

/* Lets one thing happen, at most until @until (ns). */
static void sleep_until(u64 until)
{
	lab_idle(until);
	update_jiffies();
}

void schedule(void)
{
	might_sleep();
	sleep_until(lab_clock());
}

/**
 * schedule_timeout - sleep
 * @timeout: jiffies
 *
 * 0: nothing ends a sleep before its time here.
 */
long schedule_timeout(long timeout)
{
	u64 until = lab_clock() + (u64)timeout * TICK_NSEC;

	might_sleep();
	while (lab_clock() < until)
		sleep_until(until);
	return 0;
}

void msleep(unsigned int msecs)
{
	schedule_timeout(msecs_to_jiffies(msecs) + 1);
}

unsigned long msleep_interruptible(unsigned int msecs)
{
	msleep(msecs);
	return 0;
}

void usleep_range(unsigned long min_us, unsigned long max_us)
{
	u64 until = lab_clock() + (u64)min_us * NSEC_PER_USEC;

	(void)max_us;
	might_sleep();
	while (lab_clock() < until)
		sleep_until(until);
}

/* Busy: interrupts arrive between its lines, softirqs and processes do not run. */
void ndelay(unsigned long ns)
{
	u64 until = lab_clock() + ns;

	while (lab_clock() < until)
		cpu_relax();
}

void init_waitqueue_head(wait_queue_head_t *q)
{
	spin_lock_init(&q->lock);
	q->wakeups = 0;
}

/* Sleepers look at their conditions whenever something has happened: this only counts. */
void wake_up(wait_queue_head_t *q)
{
	q->wakeups++;
}

void __wait_for_event(void)
{
	sleep_until(~0ULL);
}

/* Jiffies left until @deadline, after one thing has happened. */
unsigned long __wait_for_event_timeout(unsigned long deadline)
{
	long left = deadline - jiffies;

	if (left > 0)
		sleep_until(lab_clock() + (u64)left * TICK_NSEC);
	left = deadline - jiffies;
	return left > 0 ? left : 0;
}

void init_completion(struct completion *x)
{
	x->done = 0;
	init_waitqueue_head(&x->wait);
}

void complete(struct completion *x)
{
	x->done++;
	wake_up(&x->wait);
}

void complete_all(struct completion *x)
{
	x->done += UINT_MAX / 2;
	wake_up(&x->wait);
}

void wait_for_completion(struct completion *x)
{
	wait_event(x->wait, x->done);
	x->done--;
}

unsigned long wait_for_completion_timeout(struct completion *x, unsigned long timeout)
{
	long left = wait_event_timeout(x->wait, x->done, timeout);

	if (x->done)
		x->done--;
	return left;
}
