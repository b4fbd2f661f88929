/* SPDX-License-Identifier: MIT */
/*
 * virtio_net.h - a virtio-net driver in pieces: what main.c does, and what it
 * leaves to one file of each kind.
 *
 * The discussion of June 2009 asks eight questions of a driver. Each has a
 * prefix here, and each file NAME.c is one answer to one of them: a driver is
 * main.c and one file for each prefix, linked together. It is linked with the
 * ring of 2.6.34.
 *
 *	full_		a packet does not fit into the transmit ring
 *	completion_	when are sent packets freed
 *	txirq_		are transmit interrupts on when the device is created
 *	header_		where is the virtio-net header of a sent packet
 *	rxbuf_		what is a receive buffer made of
 *	refill_		when is the receive ring filled up, and when is that kicked
 *	oom_		there was no memory to fill it up
 *	keep_		how does the driver know what it has in the rings
 */
#ifndef VIRTIO_NET_IDEAS_H
#define VIRTIO_NET_IDEAS_H

#include <linux/netdevice.h>
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/virtio.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_net.h>
#include <linux/scatterlist.h>
#include <linux/if_vlan.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <linux/interrupt.h>

/*
 * No specification has this: "allow the host to say 'I've skipped this many bytes
 * at the front'" (June 2009). It makes the header longer, see struct skb_vnet_hdr.
 */
#define LAB_NET_F_RX_SKIP	4

/* Ethernet header, a VLAN tag, and data. */
#define MAX_PACKET_LEN	(ETH_HLEN + VLAN_HLEN + ETH_DATA_LEN)
/* What is copied out of a page to the linear part of a packet. */
#define GOOD_COPY_LEN	128

struct virtnet_info {
	struct virtio_device *vdev;
	struct virtqueue *rvq, *svq;
	struct net_device *dev;
	struct napi_struct napi;
	unsigned int status;

	/* Receive buffers in the ring, and the most there ever were. */
	unsigned int num, max;
	/* Of these, added since the last kick. */
	unsigned int unkicked;

	/* We may get packets of 64K: GUEST_TSO4 or the like. */
	bool big_packets;

	/* The device may spread a packet over several buffers. */
	bool mergeable_rx_bufs;

	/* Bytes of the virtio-net header: 12 with num_buffers, 16 with what was skipped, otherwise 10. */
	unsigned int hdr_len;

	/* Free pages, linked by page->private. */
	struct page *pages;

	/* The files' own. */
	struct sk_buff_head waiting;		/* full_: packets outside the ring */
	struct tasklet_struct full_tasklet;
	struct tasklet_struct free_tasklet;	/* completion_ */
	struct timer_list free_timer;
	unsigned int tx_size;			/* descriptors of the transmit ring */
	struct work_struct refill_work;		/* refill_ */
	struct timer_list oom_timer;		/* oom_ */
	struct delayed_work oom_work;
	struct sk_buff_head recv, send;		/* keep_ */
};

/* In front of the packet, from the device's point of view; in skb->cb unless header_ says otherwise. */
struct skb_vnet_hdr {
	struct virtio_net_hdr_mrg_rxbuf mhdr;
	/* With LAB_NET_F_RX_SKIP: bytes left out behind this header, in received packets. */
	__u16 skipped, padding;
	/* Descriptors that the packet takes in the transmit ring. */
	unsigned int num_sg;
};

/* Does the header of a received packet say how many bytes were left out? */
__nostep bool has_skipped(const struct virtnet_info *vi)
{
	return vi->hdr_len > sizeof(struct virtio_net_hdr_mrg_rxbuf);
}

static inline struct skb_vnet_hdr *skb_vnet_hdr(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct skb_vnet_hdr) > sizeof(skb->cb));
	return (struct skb_vnet_hdr *)skb->cb;
}

/* ---- main.c ---- */

/* Pages: a chain of them goes back to the pool; one comes from there, or from the allocator. */
void give_pages(struct virtnet_info *vi, struct page *page);
struct page *get_a_page(struct virtnet_info *vi, gfp_t gfp_mask);

