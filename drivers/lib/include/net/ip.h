/* SPDX-License-Identifier: MIT */
/* net/ip.h - IPv4, as far as a received packet's header goes. */
#ifndef _NET_IP_H
#define _NET_IP_H

#include <linux/ip.h>

struct net_device;
struct packet_type;

int ip_rcv(struct sk_buff *skb, struct net_device *dev, struct packet_type *pt, struct net_device *orig_dev);

#endif
