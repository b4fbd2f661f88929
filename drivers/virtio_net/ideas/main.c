// SPDX-License-Identifier: MIT
/*
 * main.c - a virtio-net driver in pieces: life, polling and transmission; see
 * virtio_net.h for what is left to the other files.
 *
 * It is the driver of 2.6.31 to 2.6.34 without offloads: a packet has its
 * checksum, and no segments. The device may be told that 64K packets are fine,
 * for the sake of the buffers (big packets); the lab's device never sends one.
 */
#include "virtio_net.h"

static int napi_weight = 128;
module_param(napi_weight, int, 0444);
MODULE_PARM_DESC(napi_weight, "Packets received in one round of polling");

/* ---- pages for receive buffers ---- */

void give_pages(struct virtnet_info *vi, struct page *page)
{
	struct page *end;

	for (end = page; end->private; end = (struct page *)end->private)
		;
	end->private = (unsigned long)vi->pages;
	vi->pages = page;
}

struct page *get_a_page(struct virtnet_info *vi, gfp_t gfp_mask)
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

/* ---- reception ---- */

int add_recvbuf(struct virtnet_info *vi, gfp_t gfp)
{
	int room = rxbuf_add(vi, gfp);

	if (room >= 0) {
		vi->num++;
		vi->unkicked++;
	}
	return room;
}

void kick_recv(struct virtnet_info *vi)
{
	if (unlikely(vi->num > vi->max))
		vi->max = vi->num;
	vi->unkicked = 0;
	vi->rvq->vq_ops->kick(vi->rvq);
}

bool fill_recv(struct virtnet_info *vi, gfp_t gfp)
{
	int room;

	do {
		room = add_recvbuf(vi, gfp);
	} while (room > 0);
	kick_recv(vi);
	return room != -ENOMEM;
}

bool fill_recv_sleeping(struct virtnet_info *vi)
{
	bool filled;

	napi_disable(&vi->napi);
	filled = fill_recv(vi, GFP_KERNEL);
	napi_enable(&vi->napi);

	/* What came meanwhile brought its interrupt in vain (3e9d08ec0a6). */
	local_bh_disable();
	if (napi_schedule_prep(&vi->napi)) {
		vi->rvq->vq_ops->disable_cb(vi->rvq);
		__napi_schedule(&vi->napi);
	}
	local_bh_enable();
	return filled;
}

