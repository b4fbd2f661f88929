// SPDX-License-Identifier: MIT
/*
 * virtio_net-2.6.34.c - network driver for virtio, as of Linux 2.6.34 (May 2010).
 *
 * Transmission. Finished packets are freed when the next one is sent, and by
 * nothing else: a packet gives its socket back as soon as it is in the ring
 * (skb_orphan), so nobody waits for its end. The queue is stopped while there is
 * still room for the longest packet, so a full ring is never met; only an
 * indirect table that kmalloc() refuses ends in NETDEV_TX_BUSY.
 *
 * Reception. NAPI; the ring is filled up when it is down to half. Mergeable and
 * big buffers are pages and nothing else: the skb is made when a packet has come
 * (9ab86bbcf8b). Its first 128 bytes are copied, so that a short packet leaves
 * its pages behind. Small buffers are skbs of 1518 bytes with a header.
 *
 * The driver keeps no lists: what is in the rings at removal it takes back with
 * detach_unused_buf() (830a8a976ff).
 *
 * Not here: the control queue and ethtool. The lab's device has no control queue.
 */
#include <linux/netdevice.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/module.h>
#include <linux/virtio.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_net.h>
#include <linux/scatterlist.h>
#include <linux/if_vlan.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

static int napi_weight = 128;
module_param(napi_weight, int, 0444);

static int csum = 1, gso = 1;
module_param(csum, bool, 0444);
module_param(gso, bool, 0444);

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

	/* We may get packets of 64K: GUEST_TSO or the like. */
	bool big_packets;

	/* The device may spread a packet over several buffers. */
	bool mergeable_rx_bufs;

	/* Tries again to fill the receive ring, when memory was short. */
	struct delayed_work refill;

	/* Free pages, linked by page->private. */
	struct page *pages;
};

/* In front of the packet, from the device's point of view; it lies in skb->cb. */
struct skb_vnet_hdr {
	union {
		struct virtio_net_hdr hdr;
		struct virtio_net_hdr_mrg_rxbuf mhdr;
	};
	/* Descriptors that the packet takes in the transmit ring. */
	unsigned int num_sg;
};

/*
 * In front of a big packet, in its first page. QEMU wants the header in a
 * descriptor of its own; so that the data behind it is aligned, it is padded.
 */
struct padded_vnet_hdr {
	struct virtio_net_hdr hdr;
	char padding[6];
};

static inline struct skb_vnet_hdr *skb_vnet_hdr(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct skb_vnet_hdr) > sizeof(skb->cb));
	return (struct skb_vnet_hdr *)skb->cb;
}

/* ---- pages for receive buffers ---- */

/* A chain of pages goes back to the pool: it may be a packet's worth. */
static void give_pages(struct virtnet_info *vi, struct page *page)
{
	struct page *end;

	for (end = page; end->private; end = (struct page *)end->private)
		;
	end->private = (unsigned long)vi->pages;
	vi->pages = page;
}

static struct page *get_a_page(struct virtnet_info *vi, gfp_t gfp_mask)
{
	struct page *p = vi->pages;

	if (p) {
		vi->pages = (struct page *)p->private;
		/* It may end up in the stack, where private is someone else's. */
		p->private = 0;
	} else {
		p = alloc_page(gfp_mask);
	}
	return p;
}

/* TX interrupt. */
static void skb_xmit_done(struct virtqueue *svq)
{
	struct virtnet_info *vi = svq->vdev->priv;

	/* No more of these, please. */
	svq->vq_ops->disable_cb(svq);

	/* There is room again: the queue may have been stopped. */
	netif_wake_queue(vi->dev);
}

/* ---- reception ---- */

/* The next piece of a packet: what is left of @len, as far as the page goes. */
static void set_skb_frag(struct sk_buff *skb, struct page *page, unsigned int offset, unsigned int *len)
{
	int i = skb_shinfo(skb)->nr_frags;
	unsigned int size = min_t(unsigned int, PAGE_SIZE - offset, *len);

	skb_fill_page_desc(skb, i, page, offset, size);
	skb->data_len += size;
	skb->len += size;
	*len -= size;
}

