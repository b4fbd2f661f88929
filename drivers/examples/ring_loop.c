// SPDX-License-Identifier: MIT
/*
 * ring_loop.c - nothing but a ring: the guest of Linux' tools/virtio/vringh_test
 * --parallel as a driver.
 *
 * Adds buffers as fast as it can, of one to four pieces, one for the device to
 * read and one for it to write in turn, and kicks after each. When the ring is
 * full it asks for an interrupt once three quarters are used, and sleeps. There
 * are no packets and no skbs: what is counted is kicks and interrupts for a
 * buffer. It is a network interface so that somebody brings it up. Goes with the
 * host model vringh, on the queue that is a network device's tx.
 */
#include <linux/err.h>
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

static unsigned int xfers = 10000;
module_param(xfers, uint, 0444);

#define BUF_BYTES	4
#define MAX_SG		4

struct ring_loop {
	struct net_device *dev;
	struct virtqueue *rx, *vq;
	struct work_struct work;
	wait_queue_head_t wait;
	bool called;			/* back since we slept */
	unsigned int finished;
	u8 *data;			/* one buffer more than the ring can hold, and rx's */
	unsigned int nr_bufs;
	struct scatterlist sg[MAX_SG];
};

static void ring_loop_called(struct virtqueue *vq)
{
	struct ring_loop *loop = vq->vdev->priv;

	loop->called = true;
	wake_up(&loop->wait);
}

/* Buffers of three, two, one and four pieces, four of each: two and a half on average. */
static unsigned int make_sg(struct ring_loop *loop, unsigned int n, u8 *buf)
{
	static const u8 pieces[4][MAX_SG] = { { 1, 2, 1 }, { 1, 3 }, { 4 }, { 1, 1, 1, 1 } };
	const u8 *len = pieces[n / 4 % 4];
	unsigned int num = 0, at = 0;

	for (; num < MAX_SG && len[num]; num++) {
		sg_set_buf(&loop->sg[num], buf + at, len[num]);
		at += len[num];
	}
	sg_mark_end(&loop->sg[num - 1]);
	return num;
}

static void consume(struct ring_loop *loop)
{
	unsigned int len;

	while (virtqueue_get_buf(loop->vq, &len))
		loop->finished++;
}

static int produce(struct ring_loop *loop, unsigned int n)
{
	u8 *buf = loop->data + n % loop->nr_bufs * BUF_BYTES;
	unsigned int num;

	sg_init_table(loop->sg, MAX_SG);
	num = make_sg(loop, n, buf);
	if (n % 2)
		return virtqueue_add_inbuf(loop->vq, loop->sg, num, buf, GFP_ATOMIC);
	return virtqueue_add_outbuf(loop->vq, loop->sg, num, buf, GFP_ATOMIC);
}

/* Sleeps until the device says that most of it is done, unless it is already. */
static void sleep_when_full(struct ring_loop *loop)
{
	if (!virtqueue_enable_cb_delayed(loop->vq))
		return;
	wait_event(loop->wait, loop->called);
	loop->called = false;
	virtqueue_disable_cb(loop->vq);
}

static void ring_loop_work(struct work_struct *work)
{
	struct ring_loop *loop = container_of(work, struct ring_loop, work);
	unsigned int n = 0;
	int err;

	virtqueue_disable_cb(loop->vq);
	while (n < xfers) {
		consume(loop);
		err = produce(loop, n);
		if (err == -ENOSPC) {
			sleep_when_full(loop);
			continue;
		}
		if (err)
			break;
		n++;
		virtqueue_kick(loop->vq);
	}

	/* Any that are still under way. */
	for (consume(loop); loop->finished < n; consume(loop))
		sleep_when_full(loop);
}