/* Frees what the device is done with; descriptors that became free by it. Under the TX lock. */
unsigned int free_old_xmit_skbs(struct virtnet_info *vi);

/* Header and packet into the ring, not yet exposed. Descriptors left, or -ENOSPC. Under the TX lock. */
int xmit_skb(struct virtnet_info *vi, struct sk_buff *skb);

/* One more receive buffer, not yet exposed: descriptors left, -ENOSPC, or -ENOMEM. */
int add_recvbuf(struct virtnet_info *vi, gfp_t gfp);

/* Expose what has been added, with one kick. */
void kick_recv(struct virtnet_info *vi);

/* Fill the receive ring up, and kick once. False if memory was short. */
bool fill_recv(struct virtnet_info *vi, gfp_t gfp);

/* The same from process context: NAPI is kept off the ring, and has a look afterwards. */
bool fill_recv_sleeping(struct virtnet_info *vi);

/* ---- full_: a packet does not fit into the transmit ring ---- */

void full_init(struct virtnet_info *vi);
/* ndo_start_xmit. */
int start_xmit(struct sk_buff *skb, struct net_device *dev);
/* TX interrupt: there is room again. Callbacks are off. */
void full_interrupt(struct virtnet_info *vi);
/* Packets outside the ring are freed. */
void full_exit(struct virtnet_info *vi);

/* ---- completion_: when are sent packets freed ---- */

/* Ask for VIRTIO_F_NOTIFY_ON_EMPTY? */
extern const bool completion_on_empty;
void completion_init(struct virtnet_info *vi);
/* The packet is in the ring and was kicked; @capacity descriptors are left. Under the TX lock. */
void completion_sent(struct virtnet_info *vi, struct sk_buff *skb, int capacity);
/* TX interrupt: something was used. Callbacks are off. */
void completion_interrupt(struct virtnet_info *vi);
void completion_exit(struct virtnet_info *vi);

/* ---- txirq_: are transmit interrupts on when the device is created ---- */

void txirq_created(struct virtnet_info *vi);

/* ---- header_: where is the virtio-net header of a sent packet ---- */

/* Header and packet as a list; entries used. */
int header_to_sgvec(struct virtnet_info *vi, struct sk_buff *skb, struct scatterlist *sg);

/* ---- rxbuf_: what is a receive buffer made of ---- */

/* A buffer is an skb; otherwise it is a page, or a chain of them. */
extern const bool rxbuf_is_skb;
/* The packet may lie anywhere in its buffer: ask for LAB_NET_F_RX_SKIP? */
extern const bool rxbuf_takes_skip;
/* Makes a buffer and puts it into the ring. Descriptors left, -ENOSPC, or -ENOMEM. */
int rxbuf_add(struct virtnet_info *vi, gfp_t gfp);
/* The packet in a buffer that came back with @len bytes, header included. NULL if it had to be dropped. */
struct sk_buff *rxbuf_receive(struct virtnet_info *vi, void *buf, unsigned int len);
/* A buffer that is not needed. */
void rxbuf_free(struct virtnet_info *vi, void *buf);

/* ---- refill_: when is the receive ring filled up, and when is that kicked ---- */

void refill_init(struct virtnet_info *vi);
/* After each packet received. */
void refill_packet(struct virtnet_info *vi);
/* After each round of polling. */
void refill_poll(struct virtnet_info *vi);
void refill_exit(struct virtnet_info *vi);

/* ---- oom_: there was no memory to fill it up ---- */

void oom_init(struct virtnet_info *vi);
void oom_refill(struct virtnet_info *vi);
void oom_exit(struct virtnet_info *vi);

/* ---- keep_: how does the driver know what it has in the rings ---- */

/* 0, or -EINVAL if it does not go together with the receive buffers. */
int keep_init(struct virtnet_info *vi);
void keep_rx(struct virtnet_info *vi, void *buf);
void unkeep_rx(struct virtnet_info *vi, void *buf);
void keep_tx(struct virtnet_info *vi, struct sk_buff *skb);
void unkeep_tx(struct virtnet_info *vi, struct sk_buff *skb);
/* At removal, after the reset: frees what is in the rings. */
void keep_flush(struct virtnet_info *vi);

#endif