/*
 * An skb for a packet of @len bytes, header included, that lies in a chain of
 * pages. NULL without memory; the pages are still the caller's then.
 */
static struct sk_buff *page_to_skb(struct virtnet_info *vi, struct page *page, unsigned int len)
{
	struct sk_buff *skb;
	struct skb_vnet_hdr *hdr;
	unsigned int copy, hdr_len, offset;
	char *p = page_address(page);

	/* A short packet is copied whole, and its pages take the next one. */
	skb = netdev_alloc_skb_ip_align(vi->dev, GOOD_COPY_LEN);
	if (unlikely(!skb))
		return NULL;
	hdr = skb_vnet_hdr(skb);

	if (vi->mergeable_rx_bufs) {
		hdr_len = sizeof(hdr->mhdr);
		offset = hdr_len;
	} else {
		hdr_len = sizeof(hdr->hdr);
		offset = sizeof(struct padded_vnet_hdr);
	}
	memcpy(hdr, p, hdr_len);
	len -= hdr_len;

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

/*
 * The rest of a merged packet lies in the buffers used next. The device makes
 * them all visible at once: one that is missing never comes.
 */
static int receive_mergeable(struct virtnet_info *vi, struct sk_buff *skb)
{
	struct virtio_net_hdr_mrg_rxbuf *mhdr = &skb_vnet_hdr(skb)->mhdr;
	struct page *page;
	unsigned int len;

	while (--mhdr->num_buffers) {
		if (skb_shinfo(skb)->nr_frags >= MAX_SKB_FRAGS) {
			pr_debug("%s: packet in too many pieces\n", vi->dev->name);
			return -E2BIG;
		}

		page = vi->rvq->vq_ops->get_buf(vi->rvq, &len);
		if (!page) {
			pr_debug("%s: %u buffers missing\n", vi->dev->name, mhdr->num_buffers);
			return -EIO;
		}
		vi->num--;

		len = min_t(unsigned int, len, PAGE_SIZE);
		set_skb_frag(skb, page, 0, &len);
	}
	return 0;
}

/* What the device says about segments, for the stack. */
static int set_gso(struct net_device *dev, struct sk_buff *skb)
{
	const struct virtio_net_hdr *hdr = &skb_vnet_hdr(skb)->hdr;
	struct skb_shared_info *shinfo = skb_shinfo(skb);

	switch (hdr->gso_type & ~VIRTIO_NET_HDR_GSO_ECN) {
	case VIRTIO_NET_HDR_GSO_NONE:
		return 0;
	case VIRTIO_NET_HDR_GSO_TCPV4:
		shinfo->gso_type = SKB_GSO_TCPV4;
		break;
	case VIRTIO_NET_HDR_GSO_UDP:
		shinfo->gso_type = SKB_GSO_UDP;
		break;
	case VIRTIO_NET_HDR_GSO_TCPV6:
		shinfo->gso_type = SKB_GSO_TCPV6;
		break;
	default:
		if (printk_ratelimit())
			printk(KERN_WARNING "%s: bad gso type %u\n", dev->name, hdr->gso_type);
		return -EINVAL;
	}
	if (hdr->gso_type & VIRTIO_NET_HDR_GSO_ECN)
		shinfo->gso_type |= SKB_GSO_TCP_ECN;

	if (hdr->gso_size == 0) {
		if (printk_ratelimit())
			printk(KERN_WARNING "%s: zero gso size\n", dev->name);
		return -EINVAL;
	}
	/* It is the device's word only: the stack checks the headers before it cuts the packet up. */
	shinfo->gso_type |= SKB_GSO_DODGY;
	shinfo->gso_size = hdr->gso_size;
	shinfo->gso_segs = 0;
	return 0;
}

/* A buffer that is not needed: a chain of pages, or an skb. */
static void free_recv_buf(struct virtnet_info *vi, void *buf)
{
	if (vi->mergeable_rx_bufs || vi->big_packets)
		give_pages(vi, buf);
	else
		dev_kfree_skb(buf);
}

/* The packet of @len bytes, header included, in a buffer that came back. NULL if it had to be dropped. */
static struct sk_buff *buf_to_skb(struct virtnet_info *vi, void *buf, unsigned int len)
{
	struct net_device *dev = vi->dev;
	struct sk_buff *skb;

