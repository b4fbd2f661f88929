// SPDX-License-Identifier: MIT
/*
 * virtio_net-5.10.c - network driver for virtio, as of Linux 5.10 (December
 * 2020): what became of the driver of 2009.
 *
 * Transmission. The queue is stopped before the ring can be full; a packet that
 * finds no room all the same is dropped. With TX NAPI (napi_tx, the default) the
 * device is asked to interrupt when three quarters of what is outstanding are
 * done, and a poll function frees packets; without, they are orphaned, and freed
 * when the next one is sent. The header goes into the packet's headroom, so that
 * a linear packet is one descriptor. One kick serves a batch of packets.
 *
 * Reception. Mergeable buffers are cut from 32 KiB pieces, as long as packets
 * have been of late (an exponentially weighted average); small ones hold header
 * and packet in one piece that the skb is built around; big ones are chains of
 * pages, for TSO packets without mergeable buffers.
 *
 * Not here, for the lab's device has none of it: the control queue, and with it
 * multiqueue, RX filters and ethtool; XDP. Packets that lie in more than
 * MAX_SKB_FRAGS pieces are dropped, where Linux continues them in a frag_list.
 */
#include <linux/average.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/virtio.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_net.h>
#include <linux/workqueue.h>

static int napi_weight = NAPI_POLL_WEIGHT;
module_param(napi_weight, int, 0444);

static bool csum = true, gso = true, napi_tx = true;
module_param(csum, bool, 0444);
module_param(gso, bool, 0444);
module_param(napi_tx, bool, 0644);

/* Ethernet header, a VLAN tag, and data. */
#define GOOD_PACKET_LEN	(ETH_HLEN + VLAN_HLEN + ETH_DATA_LEN)
/* A packet up to this is copied out of its buffer. */
#define GOOD_COPY_LEN	128

/* In front of the data in a small buffer: room for the header, and the IP header aligned. */
#define VIRTNET_RX_PAD	(NET_IP_ALIGN + NET_SKB_PAD)

/* The most descriptors a packet takes: header, linear part, fragments. */
#define MAX_XMIT_DESC	(2 + MAX_SKB_FRAGS)

/* Length of received packets: each one counts for 1/64. */
DECLARE_EWMA(pkt_len, 0, 64)

struct virtnet_sq_stats {
	u64 packets;
	u64 bytes;
	u64 kicks;
};

struct virtnet_rq_stats {
	u64 packets;
	u64 bytes;
	u64 drops;
	u64 kicks;
};

struct send_queue {
	struct virtqueue *vq;
	struct scatterlist sg[MAX_XMIT_DESC];
	struct virtnet_sq_stats stats;
	/* Frees what was sent; weight 0: TX NAPI is off. */
	struct napi_struct napi;
};

struct receive_queue {
	struct virtqueue *vq;
	struct napi_struct napi;
	struct virtnet_rq_stats stats;
	/* Big buffers: free pages, linked by page->private. */
	struct page *pages;
	/* Mergeable buffers: average length of packets, and the least a buffer may have. */
	struct ewma_pkt_len mrg_avg_pkt_len;
	unsigned int min_buf_len;
	/* Where mergeable and small buffers are cut from. */
	struct page_frag alloc_frag;
	/* Big buffers are the longest: header, its page's rest, pages. */
	struct scatterlist sg[MAX_XMIT_DESC];
};

struct virtnet_info {
	struct virtio_device *vdev;
	struct net_device *dev;
	struct send_queue sq;
	struct receive_queue rq;
	unsigned int status;

	/* We may get packets of 64K: GUEST_TSO or the like. */
	bool big_packets;

	/* The device may spread a packet over several buffers. */
	bool mergeable_rx_bufs;

	/* Header and data may share a descriptor: any layout will do. */
	bool any_header_sg;

	/* Bytes of the header: 10 or 12. */
	u8 hdr_len;

	/* Tries again to fill the receive ring, when memory was short. */
	struct delayed_work refill;

	/* The device says that its configuration changed. */
	struct work_struct config_work;
};

/* The header of a big packet has a part of its first page, and the data begins aligned behind it. */
struct padded_vnet_hdr {
	struct virtio_net_hdr_mrg_rxbuf hdr;
	char padding[4];
};

static inline struct virtio_net_hdr_mrg_rxbuf *skb_vnet_hdr(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct virtio_net_hdr_mrg_rxbuf) > sizeof(skb->cb));
	return (struct virtio_net_hdr_mrg_rxbuf *)skb->cb;
}

/* ---- NAPI and callbacks ---- */

static void virtqueue_napi_schedule(struct napi_struct *napi, struct virtqueue *vq)
{
	if (napi_schedule_prep(napi)) {
		virtqueue_disable_cb(vq);
		__napi_schedule(napi);
	}
}

/* Callbacks take over; but what was used before the device knew is polled for now. */
static void virtqueue_napi_complete(struct napi_struct *napi, struct virtqueue *vq, int processed)
{
	unsigned int opaque = virtqueue_enable_cb_prepare(vq);

	if (napi_complete_done(napi, processed)) {
		if (unlikely(virtqueue_poll(vq, opaque)))
			virtqueue_napi_schedule(napi, vq);
	} else {
		virtqueue_disable_cb(vq);
	}
}

