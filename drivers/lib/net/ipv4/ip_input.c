// SPDX-License-Identifier: MIT
/*
 * net/ipv4/ip_input.c - what IPv4 reads of the header of a received packet, as in
 * 2.6.31. Not stepped, and its lines are not charged: it is here for the accesses
 * that it makes. Whether they are aligned is up to the driver.
 */
#include <lab/unaligned.h>
#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/netdevice.h>
#include <net/checksum.h>
#include <net/ip.h>

/* ip_route_input() and ip_route_input_slow(): addresses that no packet on a wire may have. */
static bool martian(const struct iphdr *iph)
{
	__be32 saddr = lab_load32(&iph->saddr), daddr = lab_load32(&iph->daddr);

	return ipv4_is_multicast(saddr) || ipv4_is_lbcast(saddr) || ipv4_is_loopback(saddr) ||
	       ipv4_is_zeronet(daddr) || ipv4_is_loopback(daddr);
}

/**
 * ip_rcv - look at the header of a received packet
 * @skb: packet; data points to its IPv4 header
 * @dev: device that received it
 * @pt: not used
 * @orig_dev: not used
 *
 * NET_RX_DROP for a packet whose header is bad, or that is for someone else. It
 * stays the caller's either way: there is no transport protocol behind this.
 */
int ip_rcv(struct sk_buff *skb, struct net_device *dev, struct packet_type *pt, struct net_device *orig_dev)
{
	const struct iphdr *iph = ip_hdr(skb);
	u32 len;

	(void)dev;
	(void)pt;
	(void)orig_dev;
	if (skb->pkt_type == PACKET_OTHERHOST)
		return NET_RX_DROP;

	/* netif_receive_skb() has pulled the headers already. */
	if (skb_headlen(skb) < sizeof(struct iphdr) || iph->ihl < 5 || iph->version != 4 ||
	    skb_headlen(skb) < iph->ihl * 4)
		return NET_RX_DROP;

	/* RFC1122: 3.1.2.2 MUST silently discard any IP frame that fails the checksum. */
	if (unlikely(ip_fast_csum(iph, iph->ihl)))
		return NET_RX_DROP;

	len = ntohs(iph->tot_len);
	if (skb->len < len || len < iph->ihl * 4)
		return NET_RX_DROP;

	return martian(iph) ? NET_RX_DROP : NET_RX_SUCCESS;
}