	if (!vi->mergeable_rx_bufs && !vi->big_packets) {
		skb = buf;
		skb_trim(skb, len - sizeof(struct virtio_net_hdr));
		return skb;
	}

	skb = page_to_skb(vi, buf, len);
	if (unlikely(!skb)) {
		dev->stats.rx_dropped++;
		give_pages(vi, buf);
		return NULL;
	}
	if (vi->mergeable_rx_bufs && receive_mergeable(vi, skb)) {
		dev->stats.rx_length_errors++;
		dev_kfree_skb(skb);
		return NULL;
	}
	return skb;
}

/* A buffer came back with @len bytes in it, header included. */
static void receive_buf(struct net_device *dev, void *buf, unsigned int len)
{
	struct virtnet_info *vi = netdev_priv(dev);
	struct sk_buff *skb;
	struct skb_vnet_hdr *hdr;

	if (unlikely(len < sizeof(struct virtio_net_hdr) + ETH_HLEN)) {
		pr_debug("%s: short packet, %u bytes\n", dev->name, len);
		dev->stats.rx_length_errors++;
		free_recv_buf(vi, buf);
		return;
	}

	skb = buf_to_skb(vi, buf, len);
	if (!skb)
		return;
	hdr = skb_vnet_hdr(skb);

	skb->truesize += skb->data_len;
	dev->stats.rx_bytes += skb->len;
	dev->stats.rx_packets++;

	/* From another guest, say: its checksum was never filled in, and need not be. */
	if ((hdr->hdr.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) &&
	    !skb_partial_csum_set(skb, hdr->hdr.csum_start, hdr->hdr.csum_offset))
		goto frame_err;

	skb->protocol = eth_type_trans(skb, dev);

	if (set_gso(dev, skb))
		goto frame_err;

	netif_receive_skb(skb);
	return;

frame_err:
	dev->stats.rx_frame_errors++;
	dev_kfree_skb(skb);
}

/* Each of these puts one buffer into the ring. Descriptors left, -ENOSPC, or -ENOMEM. */
static int add_recvbuf_small(struct virtnet_info *vi, gfp_t gfp)
{
	struct scatterlist sg[2];
	struct sk_buff *skb;
	int err;

	(void)gfp;
	skb = netdev_alloc_skb_ip_align(vi->dev, MAX_PACKET_LEN);
	if (unlikely(!skb))
		return -ENOMEM;
	skb_put(skb, MAX_PACKET_LEN);

	sg_init_table(sg, 2);
	sg_set_buf(&sg[0], &skb_vnet_hdr(skb)->hdr, sizeof(struct virtio_net_hdr));
	skb_to_sgvec(skb, sg + 1, 0, skb->len);

	err = vi->rvq->vq_ops->add_buf(vi->rvq, sg, 0, 2, skb);
	if (err < 0)
		dev_kfree_skb(skb);
	return err;
}

/* Room for 64K: the first page begins with the header, and all are linked in the order of the list. */
static int add_recvbuf_big(struct virtnet_info *vi, gfp_t gfp)
{
	struct scatterlist sg[2 + MAX_SKB_FRAGS];
	struct page *first, *list = NULL;
	int i, err;

	sg_init_table(sg, 2 + MAX_SKB_FRAGS);
	for (i = MAX_SKB_FRAGS + 1; i > 0; i--) {
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

	sg_set_buf(&sg[0], page_address(first), sizeof(struct virtio_net_hdr));
	sg_set_buf(&sg[1], page_address(first) + sizeof(struct padded_vnet_hdr),
		   PAGE_SIZE - sizeof(struct padded_vnet_hdr));

	err = vi->rvq->vq_ops->add_buf(vi->rvq, sg, 0, 2 + MAX_SKB_FRAGS, first);
	if (err < 0)
		give_pages(vi, first);
	return err;
}

static int add_recvbuf_mergeable(struct virtnet_info *vi, gfp_t gfp)
{
	struct scatterlist sg[1];
	struct page *page;
	int err;

	page = get_a_page(vi, gfp);
	if (!page)
		return -ENOMEM;

	sg_init_one(sg, page_address(page), PAGE_SIZE);

	err = vi->rvq->vq_ops->add_buf(vi->rvq, sg, 0, 1, page);
	if (err < 0)
		give_pages(vi, page);
	return err;
}

/*
 * Fill the receive ring up, with one kick for all that was added. False if memory
 * was short. Or so it is meant: 2.6.34 takes a ring whose last descriptors are too
 * few for a buffer for that as well, and the work item tries for ever
 * (1788f495488).
 */
static bool try_fill_recv(struct virtnet_info *vi, gfp_t gfp)
{
	bool oom = false;
	int err;

	do {
		if (vi->mergeable_rx_bufs)
			err = add_recvbuf_mergeable(vi, gfp);
		else if (vi->big_packets)
			err = add_recvbuf_big(vi, gfp);
		else
			err = add_recvbuf_small(vi, gfp);

		if (err < 0) {
			oom = true;
			break;
		}
		vi->num++;
	} while (err > 0);

	if (unlikely(vi->num > vi->max))
		vi->max = vi->num;
	vi->rvq->vq_ops->kick(vi->rvq);
	return !oom;
}

/* RX interrupt. */
static void skb_recv_done(struct virtqueue *rvq)
{
	struct virtnet_info *vi = rvq->vdev->priv;

	/* One may come after disable_cb: polling goes on then anyway (81a8deab1ce). */
	if (napi_schedule_prep(&vi->napi)) {
		rvq->vq_ops->disable_cb(rvq);
		__napi_schedule(&vi->napi);
	}
}

static void refill_work(struct work_struct *work)
{
	struct virtnet_info *vi;
	bool still_empty;

	vi = container_of(work, struct virtnet_info, refill.work);
	napi_disable(&vi->napi);
	still_empty = !try_fill_recv(vi, GFP_KERNEL);
	napi_enable(&vi->napi);

	/*
	 * Some buffers may be too few for the device to go on: try until the
	 * ring is full (39d32157740). A hole of 2.6.34: packets that came before
	 * napi_enable() wait for an interrupt that is suppressed (3e9d08ec0a6).
	 */
	if (still_empty)
		schedule_delayed_work(&vi->refill, HZ / 2);
}

static int virtnet_poll(struct napi_struct *napi, int budget)
{
	struct virtnet_info *vi = container_of(napi, struct virtnet_info, napi);
	void *buf;
	unsigned int len, received = 0;

again:
	while (received < (unsigned int)budget &&
	       (buf = vi->rvq->vq_ops->get_buf(vi->rvq, &len)) != NULL) {
		receive_buf(vi->dev, buf, len);
		vi->num--;
		received++;
	}

	if (vi->num < vi->max / 2) {
		if (!try_fill_recv(vi, GFP_ATOMIC))
			schedule_delayed_work(&vi->refill, 0);
	}

	/* Out of packets? */
	if (received < (unsigned int)budget) {
		napi_complete(napi);
		if (unlikely(!vi->rvq->vq_ops->enable_cb(vi->rvq)) && napi_schedule_prep(napi)) {
			vi->rvq->vq_ops->disable_cb(vi->rvq);
			__napi_schedule(napi);
			goto again;
		}
	}

	return received;
}

/* ---- transmission ---- */

/* Frees what the device is done with; descriptors that became free by it. */
static unsigned int free_old_xmit_skbs(struct virtnet_info *vi)
{
	struct sk_buff *skb;
	unsigned int len, tot_sgs = 0;

	while ((skb = vi->svq->vq_ops->get_buf(vi->svq, &len)) != NULL) {
		vi->dev->stats.tx_bytes += skb->len;
		vi->dev->stats.tx_packets++;
		tot_sgs += skb_vnet_hdr(skb)->num_sg;
		kfree_skb(skb);
	}
	return tot_sgs;
}

/* What the device has to know about the packet, in the packet's control block. */
static void fill_header(struct sk_buff *skb)
{
	struct skb_vnet_hdr *hdr = skb_vnet_hdr(skb);
	struct skb_shared_info *shinfo = skb_shinfo(skb);

	memset(hdr, 0, sizeof(*hdr));

	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		/* From the start of the packet; the skb counts from the start of its buffer. */
		hdr->hdr.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		hdr->hdr.csum_start = skb->csum_start - skb_headroom(skb);
		hdr->hdr.csum_offset = skb->csum_offset;
	}

	if (!skb_is_gso(skb))
		return;
	hdr->hdr.hdr_len = skb_headlen(skb);
	hdr->hdr.gso_size = shinfo->gso_size;
	if (shinfo->gso_type & SKB_GSO_TCPV4)
		hdr->hdr.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
	else if (shinfo->gso_type & SKB_GSO_TCPV6)
		hdr->hdr.gso_type = VIRTIO_NET_HDR_GSO_TCPV6;
	else if (shinfo->gso_type & SKB_GSO_UDP)
		hdr->hdr.gso_type = VIRTIO_NET_HDR_GSO_UDP;
	else
		BUG();
	if (shinfo->gso_type & SKB_GSO_TCP_ECN)
		hdr->hdr.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
}

/* Header and packet into the ring, not yet exposed. Descriptors left, or -ENOSPC. */
static int xmit_skb(struct virtnet_info *vi, struct sk_buff *skb)
{
	struct scatterlist sg[2 + MAX_SKB_FRAGS];
	struct skb_vnet_hdr *hdr = skb_vnet_hdr(skb);

	sg_init_table(sg, 2 + MAX_SKB_FRAGS);
	fill_header(skb);

	/* With mergeable buffers the header is longer, on the way out too. */
	if (vi->mergeable_rx_bufs)
		sg_set_buf(sg, &hdr->mhdr, sizeof(hdr->mhdr));
	else
		sg_set_buf(sg, &hdr->hdr, sizeof(hdr->hdr));
	hdr->num_sg = skb_to_sgvec(skb, sg + 1, 0, skb->len) + 1;

	return vi->svq->vq_ops->add_buf(vi->svq, sg, hdr->num_sg, 0, skb);
}

static int start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct virtnet_info *vi = netdev_priv(dev);
	int capacity;

again:
	/* Free what the device is done with: it makes room. */
	free_old_xmit_skbs(vi);