/* TX interrupt. */
static void skb_xmit_done(struct virtqueue *vq)
{
	struct virtnet_info *vi = vq->vdev->priv;
	struct napi_struct *napi = &vi->sq.napi;

	/* No more of these, please. */
	virtqueue_disable_cb(vq);

	if (napi->weight)
		virtqueue_napi_schedule(napi, vq);
	else
		/* There was no room any more, and now there is. */
		netif_wake_subqueue(vi->dev, 0);
}

/* RX interrupt. */
static void skb_recv_done(struct virtqueue *rvq)
{
	struct virtnet_info *vi = rvq->vdev->priv;

	virtqueue_napi_schedule(&vi->rq.napi, rvq);
}

/* ---- pages of big buffers ---- */

/* A chain of pages goes back to the pool. */
static void give_pages(struct receive_queue *rq, struct page *page)
{
	struct page *end;

	for (end = page; end->private; end = (struct page *)end->private)
		;
	end->private = (unsigned long)rq->pages;
	rq->pages = page;
}

static struct page *get_a_page(struct receive_queue *rq, gfp_t gfp_mask)
{
	struct page *p = rq->pages;

	if (p) {
		rq->pages = (struct page *)p->private;
		/* It is a chain of its own now. */
		p->private = 0;
	} else {
		p = alloc_page(gfp_mask);
	}
	return p;
}

/* ---- mergeable buffers: how long they are goes through the ring's second word ---- */

static void *mergeable_len_to_ctx(unsigned int truesize)
{
	return (void *)(unsigned long)truesize;
}

static unsigned int mergeable_ctx_to_truesize(void *mrg_ctx)
{
	return (unsigned long)mrg_ctx;
}

/* ---- reception ---- */

/*
 * A packet around (a part of) a page: what is short is copied and the page let
 * go of; of what is long the Ethernet header is, and the page becomes a fragment.
 */
static struct sk_buff *page_to_skb(struct virtnet_info *vi, struct receive_queue *rq, struct page *page,
				   unsigned int offset, unsigned int len, unsigned int truesize)
{
	unsigned int copy, hdr_padded_len, frag_size;
	struct sk_buff *skb;
	char *p = page_address(page) + offset;

	skb = napi_alloc_skb(&rq->napi, GOOD_COPY_LEN);
	if (unlikely(!skb))
		return NULL;

	memcpy(skb_vnet_hdr(skb), p, vi->hdr_len);
	hdr_padded_len = vi->mergeable_rx_bufs ? vi->hdr_len : sizeof(struct padded_vnet_hdr);
	len -= vi->hdr_len;
	offset += hdr_padded_len;
	p += hdr_padded_len;

	copy = len <= skb_tailroom(skb) ? len : ETH_HLEN;
	skb_put_data(skb, p, copy);
	len -= copy;
	offset += copy;

	if (vi->mergeable_rx_bufs) {
		if (len) {
			skb_add_rx_frag(skb, 0, page, offset, len);
			skb->truesize += truesize - len;
		} else {
			put_page(page);
		}
		return skb;
	}

	/* More than a big buffer can hold: the device lied. */
	if (unlikely(len > MAX_SKB_FRAGS * PAGE_SIZE)) {
		net_dbg_ratelimited("%s: too much data\n", skb->dev->name);
		dev_kfree_skb(skb);
		return NULL;
	}

	while (len) {
		frag_size = min_t(unsigned int, PAGE_SIZE - offset, len);
		skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, offset, frag_size);
		skb->truesize += truesize - frag_size;
		len -= frag_size;
		page = (struct page *)page->private;
		offset = 0;
	}
	if (page)
		give_pages(rq, page);
	return skb;
}

/* Header and packet lie in one piece, with room for struct skb_shared_info behind them. */
static struct sk_buff *receive_small(struct net_device *dev, struct virtnet_info *vi, struct receive_queue *rq,
				     void *buf, unsigned int len)
{
	unsigned int buflen = SKB_DATA_ALIGN(GOOD_PACKET_LEN + VIRTNET_RX_PAD + vi->hdr_len) +
			      SKB_DATA_ALIGN(sizeof(struct skb_shared_info));
	unsigned int header_offset = VIRTNET_RX_PAD;
	struct sk_buff *skb;

	len -= vi->hdr_len;
	if (unlikely(len > GOOD_PACKET_LEN)) {
		pr_debug("%s: rx error: len %u exceeds max size %d\n", dev->name, len, GOOD_PACKET_LEN);
		dev->stats.rx_length_errors++;
		goto err;
	}

	skb = build_skb(buf, buflen);
	if (!skb)
		goto err;
	skb_reserve(skb, header_offset + vi->hdr_len);
	skb_put(skb, len);
	memcpy(skb_vnet_hdr(skb), buf + header_offset, vi->hdr_len);
	return skb;

err:
	rq->stats.drops++;
	put_page(virt_to_head_page(buf));
	return NULL;
}

