// SPDX-License-Identifier: MIT
/*
 * drivers/virtio/virtio_mmio.c - virtio over memory-mapped registers.
 *
 * Version 1 is the legacy interface (spec 4.2.4): one page number says where a
 * queue is. Version 2 (spec 4.2.2) has an address for each of its three parts,
 * and FEATURES_OK. 2.6.31 had no virtio-mmio yet (it came in 3.2): this stands in
 * for its virtio_pci.c, which did the same through I/O ports.
 */
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/spinlock.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>

struct virtio_mmio_device {
	struct virtio_device vdev;
	struct platform_device *pdev;
	void __iomem *base;
	u32 version;
	int irq;

	/* The queues an interrupt looks at. */
	spinlock_t lock;
	struct list_head virtqueues;
};

struct virtio_mmio_vq_info {
	struct virtqueue *vq;
	unsigned int index;
	unsigned int num;
	void *pages;		/* the ring: pages of its own, that hold nothing else */
	size_t size;
	struct list_head node;
};

#define to_virtio_mmio_device(_vdev) container_of(_vdev, struct virtio_mmio_device, vdev)

static u64 vm_get_features(struct virtio_device *vdev)
{
	struct virtio_mmio_device *vm_dev = to_virtio_mmio_device(vdev);
	u64 features;

	writel(1, vm_dev->base + VIRTIO_MMIO_DEVICE_FEATURES_SEL);
	features = (u64)readl(vm_dev->base + VIRTIO_MMIO_DEVICE_FEATURES) << 32;
	writel(0, vm_dev->base + VIRTIO_MMIO_DEVICE_FEATURES_SEL);
	features |= readl(vm_dev->base + VIRTIO_MMIO_DEVICE_FEATURES);
	return features;
}

static int vm_finalize_features(struct virtio_device *vdev)
{
	struct virtio_mmio_device *vm_dev = to_virtio_mmio_device(vdev);

	vring_transport_features(vdev);

	/* A driver of the legacy days would get the header and the ring of a modern device wrong. */
	if (vm_dev->version == 2 && !test_bit(VIRTIO_F_VERSION_1, vdev->features)) {
		dev_err(&vdev->dev,
			"the device is modern (virtio-mmio version 2), but this driver does not know VIRTIO_F_VERSION_1\n");
		return -EINVAL;
	}

	writel(1, vm_dev->base + VIRTIO_MMIO_DRIVER_FEATURES_SEL);
	writel(vdev->features[1], vm_dev->base + VIRTIO_MMIO_DRIVER_FEATURES);
	writel(0, vm_dev->base + VIRTIO_MMIO_DRIVER_FEATURES_SEL);
	writel(vdev->features[0], vm_dev->base + VIRTIO_MMIO_DRIVER_FEATURES);

	if (vm_dev->version == 1)
		return 0;

	/* Spec 3.1.1, steps 5 and 6. */
	writel(readl(vm_dev->base + VIRTIO_MMIO_STATUS) | VIRTIO_CONFIG_S_FEATURES_OK,
	       vm_dev->base + VIRTIO_MMIO_STATUS);
	if (!(readl(vm_dev->base + VIRTIO_MMIO_STATUS) & VIRTIO_CONFIG_S_FEATURES_OK)) {
		dev_err(&vdev->dev, "the device refuses the features 0x%08lx%08lx\n",
			vdev->features[1], vdev->features[0]);
		return -ENODEV;
	}
	return 0;
}

static void vm_get(struct virtio_device *vdev, unsigned int offset, void *buf, unsigned int len)
{
	struct virtio_mmio_device *vm_dev = to_virtio_mmio_device(vdev);
	u8 *ptr = buf;
	unsigned int i;

	for (i = 0; i < len; i++)
		ptr[i] = readb(vm_dev->base + VIRTIO_MMIO_CONFIG + offset + i);
}

static void vm_set(struct virtio_device *vdev, unsigned int offset, const void *buf, unsigned int len)
{
	struct virtio_mmio_device *vm_dev = to_virtio_mmio_device(vdev);
	const u8 *ptr = buf;
	unsigned int i;

	for (i = 0; i < len; i++)
		writeb(ptr[i], vm_dev->base + VIRTIO_MMIO_CONFIG + offset + i);
}

