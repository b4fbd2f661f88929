/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_IF_ARP_H
#define _LINUX_IF_ARP_H

#include <linux/netdevice.h>

#define ARPHRD_ETHER	1

#endif
