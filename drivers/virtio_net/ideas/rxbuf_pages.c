// SPDX-License-Identifier: MIT
/*
 * rxbuf_pages.c - a receive buffer is pages and nothing else: "allocate pages but
 * not skbs. Allocate and fill skbs on receive path". One page (mergeable), or a
 * chain of them for 64K (big), as in 2.6.34 (9ab86bbcf8b). What fits into 128
 * bytes is copied, and its pages take the next packet.
 */
#include "virtio_net.h"

const bool rxbuf_is_skb = false;
const bool rxbuf_takes_skip = false;

/* In front of a big packet, in its first page; padded, so that the data behind it is aligned. */
#define PADDED_HDR_LEN	16

void rxbuf_free(struct virtnet_info *vi, void *buf)
{
	give_pages(vi, buf);
}

static int add_page(struct virtnet_info *vi, gfp_t gfp)
{
	struct scatterlist sg[1];
	struct page *page;
	int room;

	page = get_a_page(vi, gfp);
	if (!page)
		return -ENOMEM;
	sg_init_one(sg, page_address(page), PAGE_SIZE);

	room = vi->rvq->vq_ops->add_buf(vi->rvq, sg, 0, 1, page);
	if (room < 0)
		give_pages(vi, page);
	else
		keep_rx(vi, page);
	return room;
}

int rxbuf_add(struct virtnet_info *vi, gfp_t gfp)
{
	/* 64K need 17 pages, and the header a descriptor of its own. Small packets are left with the first of them. */
	int pages = vi->big_packets ? MAX_SKB_FRAGS + 1 : 1, i, room;
	struct scatterlist sg[2 + MAX_SKB_FRAGS];
	struct page *first = NULL, *list = NULL;

	if (vi->mergeable_rx_bufs)
		return add_page(vi, gfp);

	sg_init_table(sg, 2 + MAX_SKB_FRAGS);
	for (i = pages; i > 0; i--) {
		first = get_a_page(vi, gfp);
		if (!first) {
			if (list)
				give_pages(vi, list);
			return -ENOMEM;
		}
		sg_set_buf(&sg[i], page_address(first), PAGE_SIZE);
		first->private = (unsigned long)list;
		list = first;
	}
	sg_set_buf(&sg[0], page_address(first), vi->hdr_len);
	sg_set_buf(&sg[1], page_address(first) + PADDED_HDR_LEN, PAGE_SIZE - PADDED_HDR_LEN);

	room = vi->rvq->vq_ops->add_buf(vi->rvq, sg, 0, pages + 1, first);
	if (room < 0)
		give_pages(vi, first);
	else
		keep_rx(vi, first);
	return room;
}

/* The next piece of a packet: what is left of @len, as far as the page goes. */
static void set_skb_frag(struct sk_buff *skb, struct page *page, unsigned int offset, unsigned int *len)
{
	unsigned int size = min_t(unsigned int, PAGE_SIZE - offset, *len);

	skb_fill_page_desc(skb, skb_shinfo(skb)->nr_frags, page, offset, size);
	skb->data_len += size;
	skb->len += size;
	*len -= size;
}

/* An skb for a packet of @len bytes, header included, in a chain of pages. NULL without memory. */
static struct sk_buff *page_to_skb(struct virtnet_info *vi, struct page *page, unsigned int len)
{
	unsigned int offset = vi->mergeable_rx_bufs ? vi->hdr_len : PADDED_HDR_LEN;
	char *p = page_address(page);
	struct sk_buff *skb;
	unsigned int copy;

	skb = netdev_alloc_skb_ip_align(vi->dev, GOOD_COPY_LEN);
	if (unlikely(!skb))
		return NULL;
	memcpy(&skb_vnet_hdr(skb)->mhdr, p, vi->hdr_len);
	len -= vi->hdr_len;

	copy = min_t(unsigned int, len, skb_tailroom(skb));
	memcpy(skb_put(skb, copy), p + offset, copy);
	len -= copy;
	offset += copy;

	while (len && page) {
		struct page *next = (struct page *)page->private;

		set_skb_frag(skb, page, offset, &len);
		/* It is the packet's now. */
		page->private = 0;
		page = next;
		offset = 0;
	}
	if (page)
		give_pages(vi, page);
	return skb;
}

/* The rest of a merged packet lies in the buffers used next. The device makes them all visible at once. */
static int receive_mergeable(struct virtnet_info *vi, struct sk_buff *skb)
{
	struct virtio_net_hdr_mrg_rxbuf *mhdr = &skb_vnet_hdr(skb)->mhdr;
	struct page *page;
	unsigned int len;

	while (--mhdr->num_buffers) {
		if (skb_shinfo(skb)->nr_frags >= MAX_SKB_FRAGS)
			return -E2BIG;
		page = vi->rvq->vq_ops->get_buf(vi->rvq, &len);
		if (!page)
			return -EIO;
		unkeep_rx(vi, page);
		vi->num--;

		len = min_t(unsigned int, len, PAGE_SIZE);
		set_skb_frag(skb, page, 0, &len);
	}
	return 0;
}

struct sk_buff *rxbuf_receive(struct virtnet_info *vi, void *buf, unsigned int len)
{
	struct sk_buff *skb = page_to_skb(vi, buf, len);

	if (unlikely(!skb)) {
		vi->dev->stats.rx_dropped++;
		give_pages(vi, buf);
		return NULL;
	}
	if (vi->mergeable_rx_bufs && receive_mergeable(vi, skb)) {
		vi->dev->stats.rx_length_errors++;
		dev_kfree_skb(skb);
		return NULL;
	}
	return skb;
}