static u8 vm_get_status(struct virtio_device *vdev)
{
	return readl(to_virtio_mmio_device(vdev)->base + VIRTIO_MMIO_STATUS) & 0xff;
}

static void vm_set_status(struct virtio_device *vdev, u8 status)
{
	/* 0 would be a reset. */
	BUG_ON(status == 0);
	writel(status, to_virtio_mmio_device(vdev)->base + VIRTIO_MMIO_STATUS);
}

static void vm_reset(struct virtio_device *vdev)
{
	writel(0, to_virtio_mmio_device(vdev)->base + VIRTIO_MMIO_STATUS);
}

/* The kick. A VM exit. */
static void vm_notify(struct virtqueue *vq)
{
	struct virtio_mmio_device *vm_dev = to_virtio_mmio_device(vq->vdev);
	struct virtio_mmio_vq_info *info = vq->priv;

	writel(info->index, vm_dev->base + VIRTIO_MMIO_QUEUE_NOTIFY);
}

static irqreturn_t vm_interrupt(int irq, void *opaque)
{
	struct virtio_mmio_device *vm_dev = opaque;
	struct virtio_driver *vdrv = container_of(vm_dev->vdev.dev.driver, struct virtio_driver, driver);
	struct virtio_mmio_vq_info *info;
	unsigned long status, flags;
	irqreturn_t ret = IRQ_NONE;

	/* What was it about? Acknowledge before looking at the queues: what comes later interrupts again. */
	status = readl(vm_dev->base + VIRTIO_MMIO_INTERRUPT_STATUS);
	if (!status)
		return IRQ_NONE;
	writel(status, vm_dev->base + VIRTIO_MMIO_INTERRUPT_ACK);

	if (status & VIRTIO_MMIO_INT_CONFIG) {
		if (vm_dev->vdev.dev.driver && vdrv->config_changed)
			vdrv->config_changed(&vm_dev->vdev);
		ret = IRQ_HANDLED;
	}

	if (status & VIRTIO_MMIO_INT_VRING) {
		spin_lock_irqsave(&vm_dev->lock, flags);
		list_for_each_entry(info, &vm_dev->virtqueues, node)
			ret |= vring_interrupt(irq, info->vq);
		spin_unlock_irqrestore(&vm_dev->lock, flags);
	}

	return ret;
}

static void vm_del_vq(struct virtqueue *vq)
{
	struct virtio_mmio_device *vm_dev = to_virtio_mmio_device(vq->vdev);
	struct virtio_mmio_vq_info *info = vq->priv;
	unsigned long flags;

	spin_lock_irqsave(&vm_dev->lock, flags);
	list_del(&info->node);
	spin_unlock_irqrestore(&vm_dev->lock, flags);

	vring_del_virtqueue(vq);

	/* The device must not touch the pages once they are freed. */
	writel(info->index, vm_dev->base + VIRTIO_MMIO_QUEUE_SEL);
	if (vm_dev->version == 1) {
		writel(0, vm_dev->base + VIRTIO_MMIO_QUEUE_PFN);
	} else {
		writel(0, vm_dev->base + VIRTIO_MMIO_QUEUE_READY);
		WARN_ON(readl(vm_dev->base + VIRTIO_MMIO_QUEUE_READY));
	}

	free_pages_exact(info->pages, info->size);
	kfree(info);
}

static void vm_del_vqs(struct virtio_device *vdev)
{
	struct virtio_mmio_device *vm_dev = to_virtio_mmio_device(vdev);
	struct virtqueue *vq, *n;

	list_for_each_entry_safe(vq, n, &vdev->vqs, list)
		vm_del_vq(vq);
	free_irq(vm_dev->irq, vm_dev);
}

static void write_address(struct virtio_mmio_device *vm_dev, u32 reg_low, const void *p)
{
	u64 addr = virt_to_phys(p);

	writel(lower_32_bits(addr), vm_dev->base + reg_low);
	writel(upper_32_bits(addr), vm_dev->base + reg_low + 4);
}

