/* SPDX-License-Identifier: MIT */
/* linux/module.h - a driver is linked in; its exit function runs when the machine removes it. */
#ifndef _LINUX_MODULE_H
#define _LINUX_MODULE_H

#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/moduleparam.h>
#include <linux/errno.h>

struct module;
#define THIS_MODULE	((struct module *)0)

#define module_init(fn)	device_initcall(fn)
#define module_exit(fn)	__exitcall(fn)

#define MODULE_LICENSE(x)		_Static_assert(1, "")
#define MODULE_AUTHOR(x)		_Static_assert(1, "")
#define MODULE_DESCRIPTION(x)		_Static_assert(1, "")
#define MODULE_VERSION(x)		_Static_assert(1, "")
#define MODULE_ALIAS(x)			_Static_assert(1, "")
#define MODULE_DEVICE_TABLE(type, name)	_Static_assert(1, "")

#define EXPORT_SYMBOL(sym)		_Static_assert(1, "")
#define EXPORT_SYMBOL_GPL(sym)		_Static_assert(1, "")

#define try_module_get(m)	1
#define module_put(m)		do { } while (0)

#endif
