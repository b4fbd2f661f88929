/* SPDX-License-Identifier: MIT */
/* linux/moduleparam.h - parameters keep their initial values: set them with a define, or in the debugger. */
#ifndef _LINUX_MODULEPARAM_H
#define _LINUX_MODULEPARAM_H

#define module_param(name, type, perm)		_Static_assert(sizeof(name) != 0, "")
#define MODULE_PARM_DESC(name, text)		_Static_assert(sizeof(name) != 0, "")

#endif
