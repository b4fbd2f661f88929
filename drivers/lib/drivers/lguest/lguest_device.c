// SPDX-License-Identifier: MIT
/*
 * drivers/lguest/lguest_device.c - virtio without any bus, as of 2.6.31: lguest's.
 *
 * The Launcher has put a page of device descriptors, and the rings, behind the
 * Guest's own memory. Features, status and configuration are bytes there: no VM
 * exit to read them. A hypercall tells of a kick, and of a new status. Each queue
 * has an interrupt line of its own: there is no status to read, and nothing to
 * acknowledge.
 */
#include <linux/interrupt.h>
#include <linux/lguest_launcher.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <asm/lguest_hcall.h>

/* The page, if the Launcher has made one. */
static void *lguest_devices;

struct lguest_device {
	struct virtio_device vdev;

	/* Its entry in the page. */
	struct lguest_device_desc *desc;

	struct list_head node;
};

struct lguest_vq_info {
	/* A copy of what the page says. */
	struct lguest_vqconfig config;

	/* The ring. */
	void *pages;
};

/* Those that were found: for removal. */
static LIST_HEAD(lguest_bus);

#define to_lgdev(vd)	container_of(vd, struct lguest_device, vdev)

/* Memory of the Launcher's. RAM is mapped one to one in the lab; the real Guest needs ioremap_cache(). */
static inline void *lguest_map(phys_addr_t phys_addr)
{
	return phys_to_virt(phys_addr);
}

/* ---- the parts of a descriptor ---- */

static struct lguest_vqconfig *lg_vq(const struct lguest_device_desc *desc)
{
	return (void *)(desc + 1);
}

static u8 *lg_features(const struct lguest_device_desc *desc)
{
	return (void *)(lg_vq(desc) + desc->num_vq);
}

static u8 *lg_config(const struct lguest_device_desc *desc)
{
	return lg_features(desc) + desc->feature_len * 2;
}

static unsigned int desc_size(const struct lguest_device_desc *desc)
{
	return sizeof(*desc) + desc->num_vq * sizeof(struct lguest_vqconfig) + desc->feature_len * 2 +
	       desc->config_len;
}

/* ---- operations ---- */

static u64 lg_get_features(struct virtio_device *vdev)
{
	struct lguest_device_desc *desc = to_lgdev(vdev)->desc;
	u8 *in_features = lg_features(desc);
	u64 features = 0;
	unsigned int i;

	for (i = 0; i < min_t(unsigned int, desc->feature_len * 8, 32); i++) {
		if (in_features[i / 8] & (1 << (i % 8)))
			features |= BIT_ULL(i);
	}
	return features;
}

/* Those accepted lie behind those offered. */
static int lg_finalize_features(struct virtio_device *vdev)
{
	struct lguest_device_desc *desc = to_lgdev(vdev)->desc;
	u8 *out_features = lg_features(desc) + desc->feature_len;
	unsigned int i, bits;

	vring_transport_features(vdev);

	memset(out_features, 0, desc->feature_len);
	bits = min_t(unsigned int, desc->feature_len, sizeof(vdev->features)) * 8;
	for (i = 0; i < bits; i++) {
		if (test_bit(i, vdev->features))
			out_features[i / 8] |= (1 << (i % 8));
	}
	return 0;
}

static void lg_get(struct virtio_device *vdev, unsigned int offset, void *buf, unsigned int len)
{
	struct lguest_device_desc *desc = to_lgdev(vdev)->desc;

	BUG_ON(offset + len > desc->config_len);
	memcpy(buf, lg_config(desc) + offset, len);
}

static void lg_set(struct virtio_device *vdev, unsigned int offset, const void *buf, unsigned int len)
{
	struct lguest_device_desc *desc = to_lgdev(vdev)->desc;

	BUG_ON(offset + len > desc->config_len);
	memcpy(lg_config(desc) + offset, buf, len);
}

static u8 lg_get_status(struct virtio_device *vdev)
{
	return to_lgdev(vdev)->desc->status;
}

/* Written, and then told. */
static void set_status(struct virtio_device *vdev, u8 status)
{
	struct lguest_device_desc *desc = to_lgdev(vdev)->desc;

	desc->status = status;
	kvm_hypercall1(LHCALL_NOTIFY, virt_to_phys(desc));
}

static void lg_set_status(struct virtio_device *vdev, u8 status)
{
	/* 0 would be a reset. */
	BUG_ON(!status);
	set_status(vdev, status);
}

static void lg_reset(struct virtio_device *vdev)
{
	set_status(vdev, 0);
}

/* ---- queues ---- */