	capacity = xmit_skb(vi, skb);

	/* Room for it there was: so an indirect table was meant to take it, and there was no memory for one. */
	if (unlikely(capacity < 0)) {
		netif_stop_queue(dev);
		dev_warn(&dev->dev, "Unexpected full queue\n");
		/* Used packets would bring no interrupt any more: go on. */
		if (unlikely(!vi->svq->vq_ops->enable_cb(vi->svq))) {
			vi->svq->vq_ops->disable_cb(vi->svq);
			netif_start_queue(dev);
			goto again;
		}
		return NETDEV_TX_BUSY;
	}
	vi->svq->vq_ops->kick(vi->svq);

	/* Nobody has to wait until it is freed. */
	skb_orphan(skb);
	nf_reset(skb);

	/*
	 * Stop before a packet could find the ring full. The longest one takes
	 * 2 + MAX_SKB_FRAGS descriptors: these last ones are never used by
	 * shorter ones.
	 */
	if (capacity < (int)(2 + MAX_SKB_FRAGS)) {
		netif_stop_queue(dev);
		if (unlikely(!vi->svq->vq_ops->enable_cb(vi->svq))) {
			/* More was used just now: perhaps that is enough. */
			capacity += free_old_xmit_skbs(vi);
			if (capacity >= (int)(2 + MAX_SKB_FRAGS)) {
				netif_start_queue(dev);
				vi->svq->vq_ops->disable_cb(vi->svq);
			}
		}
	}
	return NETDEV_TX_OK;
}

