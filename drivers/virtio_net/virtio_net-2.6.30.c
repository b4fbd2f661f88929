// SPDX-License-Identifier: MIT
/*
 * virtio_net-2.6.30.c - network driver for virtio, as of Linux 2.6.30
 * (June 2009).
 *
 * Transmission. Finished packets are freed when the next one is sent. A packet
 * that finds the ring full is parked in last_xmit_skb, and the queue stopped;
 * NETDEV_TX_BUSY is never returned. So that packets do not hang out when
 * nothing more is sent, the device is asked to interrupt when the ring runs
 * empty (VIRTIO_F_NOTIFY_ON_EMPTY); if it cannot, a timer frees them.
 *
 * Reception. NAPI; the ring is filled up when it is down to half. Buffers are
 * one page each (mergeable), or header and 1518 bytes (small), or these and 18
 * pages (big: the device may hand over TSO packets). Without memory it simply
 * stops, and tries again with the next packet: once the ring has run empty there
 * is none, and reception is dead until the driver is loaded again (2.6.31 has a
 * work item for that).
 *
 * Not here: the control queue and ethtool. The lab's device has no control queue.
 * The virtio core around it is that of 2.6.31, where all queues are found at
 * once; 2.6.30 asks for one at a time.
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

static int napi_weight = 128;
module_param(napi_weight, int, 0444);

static int csum = 1, gso = 1;
module_param(csum, bool, 0444);
module_param(gso, bool, 0444);

/* Ethernet header, a VLAN tag, and data. */
#define MAX_PACKET_LEN	(ETH_HLEN + VLAN_HLEN + ETH_DATA_LEN)
/* What is copied out of a page to the linear part of a mergeable packet. */
#define GOOD_COPY_LEN	128

struct virtnet_info {
	struct virtio_device *vdev;
	struct virtqueue *rvq, *svq;
	struct net_device *dev;
	struct napi_struct napi;
	unsigned int status;

	/* The packet that did not fit into the ring. At most one: the queue is stopped then. */
	struct sk_buff *last_xmit_skb;

	/* Receive buffers in the ring, and the most there ever were. */
	unsigned int num, max;

	/* We may get packets of 64K: GUEST_TSO or the like. */
	bool big_packets;

	/* The device may spread a packet over several buffers. */
	bool mergeable_rx_bufs;

	/* The device interrupts when the ring is empty: free then, in the tasklet. */
	bool free_in_tasklet;
	struct tasklet_struct tasklet;
	/* Otherwise by this timer. */
	struct timer_list xmit_free_timer;

	/* Receive buffers, and packets the device has. */
	struct sk_buff_head recv;
	struct sk_buff_head send;

	/* Free pages, linked by page->private. */
	struct page *pages;
};

/* In front of the packet, from the device's point of view; it lies in skb->cb. */
struct skb_vnet_hdr {
	union {
		struct virtio_net_hdr hdr;
		struct virtio_net_hdr_mrg_rxbuf mhdr;
	};
};

static inline struct skb_vnet_hdr *skb_vnet_hdr(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct skb_vnet_hdr) > sizeof(skb->cb));
	return (struct skb_vnet_hdr *)skb->cb;
}

/* ---- pages for receive buffers ---- */

static void give_a_page(struct virtnet_info *vi, struct page *page)
{
	page->private = (unsigned long)vi->pages;
	vi->pages = page;
}

/* The fragments of a packet go back to the pool. */
static void trim_pages(struct virtnet_info *vi, struct sk_buff *skb)
{
	unsigned int i;

	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++)
		give_a_page(vi, skb_shinfo(skb)->frags[i].page);
	skb_shinfo(skb)->nr_frags = 0;
	skb->data_len = 0;
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

	/* A parked packet must go out even if nothing follows it (11a3a1546d0). */
	tasklet_schedule(&vi->tasklet);
}

/* ---- reception ---- */

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
		give_a_page(vi, frag->page);
		skb_shinfo(skb)->nr_frags = 0;
		return;
	}
	frag->page_offset += sizeof(*mhdr) + copy;
	frag->size = len;
	skb->data_len += len;
	skb->len += len;
}

