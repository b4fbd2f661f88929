// SPDX-License-Identifier: MIT
/*
 * drivers/virtio/virtio_pci.c - virtio over a PCI device's I/O ports, as of
 * 2.6.31 without MSI-X: the legacy interface (spec 4.1.4.8).
 *
 * One interrupt pin for all queues: what it is about one read of ISR tells, a VM
 * exit, which also takes the interrupt back. There is nothing to acknowledge.
 */
#include <linux/interrupt.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/spinlock.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>
#include <linux/virtio_ring.h>

struct virtio_pci_device {
	struct virtio_device vdev;
	struct pci_dev *pci_dev;

	/* BAR 0 */
	void __iomem *ioaddr;

	/* The queues an interrupt looks at. */
	spinlock_t lock;
	struct list_head virtqueues;
};

struct virtio_pci_vq_info {
	struct virtqueue *vq;
	int num;
	int queue_index;
	void *queue;		/* the ring: pages of its own, that hold nothing else */
	size_t size;
	struct list_head node;
};

static struct virtio_pci_device *to_vp_device(struct virtio_device *vdev)
{
	return container_of(vdev, struct virtio_pci_device, vdev);
}

static u64 vp_get_features(struct virtio_device *vdev)
{
	return ioread32(to_vp_device(vdev)->ioaddr + VIRTIO_PCI_HOST_FEATURES);
}

static int vp_finalize_features(struct virtio_device *vdev)
{
	vring_transport_features(vdev);

	/* The interface has 32 bits for them. */
	iowrite32(vdev->features[0], to_vp_device(vdev)->ioaddr + VIRTIO_PCI_GUEST_FEATURES);
	return 0;
}

static void vp_get(struct virtio_device *vdev, unsigned int offset, void *buf, unsigned int len)
{
	void __iomem *ioaddr = to_vp_device(vdev)->ioaddr + VIRTIO_PCI_CONFIG + offset;
	u8 *ptr = buf;
	unsigned int i;

	for (i = 0; i < len; i++)
		ptr[i] = ioread8(ioaddr + i);
}

static void vp_set(struct virtio_device *vdev, unsigned int offset, const void *buf, unsigned int len)
{
	void __iomem *ioaddr = to_vp_device(vdev)->ioaddr + VIRTIO_PCI_CONFIG + offset;
	const u8 *ptr = buf;
	unsigned int i;

	for (i = 0; i < len; i++)
		iowrite8(ptr[i], ioaddr + i);
}

static u8 vp_get_status(struct virtio_device *vdev)
{
	return ioread8(to_vp_device(vdev)->ioaddr + VIRTIO_PCI_STATUS);
}

static void vp_set_status(struct virtio_device *vdev, u8 status)
{
	/* 0 would be a reset. */
	BUG_ON(status == 0);
	iowrite8(status, to_vp_device(vdev)->ioaddr + VIRTIO_PCI_STATUS);
}

static void vp_reset(struct virtio_device *vdev)
{
	iowrite8(0, to_vp_device(vdev)->ioaddr + VIRTIO_PCI_STATUS);
}

/* The kick. A VM exit. */
static void vp_notify(struct virtqueue *vq)
{
	struct virtio_pci_device *vp_dev = to_vp_device(vq->vdev);
	struct virtio_pci_vq_info *info = vq->priv;

	iowrite16(info->queue_index, vp_dev->ioaddr + VIRTIO_PCI_QUEUE_NOTIFY);
}

/* The configuration space changed. */
static irqreturn_t vp_config_changed(int irq, void *opaque)
{
	struct virtio_pci_device *vp_dev = opaque;
	struct virtio_driver *drv = container_of(vp_dev->vdev.dev.driver, struct virtio_driver, driver);

	(void)irq;
	if (vp_dev->vdev.dev.driver && drv->config_changed)
		drv->config_changed(&vp_dev->vdev);
	return IRQ_HANDLED;
}

/* Which queue it was nobody tells: ask all of them. */
static irqreturn_t vp_vring_interrupt(int irq, void *opaque)
{
	struct virtio_pci_device *vp_dev = opaque;
	struct virtio_pci_vq_info *info;
	irqreturn_t ret = IRQ_NONE;
	unsigned long flags;

	spin_lock_irqsave(&vp_dev->lock, flags);
	list_for_each_entry(info, &vp_dev->virtqueues, node) {
		if (vring_interrupt(irq, info->vq) == IRQ_HANDLED)
			ret = IRQ_HANDLED;
	}
	spin_unlock_irqrestore(&vp_dev->lock, flags);

	return ret;
}