/* ---- the interface ---- */

static int virtnet_open(struct net_device *dev)
{
	struct virtnet_info *vi = netdev_priv(dev);

	napi_enable(&vi->napi);

	/*
	 * Buffers may have been used before NAPI was enabled, and their
	 * interrupt is gone: poll once.
	 */
	if (napi_schedule_prep(&vi->napi)) {
		vi->rvq->vq_ops->disable_cb(vi->rvq);
		__napi_schedule(&vi->napi);
	}
	return 0;
}

static int virtnet_close(struct net_device *dev)
{
	struct virtnet_info *vi = netdev_priv(dev);

	napi_disable(&vi->napi);
	return 0;
}

static int virtnet_set_mac_address(struct net_device *dev, void *p)
{
	struct virtnet_info *vi = netdev_priv(dev);
	struct virtio_device *vdev = vi->vdev;
	int ret;

	ret = eth_mac_addr(dev, p);
	if (ret)
		return ret;
	vdev->config->set(vdev, offsetof(struct virtio_net_config, mac), dev->dev_addr, dev->addr_len);
	return 0;
}

static int virtnet_change_mtu(struct net_device *dev, int new_mtu)
{
	struct virtnet_info *vi = netdev_priv(dev);
	int max_mtu = vi->big_packets ? 65535 : ETH_DATA_LEN;

	if (new_mtu < 68 || new_mtu > max_mtu)
		return -EINVAL;
	dev->mtu = new_mtu;
	return 0;
}

