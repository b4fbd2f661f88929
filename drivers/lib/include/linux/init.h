/* SPDX-License-Identifier: MIT */
/*
 * linux/init.h - functions called at boot, in the order of their levels.
 *
 * A driver's module_init() is a device_initcall, as in a built-in driver. The
 * lab's own transport drivers are late_initcalls: a driver that registers for
 * the same device is asked first.
 */
#ifndef _LINUX_INIT_H
#define _LINUX_INIT_H

#include <linux/compiler.h>

typedef int (*initcall_t)(void);
typedef void (*exitcall_t)(void);

#define __init
#define __exit
#define __initdata
#define __devinit
#define __devexit
#define __devinitdata
#define __devexit_p(x)	x

#define __define_initcall(level, fn) \
	static const initcall_t __initcall_##fn \
	__attribute__((used, retain, section("initcall" #level))) = fn

#define core_initcall(fn)	__define_initcall(1, fn)
#define subsys_initcall(fn)	__define_initcall(4, fn)
#define device_initcall(fn)	__define_initcall(6, fn)
#define late_initcall(fn)	__define_initcall(7, fn)

#define __define_exitcall(level, fn) \
	static const exitcall_t __exitcall_##fn \
	__attribute__((used, retain, section("exitcall" #level))) = fn

/* Drivers go before the transports they hang on. */
#define __exitcall(fn)		__define_exitcall(6, fn)
#define late_exitcall(fn)	__define_exitcall(7, fn)

#endif
