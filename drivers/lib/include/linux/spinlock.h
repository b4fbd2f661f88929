/* SPDX-License-Identifier: MIT */
/*
 * linux/spinlock.h - spinlocks.
 *
 * On one vCPU a lock that is already held can never be released by someone
 * else while we spin: taking it again ends the run with a finding that names
 * both places. That is what "kernel/spinlock.c" here does instead of spinning.
 */
#ifndef _LINUX_SPINLOCK_H
#define _LINUX_SPINLOCK_H

#include <linux/kernel.h>
#include <linux/hardirq.h>
#include <linux/bottom_half.h>
#include <asm/atomic.h>
#include <asm/barrier.h>
#include <asm/processor.h>

typedef struct spinlock {
	u32 locked;
	u32 line;		/* where it was taken */
	const char *func;
	const char *name;
} spinlock_t;

#define __SPIN_LOCK_UNLOCKED(lockname)	{ .name = #lockname }
#define SPIN_LOCK_UNLOCKED		{ .name = "spinlock" }
#define DEFINE_SPINLOCK(x)		spinlock_t x = __SPIN_LOCK_UNLOCKED(x)

void __spin_lock_init(spinlock_t *lock, const char *name);
void _spin_lock(spinlock_t *lock, const char *func, u32 line);
int _spin_trylock(spinlock_t *lock, const char *func, u32 line);
void _spin_unlock(spinlock_t *lock);

#define spin_lock_init(lock)		__spin_lock_init(lock, #lock)
#define spin_is_locked(lock)		((lock)->locked != 0)
#define assert_spin_locked(lock)	BUG_ON(!spin_is_locked(lock))

#define spin_lock(lock)			_spin_lock(lock, __func__, __LINE__)
#define spin_trylock(lock)		_spin_trylock(lock, __func__, __LINE__)
#define spin_unlock(lock)		_spin_unlock(lock)

#define spin_lock_bh(lock)		do { local_bh_disable(); spin_lock(lock); } while (0)
#define spin_unlock_bh(lock)		do { spin_unlock(lock); local_bh_enable(); } while (0)
#define spin_lock_irq(lock)		do { local_irq_disable(); spin_lock(lock); } while (0)
#define spin_unlock_irq(lock)		do { spin_unlock(lock); local_irq_enable(); } while (0)
#define spin_lock_irqsave(lock, flags)	do { local_irq_save(flags); spin_lock(lock); } while (0)
#define spin_unlock_irqrestore(lock, flags) \
	do { spin_unlock(lock); local_irq_restore(flags); } while (0)

#endif
