// SPDX-License-Identifier: MIT
/*
 * ring_minimal.c - the least that moves packets on a modern virtio-mmio device:
 * its own transport and ring code, nothing of the lab's virtio core.
 *
 * Virtio 1.x, split ring, no optional features but the MAC address. Each ring's
 * three areas are allocated apart (spec 2.7). One descriptor a packet: the
 * header goes into the skb's headroom. Buffers are exposed as they are added.
 * Reception copies, in the interrupt handler: simple, not fast.
 */
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/virtio_mmio.h>

#define SLOTS		64	/* most descriptors of a ring */
#define RX_BYTES	2048	/* header, frame, and room to spare */
#define HDR_BYTES	12	/* struct virtio_net_hdr of a modern device (spec 5.1.6) */

enum { RX, TX, RINGS };

struct slot {			/* spec 2.7.5 */
	__le64 where;
	__le32 bytes;
	__le16 how;
	__le16 link;
};

#define SLOT_DEVICE_WRITES	2

struct post_area {		/* spec 2.7.6, the "driver area" */
	__le16 hints;
	__le16 count;
	__le16 head[SLOTS];
};

#define HINT_NO_INTERRUPT	1

struct done_area {		/* spec 2.7.8, the "device area" */
	__le16 hints;
	__le16 count;
	struct {
		__le32 head;
		__le32 bytes;
	} entry[SLOTS];
};

#define HINT_NO_KICK		1

struct minimal_ring {
	u32 size;
	struct slot *slots;
	struct post_area *post;
	struct done_area *done;
	dma_addr_t slots_dma, post_dma, done_dma;
	u16 harvested;		/* done entries we have seen */
	u16 idle[SLOTS];	/* stack of slots nobody uses */
	u32 nr_idle;
	void *owner[SLOTS];	/* what a posted slot stands for: skb, or receive buffer */
};

struct minimal {
	struct device *dma_dev;
	struct net_device *netdev;
	void __iomem *regs;
	int irq;
	spinlock_t guard;	/* both rings, against the interrupt handler */
	struct minimal_ring ring[RINGS];
};

static void set_status_bit(struct minimal *m, u32 bit)
{
	writel(readl(m->regs + VIRTIO_MMIO_STATUS) | bit, m->regs + VIRTIO_MMIO_STATUS);
}

static void write_area(struct minimal *m, u32 reg, dma_addr_t addr)
{
	writel(lower_32_bits(addr), m->regs + reg);
	writel(upper_32_bits(addr), m->regs + reg + 4);
}

static void ring_free(struct minimal *m, struct minimal_ring *r)
{
	if (r->slots)
		dma_free_coherent(m->dma_dev, sizeof(struct slot) * SLOTS, r->slots, r->slots_dma);
	if (r->post)
		dma_free_coherent(m->dma_dev, sizeof(struct post_area), r->post, r->post_dma);
	if (r->done)
		dma_free_coherent(m->dma_dev, sizeof(struct done_area), r->done, r->done_dma);
}

static int ring_setup(struct minimal *m, unsigned int which)
{
	struct minimal_ring *r = &m->ring[which];
	u32 largest, i;

	writel(which, m->regs + VIRTIO_MMIO_QUEUE_SEL);
	largest = readl(m->regs + VIRTIO_MMIO_QUEUE_NUM_MAX);
	if (!largest)
		return -ENXIO;
	r->size = min_t(u32, largest, SLOTS);

	r->slots = dma_alloc_coherent(m->dma_dev, sizeof(struct slot) * SLOTS, &r->slots_dma, GFP_KERNEL);
	r->post = dma_alloc_coherent(m->dma_dev, sizeof(struct post_area), &r->post_dma, GFP_KERNEL);
	r->done = dma_alloc_coherent(m->dma_dev, sizeof(struct done_area), &r->done_dma, GFP_KERNEL);
	if (!r->slots || !r->post || !r->done)
		return -ENOMEM;

	for (i = 0; i < r->size; i++)
		r->idle[i] = r->size - 1 - i;
	r->nr_idle = r->size;

	writel(r->size, m->regs + VIRTIO_MMIO_QUEUE_NUM);
	write_area(m, VIRTIO_MMIO_QUEUE_DESC_LOW, r->slots_dma);
	write_area(m, VIRTIO_MMIO_QUEUE_DRIVER_LOW, r->post_dma);
	write_area(m, VIRTIO_MMIO_QUEUE_DEVICE_LOW, r->done_dma);
	writel(1, m->regs + VIRTIO_MMIO_QUEUE_READY);
	return 0;
}