static struct sk_buff *receive_big(struct virtnet_info *vi, struct receive_queue *rq, void *buf, unsigned int len)
{
	struct page *page = buf;
	struct sk_buff *skb = page_to_skb(vi, rq, page, 0, len, PAGE_SIZE);

	if (unlikely(!skb)) {
		rq->stats.drops++;
		give_pages(rq, page);
	}
	return skb;
}

/* The rest of a merged packet goes with it. The device makes all its buffers visible at once. */
static void drop_rest(struct virtnet_info *vi, struct receive_queue *rq, u16 num_buf)
{
	unsigned int len;
	void *buf;

	while (num_buf-- > 1) {
		buf = virtqueue_get_buf(rq->vq, &len);
		if (unlikely(!buf)) {
			pr_debug("%s: rx error: %d buffers missing\n", vi->dev->name, num_buf);
			vi->dev->stats.rx_length_errors++;
			break;
		}
		rq->stats.bytes += len;
		put_page(virt_to_head_page(buf));
	}
}

static struct sk_buff *receive_mergeable(struct net_device *dev, struct virtnet_info *vi, struct receive_queue *rq,
					 void *buf, void *ctx, unsigned int len)
{
	u16 num_buf = virtio16_to_cpu(vi->vdev, ((struct virtio_net_hdr_mrg_rxbuf *)buf)->num_buffers);
	unsigned int truesize = mergeable_ctx_to_truesize(ctx);
	struct page *page = virt_to_head_page(buf);
	int offset = buf - page_address(page);
	struct sk_buff *head_skb = NULL;
	int num_skb_frags;

	if (unlikely(len > truesize)) {
		pr_debug("%s: rx error: len %u exceeds truesize %u\n", dev->name, len, truesize);
		dev->stats.rx_length_errors++;
		goto err_skb;
	}

	head_skb = page_to_skb(vi, rq, page, offset, len, truesize);
	if (unlikely(!head_skb))
		goto err_skb;

	for (; num_buf > 1; num_buf--) {
		buf = virtqueue_get_buf_ctx(rq->vq, &len, &ctx);
		if (unlikely(!buf)) {
			pr_debug("%s: rx error: %d buffers missing\n", dev->name, num_buf - 1);
			dev->stats.rx_length_errors++;
			goto err_buf;
		}
		rq->stats.bytes += len;
		page = virt_to_head_page(buf);
		offset = buf - page_address(page);
		truesize = mergeable_ctx_to_truesize(ctx);
		num_skb_frags = skb_shinfo(head_skb)->nr_frags;

		if (unlikely(len > truesize) || (num_skb_frags == MAX_SKB_FRAGS &&
						 !skb_can_coalesce(head_skb, num_skb_frags, page, offset))) {
			pr_debug("%s: rx error: len %u, truesize %u, %d fragments\n", dev->name, len, truesize,
				 num_skb_frags);
			dev->stats.rx_length_errors++;
			num_buf--;
			goto err_skb;
		}

		/* Buffers are cut one behind the other: as a rule this one goes on where the last one ended. */
		if (skb_can_coalesce(head_skb, num_skb_frags, page, offset)) {
			put_page(page);
			skb_coalesce_rx_frag(head_skb, num_skb_frags - 1, len, truesize);
		} else {
			skb_add_rx_frag(head_skb, num_skb_frags, page, offset, len);
			head_skb->truesize += truesize - len;
		}
	}

	ewma_pkt_len_add(&rq->mrg_avg_pkt_len, head_skb->len);
	return head_skb;

err_skb:
	put_page(page);
	drop_rest(vi, rq, num_buf);
err_buf:
	rq->stats.drops++;
	dev_kfree_skb(head_skb);
	return NULL;
}

static void free_buf(struct virtnet_info *vi, struct receive_queue *rq, void *buf)
{
	if (vi->big_packets && !vi->mergeable_rx_bufs)
		give_pages(rq, buf);
	else
		put_page(virt_to_head_page(buf));
}

/* A buffer came back with @len bytes in it, header included. */
static void receive_buf(struct virtnet_info *vi, struct receive_queue *rq, void *buf, unsigned int len, void *ctx)
{
	struct net_device *dev = vi->dev;
	struct virtio_net_hdr_mrg_rxbuf *hdr;
	struct sk_buff *skb;

	if (unlikely(len < vi->hdr_len + ETH_HLEN)) {
		pr_debug("%s: short packet %u\n", dev->name, len);
		dev->stats.rx_length_errors++;
		free_buf(vi, rq, buf);
		return;
	}

	if (vi->mergeable_rx_bufs)
		skb = receive_mergeable(dev, vi, rq, buf, ctx, len);
	else if (vi->big_packets)
		skb = receive_big(vi, rq, buf, len);
	else
		skb = receive_small(dev, vi, rq, buf, len);
	if (unlikely(!skb))
		return;

	hdr = skb_vnet_hdr(skb);
	if (hdr->hdr.flags & VIRTIO_NET_HDR_F_DATA_VALID)
		skb->ip_summed = CHECKSUM_UNNECESSARY;

	if (virtio_net_hdr_to_skb(skb, &hdr->hdr)) {
		net_warn_ratelimited("%s: bad gso: type: %u, size: %u\n", dev->name, hdr->hdr.gso_type,
				     hdr->hdr.gso_size);
		goto frame_err;
	}

	rq->stats.bytes += skb->len;
	skb->protocol = eth_type_trans(skb, dev);
	napi_gro_receive(&rq->napi, skb);
	return;

frame_err:
	dev->stats.rx_frame_errors++;
	dev_kfree_skb(skb);
}

