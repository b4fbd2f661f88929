// SPDX-License-Identifier: MIT
/*
 * rxbuf_in_place.c - a receive buffer is a page, and the packet stays where the
 * device has put it: build_skb() makes an skb around it (3.2; in 2009 its first 128
 * bytes were copied to a place of their own). So the device's placement is what the
 * stack sees: behind 12 bytes of virtio-net header and 14 of Ethernet header the IP
 * header is not aligned. A module parameter leaves bytes free in front of each
 * buffer; or the device leaves them out, and says so (LAB_NET_F_RX_SKIP).
 */
#include "virtio_net.h"

const bool rxbuf_is_skb = false;
const bool rxbuf_takes_skip = true;

static int ip_align;
module_param(ip_align, int, 0444);
MODULE_PARM_DESC(ip_align, "Bytes left free in front of each receive buffer: 0, or NET_IP_ALIGN (2)");

/* Behind the packet the page has struct skb_shared_info. */
#define BUF_LEN	(PAGE_SIZE - SKB_DATA_ALIGN(sizeof(struct skb_shared_info)) - ip_align)

void rxbuf_free(struct virtnet_info *vi, void *buf)
{
	give_pages(vi, buf);
}

int rxbuf_add(struct virtnet_info *vi, gfp_t gfp)
{
	struct scatterlist sg[1];
	struct page *page;
	int room;

	if (!vi->mergeable_rx_bufs) {
		dev_err(&vi->vdev->dev, "rxbuf_in_place.c has one page for a packet: offer VIRTIO_NET_F_MRG_RXBUF\n");
		return -EINVAL;
	}
	page = get_a_page(vi, gfp);
	if (!page)
		return -ENOMEM;
	sg_init_one(sg, page_address(page) + ip_align, BUF_LEN);

	room = vi->rvq->vq_ops->add_buf(vi->rvq, sg, 0, 1, page);
	if (room < 0)
		give_pages(vi, page);
	else
		keep_rx(vi, page);
	return room;
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

		len = min_t(unsigned int, len, BUF_LEN);
		skb_fill_page_desc(skb, skb_shinfo(skb)->nr_frags, page, ip_align, len);
		skb->data_len += len;
		skb->len += len;
	}
	return 0;
}

struct sk_buff *rxbuf_receive(struct virtnet_info *vi, void *buf, unsigned int len)
{
	struct page *page = buf;
	char *p = page_address(page);
	struct skb_vnet_hdr *hdr = (struct skb_vnet_hdr *)(p + ip_align);
	unsigned int before = vi->hdr_len;
	struct sk_buff *skb;

	if (has_skipped(vi))
		before += hdr->skipped;
	len = min_t(unsigned int, len, BUF_LEN);
	if (unlikely(len < before + ETH_HLEN)) {
		pr_debug("%s: %u bytes, and %u before the packet\n", vi->dev->name, len, before);
		vi->dev->stats.rx_length_errors++;
		give_pages(vi, page);
		return NULL;
	}

	skb = build_skb(p, PAGE_SIZE);
	if (unlikely(!skb)) {
		vi->dev->stats.rx_dropped++;
		give_pages(vi, page);
		return NULL;
	}
	memcpy(&skb_vnet_hdr(skb)->mhdr, hdr, vi->hdr_len);
	skb_reserve(skb, ip_align + before);
	skb_put(skb, len - before);

	if (receive_mergeable(vi, skb)) {
		vi->dev->stats.rx_length_errors++;
		dev_kfree_skb(skb);
		return NULL;
	}
	return skb;
}