/*
 * The rest of a merged packet lies in the buffers used next. The device makes
 * them all visible at once: one that is missing never comes.
 */
static int take_more_pages(struct virtnet_info *vi, struct sk_buff *skb)
{
	struct virtio_net_hdr_mrg_rxbuf *mhdr = &skb_vnet_hdr(skb)->mhdr;
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	struct sk_buff *nskb;
	unsigned int len;

	while (--mhdr->num_buffers) {
		if (shinfo->nr_frags >= MAX_SKB_FRAGS) {
			pr_debug("%s: packet in too many pieces\n", vi->dev->name);
			return -E2BIG;
		}

		nskb = vi->rvq->vq_ops->get_buf(vi->rvq, &len);
		if (!nskb) {
			pr_debug("%s: %u buffers missing\n", vi->dev->name, mhdr->num_buffers);
			return -EIO;
		}
		__skb_unlink(nskb, &vi->recv);
		vi->num--;

		/* Its page moves over; the rest of it was needed for this only. */
		len = min_t(unsigned int, len, PAGE_SIZE);
		shinfo->frags[shinfo->nr_frags] = skb_shinfo(nskb)->frags[0];
		shinfo->frags[shinfo->nr_frags].size = len;
		shinfo->nr_frags++;
		skb_shinfo(nskb)->nr_frags = 0;
		kfree_skb(nskb);

		skb->data_len += len;
		skb->len += len;
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

/* A buffer came back with @len bytes in it, header included. */
static void receive_skb(struct net_device *dev, struct sk_buff *skb, unsigned int len)
{
	struct virtnet_info *vi = netdev_priv(dev);
	struct skb_vnet_hdr *hdr = skb_vnet_hdr(skb);

	if (unlikely(len < sizeof(struct virtio_net_hdr) + ETH_HLEN)) {
		pr_debug("%s: short packet, %u bytes\n", dev->name, len);
		dev->stats.rx_length_errors++;
		goto drop;
	}

	if (vi->mergeable_rx_bufs) {
		take_first_page(vi, skb, len);
		if (take_more_pages(vi, skb)) {
			dev->stats.rx_length_errors++;
			goto drop;
		}
	} else {
		len -= sizeof(hdr->hdr);

		/* An ordinary packet needs none of a big buffer's pages. */
		if (len <= MAX_PACKET_LEN)
			trim_pages(vi, skb);

		if (pskb_trim(skb, len)) {
			dev->stats.rx_dropped++;
			goto drop;
		}
	}

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
drop:
	dev_kfree_skb(skb);
}

/* After a round of filling: one kick for all that was added. */
static void kick_recv(struct virtnet_info *vi)
{
	if (unlikely(vi->num > vi->max))
		vi->max = vi->num;
	vi->rvq->vq_ops->kick(vi->rvq);
}

/* Pages behind the linear part of a big buffer. Without memory it gets fewer: 2.6.30 does not mind. */
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

/* Small and big buffers. */
static void try_fill_recv_maxbufs(struct virtnet_info *vi, gfp_t gfp)
{
	struct scatterlist sg[2 + MAX_SKB_FRAGS];
	struct sk_buff *skb;
	int num;

	sg_init_table(sg, 2 + MAX_SKB_FRAGS);
	for (;;) {
		skb = netdev_alloc_skb(vi->dev, MAX_PACKET_LEN + NET_IP_ALIGN);
		if (unlikely(!skb))
			break;
		skb_reserve(skb, NET_IP_ALIGN);
		skb_put(skb, MAX_PACKET_LEN);
		if (vi->big_packets)
			add_big_pages(vi, skb, gfp);

		/* The header gets a descriptor of its own. */
		sg_set_buf(sg, &skb_vnet_hdr(skb)->hdr, sizeof(struct virtio_net_hdr));
		num = skb_to_sgvec(skb, sg + 1, 0, skb->len) + 1;

		skb_queue_head(&vi->recv, skb);
		if (vi->rvq->vq_ops->add_buf(vi->rvq, sg, 0, num, skb)) {
			/* Full: this one was one too many (0aea51c37fc in 2.6.32). */
			skb_unlink(skb, &vi->recv);
			trim_pages(vi, skb);
			kfree_skb(skb);
			break;
		}
		vi->num++;
	}
	kick_recv(vi);
}

/* Fill the receive ring up, as far as memory goes. */
static void try_fill_recv(struct virtnet_info *vi, gfp_t gfp)
{
	struct scatterlist sg[1];
	struct sk_buff *skb;
	struct page *page;

	if (!vi->mergeable_rx_bufs) {
		try_fill_recv_maxbufs(vi, gfp);
		return;
	}

	for (;;) {
		skb = netdev_alloc_skb(vi->dev, GOOD_COPY_LEN + NET_IP_ALIGN);
		if (unlikely(!skb))
			break;
		skb_reserve(skb, NET_IP_ALIGN);

		page = get_a_page(vi, gfp);
		if (!page) {
			kfree_skb(skb);
			break;
		}
		/* skb->len stays 0: how much is in the page the device will say. */
		skb_fill_page_desc(skb, 0, page, 0, PAGE_SIZE);
		sg_init_one(sg, page_address(page), PAGE_SIZE);

		skb_queue_head(&vi->recv, skb);
		if (vi->rvq->vq_ops->add_buf(vi->rvq, sg, 0, 1, skb)) {
			/* Full: this one was one too many (0aea51c37fc in 2.6.32). */
			skb_unlink(skb, &vi->recv);
			kfree_skb(skb);
			break;
		}
		vi->num++;
	}
	kick_recv(vi);
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

static int virtnet_poll(struct napi_struct *napi, int budget)
{
	struct virtnet_info *vi = container_of(napi, struct virtnet_info, napi);
	struct sk_buff *skb = NULL;
	unsigned int len, received = 0;

again:
	while (received < (unsigned int)budget &&
	       (skb = vi->rvq->vq_ops->get_buf(vi->rvq, &len)) != NULL) {
		__skb_unlink(skb, &vi->recv);
		receive_skb(vi->dev, skb, len);
		vi->num--;
		received++;
	}

	/*
	 * FIXME of 2.6.30: without memory, and with no buffer left in the ring,
	 * nothing brings us here again. A timer should.
	 */
	if (vi->num < vi->max / 2)
		try_fill_recv(vi, GFP_ATOMIC);

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

static void free_old_xmit_skbs(struct virtnet_info *vi)
{
	struct sk_buff *skb;
	unsigned int len;

	while ((skb = vi->svq->vq_ops->get_buf(vi->svq, &len)) != NULL) {
		__skb_unlink(skb, &vi->send);
		vi->dev->stats.tx_bytes += skb->len;
		vi->dev->stats.tx_packets++;
		kfree_skb(skb);
	}
}

/*
 * Without notify-on-empty nobody tells us that the device is done with the last
 * packets. 100 ms after the last one, look (14c998f034b).
 */
static void xmit_free(unsigned long data)
{
	struct virtnet_info *vi = (void *)data;

	netif_tx_lock(vi->dev);
	free_old_xmit_skbs(vi);
	/* Some are with the device still. */
	if (!skb_queue_empty(&vi->send))
		mod_timer(&vi->xmit_free_timer, jiffies + HZ / 10);
	netif_tx_unlock(vi->dev);
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
	/* Up to the TCP header: 2.6.31 counts it in. */
	hdr->hdr.hdr_len = skb_transport_header(skb) - skb->data;
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

/* Header and packet into the ring, not yet exposed. 0, or -ENOSPC. */
static int xmit_skb(struct virtnet_info *vi, struct sk_buff *skb)
{
	struct scatterlist sg[2 + MAX_SKB_FRAGS];
	struct skb_vnet_hdr *hdr = skb_vnet_hdr(skb);
	int num, err;

	sg_init_table(sg, 2 + MAX_SKB_FRAGS);
	fill_header(skb);

	/* With mergeable buffers the header is longer, on the way out too. */
	if (vi->mergeable_rx_bufs)
		sg_set_buf(sg, &hdr->mhdr, sizeof(hdr->mhdr));
	else
		sg_set_buf(sg, &hdr->hdr, sizeof(hdr->hdr));
	num = skb_to_sgvec(skb, sg + 1, 0, skb->len) + 1;

	err = vi->svq->vq_ops->add_buf(vi->svq, sg, num, 0, skb);
	if (!err && !vi->free_in_tasklet)
		mod_timer(&vi->xmit_free_timer, jiffies + HZ / 10);
	return err;
}

static void xmit_tasklet(unsigned long data)
{
	struct virtnet_info *vi = (void *)data;

	netif_tx_lock_bh(vi->dev);
	if (vi->last_xmit_skb && xmit_skb(vi, vi->last_xmit_skb) == 0) {
		vi->svq->vq_ops->kick(vi->svq);
		vi->last_xmit_skb = NULL;
	}
	if (vi->free_in_tasklet)
		free_old_xmit_skbs(vi);
	netif_tx_unlock_bh(vi->dev);
}

static int start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct virtnet_info *vi = netdev_priv(dev);

again:
	/* Free what the device is done with: it makes room. */
	free_old_xmit_skbs(vi);

	/* The parked packet goes first. */
	if (unlikely(vi->last_xmit_skb) && xmit_skb(vi, vi->last_xmit_skb) != 0)
		goto stop_queue;
	vi->last_xmit_skb = NULL;

	/* On the list before it is in the ring: it comes off when it is used. */
	if (likely(skb)) {
		__skb_queue_head(&vi->send, skb);
		if (xmit_skb(vi, skb) != 0) {
			vi->last_xmit_skb = skb;
			skb = NULL;
			goto stop_queue;
		}
	}
done:
	vi->svq->vq_ops->kick(vi->svq);
	return NETDEV_TX_OK;

stop_queue:
	netif_stop_queue(dev);

	/* Wake us when there is room. If there is some already, no interrupt may come: go on. */
	if (unlikely(!vi->svq->vq_ops->enable_cb(vi->svq))) {
		vi->svq->vq_ops->disable_cb(vi->svq);
		netif_start_queue(dev);
		goto again;
	}
	if (skb) {
		/* The parked one is still stuck, and there is room for one only. */
		dev->stats.tx_dropped++;
		kfree_skb(skb);
	}
	goto done;
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

	/* Without it the timer does the freeing. */
	vi->free_in_tasklet = virtio_has_feature(vdev, VIRTIO_F_NOTIFY_ON_EMPTY);

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

	skb_queue_head_init(&vi->recv);
	skb_queue_head_init(&vi->send);

	tasklet_init(&vi->tasklet, xmit_tasklet, (unsigned long)vi);

	if (!vi->free_in_tasklet)
		setup_timer(&vi->xmit_free_timer, xmit_free, (unsigned long)vi);

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
free_vqs:
	vdev->config->del_vqs(vdev);
free:
	free_netdev(dev);
	return err;
}

static void virtnet_remove(struct virtio_device *vdev)
{
	struct virtnet_info *vi = vdev->priv;
	struct sk_buff *skb;

	/* The device must let go of all buffers before they are freed. */
	vdev->config->reset(vdev);

	if (!vi->free_in_tasklet)
		del_timer_sync(&vi->xmit_free_timer);

	while ((skb = skb_dequeue(&vi->recv)) != NULL) {
		kfree_skb(skb);
		vi->num--;
	}
	__skb_queue_purge(&vi->send);

	BUG_ON(vi->num != 0);

	unregister_netdev(vi->dev);

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
	VIRTIO_F_NOTIFY_ON_EMPTY,
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
MODULE_DESCRIPTION("Virtio network driver, as of Linux 2.6.30");
MODULE_LICENSE("MIT");
