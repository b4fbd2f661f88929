/* SPDX-License-Identifier: MIT */
/* linux/compiler.h - what the compiler is told about code and data. */
#ifndef _LINUX_COMPILER_H
#define _LINUX_COMPILER_H

#define __always_inline		inline __attribute__((always_inline))
#define __noreturn		__attribute__((noreturn))
#define __must_check		__attribute__((warn_unused_result))
#define __packed		__attribute__((packed))
#define __aligned(x)		__attribute__((aligned(x)))
#define __maybe_unused		__attribute__((unused))
#define __printf(a, b)		__attribute__((format(printf, a, b)))
#define __section(s)		__attribute__((section(s)))
#define __weak			__attribute__((weak))
#define __user
#define __iomem
#define __force
#define __bitwise
#define __rcu
#define __percpu
#define __read_mostly
#define ____cacheline_aligned
#define ____cacheline_aligned_in_smp

#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define barrier()		__asm__ __volatile__("" ::: "memory")

#define ACCESS_ONCE(x)		(*(volatile __typeof__(x) *)&(x))
#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, val)	(*(volatile __typeof__(x) *)&(x) = (val))

/*
 * For what is one instruction on a real CPU (atomics, bit operations, register
 * access) and for accessors that are no more than an expression: inlined even
 * at -O0 and without a line of their own, so that a step goes over them.
 */
#define __nostep	static __always_inline __attribute__((nodebug, unused))

#define __same_type(a, b)	__builtin_types_compatible_p(__typeof__(a), __typeof__(b))
#define BUILD_BUG_ON_ZERO(e)	((int)sizeof(struct { int : -!!(e); }))
#define BUILD_BUG_ON(cond)	_Static_assert(!(cond), "BUILD_BUG_ON failed: " #cond)

#endif
