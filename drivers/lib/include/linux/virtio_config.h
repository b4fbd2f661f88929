/* SPDX-License-Identifier: MIT */
/* linux/virtio_config.h - device status, features and configuration space (spec sections 2.1 to 2.5). */
#ifndef _LINUX_VIRTIO_CONFIG_H
#define _LINUX_VIRTIO_CONFIG_H

#include <linux/virtio.h>
#include <linux/kernel.h>
#include <linux/errno.h>

#define VIRTIO_CONFIG_S_ACKNOWLEDGE	1	/* the guest has noticed the device */
#define VIRTIO_CONFIG_S_DRIVER		2	/* and has a driver for it */
#define VIRTIO_CONFIG_S_DRIVER_OK	4	/* which is ready */
#define VIRTIO_CONFIG_S_FEATURES_OK	8	/* features are agreed (not in the legacy interface) */
#define VIRTIO_CONFIG_S_NEEDS_RESET	0x40
#define VIRTIO_CONFIG_S_FAILED		0x80	/* the guest gave up */

/* Features from here on are the transport's: the core looks after them. */
#define VIRTIO_TRANSPORT_F_START	28
#define VIRTIO_TRANSPORT_F_END		38

#define VIRTIO_F_NOTIFY_ON_EMPTY	24	/* interrupt when the ring runs empty, even if suppressed (spec 6.3, legacy) */
#define VIRTIO_F_ANY_LAYOUT		27
#define VIRTIO_F_VERSION_1		32

typedef void vq_callback_t(struct virtqueue *);

/**
 * struct virtio_config_ops - what a transport can do
 * @get: read @len bytes of configuration space at @offset
 * @set: write them
 * @get_status: read the status byte
 * @set_status: write it; never 0
 * @reset: reset the device
 * @find_vqs: make all virtqueues; 0 or -errno
 * @del_vqs: free them
 * @get_features: features the device offers
 * @finalize_features: tell it which of them are in vdev->features; 0 or -errno
 */
struct virtio_config_ops {
	void (*get)(struct virtio_device *vdev, unsigned int offset, void *buf, unsigned int len);
	void (*set)(struct virtio_device *vdev, unsigned int offset, const void *buf, unsigned int len);
	u8 (*get_status)(struct virtio_device *vdev);
	void (*set_status)(struct virtio_device *vdev, u8 status);
	void (*reset)(struct virtio_device *vdev);
	int (*find_vqs)(struct virtio_device *vdev, unsigned int nvqs, struct virtqueue *vqs[],
			vq_callback_t *callbacks[], const char *names[]);
	void (*del_vqs)(struct virtio_device *vdev);
	u64 (*get_features)(struct virtio_device *vdev);
	int (*finalize_features)(struct virtio_device *vdev);
};

void virtio_check_driver_offered_feature(const struct virtio_device *vdev, unsigned int fbit);

/**
 * virtio_has_feature - was this feature negotiated?
 * @vdev: device
 * @fbit: feature bit; must be in the driver's feature_table
 */
static inline bool virtio_has_feature(const struct virtio_device *vdev, unsigned int fbit)
{
	if (fbit < VIRTIO_TRANSPORT_F_START)
		virtio_check_driver_offered_feature(vdev, fbit);
	return test_bit(fbit, vdev->features);
}

int virtio_config_buf(struct virtio_device *vdev, unsigned int fbit, unsigned int offset, void *buf, unsigned int len);

/* Read a field of configuration space if the feature it depends on was negotiated; 0 or -ENOENT. */
#define virtio_config_val(vdev, fbit, offset, v) \
	virtio_config_buf((vdev), (fbit), (offset), (v), sizeof(*(v)))

static inline struct virtqueue *virtio_find_single_vq(struct virtio_device *vdev, vq_callback_t *c, const char *n)
{
	vq_callback_t *callbacks[] = { c };
	const char *names[] = { n };
	struct virtqueue *vq;
	int err = vdev->config->find_vqs(vdev, 1, &vq, callbacks, names);

	return err < 0 ? ERR_PTR(err) : vq;
}

/* ---- since 3.13 and 4.0 ---- */

/**
 * virtio_device_ready - the driver is ready before its probe returns
 * @dev: device: it may use its queues from here on
 */
static inline void virtio_device_ready(struct virtio_device *dev)
{
	unsigned int status = dev->config->get_status(dev);

	BUG_ON(status & VIRTIO_CONFIG_S_DRIVER_OK);
	dev->config->set_status(dev, status | VIRTIO_CONFIG_S_DRIVER_OK);
}

static inline int virtio_find_vqs(struct virtio_device *vdev, unsigned int nvqs, struct virtqueue *vqs[],
				  vq_callback_t *callbacks[], const char *const names[])
{
	return vdev->config->find_vqs(vdev, nvqs, vqs, callbacks, (const char **)names);
}

static inline void virtio_cread_bytes(struct virtio_device *vdev, unsigned int offset, void *buf, size_t len)
{
	vdev->config->get(vdev, offset, buf, len);
}

/* Read a field of configuration space if the feature it depends on was negotiated; 0 or -ENOENT. */
#define virtio_cread_feature(vdev, fbit, structname, member, ptr) \
	virtio_config_buf((vdev), (fbit), offsetof(structname, member), (ptr), sizeof(*(ptr)))

/* A modern device is little-endian, a legacy one has the guest's order, which is the same here. */
__nostep u16 virtio16_to_cpu(struct virtio_device *vdev, __virtio16 val)
{
	(void)vdev;
	return val;
}

__nostep __virtio16 cpu_to_virtio16(struct virtio_device *vdev, u16 val)
{
	(void)vdev;
	return val;
}

#endif
