/* SPDX-License-Identifier: MIT */
/*
 * asm/atomic.h - atomic counters.
 *
 * Interrupts arrive between two source lines, and each of these is part of the
 * line that uses it: a plain read-modify-write is atomic on the one vCPU.
 */
#ifndef _ASM_ATOMIC_H
#define _ASM_ATOMIC_H

#include <linux/types.h>

#define ATOMIC_INIT(i)		{ (i) }
#define atomic_read(v)		((v)->counter)
#define atomic_set(v, i)	((v)->counter = (i))

__nostep int atomic_add_return(int i, atomic_t *v)
{
	return v->counter += i;
}

__nostep int atomic_sub_return(int i, atomic_t *v)
{
	return v->counter -= i;
}

__nostep int atomic_xchg(atomic_t *v, int new)
{
	int old = v->counter;

	v->counter = new;
	return old;
}

__nostep int atomic_cmpxchg(atomic_t *v, int old, int new)
{
	int was = v->counter;

	if (was == old)
		v->counter = new;
	return was;
}

#define atomic_add(i, v)		((void)atomic_add_return(i, v))
#define atomic_sub(i, v)		((void)atomic_sub_return(i, v))
#define atomic_inc(v)			((void)atomic_add_return(1, v))
#define atomic_dec(v)			((void)atomic_sub_return(1, v))
#define atomic_inc_return(v)		atomic_add_return(1, v)
#define atomic_dec_return(v)		atomic_sub_return(1, v)
#define atomic_inc_and_test(v)		(atomic_add_return(1, v) == 0)
#define atomic_dec_and_test(v)		(atomic_sub_return(1, v) == 0)
#define atomic_sub_and_test(i, v)	(atomic_sub_return(i, v) == 0)

#endif