/* ---- receive buffers ---- */

static int add_recvbuf_small(struct virtnet_info *vi, struct receive_queue *rq, gfp_t gfp)
{
	struct page_frag *alloc_frag = &rq->alloc_frag;
	int len = SKB_DATA_ALIGN(GOOD_PACKET_LEN + VIRTNET_RX_PAD + vi->hdr_len) +
		  SKB_DATA_ALIGN(sizeof(struct skb_shared_info));
	char *buf;
	int err;

	if (unlikely(!skb_page_frag_refill(len, alloc_frag, gfp)))
		return -ENOMEM;

	buf = page_address(alloc_frag->page) + alloc_frag->offset;
	get_page(alloc_frag->page);
	alloc_frag->offset += len;
	sg_init_one(rq->sg, buf + VIRTNET_RX_PAD, vi->hdr_len + GOOD_PACKET_LEN);
	err = virtqueue_add_inbuf(rq->vq, rq->sg, 1, buf, gfp);
	if (err < 0)
		put_page(virt_to_head_page(buf));
	return err;
}

/* A chain of pages; header and first bytes share the first one, in descriptors of their own. */
static int add_recvbuf_big(struct virtnet_info *vi, struct receive_queue *rq, gfp_t gfp)
{
	struct page *first, *list = NULL;
	char *p;
	int i, err, offset;

	sg_init_table(rq->sg, MAX_XMIT_DESC);

	/* The last page first: rq->sg[2] and on. */
	for (i = MAX_SKB_FRAGS + 1; i > 1; --i) {
		first = get_a_page(rq, gfp);
		if (!first) {
			if (list)
				give_pages(rq, list);
			return -ENOMEM;
		}
		sg_set_buf(&rq->sg[i], page_address(first), PAGE_SIZE);
		first->private = (unsigned long)list;
		list = first;
	}

	first = get_a_page(rq, gfp);
	if (!first) {
		give_pages(rq, list);
		return -ENOMEM;
	}
	p = page_address(first);

	/* rq->sg[0] and [1]: a device of the old days wants the header by itself. */
	sg_set_buf(&rq->sg[0], p, vi->hdr_len);
	offset = sizeof(struct padded_vnet_hdr);
	sg_set_buf(&rq->sg[1], p + offset, PAGE_SIZE - offset);

	first->private = (unsigned long)list;
	err = virtqueue_add_inbuf(rq->vq, rq->sg, MAX_XMIT_DESC, first, gfp);
	if (err < 0)
		give_pages(rq, first);
	return err;
}

/* As long as packets are on average: not less than one of 1518 bytes, not more than a page. */
static unsigned int get_mergeable_buf_len(struct receive_queue *rq)
{
	const size_t hdr_len = sizeof(struct virtio_net_hdr_mrg_rxbuf);
	unsigned int len;

	len = hdr_len + clamp_t(unsigned int, ewma_pkt_len_read(&rq->mrg_avg_pkt_len), rq->min_buf_len,
				PAGE_SIZE - hdr_len);
	return ALIGN(len, L1_CACHE_BYTES);
}

static int add_recvbuf_mergeable(struct virtnet_info *vi, struct receive_queue *rq, gfp_t gfp)
{
	struct page_frag *alloc_frag = &rq->alloc_frag;
	unsigned int len, hole;
	char *buf;
	int err;

	(void)vi;
	len = get_mergeable_buf_len(rq);
	if (unlikely(!skb_page_frag_refill(len, alloc_frag, gfp)))
		return -ENOMEM;

	buf = page_address(alloc_frag->page) + alloc_frag->offset;
	get_page(alloc_frag->page);
	alloc_frag->offset += len;
	hole = alloc_frag->size - alloc_frag->offset;
	if (hole < len) {
		/* No second one fits: let this one have what is left. */
		len += hole;
		alloc_frag->offset += hole;
	}

	sg_init_one(rq->sg, buf, len);
	err = virtqueue_add_inbuf_ctx(rq->vq, rq->sg, 1, buf, mergeable_len_to_ctx(len), gfp);
	if (err < 0)
		put_page(virt_to_head_page(buf));
	return err;
}

/* Fill the receive ring up, with one kick for all. False if memory was short. */
static bool try_fill_recv(struct virtnet_info *vi, struct receive_queue *rq, gfp_t gfp)
{
	bool oom;
	int err;

	do {
		if (vi->mergeable_rx_bufs)
			err = add_recvbuf_mergeable(vi, rq, gfp);
		else if (vi->big_packets)
			err = add_recvbuf_big(vi, rq, gfp);
		else
			err = add_recvbuf_small(vi, rq, gfp);

		oom = err == -ENOMEM;
		if (err)
			break;
	} while (rq->vq->num_free);
	if (virtqueue_kick_prepare(rq->vq) && virtqueue_notify(rq->vq))
		rq->stats.kicks++;
	return !oom;
}

