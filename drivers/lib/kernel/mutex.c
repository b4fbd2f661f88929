// SPDX-License-Identifier: MIT
/* kernel/mutex.c - mutexes. Who waits sleeps; what is due runs above it on the stack. */
#include <linux/mutex.h>
#include <linux/wait.h>
#include <lab/machine.h>

void __mutex_init(struct mutex *lock, const char *name)
{
	while (*name == '&')
		name++;
	*lock = (struct mutex){ .name = name };
}

void __mutex_lock(struct mutex *lock, const char *func)
{
	char text[160];
	int len;

	might_sleep();
	if (lock->locked) {
		/* Its holder is a frame below this one: it cannot go on before we return. */
		len = scnprintf(text, sizeof(text),
				"deadlock: %s() waits for mutex %s, which %s() below it on the stack holds",
				func, lock->name, lock->func);
		lab_die(LAB_DIE_DEADLOCK, lock, text, len);
	}
	lock->locked = 1;
	lock->func = func;
}

int __mutex_trylock(struct mutex *lock, const char *func)
{
	if (lock->locked)
		return 0;
	lock->locked = 1;
	lock->func = func;
	return 1;
}

void mutex_unlock(struct mutex *lock)
{
	WARN(!lock->locked, "unlock of mutex %s, which is not locked\n", lock->name);
	lock->locked = 0;
}
