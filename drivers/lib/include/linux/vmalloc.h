/* SPDX-License-Identifier: MIT */
/* linux/vmalloc.h - all of RAM is mapped one to one: the same as kmalloc(). */
#ifndef _LINUX_VMALLOC_H
#define _LINUX_VMALLOC_H

#include <linux/slab.h>

#define vmalloc(size)	kmalloc(size, GFP_KERNEL)
#define vzalloc(size)	kzalloc(size, GFP_KERNEL)
#define vfree(p)	kfree(p)

#endif
