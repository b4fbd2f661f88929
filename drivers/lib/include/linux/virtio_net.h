/* SPDX-License-Identifier: MIT */
/* linux/virtio_net.h - the network device (spec section 5.1). */
#ifndef _LINUX_VIRTIO_NET_H
#define _LINUX_VIRTIO_NET_H

#include <linux/types.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_config.h>
#include <linux/if_ether.h>

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

#endif
