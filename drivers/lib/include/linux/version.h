/* SPDX-License-Identifier: MIT */
/* linux/version.h - the kernel this API is that of. */
#ifndef _LINUX_VERSION_H
#define _LINUX_VERSION_H

#define KERNEL_VERSION(a, b, c)	(((a) << 16) + ((b) << 8) + (c))
/* A driver's files are told which version they are linked with. */
#ifndef LINUX_VERSION_CODE
#define LINUX_VERSION_CODE	KERNEL_VERSION(2, 6, 31)
#endif

#endif