static void virtnet_napi_enable(struct virtqueue *vq, struct napi_struct *napi)
{
	napi_enable(napi);

	/*
	 * The device may have used buffers before, and their interrupt is gone:
	 * poll once (3e9d08ec0a6).
	 */
	local_bh_disable();
	virtqueue_napi_schedule(napi, vq);
	local_bh_enable();
}

static void virtnet_napi_tx_enable(struct virtqueue *vq, struct napi_struct *napi)
{
	if (napi->weight)
		virtnet_napi_enable(vq, napi);
}

static void virtnet_napi_tx_disable(struct napi_struct *napi)
{
	if (napi->weight)
		napi_disable(napi);
}

static void refill_work(struct work_struct *work)
{
	struct virtnet_info *vi = container_of(work, struct virtnet_info, refill.work);
	struct receive_queue *rq = &vi->rq;
	bool still_empty;

	napi_disable(&rq->napi);
	still_empty = !try_fill_recv(vi, rq, GFP_KERNEL);
	virtnet_napi_enable(rq->vq, &rq->napi);

	/* With an empty ring nothing will ever poll again: try until there is memory. */
	if (still_empty)
		schedule_delayed_work(&vi->refill, HZ / 2);
}

static int virtnet_receive(struct receive_queue *rq, int budget)
{
	struct virtnet_info *vi = rq->vq->vdev->priv;
	int received = 0;
	void *buf, *ctx;
	unsigned int len;

	while (received < budget && (buf = virtqueue_get_buf_ctx(rq->vq, &len, &ctx)) != NULL) {
		receive_buf(vi, rq, buf, len, ctx);
		received++;
	}

	if (rq->vq->num_free > min_t(unsigned int, budget, virtqueue_get_vring_size(rq->vq)) / 2) {
		if (!try_fill_recv(vi, rq, GFP_ATOMIC))
			schedule_delayed_work(&vi->refill, 0);
	}

	rq->stats.packets += received;
	return received;
}

/* ---- freeing what was sent ---- */

static void free_old_xmit_skbs(struct send_queue *sq, bool in_napi)
{
	unsigned int len, packets = 0, bytes = 0;
	struct sk_buff *skb;

	while ((skb = virtqueue_get_buf(sq->vq, &len)) != NULL) {
		bytes += skb->len;
		napi_consume_skb(skb, in_napi);
		packets++;
	}
	sq->stats.bytes += bytes;
	sq->stats.packets += packets;
}

/* While receiving: the other direction's packets are freed at little cost. */
static void virtnet_poll_cleantx(struct receive_queue *rq)
{
	struct virtnet_info *vi = rq->vq->vdev->priv;
	struct netdev_queue *txq = netdev_get_tx_queue(vi->dev, 0);
	struct send_queue *sq = &vi->sq;

	if (!sq->napi.weight)
		return;

	if (__netif_tx_trylock(txq)) {
		free_old_xmit_skbs(sq, true);
		__netif_tx_unlock(txq);
	}

	if (sq->vq->num_free >= MAX_XMIT_DESC)
		netif_tx_wake_queue(txq);
}

static int virtnet_poll(struct napi_struct *napi, int budget)
{
	struct receive_queue *rq = container_of(napi, struct receive_queue, napi);
	int received;

	virtnet_poll_cleantx(rq);

	received = virtnet_receive(rq, budget);

	/* Out of packets? */
	if (received < budget)
		virtqueue_napi_complete(napi, rq->vq, received);

	return received;
}

static int virtnet_poll_tx(struct napi_struct *napi, int budget)
{
	struct send_queue *sq = container_of(napi, struct send_queue, napi);
	struct virtnet_info *vi = sq->vq->vdev->priv;
	struct netdev_queue *txq = netdev_get_tx_queue(vi->dev, 0);
	unsigned int opaque;
	bool done;

	(void)budget;
	__netif_tx_lock(txq, 0);
	virtqueue_disable_cb(sq->vq);
	free_old_xmit_skbs(sq, true);
	opaque = virtqueue_enable_cb_prepare(sq->vq);
	done = napi_complete_done(napi, 0);
	if (!done)
		virtqueue_disable_cb(sq->vq);
	__netif_tx_unlock(txq);

	/* Used meanwhile, and no interrupt may come for it. */
	if (done && unlikely(virtqueue_poll(sq->vq, opaque)) && napi_schedule_prep(napi)) {
		__netif_tx_lock(txq, 0);
		virtqueue_disable_cb(sq->vq);
		__netif_tx_unlock(txq);
		__napi_schedule(napi);
	}

	if (sq->vq->num_free >= MAX_XMIT_DESC)
		netif_tx_wake_queue(txq);

	return 0;
}

/* ---- transmission ---- */

