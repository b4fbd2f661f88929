/* SPDX-License-Identifier: MIT */
/* linux/bitops.h - bit operations on arrays of unsigned long; atomic ones as in asm/atomic.h. */
#ifndef _LINUX_BITOPS_H
#define _LINUX_BITOPS_H

#include <linux/types.h>

#define BIT(nr)			(1UL << (nr))
#define BIT_ULL(nr)		(1ULL << (nr))
#define BIT_MASK(nr)		(1UL << ((nr) % BITS_PER_LONG))
#define BIT_WORD(nr)		((nr) / BITS_PER_LONG)

__nostep int test_bit(int nr, const volatile unsigned long *addr)
{
	return (addr[BIT_WORD(nr)] & BIT_MASK(nr)) != 0;
}

__nostep void set_bit(int nr, volatile unsigned long *addr)
{
	addr[BIT_WORD(nr)] |= BIT_MASK(nr);
}

__nostep void clear_bit(int nr, volatile unsigned long *addr)
{
	addr[BIT_WORD(nr)] &= ~BIT_MASK(nr);
}

__nostep int test_and_set_bit(int nr, volatile unsigned long *addr)
{
	int old = test_bit(nr, addr);

	addr[BIT_WORD(nr)] |= BIT_MASK(nr);
	return old;
}

__nostep int test_and_clear_bit(int nr, volatile unsigned long *addr)
{
	int old = test_bit(nr, addr);

	addr[BIT_WORD(nr)] &= ~BIT_MASK(nr);
	return old;
}

#define __set_bit(nr, addr)		set_bit(nr, addr)
#define __clear_bit(nr, addr)		clear_bit(nr, addr)
#define __test_and_set_bit(nr, addr)	test_and_set_bit(nr, addr)
#define __test_and_clear_bit(nr, addr)	test_and_clear_bit(nr, addr)

/* Position of the highest set bit, counted from 1; 0 if none is set. */
__nostep int fls(unsigned int x)
{
	return x ? 32 - __builtin_clz(x) : 0;
}

/* Position of the lowest set bit, counted from 0; undefined for 0. */
__nostep unsigned long __ffs(unsigned long x)
{
	return __builtin_ctzl(x);
}

__nostep int ffs(int x)
{
	return __builtin_ffs(x);
}

#define hweight32(w)	__builtin_popcount(w)

#endif