static int ring_loop_open(struct net_device *dev)
{
	struct ring_loop *loop = netdev_priv(dev);
	int err;

	/* Nothing comes this way, but a receive queue without a buffer looks dead. */
	sg_init_one(loop->sg, loop->data + loop->nr_bufs * BUF_BYTES, BUF_BYTES);
	err = virtqueue_add_inbuf(loop->rx, loop->sg, 1, loop, GFP_KERNEL);
	if (err)
		return err;
	schedule_work(&loop->work);
	return 0;
}

static int ring_loop_close(struct net_device *dev)
{
	struct ring_loop *loop = netdev_priv(dev);

	cancel_work_sync(&loop->work);
	return 0;
}

/* Nobody's packets go this way. */
static netdev_tx_t ring_loop_xmit(struct sk_buff *skb, struct net_device *dev)
{
	dev->stats.tx_dropped++;
	dev_kfree_skb(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops ring_loop_netdev = {
	.ndo_open = ring_loop_open,
	.ndo_stop = ring_loop_close,
	.ndo_start_xmit = ring_loop_xmit,
};

static int ring_loop_probe(struct virtio_device *vdev)
{
	vq_callback_t *callbacks[] = { NULL, ring_loop_called };
	const char *const names[] = { "input.0", "output.0" };
	struct virtqueue *vqs[2];
	struct net_device *dev;
	struct ring_loop *loop;
	int err;

	dev = alloc_etherdev(sizeof(*loop));
	if (!dev)
		return -ENOMEM;
	dev->netdev_ops = &ring_loop_netdev;
	SET_NETDEV_DEV(dev, &vdev->dev);
	eth_hw_addr_random(dev);
	loop = netdev_priv(dev);
	loop->dev = dev;
	vdev->priv = loop;
	init_waitqueue_head(&loop->wait);
	INIT_WORK(&loop->work, ring_loop_work);

	err = virtio_find_vqs(vdev, 2, vqs, callbacks, names);
	if (err)
		goto free;
	loop->rx = vqs[0];
	loop->vq = vqs[1];
	loop->nr_bufs = virtqueue_get_vring_size(loop->vq) + 1;
	loop->data = kcalloc(loop->nr_bufs + 1, BUF_BYTES, GFP_KERNEL);
	if (!loop->data) {
		err = -ENOMEM;
		goto del_vqs;
	}
	err = register_netdev(dev);
	if (err)
		goto free_data;
	virtio_device_ready(vdev);
	return 0;

free_data:
	kfree(loop->data);
del_vqs:
	vdev->config->del_vqs(vdev);
free:
	free_netdev(dev);
	return err;
}

static void ring_loop_remove(struct virtio_device *vdev)
{
	struct ring_loop *loop = vdev->priv;

	unregister_netdev(loop->dev);
	vdev->config->reset(vdev);
	while (virtqueue_detach_unused_buf(loop->vq))
		loop->finished++;
	virtqueue_detach_unused_buf(loop->rx);
	vdev->config->del_vqs(vdev);
	kfree(loop->data);
	free_netdev(loop->dev);
}

static struct virtio_device_id id_table[] = {
	{ VIRTIO_ID_NET, VIRTIO_DEV_ANY_ID },
	{ 0, 0 },
};

static unsigned int features[] = { VIRTIO_F_VERSION_1 };

static struct virtio_driver ring_loop_driver = {
	.feature_table = features,
	.feature_table_size = ARRAY_SIZE(features),
	.driver = {
		.name = "ring_loop",
		.owner = THIS_MODULE,
	},
	.id_table = id_table,
	.probe = ring_loop_probe,
	.remove = ring_loop_remove,
};

static int __init ring_loop_init(void)
{
	return register_virtio_driver(&ring_loop_driver);
}
module_init(ring_loop_init);

static void __exit ring_loop_exit(void)
{
	unregister_virtio_driver(&ring_loop_driver);
}
module_exit(ring_loop_exit);

MODULE_DEVICE_TABLE(virtio, id_table);
MODULE_DESCRIPTION("vringh_test's guest: a ring and nothing else");
MODULE_LICENSE("MIT");
