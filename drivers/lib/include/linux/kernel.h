/* SPDX-License-Identifier: MIT */
/* linux/kernel.h - small things everything uses. */
#ifndef _LINUX_KERNEL_H
#define _LINUX_KERNEL_H

#include <stdarg.h>
#include <linux/types.h>
#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/printk.h>
#include <asm/byteorder.h>

#define USHORT_MAX		((u16)~0U)
#define SHORT_MAX		((s16)(USHORT_MAX >> 1))
#define INT_MAX			((int)(~0U >> 1))
#define INT_MIN			(-INT_MAX - 1)
#define UINT_MAX		(~0U)
#define LONG_MAX		((long)(~0UL >> 1))
#define ULONG_MAX		(~0UL)
#define ULLONG_MAX		(~0ULL)

#define ARRAY_SIZE(arr)		(sizeof(arr) / sizeof((arr)[0]))
#define ALIGN(x, a)		(((x) + (__typeof__(x))(a) - 1) & ~((__typeof__(x))(a) - 1))
#define PTR_ALIGN(p, a)		((__typeof__(p))ALIGN((unsigned long)(p), (a)))
#define IS_ALIGNED(x, a)	(((x) & ((__typeof__(x))(a) - 1)) == 0)
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define roundup(x, y)		((((x) + ((y) - 1)) / (y)) * (y))

#define upper_32_bits(n)	((u32)((u64)(n) >> 32))
#define lower_32_bits(n)	((u32)(n))

#define min(x, y)		({ __typeof__(x) _x = (x); __typeof__(y) _y = (y); _x < _y ? _x : _y; })
#define max(x, y)		({ __typeof__(x) _x = (x); __typeof__(y) _y = (y); _x > _y ? _x : _y; })
#define min_t(type, x, y)	({ type _x = (x); type _y = (y); _x < _y ? _x : _y; })
#define max_t(type, x, y)	({ type _x = (x); type _y = (y); _x > _y ? _x : _y; })
#define clamp_t(type, val, lo, hi)	min_t(type, max_t(type, val, lo), hi)
#define swap(a, b)		do { __typeof__(a) _t = (a); (a) = (b); (b) = _t; } while (0)

#define container_of(ptr, type, member)	((type *)((char *)(ptr) - offsetof(type, member)))

#define __stringify_1(x)	#x
#define __stringify(x)		__stringify_1(x)

__nostep bool is_power_of_2(unsigned long n)
{
	return n != 0 && (n & (n - 1)) == 0;
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int scnprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int sprintf(char *buf, const char *fmt, ...) __printf(2, 3);

void panic(const char *fmt, ...) __printf(1, 2) __noreturn;

/*
 * Annotates a function that may sleep: calling it with a spinlock held, with
 * interrupts or softirqs off, or in an interrupt is reported as a finding.
 */
void __might_sleep(const char *func);
#define might_sleep()		__might_sleep(__func__)
#define might_sleep_if(cond)	do { if (cond) might_sleep(); } while (0)

#endif
