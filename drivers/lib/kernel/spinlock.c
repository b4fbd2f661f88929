// SPDX-License-Identifier: MIT
/*
 * kernel/spinlock.c - spinlocks of a machine with one vCPU: the one who would
 * spin is the one who would have to unlock. Not stepped.
 */
#include <linux/spinlock.h>
#include <lab/machine.h>

void __spin_lock_init(spinlock_t *lock, const char *name)
{
	while (*name == '&')
		name++;
	*lock = (spinlock_t){ .name = name };
}

void _spin_lock(spinlock_t *lock, const char *func, u32 line)
{
	char text[200];
	int len;

	preempt_disable();
	if (unlikely(lock->locked)) {
		len = scnprintf(text, sizeof(text),
				"deadlock: %s() spins for %s, which is held since %s() line %u, below it on this CPU's stack",
				func, lock->name ? lock->name : "a lock", lock->func, lock->line);
		lab_die(LAB_DIE_DEADLOCK, lock, text, len);
	}
	lock->locked = 1;
	lock->func = func;
	lock->line = line;
}

int _spin_trylock(spinlock_t *lock, const char *func, u32 line)
{
	if (lock->locked)
		return 0;
	_spin_lock(lock, func, line);
	return 1;
}

void _spin_unlock(spinlock_t *lock)
{
	char text[120];
	int len;

	if (unlikely(!lock->locked)) {
		len = scnprintf(text, sizeof(text), "unlock of %s, which is not locked",
				lock->name ? lock->name : "a spinlock");
		lab_finding(LAB_FINDING_API, lock, sizeof(*lock), text, len);
		return;
	}
	lock->locked = 0;
	preempt_enable();
}
