// SPDX-License-Identifier: MIT
/*
 * rxbuf_head_page.c - a receive buffer is an skb: a head of 128 bytes and a page
 * (mergeable), 1518 bytes (small), or these and 18 pages (big). As found until
 * 2.6.33: of a packet in several mergeable buffers all skbs but the first were
 * made in vain.
 */
#include "virtio_net.h"

const bool rxbuf_is_skb = true;
const bool rxbuf_takes_skip = false;

/* The fragments of a packet go back to the pool. */
static void trim_pages(struct virtnet_info *vi, struct sk_buff *skb)
{
	unsigned int i;

	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++)
		give_pages(vi, skb_shinfo(skb)->frags[i].page);
	skb_shinfo(skb)->nr_frags = 0;
	skb->len -= skb->data_len;
	skb->data_len = 0;
}

void rxbuf_free(struct virtnet_info *vi, void *buf)
{
	trim_pages(vi, buf);
	dev_kfree_skb(buf);
}

static int add_mergeable(struct virtnet_info *vi, gfp_t gfp)
{
	struct scatterlist sg[1];
	struct sk_buff *skb;
	struct page *page;
	int room;

	skb = netdev_alloc_skb_ip_align(vi->dev, GOOD_COPY_LEN);
	if (unlikely(!skb))
		return -ENOMEM;
	page = get_a_page(vi, gfp);
	if (!page) {
		kfree_skb(skb);
		return -ENOMEM;
	}
	/* skb->len stays 0: how much is in the page the device will say. */
	skb_fill_page_desc(skb, 0, page, 0, PAGE_SIZE);
	sg_init_one(sg, page_address(page), PAGE_SIZE);

	room = vi->rvq->vq_ops->add_buf(vi->rvq, sg, 0, 1, skb);
	if (room < 0)
		rxbuf_free(vi, skb);
	else
		keep_rx(vi, skb);
	return room;
}

/* Pages behind the linear part of a big buffer; without memory it gets fewer. */
static void add_big_pages(struct virtnet_info *vi, struct sk_buff *skb, gfp_t gfp)
{
	struct page *page;
	int i;

	for (i = 0; i < (int)MAX_SKB_FRAGS; i++) {
		page = get_a_page(vi, gfp);
		if (!page)
			break;
		skb_fill_page_desc(skb, i, page, 0, PAGE_SIZE);
		skb->data_len += PAGE_SIZE;
		skb->len += PAGE_SIZE;
	}
}

int rxbuf_add(struct virtnet_info *vi, gfp_t gfp)
{
	struct scatterlist sg[2 + MAX_SKB_FRAGS];
	struct sk_buff *skb;
	int num, room;

	if (vi->mergeable_rx_bufs)
		return add_mergeable(vi, gfp);

	skb = netdev_alloc_skb_ip_align(vi->dev, MAX_PACKET_LEN);
	if (unlikely(!skb))
		return -ENOMEM;
	skb_put(skb, MAX_PACKET_LEN);
	if (vi->big_packets)
		add_big_pages(vi, skb, gfp);

	/* The header gets a descriptor of its own. */
	sg_init_table(sg, 2 + MAX_SKB_FRAGS);
	sg_set_buf(sg, &skb_vnet_hdr(skb)->mhdr, vi->hdr_len);
	num = skb_to_sgvec(skb, sg + 1, 0, skb->len) + 1;

	room = vi->rvq->vq_ops->add_buf(vi->rvq, sg, 0, num, skb);
	if (room < 0)
		rxbuf_free(vi, skb);
	else
		keep_rx(vi, skb);
	return room;
}

/* The first buffer of a merged packet: header, then data from the page to the linear part, as much as fits. */
static void take_first_page(struct virtnet_info *vi, struct sk_buff *skb, unsigned int len)
{
	struct virtio_net_hdr_mrg_rxbuf *mhdr = &skb_vnet_hdr(skb)->mhdr;
	skb_frag_t *frag = &skb_shinfo(skb)->frags[0];
	char *p = page_address(frag->page);
	unsigned int copy;

	len = min_t(unsigned int, len, PAGE_SIZE) - sizeof(*mhdr);
	memcpy(mhdr, p, sizeof(*mhdr));
	copy = min_t(unsigned int, len, skb_tailroom(skb));
	memcpy(skb_put(skb, copy), p + sizeof(*mhdr), copy);
	len -= copy;

	if (!len) {
		/* Nothing is left in the page: it can take the next packet. */
		give_pages(vi, frag->page);
		skb_shinfo(skb)->nr_frags = 0;
		return;
	}
	frag->page_offset += sizeof(*mhdr) + copy;
	frag->size = len;
	skb->data_len += len;
	skb->len += len;
}

/* The rest of a merged packet lies in the buffers used next. The device makes them all visible at once. */
static int take_more_pages(struct virtnet_info *vi, struct sk_buff *skb)
{
	struct virtio_net_hdr_mrg_rxbuf *mhdr = &skb_vnet_hdr(skb)->mhdr;
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	struct sk_buff *nskb;
	unsigned int len;

	while (--mhdr->num_buffers) {
		if (shinfo->nr_frags >= MAX_SKB_FRAGS)
			return -E2BIG;
		nskb = vi->rvq->vq_ops->get_buf(vi->rvq, &len);
		if (!nskb)
			return -EIO;
		unkeep_rx(vi, nskb);
		vi->num--;

		/* Its page moves over; the rest of it was needed for this only. */
		len = min_t(unsigned int, len, PAGE_SIZE);
		skb_fill_page_desc(skb, shinfo->nr_frags, skb_shinfo(nskb)->frags[0].page, 0, len);
		skb_shinfo(nskb)->nr_frags = 0;
		kfree_skb(nskb);

		skb->data_len += len;
		skb->len += len;
	}
	return 0;
}

struct sk_buff *rxbuf_receive(struct virtnet_info *vi, void *buf, unsigned int len)
{
	struct sk_buff *skb = buf;

	if (vi->mergeable_rx_bufs) {
		take_first_page(vi, skb, len);
		if (take_more_pages(vi, skb)) {
			vi->dev->stats.rx_length_errors++;
			dev_kfree_skb(skb);
			return NULL;
		}
		return skb;
	}

	len -= vi->hdr_len;
	/* An ordinary packet needs none of a big buffer's pages. */
	if (len <= MAX_PACKET_LEN)
		trim_pages(vi, skb);
	pskb_trim(skb, len);
	return skb;
}