/* Header and packet into the ring, and exposed. 0, -ENOSPC, -EINVAL, or -EIO for a broken ring. */
static int xmit_skb(struct virtnet_info *vi, struct send_queue *sq, struct sk_buff *skb)
{
	struct virtio_net_hdr_mrg_rxbuf *hdr;
	unsigned int hdr_len = vi->hdr_len;
	bool can_push;
	int num_sg;

	/* Into the headroom, if it is there and nobody else's. */
	can_push = vi->any_header_sg && !((unsigned long)skb->data & (__alignof__(*hdr) - 1)) &&
		   !skb_header_cloned(skb) && skb_headroom(skb) >= hdr_len;
	if (can_push)
		hdr = (struct virtio_net_hdr_mrg_rxbuf *)(skb->data - hdr_len);
	else
		hdr = skb_vnet_hdr(skb);

	if (virtio_net_hdr_from_skb(skb, &hdr->hdr))
		return -EINVAL;

	if (vi->mergeable_rx_bufs)
		hdr->num_buffers = 0;

	sg_init_table(sq->sg, skb_shinfo(skb)->nr_frags + (can_push ? 1 : 2));
	if (can_push) {
		__skb_push(skb, hdr_len);
		num_sg = skb_to_sgvec(skb, sq->sg, 0, skb->len);
		/* To the stack the packet is as it was. */
		__skb_pull(skb, hdr_len);
	} else {
		sg_set_buf(sq->sg, hdr, hdr_len);
		num_sg = skb_to_sgvec(skb, sq->sg + 1, 0, skb->len) + 1;
	}
	return virtqueue_add_outbuf(sq->vq, sq->sg, num_sg, skb, GFP_ATOMIC);
}

static netdev_tx_t start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct virtnet_info *vi = netdev_priv(dev);
	struct send_queue *sq = &vi->sq;
	struct netdev_queue *txq = netdev_get_tx_queue(dev, 0);
	bool kick = !netdev_xmit_more();
	bool use_napi = sq->napi.weight;
	int err;

	/* Free what the device is done with: it makes room. */
	free_old_xmit_skbs(sq, false);

	/* A hint: nothing is lost if it comes too late. */
	if (use_napi && kick)
		virtqueue_enable_cb_delayed(sq->vq);

	skb_tx_timestamp(skb);

	err = xmit_skb(vi, sq, skb);

	/* The queue is stopped in time, so this should not happen. */
	if (unlikely(err)) {
		dev->stats.tx_fifo_errors++;
		if (net_ratelimit())
			dev_warn(&dev->dev, "Unexpected TXQ (0) queue failure: %d\n", err);
		dev->stats.tx_dropped++;
		dev_kfree_skb_any(skb);
		return NETDEV_TX_OK;
	}

	/* Nobody says when it will be freed: its sender must not wait for that. */
	if (!use_napi) {
		skb_orphan(skb);
		nf_reset_ct(skb);
	}

	/*
	 * With less room than the largest packet may need, stop. Some 16 entries
	 * of the ring are never used that way; but the qdisc holds packets better
	 * than a driver that has to drop them.
	 */
	if (sq->vq->num_free < MAX_XMIT_DESC) {
		netif_stop_subqueue(dev, 0);
		if (!use_napi && unlikely(!virtqueue_enable_cb_delayed(sq->vq))) {
			/* Most of it is done already. */
			free_old_xmit_skbs(sq, false);
			if (sq->vq->num_free >= MAX_XMIT_DESC) {
				netif_start_subqueue(dev, 0);
				virtqueue_disable_cb(sq->vq);
			}
		}
	}

	if (kick || netif_xmit_stopped(txq)) {
		if (virtqueue_kick_prepare(sq->vq) && virtqueue_notify(sq->vq))
			sq->stats.kicks++;
	}

	return NETDEV_TX_OK;
}

/* ---- the interface ---- */

static int virtnet_open(struct net_device *dev)
{
	struct virtnet_info *vi = netdev_priv(dev);

	if (!try_fill_recv(vi, &vi->rq, GFP_KERNEL))
		schedule_delayed_work(&vi->refill, 0);

	virtnet_napi_enable(vi->rq.vq, &vi->rq.napi);
	virtnet_napi_tx_enable(vi->sq.vq, &vi->sq.napi);
	return 0;
}

static int virtnet_close(struct net_device *dev)
{
	struct virtnet_info *vi = netdev_priv(dev);

	/* The work enables NAPI: it must not run any more. */
	cancel_delayed_work_sync(&vi->refill);

	napi_disable(&vi->rq.napi);
	virtnet_napi_tx_disable(&vi->sq.napi);
	return 0;
}

static struct net_device_stats *virtnet_stats(struct net_device *dev)
{
	struct virtnet_info *vi = netdev_priv(dev);

	dev->stats.rx_packets = vi->rq.stats.packets;
	dev->stats.rx_bytes = vi->rq.stats.bytes;
	dev->stats.rx_dropped = vi->rq.stats.drops;
	dev->stats.tx_packets = vi->sq.stats.packets;
	dev->stats.tx_bytes = vi->sq.stats.bytes;
	return &dev->stats;
}

static const struct net_device_ops virtnet_netdev = {
	.ndo_open		= virtnet_open,
	.ndo_stop		= virtnet_close,
	.ndo_start_xmit		= start_xmit,
	.ndo_validate_addr	= eth_validate_addr,
	.ndo_get_stats		= virtnet_stats,
};