/* Tell the device where the selected queue is. */
static void vm_activate_vq(struct virtio_mmio_device *vm_dev, struct virtio_mmio_vq_info *info)
{
	struct vring vr;

	writel(info->num, vm_dev->base + VIRTIO_MMIO_QUEUE_NUM);
	if (vm_dev->version == 1) {
		writel(VIRTIO_MMIO_VRING_ALIGN, vm_dev->base + VIRTIO_MMIO_QUEUE_ALIGN);
		writel((u32)(virt_to_phys(info->pages) >> PAGE_SHIFT), vm_dev->base + VIRTIO_MMIO_QUEUE_PFN);
		return;
	}
	vring_init(&vr, info->num, info->pages, VIRTIO_MMIO_VRING_ALIGN);
	write_address(vm_dev, VIRTIO_MMIO_QUEUE_DESC_LOW, vr.desc);
	write_address(vm_dev, VIRTIO_MMIO_QUEUE_DRIVER_LOW, vr.avail);
	write_address(vm_dev, VIRTIO_MMIO_QUEUE_DEVICE_LOW, vr.used);
	writel(1, vm_dev->base + VIRTIO_MMIO_QUEUE_READY);
}

static bool vm_vq_in_use(struct virtio_mmio_device *vm_dev)
{
	u32 reg = vm_dev->version == 1 ? VIRTIO_MMIO_QUEUE_PFN : VIRTIO_MMIO_QUEUE_READY;

	return readl(vm_dev->base + reg) != 0;
}

static struct virtqueue *vm_setup_vq(struct virtio_device *vdev, unsigned int index,
				     vq_callback_t *callback, const char *name)
{
	struct virtio_mmio_device *vm_dev = to_virtio_mmio_device(vdev);
	struct virtio_mmio_vq_info *info;
	struct virtqueue *vq;
	unsigned long flags;
	int err;

	writel(index, vm_dev->base + VIRTIO_MMIO_QUEUE_SEL);
	if (vm_vq_in_use(vm_dev))
		return ERR_PTR(-ENOENT);

	info = kmalloc(sizeof(*info), GFP_KERNEL);
	if (!info)
		return ERR_PTR(-ENOMEM);
	info->index = index;

	/* 0: the device has no such queue. */
	info->num = readl(vm_dev->base + VIRTIO_MMIO_QUEUE_NUM_MAX);
	if (info->num == 0) {
		err = -ENOENT;
		goto out_free_info;
	}

	/* A smaller ring is better than none. */
	for (;;) {
		info->size = PAGE_ALIGN(vring_size(info->num, VIRTIO_MMIO_VRING_ALIGN));
		info->pages = alloc_pages_exact(info->size, GFP_KERNEL | __GFP_ZERO);
		if (info->pages)
			break;
		info->num /= 2;
		if (info->num == 0) {
			err = -ENOMEM;
			goto out_free_info;
		}
	}

	vm_activate_vq(vm_dev, info);

	vq = vring_new_virtqueue(info->num, VIRTIO_MMIO_VRING_ALIGN, vdev, info->pages, vm_notify, callback, name);
	if (!vq) {
		err = -ENOMEM;
		goto out_deactivate;
	}
	vq->priv = info;
	info->vq = vq;

	spin_lock_irqsave(&vm_dev->lock, flags);
	list_add_tail(&info->node, &vm_dev->virtqueues);
	spin_unlock_irqrestore(&vm_dev->lock, flags);
	return vq;

out_deactivate:
	writel(0, vm_dev->base + (vm_dev->version == 1 ? VIRTIO_MMIO_QUEUE_PFN : VIRTIO_MMIO_QUEUE_READY));
	free_pages_exact(info->pages, info->size);
out_free_info:
	kfree(info);
	return ERR_PTR(err);
}

