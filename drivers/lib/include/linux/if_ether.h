/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_IF_ETHER_H
#define _LINUX_IF_ETHER_H

#include <linux/types.h>

#define ETH_ALEN	6
#define ETH_HLEN	14
#define ETH_ZLEN	60	/* shortest frame, without FCS */
#define ETH_DATA_LEN	1500
#define ETH_FRAME_LEN	1514
#define VLAN_HLEN	4

#define ETH_P_IP	0x0800
#define ETH_P_ARP	0x0806
#define ETH_P_8021Q	0x8100
#define ETH_P_IPV6	0x86DD
#define ETH_P_802_2	0x0004
#define ETH_P_802_3	0x0001

struct ethhdr {
	unsigned char h_dest[ETH_ALEN];
	unsigned char h_source[ETH_ALEN];
	__be16 h_proto;
} __packed;

#endif
