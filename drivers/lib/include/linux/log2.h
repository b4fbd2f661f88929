/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_LOG2_H
#define _LINUX_LOG2_H

#include <linux/kernel.h>

#define ilog2(n)		(fls(n) - 1)
#define roundup_pow_of_two(n)	((n) <= 1 ? 1UL : 1UL << fls((n) - 1))

#endif