static const struct ethtool_ops virtnet_ethtool_ops = {
	.get_link = ethtool_op_get_link,
};

static const struct net_device_ops virtnet_netdev = {
	.ndo_open		= virtnet_open,
	.ndo_stop		= virtnet_close,
	.ndo_start_xmit		= start_xmit,
	.ndo_validate_addr	= eth_validate_addr,
	.ndo_set_mac_address	= virtnet_set_mac_address,
	.ndo_change_mtu		= virtnet_change_mtu,
};

/* Is the cable plugged in? */
static void virtnet_update_status(struct virtnet_info *vi)
{
	u16 status;

	if (virtio_config_val(vi->vdev, VIRTIO_NET_F_STATUS, offsetof(struct virtio_net_config, status), &status))
		return;
	status &= VIRTIO_NET_S_LINK_UP;
	if (vi->status == status)
		return;
	vi->status = status;

	if (status) {
		netif_carrier_on(vi->dev);
		netif_wake_queue(vi->dev);
	} else {
		netif_carrier_off(vi->dev);
		netif_stop_queue(vi->dev);
	}
}

static void virtnet_config_changed(struct virtio_device *vdev)
{
	virtnet_update_status(vdev->priv);
}

static int virtnet_probe(struct virtio_device *vdev)
{
	int err;
	struct net_device *dev;
	struct virtnet_info *vi;
	struct virtqueue *vqs[2];
	vq_callback_t *callbacks[] = { skb_recv_done, skb_xmit_done };
	const char *names[] = { "input", "output" };

	dev = alloc_etherdev(sizeof(struct virtnet_info));
	if (!dev)
		return -ENOMEM;

	dev->netdev_ops = &virtnet_netdev;
	dev->ethtool_ops = &virtnet_ethtool_ops;
	dev->features = NETIF_F_HIGHDMA;
	SET_NETDEV_DEV(dev, &vdev->dev);

	/* What the device can do for us on the way out: checksums, and with them pieces and segments. */
	if (csum && virtio_has_feature(vdev, VIRTIO_NET_F_CSUM)) {
		dev->features |= NETIF_F_HW_CSUM | NETIF_F_SG | NETIF_F_FRAGLIST;
		if (gso && virtio_has_feature(vdev, VIRTIO_NET_F_GSO))
			dev->features |= NETIF_F_TSO | NETIF_F_UFO | NETIF_F_TSO_ECN | NETIF_F_TSO6;
		if (gso && virtio_has_feature(vdev, VIRTIO_NET_F_HOST_TSO4))
			dev->features |= NETIF_F_TSO;
		if (gso && virtio_has_feature(vdev, VIRTIO_NET_F_HOST_TSO6))
			dev->features |= NETIF_F_TSO6;
		if (gso && virtio_has_feature(vdev, VIRTIO_NET_F_HOST_ECN))
			dev->features |= NETIF_F_TSO_ECN;
		if (gso && virtio_has_feature(vdev, VIRTIO_NET_F_HOST_UFO))
			dev->features |= NETIF_F_UFO;
	}

	if (virtio_has_feature(vdev, VIRTIO_NET_F_MAC))
		vdev->config->get(vdev, offsetof(struct virtio_net_config, mac), dev->dev_addr, dev->addr_len);
	else
		random_ether_addr(dev->dev_addr);

	vi = netdev_priv(dev);
	netif_napi_add(dev, &vi->napi, virtnet_poll, napi_weight);
	vi->dev = dev;
	vi->vdev = vdev;
	vdev->priv = vi;
	vi->pages = NULL;
	INIT_DELAYED_WORK(&vi->refill, refill_work);

	/* With any of these a packet may be as long as 64K. */
	if (virtio_has_feature(vdev, VIRTIO_NET_F_GUEST_TSO4) ||
	    virtio_has_feature(vdev, VIRTIO_NET_F_GUEST_TSO6) ||
	    virtio_has_feature(vdev, VIRTIO_NET_F_GUEST_ECN))
		vi->big_packets = true;

	if (virtio_has_feature(vdev, VIRTIO_NET_F_MRG_RXBUF))
		vi->mergeable_rx_bufs = true;

	err = vdev->config->find_vqs(vdev, 2, vqs, callbacks, names);
	if (err)
		goto free;

	vi->rvq = vqs[0];
	vi->svq = vqs[1];

	err = register_netdev(dev);
	if (err)
		goto free_vqs;

	/* The last thing that can fail: buffers to receive into. */
	try_fill_recv(vi, GFP_KERNEL);

	if (vi->num == 0) {
		err = -ENOMEM;
		goto unregister;
	}

	vi->status = VIRTIO_NET_S_LINK_UP;
	virtnet_update_status(vi);
	netif_carrier_on(dev);

	return 0;

unregister:
	unregister_netdev(dev);
	cancel_delayed_work_sync(&vi->refill);
free_vqs:
	vdev->config->del_vqs(vdev);
free:
	free_netdev(dev);
	return err;
}