/* Is the cable plugged in? */
static void virtnet_config_changed_work(struct work_struct *work)
{
	struct virtnet_info *vi = container_of(work, struct virtnet_info, config_work);
	u16 v;

	if (virtio_cread_feature(vi->vdev, VIRTIO_NET_F_STATUS, struct virtio_net_config, status, &v) < 0)
		return;

	v &= VIRTIO_NET_S_LINK_UP;
	if (vi->status == v)
		return;
	vi->status = v;

	if (v) {
		netif_carrier_on(vi->dev);
		netif_tx_wake_queue(netdev_get_tx_queue(vi->dev, 0));
	} else {
		netif_carrier_off(vi->dev);
		netif_tx_stop_queue(netdev_get_tx_queue(vi->dev, 0));
	}
}

static void virtnet_config_changed(struct virtio_device *vdev)
{
	struct virtnet_info *vi = vdev->priv;

	schedule_work(&vi->config_work);
}

/* Buffers that the device has not used, once it is reset: the ring knows them all. */
static void free_unused_bufs(struct virtnet_info *vi)
{
	void *buf;

	while ((buf = virtqueue_detach_unused_buf(vi->sq.vq)) != NULL)
		dev_kfree_skb(buf);
	while ((buf = virtqueue_detach_unused_buf(vi->rq.vq)) != NULL)
		free_buf(vi, &vi->rq, buf);
}

static void free_receive_pages(struct receive_queue *rq)
{
	while (rq->pages)
		__free_pages(get_a_page(rq, GFP_KERNEL), 0);
	if (rq->alloc_frag.page)
		put_page(rq->alloc_frag.page);
}

static void virtnet_del_vqs(struct virtnet_info *vi)
{
	netif_napi_del(&vi->rq.napi);
	netif_napi_del(&vi->sq.napi);
	vi->vdev->config->del_vqs(vi->vdev);
}

/* A full ring of mergeable buffers must hold the longest packet; and each of them an ordinary one. */
static unsigned int mergeable_min_buf_len(struct virtnet_info *vi, struct virtqueue *vq)
{
	const unsigned int hdr_len = sizeof(struct virtio_net_hdr_mrg_rxbuf);
	unsigned int rq_size = virtqueue_get_vring_size(vq);
	unsigned int packet_len = vi->big_packets ? 65535 : ETH_DATA_LEN;
	unsigned int buf_len = hdr_len + ETH_HLEN + VLAN_HLEN + packet_len;
	unsigned int min_buf_len = DIV_ROUND_UP(buf_len, rq_size);

	return max_t(unsigned int, max_t(unsigned int, min_buf_len, hdr_len) - hdr_len, GOOD_PACKET_LEN);
}

static int init_vqs(struct virtnet_info *vi)
{
	vq_callback_t *callbacks[] = { skb_recv_done, skb_xmit_done };
	const char *const names[] = { "input.0", "output.0" };
	struct virtqueue *vqs[2];
	int err;

	netif_napi_add(vi->dev, &vi->rq.napi, virtnet_poll, napi_weight);
	netif_tx_napi_add(vi->dev, &vi->sq.napi, virtnet_poll_tx, napi_tx ? napi_weight : 0);
	sg_init_table(vi->rq.sg, ARRAY_SIZE(vi->rq.sg));
	ewma_pkt_len_init(&vi->rq.mrg_avg_pkt_len);
	sg_init_table(vi->sq.sg, ARRAY_SIZE(vi->sq.sg));

	err = virtio_find_vqs(vi->vdev, 2, vqs, callbacks, names);
	if (err)
		return err;

	vi->rq.vq = vqs[0];
	vi->sq.vq = vqs[1];

	vi->rq.min_buf_len = mergeable_min_buf_len(vi, vi->rq.vq);
	return 0;
}

static void virtnet_set_features(struct net_device *dev, struct virtio_device *vdev)
{
	dev->features = NETIF_F_HIGHDMA;

	/* What the device can do for us on the way out: checksums, and with them pieces and segments. */
	if (!csum || !virtio_has_feature(vdev, VIRTIO_NET_F_CSUM))
		return;
	dev->features |= NETIF_F_HW_CSUM | NETIF_F_SG;
	if (!gso)
		return;
	if (virtio_has_feature(vdev, VIRTIO_NET_F_GSO))
		dev->features |= NETIF_F_TSO | NETIF_F_TSO_ECN | NETIF_F_TSO6;
	if (virtio_has_feature(vdev, VIRTIO_NET_F_HOST_TSO4))
		dev->features |= NETIF_F_TSO;
	if (virtio_has_feature(vdev, VIRTIO_NET_F_HOST_TSO6))
		dev->features |= NETIF_F_TSO6;
	if (virtio_has_feature(vdev, VIRTIO_NET_F_HOST_ECN))
		dev->features |= NETIF_F_TSO_ECN;
}