/* A buffer came back with @len bytes in it, header included. */
static void receive_buf(struct virtnet_info *vi, void *buf, unsigned int len)
{
	struct net_device *dev = vi->dev;
	struct sk_buff *skb;

	if (unlikely(len < vi->hdr_len + ETH_HLEN)) {
		pr_debug("%s: short packet, %u bytes\n", dev->name, len);
		dev->stats.rx_length_errors++;
		rxbuf_free(vi, buf);
		return;
	}

	skb = rxbuf_receive(vi, buf, len);
	if (!skb)
		return;

	skb->truesize += skb->data_len;
	dev->stats.rx_bytes += skb->len;
	dev->stats.rx_packets++;
	skb->protocol = eth_type_trans(skb, dev);
	netif_receive_skb(skb);
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
	unsigned int len, received = 0;
	void *buf;

again:
	while (received < (unsigned int)budget &&
	       (buf = vi->rvq->vq_ops->get_buf(vi->rvq, &len)) != NULL) {
		unkeep_rx(vi, buf);
		vi->num--;
		receive_buf(vi, buf, len);
		received++;
		refill_packet(vi);
	}

	refill_poll(vi);

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

unsigned int free_old_xmit_skbs(struct virtnet_info *vi)
{
	struct sk_buff *skb;
	unsigned int len, tot_sgs = 0;

	while ((skb = vi->svq->vq_ops->get_buf(vi->svq, &len)) != NULL) {
		unkeep_tx(vi, skb);
		vi->dev->stats.tx_bytes += skb->len;
		vi->dev->stats.tx_packets++;
		tot_sgs += skb_vnet_hdr(skb)->num_sg;
		kfree_skb(skb);
	}
	return tot_sgs;
}

int xmit_skb(struct virtnet_info *vi, struct sk_buff *skb)
{
	struct scatterlist sg[2 + MAX_SKB_FRAGS];
	struct skb_vnet_hdr *hdr = skb_vnet_hdr(skb);
	int capacity;

	sg_init_table(sg, 2 + MAX_SKB_FRAGS);
	memset(hdr, 0, vi->hdr_len);
	hdr->num_sg = header_to_sgvec(vi, skb, sg);

	capacity = vi->svq->vq_ops->add_buf(vi->svq, sg, hdr->num_sg, 0, skb);
	if (capacity >= 0)
		keep_tx(vi, skb);
	return capacity;
}

/* TX interrupt. */
static void skb_xmit_done(struct virtqueue *svq)
{
	struct virtnet_info *vi = svq->vdev->priv;

	/* No more of these, please. */
	svq->vq_ops->disable_cb(svq);

	/* There is room again: the queue may have been stopped. */
	netif_wake_queue(vi->dev);

	full_interrupt(vi);
	completion_interrupt(vi);
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

static const struct net_device_ops virtnet_netdev = {
	.ndo_open		= virtnet_open,
	.ndo_stop		= virtnet_close,
	.ndo_start_xmit		= start_xmit,
	.ndo_validate_addr	= eth_validate_addr,
};

/* The header with num_buffers, and behind it how many bytes were skipped, where that was negotiated. */
__nostep unsigned int long_hdr_len(struct virtio_device *vdev)
{
	if (rxbuf_takes_skip && virtio_has_feature(vdev, LAB_NET_F_RX_SKIP))
		return offsetof(struct skb_vnet_hdr, num_sg);
	return sizeof(struct virtio_net_hdr_mrg_rxbuf);
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
	dev->features = NETIF_F_HIGHDMA;
	SET_NETDEV_DEV(dev, &vdev->dev);

	if (virtio_has_feature(vdev, VIRTIO_NET_F_MAC))
		vdev->config->get(vdev, offsetof(struct virtio_net_config, mac), dev->dev_addr, dev->addr_len);
	else
		random_ether_addr(dev->dev_addr);

	vi = netdev_priv(dev);
	netif_napi_add(dev, &vi->napi, virtnet_poll, napi_weight);
	vi->dev = dev;
	vi->vdev = vdev;
	vdev->priv = vi;

	vi->big_packets = virtio_has_feature(vdev, VIRTIO_NET_F_GUEST_TSO4);
	vi->mergeable_rx_bufs = virtio_has_feature(vdev, VIRTIO_NET_F_MRG_RXBUF);
	if (vi->mergeable_rx_bufs || virtio_has_feature(vdev, VIRTIO_F_VERSION_1))
		vi->hdr_len = long_hdr_len(vdev);
	else
		vi->hdr_len = sizeof(struct virtio_net_hdr);

	err = keep_init(vi);
	if (err)
		goto free;
	full_init(vi);
	completion_init(vi);
	refill_init(vi);
	oom_init(vi);

	err = vdev->config->find_vqs(vdev, 2, vqs, callbacks, names);
	if (err)
		goto free;
	vi->rvq = vqs[0];
	vi->svq = vqs[1];
	txirq_created(vi);

	err = register_netdev(dev);
	if (err)
		goto free_vqs;

	/* A modern device must not be kicked before (spec 3.1.1); with a legacy one nobody minds. */
	if (virtio_has_feature(vdev, VIRTIO_F_VERSION_1))
		virtio_device_ready(vdev);

	/* The last thing that can fail: buffers to receive into. */
	fill_recv(vi, GFP_KERNEL);
	if (vi->num == 0) {
		err = -ENOMEM;
		goto unregister;
	}
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

	/* The device must let go of all buffers before they are freed. */
	vdev->config->reset(vdev);

	unregister_netdev(vi->dev);
	refill_exit(vi);
	oom_exit(vi);
	completion_exit(vi);
	full_exit(vi);

	keep_flush(vi);
	BUG_ON(vi->num != 0);

	vdev->config->del_vqs(vi->vdev);

	while (vi->pages)
		__free_pages(get_a_page(vi, GFP_KERNEL), 0);

	free_netdev(vi->dev);
}

static struct virtio_device_id id_table[] = {
	{ VIRTIO_ID_NET, VIRTIO_DEV_ANY_ID },
	{ 0, 0 },
};

/*
 * VERSION_1 is here because the lab's virtio core serves drivers that do not know
 * it, too. NOTIFY_ON_EMPTY is for those who use it: with it the device may interrupt
 * for every packet it has sent.
 */
static unsigned int features[] = {
	VIRTIO_NET_F_MAC, VIRTIO_NET_F_MRG_RXBUF, VIRTIO_NET_F_STATUS,
	VIRTIO_NET_F_GUEST_CSUM, VIRTIO_NET_F_GUEST_TSO4,
	VIRTIO_F_VERSION_1,
	VIRTIO_F_NOTIFY_ON_EMPTY,
	0,	/* room for one more: with_skip() */
};

static struct virtio_driver virtio_net_driver = {
	.feature_table = features,
	.feature_table_size = ARRAY_SIZE(features) - 1,
	.driver = {
		.name = "virtio_net",
		.owner = THIS_MODULE,
	},
	.id_table = id_table,
	.probe = virtnet_probe,
	.remove = virtnet_remove,
};

/* Not stepped, as long_hdr_len() is not: a driver that does not ask runs no line for it. */
__nostep struct virtio_driver *with_skip(struct virtio_driver *drv)
{
	if (rxbuf_takes_skip)
		features[drv->feature_table_size++] = LAB_NET_F_RX_SKIP;
	return drv;
}

static int __init init(void)
{
	if (!completion_on_empty)
		virtio_net_driver.feature_table_size--;
	return register_virtio_driver(with_skip(&virtio_net_driver));
}

static void __exit fini(void)
{
	unregister_virtio_driver(&virtio_net_driver);
}

module_init(init);
module_exit(fini);

MODULE_DEVICE_TABLE(virtio, id_table);
MODULE_DESCRIPTION("Virtio network driver in pieces");
MODULE_LICENSE("MIT");