/* What the device has not used by now it never will. What it has used and we have not looked at is taken back too. */
static void free_unused_bufs(struct virtnet_info *vi)
{
	void *buf;

	while ((buf = vi->svq->vq_ops->detach_unused_buf(vi->svq)) != NULL)
		dev_kfree_skb(buf);
	while ((buf = vi->rvq->vq_ops->detach_unused_buf(vi->rvq)) != NULL) {
		free_recv_buf(vi, buf);
		vi->num--;
	}
	BUG_ON(vi->num != 0);
}

static void virtnet_remove(struct virtio_device *vdev)
{
	struct virtnet_info *vi = vdev->priv;

	/* The device must let go of all buffers before they are freed. */
	vdev->config->reset(vdev);

	unregister_netdev(vi->dev);
	cancel_delayed_work_sync(&vi->refill);

	free_unused_bufs(vi);

	vdev->config->del_vqs(vi->vdev);

	while (vi->pages)
		__free_pages(get_a_page(vi, GFP_KERNEL), 0);

	free_netdev(vi->dev);
}

static struct virtio_device_id id_table[] = {
	{ VIRTIO_ID_NET, VIRTIO_DEV_ANY_ID },
	{ 0, 0 },
};

static unsigned int features[] = {
	VIRTIO_NET_F_CSUM, VIRTIO_NET_F_GUEST_CSUM,
	VIRTIO_NET_F_GSO, VIRTIO_NET_F_MAC,
	VIRTIO_NET_F_HOST_TSO4, VIRTIO_NET_F_HOST_UFO, VIRTIO_NET_F_HOST_TSO6,
	VIRTIO_NET_F_HOST_ECN, VIRTIO_NET_F_GUEST_TSO4, VIRTIO_NET_F_GUEST_TSO6,
	VIRTIO_NET_F_GUEST_ECN,
	VIRTIO_NET_F_MRG_RXBUF, VIRTIO_NET_F_STATUS,
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

static int __init init(void)
{
	return register_virtio_driver(&virtio_net_driver);
}

static void __exit fini(void)
{
	unregister_virtio_driver(&virtio_net_driver);
}

module_init(init);
module_exit(fini);

MODULE_DEVICE_TABLE(virtio, id_table);
MODULE_DESCRIPTION("Virtio network driver, as of Linux 2.6.34");
MODULE_LICENSE("MIT");
