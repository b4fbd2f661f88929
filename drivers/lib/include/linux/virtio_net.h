/* SPDX-License-Identifier: MIT */
/* linux/virtio_net.h - the network device (spec section 5.1). */
#ifndef _LINUX_VIRTIO_NET_H
#define _LINUX_VIRTIO_NET_H

#include <linux/types.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_config.h>
#include <linux/if_ether.h>
#include <linux/skbuff.h>

#define VIRTIO_NET_F_CSUM	0	/* device takes packets with partial checksum */
#define VIRTIO_NET_F_GUEST_CSUM	1	/* driver takes packets with partial checksum */
#define VIRTIO_NET_F_MAC	5	/* device has given a MAC address */
#define VIRTIO_NET_F_GSO	6	/* device takes any GSO packet (legacy) */
#define VIRTIO_NET_F_GUEST_TSO4	7	/* driver takes TSOv4 */
#define VIRTIO_NET_F_GUEST_TSO6	8
#define VIRTIO_NET_F_GUEST_ECN	9
#define VIRTIO_NET_F_GUEST_UFO	10
#define VIRTIO_NET_F_HOST_TSO4	11	/* device takes TSOv4 */
#define VIRTIO_NET_F_HOST_TSO6	12
#define VIRTIO_NET_F_HOST_ECN	13
#define VIRTIO_NET_F_HOST_UFO	14
#define VIRTIO_NET_F_MRG_RXBUF	15	/* driver can merge receive buffers */
#define VIRTIO_NET_F_STATUS	16	/* virtio_net_config.status is there */
#define VIRTIO_NET_F_CTRL_VQ	17	/* control queue */
#define VIRTIO_NET_F_CTRL_RX	18
#define VIRTIO_NET_F_CTRL_VLAN	19

#define VIRTIO_NET_S_LINK_UP	1	/* in status */

struct virtio_net_config {
	__u8 mac[6];			/* VIRTIO_NET_F_MAC */
	__u16 status;			/* VIRTIO_NET_F_STATUS */
} __packed;

/* In front of every packet (spec 5.1.6; the legacy interface has no num_buffers here). */
struct virtio_net_hdr {
#define VIRTIO_NET_HDR_F_NEEDS_CSUM	1	/* csum_start and csum_offset are valid */
#define VIRTIO_NET_HDR_F_DATA_VALID	2	/* the checksum is good (3.1) */
	__u8 flags;
#define VIRTIO_NET_HDR_GSO_NONE		0
#define VIRTIO_NET_HDR_GSO_TCPV4	1
#define VIRTIO_NET_HDR_GSO_UDP		3
#define VIRTIO_NET_HDR_GSO_TCPV6	4
#define VIRTIO_NET_HDR_GSO_ECN		0x80
	__u8 gso_type;
	__u16 hdr_len;			/* Ethernet, IP and TCP headers */
	__u16 gso_size;			/* bytes of payload in a segment */
	__u16 csum_start;
	__u16 csum_offset;
};

/* With VIRTIO_NET_F_MRG_RXBUF. */
struct virtio_net_hdr_mrg_rxbuf {
	struct virtio_net_hdr hdr;
	__u16 num_buffers;		/* buffers this packet lies in */
};

/* ---- header and packet, each way (4.8) ---- */

/**
 * virtio_net_hdr_to_skb - tell the stack what the device says about a packet
 * @skb: received packet; data points to its Ethernet header
 * @hdr: its header
 *
 * 0, or -EINVAL if it makes no sense.
 */
static inline int virtio_net_hdr_to_skb(struct sk_buff *skb, const struct virtio_net_hdr *hdr)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	unsigned short gso_type = 0;

	if (hdr->gso_type != VIRTIO_NET_HDR_GSO_NONE) {
		switch (hdr->gso_type & ~VIRTIO_NET_HDR_GSO_ECN) {
		case VIRTIO_NET_HDR_GSO_TCPV4:
			gso_type = SKB_GSO_TCPV4;
			break;
		case VIRTIO_NET_HDR_GSO_TCPV6:
			gso_type = SKB_GSO_TCPV6;
			break;
		case VIRTIO_NET_HDR_GSO_UDP:
			gso_type = SKB_GSO_UDP;
			break;
		default:
			return -EINVAL;
		}
		if (hdr->gso_type & VIRTIO_NET_HDR_GSO_ECN)
			gso_type |= SKB_GSO_TCP_ECN;
		if (hdr->gso_size == 0)
			return -EINVAL;
	}

	/* From another guest, say: its checksum was never filled in, and need not be. */
	if ((hdr->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) &&
	    !skb_partial_csum_set(skb, hdr->csum_start, hdr->csum_offset))
		return -EINVAL;

	if (gso_type) {
		/* The stack checks the headers before it cuts the packet up. */
		shinfo->gso_type = gso_type | SKB_GSO_DODGY;
		shinfo->gso_size = hdr->gso_size;
		shinfo->gso_segs = 0;
	}
	return 0;
}

/**
 * virtio_net_hdr_from_skb - tell the device what it has to know about a packet
 * @skb: packet to send
 * @hdr: its header, to be filled
 *
 * 0, or -EINVAL for a kind of segmentation that no device knows.
 */
static inline int virtio_net_hdr_from_skb(const struct sk_buff *skb, struct virtio_net_hdr *hdr)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);

	memset(hdr, 0, sizeof(*hdr));

	if (skb_is_gso(skb)) {
		hdr->hdr_len = skb_headlen(skb);
		hdr->gso_size = shinfo->gso_size;
		if (shinfo->gso_type & SKB_GSO_TCPV4)
			hdr->gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
		else if (shinfo->gso_type & SKB_GSO_TCPV6)
			hdr->gso_type = VIRTIO_NET_HDR_GSO_TCPV6;
		else
			return -EINVAL;
		if (shinfo->gso_type & SKB_GSO_TCP_ECN)
			hdr->gso_type |= VIRTIO_NET_HDR_GSO_ECN;
	}

	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		/* From the start of the packet; the skb counts from the start of its buffer. */
		hdr->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		hdr->csum_start = skb_checksum_start_offset(skb);
		hdr->csum_offset = skb->csum_offset;
	}
	return 0;
}

#endif
