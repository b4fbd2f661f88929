/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_ERRNO_H
#define _LINUX_ERRNO_H

#define EPERM		1
#define ENOENT		2
#define EINTR		4
#define EIO		5
#define ENXIO		6
#define E2BIG		7
#define EAGAIN		11
#define EWOULDBLOCK	EAGAIN
#define ENOMEM		12
#define EACCES		13
#define EFAULT		14
#define EBUSY		16
#define EEXIST		17
#define ENODEV		19
#define EINVAL		22
#define ENOSPC		28
#define ERANGE		34
#define ENOSYS		38
#define ENODATA		61
#define EPROTO		71
#define EMSGSIZE	90
#define EOPNOTSUPP	95
#define EADDRNOTAVAIL	99
#define ENETDOWN	100
#define ENOBUFS		105
#define ETIMEDOUT	110
#define EINPROGRESS	115
#define EPROBE_DEFER	517

#endif