/* The kick: the address of the ring says which. A VM exit. */
static void lg_notify(struct virtqueue *vq)
{
	struct lguest_vq_info *lvq = vq->priv;

	kvm_hypercall1(LHCALL_NOTIFY, (phys_addr_t)lvq->config.pfn << PAGE_SHIFT);
}

static struct virtqueue *lg_find_vq(struct virtio_device *vdev, unsigned int index, vq_callback_t *callback,
				    const char *name)
{
	struct lguest_device *ldev = to_lgdev(vdev);
	struct lguest_vq_info *lvq;
	struct virtqueue *vq;
	int err;

	if (index >= ldev->desc->num_vq)
		return ERR_PTR(-ENOENT);

	lvq = kmalloc(sizeof(*lvq), GFP_KERNEL);
	if (!lvq)
		return ERR_PTR(-ENOMEM);

	/* Behind five bytes nothing is aligned. */
	memcpy(&lvq->config, lg_vq(ldev->desc) + index, sizeof(lvq->config));

	lvq->pages = lguest_map((phys_addr_t)lvq->config.pfn << PAGE_SHIFT);

	vq = vring_new_virtqueue(lvq->config.num, LGUEST_VRING_ALIGN, vdev, lvq->pages, lg_notify, callback, name);
	if (!vq) {
		err = -ENOMEM;
		goto free_lvq;
	}

	/* The ring's own handler is the interrupt's: whose line it is says all. */
	err = request_irq(lvq->config.irq, vring_interrupt, IRQF_SHARED, dev_name(&vdev->dev), vq);
	if (err)
		goto destroy_vring;

	vq->priv = lvq;
	return vq;

destroy_vring:
	vring_del_virtqueue(vq);
free_lvq:
	kfree(lvq);
	return ERR_PTR(err);
}

static void lg_del_vq(struct virtqueue *vq)
{
	struct lguest_vq_info *lvq = vq->priv;

	free_irq(lvq->config.irq, vq);
	vring_del_virtqueue(vq);
	kfree(lvq);
}

static void lg_del_vqs(struct virtio_device *vdev)
{
	struct virtqueue *vq, *n;

	list_for_each_entry_safe(vq, n, &vdev->vqs, list)
		lg_del_vq(vq);
}

static int lg_find_vqs(struct virtio_device *vdev, unsigned int nvqs, struct virtqueue *vqs[],
		       vq_callback_t *callbacks[], const char *names[])
{
	unsigned int i;
	int err;

	for (i = 0; i < nvqs; i++) {
		vqs[i] = lg_find_vq(vdev, i, callbacks[i], names[i]);
		if (IS_ERR(vqs[i])) {
			err = PTR_ERR(vqs[i]);
			lg_del_vqs(vdev);
			return err;
		}
	}
	return 0;
}

static struct virtio_config_ops lguest_config_ops = {
	.get_features = lg_get_features,
	.finalize_features = lg_finalize_features,
	.get = lg_get,
	.set = lg_set,
	.get_status = lg_get_status,
	.set_status = lg_set_status,
	.reset = lg_reset,
	.find_vqs = lg_find_vqs,
	.del_vqs = lg_del_vqs,
};

/* ---- finding devices ---- */

static int add_lguest_device(struct lguest_device_desc *d)
{
	struct lguest_device *ldev = kzalloc(sizeof(*ldev), GFP_KERNEL);

	if (!ldev)
		return -ENOMEM;

	ldev->vdev.id.device = d->type;
	ldev->vdev.config = &lguest_config_ops;
	ldev->desc = d;
	list_add_tail(&ldev->node, &lguest_bus);
	return register_virtio_device(&ldev->vdev);
}

static int __init lguest_devices_init(void)
{
	struct lguest_device_desc *d;
	unsigned int i;
	int err = 0;

	/* Is this lguest at all? */
	if (lab_transport != LAB_TRANSPORT_LGUEST)
		return 0;

	/* The first page that is not ours. */
	lguest_devices = lguest_map(lab_phys_offset + ((u64)max_mapnr << PAGE_SHIFT));

	for (i = 0; !err && i < PAGE_SIZE; i += desc_size(d)) {
		d = lguest_devices + i;
		if (d->type == 0)
			break;
		err = add_lguest_device(d);
	}
	return err;
}

static void __exit lguest_devices_exit(void)
{
	struct lguest_device *ldev, *n;

	list_for_each_entry_safe(ldev, n, &lguest_bus, node) {
		list_del(&ldev->node);
		unregister_virtio_device(&ldev->vdev);
		kfree(ldev);
	}
}

/* After the drivers: they are asked in the order of their registration. */
late_initcall(lguest_devices_init);
late_exitcall(lguest_devices_exit);

MODULE_DESCRIPTION("virtio devices of lguest");
MODULE_LICENSE("MIT");