/* The pin is shared: it may be somebody else's interrupt. */
static irqreturn_t vp_interrupt(int irq, void *opaque)
{
	struct virtio_pci_device *vp_dev = opaque;
	u8 isr;

	/* Reading takes the interrupt back: what is used from here on raises it anew. */
	isr = ioread8(vp_dev->ioaddr + VIRTIO_PCI_ISR);

	if (!isr)
		return IRQ_NONE;

	if (isr & VIRTIO_PCI_ISR_CONFIG)
		vp_config_changed(irq, opaque);

	return vp_vring_interrupt(irq, opaque);
}

static void vp_del_vq(struct virtqueue *vq)
{
	struct virtio_pci_device *vp_dev = to_vp_device(vq->vdev);
	struct virtio_pci_vq_info *info = vq->priv;
	unsigned long flags;

	spin_lock_irqsave(&vp_dev->lock, flags);
	list_del(&info->node);
	spin_unlock_irqrestore(&vp_dev->lock, flags);

	vring_del_virtqueue(vq);

	/* The device must not touch the pages once they are freed. */
	iowrite16(info->queue_index, vp_dev->ioaddr + VIRTIO_PCI_QUEUE_SEL);
	iowrite32(0, vp_dev->ioaddr + VIRTIO_PCI_QUEUE_PFN);

	free_pages_exact(info->queue, info->size);
	kfree(info);
}

static void vp_del_vqs(struct virtio_device *vdev)
{
	struct virtio_pci_device *vp_dev = to_vp_device(vdev);
	struct virtqueue *vq, *n;

	list_for_each_entry_safe(vq, n, &vdev->vqs, list)
		vp_del_vq(vq);
	free_irq(vp_dev->pci_dev->irq, vp_dev);
}

static struct virtqueue *vp_find_vq(struct virtio_device *vdev, unsigned int index, vq_callback_t *callback,
				    const char *name)
{
	struct virtio_pci_device *vp_dev = to_vp_device(vdev);
	struct virtio_pci_vq_info *info;
	struct virtqueue *vq;
	unsigned long flags;
	u16 num;
	int err;

	iowrite16(index, vp_dev->ioaddr + VIRTIO_PCI_QUEUE_SEL);

	/* 0: the device has no such queue. Its size is the device's choice here. */
	num = ioread16(vp_dev->ioaddr + VIRTIO_PCI_QUEUE_NUM);
	if (!num || ioread32(vp_dev->ioaddr + VIRTIO_PCI_QUEUE_PFN))
		return ERR_PTR(-ENOENT);

	info = kmalloc(sizeof(struct virtio_pci_vq_info), GFP_KERNEL);
	if (!info)
		return ERR_PTR(-ENOMEM);
	info->queue_index = index;
	info->num = num;

	info->size = PAGE_ALIGN(vring_size(num, VIRTIO_PCI_VRING_ALIGN));
	info->queue = alloc_pages_exact(info->size, GFP_KERNEL | __GFP_ZERO);
	if (!info->queue) {
		err = -ENOMEM;
		goto out_info;
	}

	iowrite32((u32)(virt_to_phys(info->queue) >> VIRTIO_PCI_QUEUE_ADDR_SHIFT),
		  vp_dev->ioaddr + VIRTIO_PCI_QUEUE_PFN);

	vq = vring_new_virtqueue(info->num, VIRTIO_PCI_VRING_ALIGN, vdev, info->queue, vp_notify, callback, name);
	if (!vq) {
		err = -ENOMEM;
		goto out_activate_queue;
	}
	vq->priv = info;
	info->vq = vq;

	spin_lock_irqsave(&vp_dev->lock, flags);
	list_add(&info->node, &vp_dev->virtqueues);
	spin_unlock_irqrestore(&vp_dev->lock, flags);

	return vq;

out_activate_queue:
	iowrite32(0, vp_dev->ioaddr + VIRTIO_PCI_QUEUE_PFN);
	free_pages_exact(info->queue, info->size);
out_info:
	kfree(info);
	return ERR_PTR(err);
}