/* Put one buffer where the device may take it at once. The caller has seen to it that a slot is idle. */
static void ring_post(struct minimal_ring *r, void *data, u32 bytes, u16 how, void *owner)
{
	u16 head = r->idle[--r->nr_idle];

	r->slots[head].where = cpu_to_le64(virt_to_phys(data));
	r->slots[head].bytes = cpu_to_le32(bytes);
	r->slots[head].how = cpu_to_le16(how);
	r->owner[head] = owner;
	r->post->head[r->post->count % r->size] = cpu_to_le16(head);
	wmb();			/* the slot before the count that exposes it */
	r->post->count++;
}

static void ring_kick(struct minimal *m, unsigned int which)
{
	mb();			/* our count before the device's hint */
	if (!(m->ring[which].done->hints & cpu_to_le16(HINT_NO_KICK)))
		writel(which, m->regs + VIRTIO_MMIO_QUEUE_NOTIFY);
}

/* Owner of the next buffer the device is done with; NULL: none. */
static void *ring_harvest(struct minimal *m, struct minimal_ring *r, u32 *bytes)
{
	u32 head, at = r->harvested % r->size;
	void *owner;

	if (r->harvested == le16_to_cpu(r->done->count))
		return NULL;
	rmb();			/* the count before the entry it announces */
	head = le32_to_cpu(r->done->entry[at].head);
	*bytes = le32_to_cpu(r->done->entry[at].bytes);
	if (head >= r->size || !r->owner[head]) {
		dev_err(m->dma_dev, "the device returned slot %u, which it did not have\n", head);
		return NULL;
	}
	r->harvested++;
	owner = r->owner[head];
	r->owner[head] = NULL;
	r->idle[r->nr_idle++] = head;
	return owner;
}

/* ---- packets ---- */

static int minimal_xmit(struct sk_buff *skb, struct net_device *netdev)
{
	struct minimal *m = netdev_priv(netdev);
	struct minimal_ring *r = &m->ring[TX];
	unsigned long flags;

	if (skb_headroom(skb) < HDR_BYTES) {
		netdev->stats.tx_dropped++;
		dev_kfree_skb(skb);
		return NETDEV_TX_OK;
	}
	memset(skb_push(skb, HDR_BYTES), 0, HDR_BYTES);

	spin_lock_irqsave(&m->guard, flags);
	ring_post(r, skb->data, skb->len, 0, skb);
	ring_kick(m, TX);
	if (!r->nr_idle)
		netif_stop_queue(netdev);
	spin_unlock_irqrestore(&m->guard, flags);
	return NETDEV_TX_OK;
}

static void transmitted(struct minimal *m)
{
	struct minimal_ring *r = &m->ring[TX];
	struct sk_buff *skb;
	u32 bytes;

	while ((skb = ring_harvest(m, r, &bytes)) != NULL) {
		m->netdev->stats.tx_packets++;
		m->netdev->stats.tx_bytes += skb->len - HDR_BYTES;
		dev_kfree_skb_irq(skb);
	}
	if (r->nr_idle && netif_queue_stopped(m->netdev))
		netif_wake_queue(m->netdev);
}

static void received(struct minimal *m)
{
	struct minimal_ring *r = &m->ring[RX];
	struct sk_buff *skb;
	u32 bytes;
	u8 *buf;

	while ((buf = ring_harvest(m, r, &bytes)) != NULL) {
		skb = NULL;
		if (bytes >= HDR_BYTES + ETH_HLEN && bytes <= RX_BYTES)
			skb = netdev_alloc_skb_ip_align(m->netdev, bytes - HDR_BYTES);
		if (skb) {
			memcpy(skb_put(skb, bytes - HDR_BYTES), buf + HDR_BYTES, bytes - HDR_BYTES);
			skb->protocol = eth_type_trans(skb, m->netdev);
			m->netdev->stats.rx_packets++;
			netif_rx(skb);
		} else {
			m->netdev->stats.rx_dropped++;
		}
		ring_post(r, buf, RX_BYTES, SLOT_DEVICE_WRITES, buf);
		ring_kick(m, RX);
	}
}

static irqreturn_t minimal_irq(int irq, void *cookie)
{
	struct minimal *m = cookie;
	u32 why = readl(m->regs + VIRTIO_MMIO_INTERRUPT_STATUS);

	(void)irq;
	if (!why)
		return IRQ_NONE;
	writel(why, m->regs + VIRTIO_MMIO_INTERRUPT_ACK);
	spin_lock(&m->guard);
	transmitted(m);
	received(m);
	spin_unlock(&m->guard);
	return IRQ_HANDLED;
}

/* ---- coming and going ---- */

