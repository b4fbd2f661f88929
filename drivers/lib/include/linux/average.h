/* SPDX-License-Identifier: MIT */
/* linux/average.h - exponentially weighted moving averages. */
#ifndef _LINUX_AVERAGE_H
#define _LINUX_AVERAGE_H

#include <linux/kernel.h>
#include <linux/log2.h>

/*
 * Declares struct ewma_NAME and its functions. The average is kept with
 * 2^_precision steps to a unit; a new value counts for 1/_weight_rcp of it.
 */
#define DECLARE_EWMA(name, _precision, _weight_rcp)				\
	struct ewma_##name {							\
		unsigned long internal;						\
	};									\
	static inline void ewma_##name##_init(struct ewma_##name *e)		\
	{									\
		e->internal = 0;						\
	}									\
	static inline unsigned long ewma_##name##_read(struct ewma_##name *e)	\
	{									\
		return e->internal >> (_precision);				\
	}									\
	static inline void ewma_##name##_add(struct ewma_##name *e, unsigned long val) \
	{									\
		unsigned long internal = e->internal;				\
										\
		BUILD_BUG_ON((_weight_rcp) & ((_weight_rcp) - 1));		\
		/* The first value is the average. */				\
		e->internal = internal ?					\
			(internal * ((_weight_rcp) - 1) + (val << (_precision))) / (_weight_rcp) : \
			val << (_precision);					\
	}

#endif