static int vp_find_vqs(struct virtio_device *vdev, unsigned int nvqs, struct virtqueue *vqs[],
		       vq_callback_t *callbacks[], const char *names[])
{
	struct virtio_pci_device *vp_dev = to_vp_device(vdev);
	unsigned int i;
	int err;

	err = request_irq(vp_dev->pci_dev->irq, vp_interrupt, IRQF_SHARED, dev_name(&vdev->dev), vp_dev);
	if (err)
		return err;

	for (i = 0; i < nvqs; i++) {
		vqs[i] = vp_find_vq(vdev, i, callbacks[i], names[i]);
		if (IS_ERR(vqs[i])) {
			err = PTR_ERR(vqs[i]);
			vp_del_vqs(vdev);
			return err;
		}
	}
	return 0;
}

static struct virtio_config_ops virtio_pci_config_ops = {
	.get = vp_get,
	.set = vp_set,
	.get_status = vp_get_status,
	.set_status = vp_set_status,
	.reset = vp_reset,
	.find_vqs = vp_find_vqs,
	.del_vqs = vp_del_vqs,
	.get_features = vp_get_features,
	.finalize_features = vp_finalize_features,
};

static int virtio_pci_probe(struct pci_dev *pci_dev, const struct pci_device_id *id)
{
	struct virtio_pci_device *vp_dev;
	int err;

	(void)id;
	/* Device IDs 0x1000 to 0x103f are virtio's. */
	if (pci_dev->device < 0x1000 || pci_dev->device > 0x103f)
		return -ENODEV;

	if (pci_dev->revision != VIRTIO_PCI_ABI_VERSION) {
		printk(KERN_ERR "virtio_pci: expected ABI version %d, got %d\n", VIRTIO_PCI_ABI_VERSION,
		       pci_dev->revision);
		return -ENODEV;
	}

	vp_dev = kzalloc(sizeof(struct virtio_pci_device), GFP_KERNEL);
	if (!vp_dev)
		return -ENOMEM;

	vp_dev->vdev.dev.parent = &pci_dev->dev;
	vp_dev->vdev.config = &virtio_pci_config_ops;
	vp_dev->pci_dev = pci_dev;
	INIT_LIST_HEAD(&vp_dev->virtqueues);
	spin_lock_init(&vp_dev->lock);

	err = pci_enable_device(pci_dev);
	if (err)
		goto out;

	err = pci_request_regions(pci_dev, "virtio-pci");
	if (err)
		goto out_enable_device;

	err = -ENOMEM;
	vp_dev->ioaddr = pci_iomap(pci_dev, 0, 0);
	if (!vp_dev->ioaddr)
		goto out_req_regions;

	pci_set_drvdata(pci_dev, vp_dev);
	pci_set_master(pci_dev);

	/* The subsystem says which kind of device it is: the kind's number as in spec section 5. */
	vp_dev->vdev.id.vendor = pci_dev->subsystem_vendor;
	vp_dev->vdev.id.device = pci_dev->subsystem_device;

	err = register_virtio_device(&vp_dev->vdev);
	if (err)
		goto out_set_drvdata;
	return 0;

out_set_drvdata:
	pci_set_drvdata(pci_dev, NULL);
	pci_iounmap(pci_dev, vp_dev->ioaddr);
out_req_regions:
	pci_release_regions(pci_dev);
out_enable_device:
	pci_disable_device(pci_dev);
out:
	kfree(vp_dev);
	return err;
}

static void virtio_pci_remove(struct pci_dev *pci_dev)
{
	struct virtio_pci_device *vp_dev = pci_get_drvdata(pci_dev);

	unregister_virtio_device(&vp_dev->vdev);
	pci_set_drvdata(pci_dev, NULL);
	pci_iounmap(pci_dev, vp_dev->ioaddr);
	pci_release_regions(pci_dev);
	pci_disable_device(pci_dev);
	kfree(vp_dev);
}

/* Qumranet donated its vendor ID for devices 0x1000 to 0x10ff. */
static const struct pci_device_id virtio_pci_id_table[] = {
	{ PCI_VENDOR_ID_REDHAT_QUMRANET, 0x1000 },
	{ 0, 0 },
};

static struct pci_driver virtio_pci_driver = {
	.name = "virtio-pci",
	.id_table = virtio_pci_id_table,
	.probe = virtio_pci_probe,
	.remove = virtio_pci_remove,
};

static int __init virtio_pci_init(void)
{
	return pci_register_driver(&virtio_pci_driver);
}

static void __exit virtio_pci_exit(void)
{
	pci_unregister_driver(&virtio_pci_driver);
}

/* Late: a driver that brings its own transport is asked first. */
late_initcall(virtio_pci_init);
late_exitcall(virtio_pci_exit);

MODULE_DESCRIPTION("virtio over legacy PCI I/O ports");
MODULE_LICENSE("MIT");
