/* SPDX-License-Identifier: MIT */
/* linux/smp.h - there is one CPU. */
#ifndef _LINUX_SMP_H
#define _LINUX_SMP_H

#include <linux/preempt.h>

#define NR_CPUS			1
#define smp_processor_id()	0
#define raw_smp_processor_id()	0
#define num_online_cpus()	1
#define get_cpu()		({ preempt_disable(); 0; })
#define put_cpu()		preempt_enable()

#endif
