/* SPDX-License-Identifier: MIT */
/* linux/bug.h - assertions. BUG() ends the run; WARN_ON() is a finding and goes on. */
#ifndef _LINUX_BUG_H
#define _LINUX_BUG_H

#include <linux/compiler.h>

void __bug(const char *file, int line, const char *func) __noreturn;
void warn_slowpath(const char *file, int line, const char *func, const char *fmt, ...) __printf(4, 5);

#define BUG()			__bug(__FILE__, __LINE__, __func__)
#define BUG_ON(cond)		do { if (unlikely(cond)) BUG(); } while (0)

#define WARN(cond, ...) ({						\
	int __warn = !!(cond);						\
	if (unlikely(__warn))						\
		warn_slowpath(__FILE__, __LINE__, __func__, __VA_ARGS__); \
	unlikely(__warn);						\
})
#define WARN_ON(cond)		WARN(cond, " ")
#define WARN_ON_ONCE(cond) ({						\
	static _Bool __warned;						\
	int __once = !!(cond);						\
	if (unlikely(__once) && !__warned) {				\
		__warned = 1;						\
		warn_slowpath(__FILE__, __LINE__, __func__, " ");	\
	}								\
	unlikely(__once);						\
})
#define WARN_ONCE(cond, ...) ({						\
	static _Bool __warned;						\
	int __once = !!(cond);						\
	if (unlikely(__once) && !__warned) {				\
		__warned = 1;						\
		warn_slowpath(__FILE__, __LINE__, __func__, __VA_ARGS__); \
	}								\
	unlikely(__once);						\
})

#endif
