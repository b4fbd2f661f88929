/* SPDX-License-Identifier: MIT */
/*
 * linux/wait.h - sleeping until a condition holds.
 *
 * The sleeper keeps its place on the stack; whatever is due runs above it. So a
 * condition that only code below this frame could make true is never met, and
 * the machine ends the run with a finding.
 */
#ifndef _LINUX_WAIT_H
#define _LINUX_WAIT_H

#include <linux/spinlock.h>
#include <linux/jiffies.h>

typedef struct __wait_queue_head {
	spinlock_t lock;
	u32 wakeups;
} wait_queue_head_t;

#define DECLARE_WAIT_QUEUE_HEAD(name)	wait_queue_head_t name = { .lock = __SPIN_LOCK_UNLOCKED(name.lock) }

void init_waitqueue_head(wait_queue_head_t *q);
void wake_up(wait_queue_head_t *q);
void __wait_for_event(void);
unsigned long __wait_for_event_timeout(unsigned long deadline);

#define wake_up_all(q)			wake_up(q)
#define wake_up_interruptible(q)	wake_up(q)
#define wake_up_interruptible_all(q)	wake_up(q)

#define wait_event(wq, condition)			\
	do {						\
		might_sleep();				\
		(void)&(wq);				\
		while (!(condition))			\
			__wait_for_event();		\
	} while (0)

/* Jiffies left when @condition became true (at least 1), 0 if @timeout jiffies passed first. */
#define wait_event_timeout(wq, condition, timeout) ({			\
	unsigned long __deadline = jiffies + (timeout);			\
	long __left = (timeout);					\
	might_sleep();							\
	(void)&(wq);							\
	while (!(condition) && __left)					\
		__left = __wait_for_event_timeout(__deadline);		\
	(condition) ? max(__left, 1L) : 0L;				\
})

#define wait_event_interruptible(wq, condition)	({ wait_event(wq, condition); 0; })

#endif
