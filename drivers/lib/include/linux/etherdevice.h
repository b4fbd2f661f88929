/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_ETHERDEVICE_H
#define _LINUX_ETHERDEVICE_H

#include <linux/if_ether.h>
#include <linux/netdevice.h>

struct net_device *alloc_etherdev(int sizeof_priv);
void ether_setup(struct net_device *dev);
__be16 eth_type_trans(struct sk_buff *skb, struct net_device *dev);
int eth_validate_addr(struct net_device *dev);
int eth_mac_addr(struct net_device *dev, void *p);
int eth_change_mtu(struct net_device *dev, int new_mtu);
void random_ether_addr(u8 *addr);

static inline void eth_hw_addr_random(struct net_device *dev)
{
	random_ether_addr(dev->dev_addr);
}

__nostep int is_zero_ether_addr(const u8 *addr)
{
	return !(addr[0] | addr[1] | addr[2] | addr[3] | addr[4] | addr[5]);
}

__nostep int is_multicast_ether_addr(const u8 *addr)
{
	return addr[0] & 0x01;
}

__nostep int is_broadcast_ether_addr(const u8 *addr)
{
	return (addr[0] & addr[1] & addr[2] & addr[3] & addr[4] & addr[5]) == 0xff;
}

__nostep int is_valid_ether_addr(const u8 *addr)
{
	return !is_multicast_ether_addr(addr) && !is_zero_ether_addr(addr);
}

/* 0 if equal, as in 2.6.31. */
__nostep unsigned int compare_ether_addr(const u8 *a, const u8 *b)
{
	return memcmp(a, b, ETH_ALEN) != 0;
}

#endif
