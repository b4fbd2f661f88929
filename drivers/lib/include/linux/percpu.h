/* SPDX-License-Identifier: MIT */
/* linux/percpu.h - per-CPU variables of the one CPU. */
#ifndef _LINUX_PERCPU_H
#define _LINUX_PERCPU_H

#include <linux/smp.h>

#define DEFINE_PER_CPU(type, name)	__typeof__(type) per_cpu__##name
#define DECLARE_PER_CPU(type, name)	extern __typeof__(type) per_cpu__##name
#define per_cpu(var, cpu)		(*((void)(cpu), &per_cpu__##var))
#define __get_cpu_var(var)		per_cpu__##var
#define get_cpu_var(var)		(*({ preempt_disable(); &per_cpu__##var; }))
#define put_cpu_var(var)		preempt_enable()

#endif
