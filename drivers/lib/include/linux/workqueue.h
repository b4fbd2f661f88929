/* SPDX-License-Identifier: MIT */
/* linux/workqueue.h - work in process context: the kernel's shared queue, events/0. */
#ifndef _LINUX_WORKQUEUE_H
#define _LINUX_WORKQUEUE_H

#include <linux/list.h>
#include <linux/timer.h>

struct work_struct;
typedef void (*work_func_t)(struct work_struct *work);

struct work_struct {
	unsigned long data;		/* WORK_STRUCT_PENDING */
	struct list_head entry;
	work_func_t func;
};

struct delayed_work {
	struct work_struct work;
	struct timer_list timer;
};

#define WORK_STRUCT_PENDING	0	/* bit: queued, or its timer is running */

__nostep struct delayed_work *to_delayed_work(struct work_struct *work)
{
	return container_of(work, struct delayed_work, work);
}

#define __WORK_INITIALIZER(n, f)	{ .entry = LIST_HEAD_INIT((n).entry), .func = (f) }
#define DECLARE_WORK(n, f)		struct work_struct n = __WORK_INITIALIZER(n, f)

#define INIT_WORK(_work, _func)					\
	do {							\
		(_work)->data = 0;				\
		INIT_LIST_HEAD(&(_work)->entry);		\
		(_work)->func = (_func);			\
	} while (0)

#define INIT_DELAYED_WORK(_dwork, _func)			\
	do {							\
		INIT_WORK(&(_dwork)->work, (_func));		\
		init_timer(&(_dwork)->timer);			\
	} while (0)

#define work_pending(work)		test_bit(WORK_STRUCT_PENDING, &(work)->data)
#define delayed_work_pending(dwork)	work_pending(&(dwork)->work)

int schedule_work(struct work_struct *work);
int schedule_delayed_work(struct delayed_work *dwork, unsigned long delay);
int cancel_work_sync(struct work_struct *work);
int cancel_delayed_work(struct delayed_work *dwork);
int cancel_delayed_work_sync(struct delayed_work *dwork);
void flush_scheduled_work(void);

/* the name before 2.6.23 */
#define cancel_rearming_delayed_work(dwork)	cancel_delayed_work_sync(dwork)

#endif