/* Spec 3.1.1. */
static int negotiate(struct minimal *m)
{
	writel(0, m->regs + VIRTIO_MMIO_STATUS);
	set_status_bit(m, 1);			/* ACKNOWLEDGE */
	set_status_bit(m, 2);			/* DRIVER */
	writel(1, m->regs + VIRTIO_MMIO_DEVICE_FEATURES_SEL);
	if (!(readl(m->regs + VIRTIO_MMIO_DEVICE_FEATURES) & 1))
		return -ENODEV;			/* VIRTIO_F_VERSION_1 is bit 32 */
	writel(1, m->regs + VIRTIO_MMIO_DRIVER_FEATURES_SEL);
	writel(1, m->regs + VIRTIO_MMIO_DRIVER_FEATURES);
	writel(0, m->regs + VIRTIO_MMIO_DRIVER_FEATURES_SEL);
	writel(1 << 5, m->regs + VIRTIO_MMIO_DRIVER_FEATURES);	/* VIRTIO_NET_F_MAC */
	set_status_bit(m, 8);			/* FEATURES_OK */
	return readl(m->regs + VIRTIO_MMIO_STATUS) & 8 ? 0 : -ENODEV;
}

static int fill_rx(struct minimal *m)
{
	struct minimal_ring *r = &m->ring[RX];
	u8 *buf;

	while (r->nr_idle) {
		buf = kmalloc(RX_BYTES, GFP_KERNEL);
		if (!buf)
			return -ENOMEM;
		ring_post(r, buf, RX_BYTES, SLOT_DEVICE_WRITES, buf);
	}
	return 0;
}

/* After a reset the device has nothing any more. */
static void drop_everything(struct minimal *m)
{
	int i;

	writel(0, m->regs + VIRTIO_MMIO_STATUS);
	for (i = 0; i < SLOTS; i++) {
		kfree(m->ring[RX].owner[i]);
		kfree_skb(m->ring[TX].owner[i]);
	}
	ring_free(m, &m->ring[RX]);
	ring_free(m, &m->ring[TX]);
}

static const struct net_device_ops minimal_ops = {
	.ndo_start_xmit = minimal_xmit,
};

static int minimal_probe(struct platform_device *pdev)
{
	struct resource *window = platform_get_resource(pdev, IORESOURCE_MEM, 0);
	struct net_device *netdev = alloc_etherdev(sizeof(struct minimal));
	struct minimal *m;
	int i, err = -ENODEV;

	if (!netdev)
		return -ENOMEM;
	m = netdev_priv(netdev);
	m->netdev = netdev;
	m->dma_dev = &pdev->dev;
	m->irq = platform_get_irq(pdev, 0);
	m->regs = ioremap(window->start, resource_size(window));
	spin_lock_init(&m->guard);
	platform_set_drvdata(pdev, m);

	if (readl(m->regs + VIRTIO_MMIO_VERSION) != 2 || readl(m->regs + VIRTIO_MMIO_DEVICE_ID) != 1) {
		dev_err(&pdev->dev, "not a modern network device\n");
		goto no_device;
	}
	err = negotiate(m);
	if (!err)
		err = ring_setup(m, RX);
	if (!err)
		err = ring_setup(m, TX);
	if (!err)
		err = fill_rx(m);
	if (!err)
		err = request_irq(m->irq, minimal_irq, IRQF_SHARED, "ring_minimal", m);
	if (err)
		goto no_rings;

	for (i = 0; i < ETH_ALEN; i++)
		netdev->dev_addr[i] = readb(m->regs + VIRTIO_MMIO_CONFIG + i);
	netdev->netdev_ops = &minimal_ops;
	SET_NETDEV_DEV(netdev, &pdev->dev);
	err = register_netdev(netdev);
	if (err)
		goto no_netdev;
	set_status_bit(m, 4);			/* DRIVER_OK */
	ring_kick(m, RX);
	return 0;

no_netdev:
	free_irq(m->irq, m);
no_rings:
	drop_everything(m);
no_device:
	iounmap(m->regs);
	free_netdev(netdev);
	return err;
}

static int minimal_remove(struct platform_device *pdev)
{
	struct minimal *m = platform_get_drvdata(pdev);

	unregister_netdev(m->netdev);
	free_irq(m->irq, m);
	drop_everything(m);
	iounmap(m->regs);
	free_netdev(m->netdev);
	return 0;
}

static struct platform_driver minimal_driver = {
	.probe = minimal_probe,
	.remove = minimal_remove,
	.driver = {
		.name = "virtio-mmio",
		.owner = THIS_MODULE,
	},
};
module_platform_driver(minimal_driver);

MODULE_DESCRIPTION("The least that moves packets on a modern virtio-mmio device");
MODULE_LICENSE("MIT");
