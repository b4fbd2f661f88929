/* SPDX-License-Identifier: MIT */
/* linux/ethtool.h - what an administrator may ask a device. Nobody calls these here; drivers declare them. */
#ifndef _LINUX_ETHTOOL_H
#define _LINUX_ETHTOOL_H

#include <linux/types.h>

struct net_device;

struct ethtool_ops {
	u32 (*get_link)(struct net_device *dev);
	u32 (*get_tx_csum)(struct net_device *dev);
	int (*set_tx_csum)(struct net_device *dev, u32 data);
	u32 (*get_sg)(struct net_device *dev);
	int (*set_sg)(struct net_device *dev, u32 data);
	u32 (*get_tso)(struct net_device *dev);
	int (*set_tso)(struct net_device *dev, u32 data);
};

u32 ethtool_op_get_link(struct net_device *dev);

#endif
