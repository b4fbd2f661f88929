/* SPDX-License-Identifier: MIT */
/* lab/kernel.h - between the gates, the boot code and the core kernel. Not for drivers. */
#ifndef _LAB_KERNEL_H
#define _LAB_KERNEL_H

#include <linux/types.h>

void do_IRQ(u32 irq);
void smp_apic_timer_interrupt(void);

/* in order of their use by start_kernel() */
void mem_init(void);
void kmem_cache_init(void);
void softirq_init(void);
void init_timers(void);
void skb_init(void);
void net_dev_init(void);
void sender_init(void);
void sender_stop(void);
int parse_module_arguments(void);

struct net_device;
void stack_answer(struct net_device *dev);

void update_jiffies(void);
void run_ksoftirqd(void);
void run_workqueue(void);

/* Everything allocated from here on belongs to drivers, and must be gone when they are. */
void kmem_mark_baseline(void);
void kmem_report_leaks(void);
void timers_report_pending(void);

int dev_open_all(void);
void dev_close_all(void);

#endif
