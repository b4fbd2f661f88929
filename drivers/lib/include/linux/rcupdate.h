/* SPDX-License-Identifier: MIT */
/*
 * linux/rcupdate.h - with one vCPU and no preemption a read side is over before
 * any writer runs in process context: read locks cost nothing, grace periods
 * have passed when they are asked for.
 */
#ifndef _LINUX_RCUPDATE_H
#define _LINUX_RCUPDATE_H

#include <linux/bottom_half.h>
#include <asm/barrier.h>

#define rcu_read_lock()			do { } while (0)
#define rcu_read_unlock()		do { } while (0)
#define rcu_read_lock_bh()		local_bh_disable()
#define rcu_read_unlock_bh()		local_bh_enable()
#define rcu_dereference(p)		READ_ONCE(p)
#define rcu_assign_pointer(p, v)	do { smp_wmb(); (p) = (v); } while (0)
#define synchronize_rcu()		might_sleep()

#endif