static int virtnet_probe(struct virtio_device *vdev)
{
	struct net_device *dev;
	struct virtnet_info *vi;
	int err;

	dev = alloc_etherdev(sizeof(struct virtnet_info));
	if (!dev)
		return -ENOMEM;

	dev->netdev_ops = &virtnet_netdev;
	SET_NETDEV_DEV(dev, &vdev->dev);
	virtnet_set_features(dev, vdev);

	if (virtio_has_feature(vdev, VIRTIO_NET_F_MAC))
		virtio_cread_bytes(vdev, offsetof(struct virtio_net_config, mac), dev->dev_addr, dev->addr_len);
	else
		eth_hw_addr_random(dev);

	vi = netdev_priv(dev);
	vi->dev = dev;
	vi->vdev = vdev;
	vdev->priv = vi;
	INIT_WORK(&vi->config_work, virtnet_config_changed_work);
	INIT_DELAYED_WORK(&vi->refill, refill_work);

	/* With any of these a packet may be as long as 64K. */
	if (virtio_has_feature(vdev, VIRTIO_NET_F_GUEST_TSO4) ||
	    virtio_has_feature(vdev, VIRTIO_NET_F_GUEST_TSO6) ||
	    virtio_has_feature(vdev, VIRTIO_NET_F_GUEST_ECN) ||
	    virtio_has_feature(vdev, VIRTIO_NET_F_GUEST_UFO))
		vi->big_packets = true;

	if (virtio_has_feature(vdev, VIRTIO_NET_F_MRG_RXBUF))
		vi->mergeable_rx_bufs = true;

	/* A modern device's header always has num_buffers (spec 5.1.6.1). */
	if (vi->mergeable_rx_bufs || virtio_has_feature(vdev, VIRTIO_F_VERSION_1))
		vi->hdr_len = sizeof(struct virtio_net_hdr_mrg_rxbuf);
	else
		vi->hdr_len = sizeof(struct virtio_net_hdr);

	if (virtio_has_feature(vdev, VIRTIO_F_ANY_LAYOUT) || virtio_has_feature(vdev, VIRTIO_F_VERSION_1))
		vi->any_header_sg = true;

	err = init_vqs(vi);
	if (err)
		goto free;

	/* Until the device says otherwise. */
	netif_carrier_off(dev);

	err = register_netdev(dev);
	if (err)
		goto free_vqs;

	/* Before probe returns: from now on the interface may be opened, and its ring filled. */
	virtio_device_ready(vdev);

	if (virtio_has_feature(vdev, VIRTIO_NET_F_STATUS)) {
		schedule_work(&vi->config_work);
	} else {
		vi->status = VIRTIO_NET_S_LINK_UP;
		netif_carrier_on(dev);
	}
	return 0;

free_vqs:
	virtnet_del_vqs(vi);
free:
	free_netdev(dev);
	return err;
}

static void virtnet_remove(struct virtio_device *vdev)
{
	struct virtnet_info *vi = vdev->priv;

	/* It may be queued still. */
	cancel_work_sync(&vi->config_work);

	unregister_netdev(vi->dev);

	/* The device must let go of all buffers before they are freed. */
	vdev->config->reset(vdev);
	free_unused_bufs(vi);
	free_receive_pages(&vi->rq);

	virtnet_del_vqs(vi);
	free_netdev(vi->dev);
}

static struct virtio_device_id id_table[] = {
	{ VIRTIO_ID_NET, VIRTIO_DEV_ANY_ID },
	{ 0, 0 },
};

/* VERSION_1 is here because the lab's virtio core serves drivers that do not know it, too. */
static unsigned int features[] = {
	VIRTIO_NET_F_CSUM, VIRTIO_NET_F_GUEST_CSUM,
	VIRTIO_NET_F_GSO, VIRTIO_NET_F_MAC,
	VIRTIO_NET_F_HOST_TSO4, VIRTIO_NET_F_HOST_TSO6,
	VIRTIO_NET_F_HOST_ECN, VIRTIO_NET_F_GUEST_TSO4, VIRTIO_NET_F_GUEST_TSO6,
	VIRTIO_NET_F_GUEST_ECN, VIRTIO_NET_F_GUEST_UFO,
	VIRTIO_NET_F_MRG_RXBUF, VIRTIO_NET_F_STATUS,
	VIRTIO_F_ANY_LAYOUT, VIRTIO_F_VERSION_1,
};

static struct virtio_driver virtio_net_driver = {
	.feature_table = features,
	.feature_table_size = ARRAY_SIZE(features),
	.driver = {
		.name = "virtio_net",
		.owner = THIS_MODULE,
	},
	.id_table = id_table,
	.probe = virtnet_probe,
	.remove = virtnet_remove,
	.config_changed = virtnet_config_changed,
};

static int __init virtio_net_driver_init(void)
{
	return register_virtio_driver(&virtio_net_driver);
}
module_init(virtio_net_driver_init);

static void __exit virtio_net_driver_exit(void)
{
	unregister_virtio_driver(&virtio_net_driver);
}
module_exit(virtio_net_driver_exit);

MODULE_DEVICE_TABLE(virtio, id_table);
MODULE_DESCRIPTION("Virtio network driver, as of Linux 5.10");
MODULE_LICENSE("MIT");