static int vm_find_vqs(struct virtio_device *vdev, unsigned int nvqs, struct virtqueue *vqs[],
		       vq_callback_t *callbacks[], const char *names[])
{
	struct virtio_mmio_device *vm_dev = to_virtio_mmio_device(vdev);
	unsigned int i;
	int err;

	err = request_irq(vm_dev->irq, vm_interrupt, IRQF_SHARED, dev_name(&vdev->dev), vm_dev);
	if (err)
		return err;

	for (i = 0; i < nvqs; i++) {
		vqs[i] = vm_setup_vq(vdev, i, callbacks[i], names[i]);
		if (IS_ERR(vqs[i])) {
			err = PTR_ERR(vqs[i]);
			vm_del_vqs(vdev);
			return err;
		}
	}
	return 0;
}

static struct virtio_config_ops virtio_mmio_config_ops = {
	.get = vm_get,
	.set = vm_set,
	.get_status = vm_get_status,
	.set_status = vm_set_status,
	.reset = vm_reset,
	.find_vqs = vm_find_vqs,
	.del_vqs = vm_del_vqs,
	.get_features = vm_get_features,
	.finalize_features = vm_finalize_features,
};

static int virtio_mmio_probe(struct platform_device *pdev)
{
	struct resource *mem = platform_get_resource(pdev, IORESOURCE_MEM, 0);
	struct virtio_mmio_device *vm_dev;
	int err;

	if (!mem)
		return -EINVAL;

	vm_dev = kzalloc(sizeof(*vm_dev), GFP_KERNEL);
	if (!vm_dev)
		return -ENOMEM;

	vm_dev->vdev.dev.parent = &pdev->dev;
	vm_dev->vdev.config = &virtio_mmio_config_ops;
	vm_dev->pdev = pdev;
	vm_dev->irq = platform_get_irq(pdev, 0);
	INIT_LIST_HEAD(&vm_dev->virtqueues);
	spin_lock_init(&vm_dev->lock);

	err = -ENXIO;
	vm_dev->base = ioremap(mem->start, resource_size(mem));
	if (!vm_dev->base)
		goto out_free;

	err = -ENODEV;
	if (readl(vm_dev->base + VIRTIO_MMIO_MAGIC_VALUE) != VIRTIO_MMIO_MAGIC) {
		dev_warn(&pdev->dev, "no virtio device: wrong magic value\n");
		goto out_unmap;
	}

	vm_dev->version = readl(vm_dev->base + VIRTIO_MMIO_VERSION);
	if (vm_dev->version < 1 || vm_dev->version > 2) {
		dev_err(&pdev->dev, "version %u not supported\n", vm_dev->version);
		goto out_unmap;
	}

	vm_dev->vdev.id.device = readl(vm_dev->base + VIRTIO_MMIO_DEVICE_ID);
	vm_dev->vdev.id.vendor = readl(vm_dev->base + VIRTIO_MMIO_VENDOR_ID);
	/* ID 0: a place without a device (spec 4.2.2). */
	if (vm_dev->vdev.id.device == 0)
		goto out_unmap;

	if (vm_dev->version == 1)
		writel(PAGE_SIZE, vm_dev->base + VIRTIO_MMIO_GUEST_PAGE_SIZE);

	platform_set_drvdata(pdev, vm_dev);
	return register_virtio_device(&vm_dev->vdev);

out_unmap:
	iounmap(vm_dev->base);
out_free:
	kfree(vm_dev);
	return err;
}

static int virtio_mmio_remove(struct platform_device *pdev)
{
	struct virtio_mmio_device *vm_dev = platform_get_drvdata(pdev);

	unregister_virtio_device(&vm_dev->vdev);
	iounmap(vm_dev->base);
	kfree(vm_dev);
	return 0;
}

static struct platform_driver virtio_mmio_driver = {
	.probe = virtio_mmio_probe,
	.remove = virtio_mmio_remove,
	.driver = {
		.name = "virtio-mmio",
		.owner = THIS_MODULE,
	},
};

static int __init virtio_mmio_init(void)
{
	return platform_driver_register(&virtio_mmio_driver);
}

static void __exit virtio_mmio_exit(void)
{
	platform_driver_unregister(&virtio_mmio_driver);
}

/* Late: a driver that brings its own transport is asked first. */
late_initcall(virtio_mmio_init);
late_exitcall(virtio_mmio_exit);

MODULE_DESCRIPTION("virtio over memory-mapped registers");
MODULE_LICENSE("MIT");
