/* SPDX-License-Identifier: MIT */
/* linux/timer.h - timers in jiffies; they run in TIMER_SOFTIRQ. */
#ifndef _LINUX_TIMER_H
#define _LINUX_TIMER_H

#include <linux/list.h>
#include <linux/jiffies.h>

struct timer_list {
	struct list_head entry;
	unsigned long expires;		/* in jiffies */
	void (*function)(unsigned long);
	unsigned long data;
};

void init_timer(struct timer_list *timer);
void setup_timer(struct timer_list *timer, void (*function)(unsigned long), unsigned long data);
void add_timer(struct timer_list *timer);
int mod_timer(struct timer_list *timer, unsigned long expires);
int del_timer(struct timer_list *timer);
int del_timer_sync(struct timer_list *timer);

#define timer_pending(timer)	((timer)->entry.next != NULL)

#define TIMER_INITIALIZER(_function, _expires, _data) \
	{ .expires = (_expires), .function = (_function), .data = (_data) }
#define DEFINE_TIMER(_name, _function, _expires, _data) \
	struct timer_list _name = TIMER_INITIALIZER(_function, _expires, _data)

#endif
