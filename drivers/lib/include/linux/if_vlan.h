/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_IF_VLAN_H
#define _LINUX_IF_VLAN_H

#include <linux/if_ether.h>

#endif
