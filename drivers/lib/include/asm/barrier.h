/* SPDX-License-Identifier: MIT */
/*
 * asm/barrier.h - memory barriers.
 *
 * There is one vCPU, and the device sees stores in program order, so nothing is
 * ever reordered here. The fence is emitted all the same: it keeps the compiler
 * honest, and it is the one place to change when a second vCPU arrives.
 */
#ifndef _ASM_BARRIER_H
#define _ASM_BARRIER_H

#include <linux/compiler.h>

#define mb()		do { barrier(); __atomic_thread_fence(__ATOMIC_SEQ_CST); } while (0)
#define rmb()		mb()
#define wmb()		mb()
#define smp_mb()	mb()
#define smp_rmb()	rmb()
#define smp_wmb()	wmb()
#define dma_rmb()	rmb()
#define dma_wmb()	wmb()
#define virt_mb()	mb()
#define virt_rmb()	rmb()
#define virt_wmb()	wmb()
#define read_barrier_depends()		barrier()
#define smp_read_barrier_depends()	barrier()
#define smp_mb__before_clear_bit()	smp_mb()
#define smp_mb__after_clear_bit()	smp_mb()
#define smp_mb__before_atomic()		smp_mb()
#define smp_mb__after_atomic()		smp_mb()
#define smp_store_mb(var, value)	do { WRITE_ONCE(var, value); smp_mb(); } while (0)
#define smp_store_release(p, v)		do { smp_mb(); WRITE_ONCE(*(p), v); } while (0)
#define smp_load_acquire(p)		({ __typeof__(*(p)) ___v = READ_ONCE(*(p)); smp_mb(); ___v; })

#endif
