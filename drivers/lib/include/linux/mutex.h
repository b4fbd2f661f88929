/* SPDX-License-Identifier: MIT */
/* linux/mutex.h - sleeping locks. */
#ifndef _LINUX_MUTEX_H
#define _LINUX_MUTEX_H

#include <linux/kernel.h>

struct mutex {
	u32 locked;
	const char *name;
	const char *func;	/* who holds it */
};

#define __MUTEX_INITIALIZER(lockname)	{ .name = #lockname }
#define DEFINE_MUTEX(m)			struct mutex m = __MUTEX_INITIALIZER(m)

void __mutex_init(struct mutex *lock, const char *name);
void __mutex_lock(struct mutex *lock, const char *func);
int __mutex_trylock(struct mutex *lock, const char *func);
void mutex_unlock(struct mutex *lock);

#define mutex_init(lock)	__mutex_init(lock, #lock)
#define mutex_lock(lock)	__mutex_lock(lock, __func__)
#define mutex_trylock(lock)	__mutex_trylock(lock, __func__)
#define mutex_is_locked(lock)	((lock)->locked != 0)

#endif
