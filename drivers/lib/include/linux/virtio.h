/* SPDX-License-Identifier: MIT */
/* linux/virtio.h - virtio devices, drivers and queues as of 2.6.31. */
#ifndef _LINUX_VIRTIO_H
#define _LINUX_VIRTIO_H

#include <linux/types.h>
#include <linux/device.h>
#include <linux/mod_devicetable.h>
#include <linux/scatterlist.h>
#include <linux/spinlock.h>
#include <linux/version.h>

struct virtio_device;
struct virtqueue_ops;
struct virtio_config_ops;

/**
 * struct virtqueue - a queue to register buffers for sending or receiving
 * @list: in the device's vqs
 * @callback: called when buffers have been consumed (may be NULL)
 * @name: for messages
 * @vdev: device it belongs to
 * @vq_ops: operations
 * @priv: the driver's
 * @index: of the queue in its device (5.10; so is the next)
 * @num_free: descriptors that a buffer may still take
 */
struct virtqueue {
	struct list_head list;
	void (*callback)(struct virtqueue *vq);
	const char *name;
	struct virtio_device *vdev;
	struct virtqueue_ops *vq_ops;
	void *priv;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 10, 0)
	unsigned int index;
	unsigned int num_free;
#endif
};

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 10, 0)

/* The operations became functions in 2.6.35; these are those of 5.10: see virtio_ring-5.10.c. */
int virtqueue_add_outbuf(struct virtqueue *vq, struct scatterlist *sg, unsigned int num, void *data, gfp_t gfp);
int virtqueue_add_inbuf(struct virtqueue *vq, struct scatterlist *sg, unsigned int num, void *data, gfp_t gfp);
int virtqueue_add_inbuf_ctx(struct virtqueue *vq, struct scatterlist *sg, unsigned int num, void *data, void *ctx,
			    gfp_t gfp);
bool virtqueue_kick(struct virtqueue *vq);
bool virtqueue_kick_prepare(struct virtqueue *vq);
bool virtqueue_notify(struct virtqueue *vq);
void *virtqueue_get_buf(struct virtqueue *vq, unsigned int *len);
void *virtqueue_get_buf_ctx(struct virtqueue *vq, unsigned int *len, void **ctx);
void *virtqueue_detach_unused_buf(struct virtqueue *vq);
void virtqueue_disable_cb(struct virtqueue *vq);
bool virtqueue_enable_cb(struct virtqueue *vq);
unsigned int virtqueue_enable_cb_prepare(struct virtqueue *vq);
bool virtqueue_poll(struct virtqueue *vq, unsigned int last_used_idx);
bool virtqueue_enable_cb_delayed(struct virtqueue *vq);
unsigned int virtqueue_get_vring_size(struct virtqueue *vq);
bool virtqueue_is_broken(struct virtqueue *vq);

#endif

/**
 * struct virtqueue_ops - operations on a virtqueue
 * @add_buf: offer a buffer; sg[0..out_num) is read by the device,
 *	sg[out_num..out_num + in_num) is written by it; @data comes back from
 *	get_buf. -ENOSPC when there is no room; otherwise 0, or since 2.6.32 the
 *	number of descriptors still free.
 * @kick: tell the device about what has been added
 * @get_buf: next used buffer's @data, and in @len the bytes written; NULL if none
 * @disable_cb: hint that callbacks are not needed
 * @enable_cb: ask for callbacks again; false if there are used buffers already
 * @detach_unused_buf: take back a buffer that was not used, after a reset: its
 *	@data, NULL if none is left (2.6.34; before, this is NULL)
 *
 * Callers serialise operations on one queue themselves.
 */
struct virtqueue_ops {
	int (*add_buf)(struct virtqueue *vq, struct scatterlist sg[],
		       unsigned int out_num, unsigned int in_num, void *data);
	void (*kick)(struct virtqueue *vq);
	void *(*get_buf)(struct virtqueue *vq, unsigned int *len);
	void (*disable_cb)(struct virtqueue *vq);
	bool (*enable_cb)(struct virtqueue *vq);
	void *(*detach_unused_buf)(struct virtqueue *vq);
};

struct virtio_device {
	int index;
	struct device dev;
	struct virtio_device_id id;
	struct virtio_config_ops *config;
	struct list_head vqs;
	/* Negotiated features. 64 bits: VIRTIO_F_VERSION_1 is number 32 (2.6.31 had 32 of them). */
	DECLARE_BITMAP(features, 64);
	void *priv;
};

#define dev_to_virtio(_dev)	container_of(_dev, struct virtio_device, dev)

int register_virtio_device(struct virtio_device *dev);
void unregister_virtio_device(struct virtio_device *dev);

/**
 * struct virtio_driver - operations of a virtio driver
 * @feature_table: features the driver understands
 * @feature_table_size: entries in it
 * @id_table: devices it drives; ends with an entry of zeros
 * @probe: called when a device is found; 0 or -errno
 * @remove: called when it goes away
 * @config_changed: the device changed its configuration space; may be NULL
 */
struct virtio_driver {
	struct device_driver driver;
	const struct virtio_device_id *id_table;
	const unsigned int *feature_table;
	unsigned int feature_table_size;
	int (*probe)(struct virtio_device *dev);
	void (*remove)(struct virtio_device *dev);
	void (*config_changed)(struct virtio_device *dev);
};

int register_virtio_driver(struct virtio_driver *drv);
void unregister_virtio_driver(struct virtio_driver *drv);

#endif
