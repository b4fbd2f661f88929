/* SPDX-License-Identifier: MIT */
/* linux/ipv6.h - the IPv6 header (RFC 8200). */
#ifndef _LINUX_IPV6_H
#define _LINUX_IPV6_H

#include <linux/skbuff.h>
#include <linux/in.h>

struct in6_addr {
	__u8 s6_addr[16];
};

struct ipv6hdr {
	__u8 priority:4,
	     version:4;
	__u8 flow_lbl[3];
	__be16 payload_len;
	__u8 nexthdr;
	__u8 hop_limit;
	struct in6_addr saddr;
	struct in6_addr daddr;
};

__nostep struct ipv6hdr *ipv6_hdr(const struct sk_buff *skb)
{
	return (struct ipv6hdr *)skb_network_header(skb);
}

#endif
