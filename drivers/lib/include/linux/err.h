/* SPDX-License-Identifier: MIT */
/* linux/err.h - error numbers carried in pointers: the top 4095 addresses are never valid. */
#ifndef _LINUX_ERR_H
#define _LINUX_ERR_H

#include <linux/types.h>
#include <linux/errno.h>

#define MAX_ERRNO	4095
#define IS_ERR_VALUE(x)	unlikely((unsigned long)(x) >= (unsigned long)-MAX_ERRNO)

__nostep void *ERR_PTR(long error)
{
	return (void *)error;
}

__nostep long PTR_ERR(const void *ptr)
{
	return (long)ptr;
}

__nostep bool IS_ERR(const void *ptr)
{
	return IS_ERR_VALUE(ptr);
}

__nostep bool IS_ERR_OR_NULL(const void *ptr)
{
	return !ptr || IS_ERR_VALUE(ptr);
}

#endif
