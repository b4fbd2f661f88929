// SPDX-License-Identifier: MIT
/*
 * drivers/virtio/virtio_ring-5.10.c - the split virtqueue as of 5.10.
 *
 * What became of 2009's ring: avail->idx moves with every buffer that is added,
 * so that the device may see one before any kick; a kick is two calls, the
 * decision (under the caller's lock) and the notification; and with
 * VIRTIO_RING_F_EVENT_IDX each side says how far the other may go before it is
 * to be told: avail_event for kicks, used_event for interrupts.
 *
 * Not here: packed rings, and the DMA API. Linux goes through it only with
 * VIRTIO_F_ACCESS_PLATFORM, which the lab's device does not offer.
 */
#define LINUX_VERSION_CODE 0x050a00	/* 5.10.0: what a driver's own files are told */
#include <linux/virtio.h>
#include <linux/virtio_ring.h>
#include <linux/virtio_config.h>
#include <linux/device.h>
#include <linux/slab.h>
#include <linux/module.h>

/*
 * The device broke its promise: the queue is dead from now on. Other than in
 * 2009, add says so too (-EIO).
 */
#ifdef DEBUG
#define BAD_RING(_vq, fmt, ...)						\
	do {								\
		dev_err(&(_vq)->vq.vdev->dev, "%s:" fmt, (_vq)->vq.name, ##__VA_ARGS__); \
		BUG();							\
	} while (0)
/* A second caller in the middle of an operation: callers serialise themselves. */
#define START_USE(_vq)							\
	do {								\
		if ((_vq)->in_use)					\
			panic("%s: in_use = %u\n", (_vq)->vq.name, (_vq)->in_use); \
		(_vq)->in_use = __LINE__;				\
	} while (0)
#define END_USE(_vq)	((_vq)->in_use = 0)
#else
#define BAD_RING(_vq, fmt, ...)						\
	do {								\
		dev_err(&(_vq)->vq.vdev->dev, "%s:" fmt, (_vq)->vq.name, ##__VA_ARGS__); \
		(_vq)->broken = true;					\
	} while (0)
#define START_USE(_vq)
#define END_USE(_vq)
#endif

/* What the driver keeps of each chain, by its head. */
struct vring_desc_state_split {
	void *data;			/* the caller's token; NULL: no head */
	void *ctx;			/* the caller's second word */
	struct vring_desc *indir_desc;	/* indirect table, if the chain has one */
};

struct vring_virtqueue {
	struct virtqueue vq;

	/* The device is software, on a CPU like ours: barriers between CPUs do. */
	bool weak_barriers;

	/* The other side is not to be trusted any more. */
	bool broken;

	/* The device takes indirect descriptors. */
	bool indirect;

	/* Both sides publish event indices. */
	bool event;

	/* First of the free descriptors, linked by .next; vq.num_free counts them. */
	unsigned int free_head;

	/* Added since the last decision about a kick. */
	unsigned int num_added;

	/* Used entries up to here have been collected. */
	u16 last_used_idx;

	struct {
		struct vring vring;

		/*
		 * What we wrote last to avail->flags and avail->idx: reading
		 * them back would cost a cache line that the device holds. With
		 * event index the flag lives here only.
		 */
		u16 avail_flags_shadow;
		u16 avail_idx_shadow;

		struct vring_desc_state_split *desc_state;
	} split;

	/* How to tell the device. */
	void (*notify)(struct virtqueue *vq);

#ifdef DEBUG
	/* Line of the operation in progress. */
	unsigned int in_use;
#endif
};

#define to_vvq(_vq) container_of(_vq, struct vring_virtqueue, vq)

/* ---- adding ---- */

/* FIXME of 5.10, and of 2.6.31: from how many on is a table worth it? */
static inline bool virtqueue_use_indirect(const struct virtqueue *_vq, unsigned int total_sg)
{
	return to_vvq(_vq)->indirect && total_sg > 1 && _vq->num_free;
}

static struct vring_desc *alloc_indirect_split(unsigned int total_sg, gfp_t gfp)
{
	struct vring_desc *desc;
	unsigned int i;

	desc = kmalloc_array(total_sg, sizeof(struct vring_desc), gfp);
	if (!desc)
		return NULL;
	for (i = 0; i < total_sg; i++)
		desc[i].next = i + 1;
	return desc;
}

static inline void fill_desc(struct vring_desc *desc, struct scatterlist *sg, u16 flags)
{
	desc->flags = VRING_DESC_F_NEXT | flags;
	desc->addr = sg_phys(sg);
	desc->len = sg->length;
}

static inline int virtqueue_add_split(struct virtqueue *_vq, struct scatterlist *sg, unsigned int out_sgs,
				      unsigned int in_sgs, void *data, void *ctx, gfp_t gfp)
{
	struct vring_virtqueue *vq = to_vvq(_vq);
	unsigned int total_sg = out_sgs + in_sgs, descs_used = total_sg;
	unsigned int head, i, prev, n, avail;
	struct vring_desc *desc, *table = NULL;

	START_USE(vq);
	BUG_ON(data == NULL);
	BUG_ON(total_sg == 0);

	if (unlikely(vq->broken)) {
		END_USE(vq);
		return -EIO;
	}

	head = vq->free_head;
	desc = vq->split.vring.desc;
	i = head;
	if (virtqueue_use_indirect(_vq, total_sg))
		table = alloc_indirect_split(total_sg, gfp);
	if (table) {
		desc = table;
		i = 0;
		descs_used = 1;
	}

	if (vq->vq.num_free < descs_used) {
		pr_debug("Can't add buf len %u - avail = %u\n", descs_used, vq->vq.num_free);
		/*
		 * FIXME of 5.10, and of 2.6.31: for historical reasons the
		 * device is told, even if it asked not to be.
		 */
		if (out_sgs)
			vq->notify(&vq->vq);
		kfree(table);
		END_USE(vq);
		return -ENOSPC;
	}

	/* Free descriptors are taken as they are linked: .next stays. */
	prev = i;
	for (n = 0; n < total_sg; n++, sg = sg_next(sg)) {
		fill_desc(&desc[i], sg, n < out_sgs ? 0 : VRING_DESC_F_WRITE);
		prev = i;
		i = desc[i].next;
	}
	/* The last one has none behind it. */
	desc[prev].flags &= ~VRING_DESC_F_NEXT;

	if (table) {
		vq->split.vring.desc[head].flags = VRING_DESC_F_INDIRECT;
		vq->split.vring.desc[head].addr = virt_to_phys(table);
		vq->split.vring.desc[head].len = total_sg * sizeof(struct vring_desc);
		i = vq->split.vring.desc[head].next;
	}

	vq->vq.num_free -= descs_used;
	vq->free_head = i;

	vq->split.desc_state[head].data = data;
	vq->split.desc_state[head].ctx = ctx;
	vq->split.desc_state[head].indir_desc = table;

	avail = vq->split.avail_idx_shadow & (vq->split.vring.num - 1);
	vq->split.vring.avail->ring[avail] = head;

	/* Descriptors and ring entry must be there before the index says so (spec 2.7.13.3). */
	virtio_wmb(vq->weak_barriers);
	vq->split.avail_idx_shadow++;
	vq->split.vring.avail->idx = vq->split.avail_idx_shadow;
	vq->num_added++;
	END_USE(vq);

	/* Nobody adds 64K buffers without a kick, but if so, a 16-bit difference must not wrap. */
	if (unlikely(vq->num_added == (1 << 16) - 1))
		virtqueue_kick(_vq);

	return 0;
}

/**
 * virtqueue_add_outbuf - offer a buffer for the device to read
 * @vq: queue
 * @sg: its pieces
 * @num: how many
 * @data: token that virtqueue_get_buf() gives back
 * @gfp: for an indirect table
 *
 * 0; -ENOSPC: no room; -EIO: the queue is broken.
 */
int virtqueue_add_outbuf(struct virtqueue *vq, struct scatterlist *sg, unsigned int num, void *data, gfp_t gfp)
{
	return virtqueue_add_split(vq, sg, num, 0, data, NULL, gfp);
}

/**
 * virtqueue_add_inbuf - offer a buffer for the device to write
 * @vq: queue
 * @sg: its pieces
 * @num: how many
 * @data: token that virtqueue_get_buf() gives back
 * @gfp: for an indirect table
 */
int virtqueue_add_inbuf(struct virtqueue *vq, struct scatterlist *sg, unsigned int num, void *data, gfp_t gfp)
{
	return virtqueue_add_split(vq, sg, 0, num, data, NULL, gfp);
}

/**
 * virtqueue_add_inbuf_ctx - the same, with a second word that comes back
 * @ctx: virtqueue_get_buf_ctx() gives it back
 */
int virtqueue_add_inbuf_ctx(struct virtqueue *vq, struct scatterlist *sg, unsigned int num, void *data, void *ctx,
			    gfp_t gfp)
{
	return virtqueue_add_split(vq, sg, 0, num, data, ctx, gfp);
}

/* ---- kicking ---- */

/**
 * virtqueue_kick_prepare - decide whether to kick
 * @_vq: queue
 *
 * Under the same lock as add; virtqueue_notify() need not be. Without anything
 * new there is nothing to kick for, if there is an event index.
 */
bool virtqueue_kick_prepare(struct virtqueue *_vq)
{
	struct vring_virtqueue *vq = to_vvq(_vq);
	u16 new, old;
	bool needs_kick;

	START_USE(vq);
	/* The available index must be there before we look whether to notify (spec 2.7.13.4). */
	virtio_mb(vq->weak_barriers);

	old = vq->split.avail_idx_shadow - vq->num_added;
	new = vq->split.avail_idx_shadow;
	vq->num_added = 0;

	if (vq->event)
		needs_kick = vring_need_event(vring_avail_event(&vq->split.vring), new, old);
	else
		needs_kick = !(vq->split.vring.used->flags & VRING_USED_F_NO_NOTIFY);

	END_USE(vq);
	return needs_kick;
}

/**
 * virtqueue_notify - the second half of a kick
 * @_vq: queue
 *
 * False if the queue is broken.
 */
bool virtqueue_notify(struct virtqueue *_vq)
{
	struct vring_virtqueue *vq = to_vvq(_vq);

	if (unlikely(vq->broken))
		return false;
	vq->notify(_vq);
	return true;
}

bool virtqueue_kick(struct virtqueue *vq)
{
	if (virtqueue_kick_prepare(vq))
		return virtqueue_notify(vq);
	return true;
}

/* ---- collecting ---- */

/* A chain comes back: to the front of the free list, so that the list scrambles over time. */
static void detach_buf_split(struct vring_virtqueue *vq, unsigned int head, void **ctx)
{
	struct vring_desc_state_split *state = &vq->split.desc_state[head];
	struct vring_desc *desc = vq->split.vring.desc;
	unsigned int i = head;

	state->data = NULL;

	while (desc[i].flags & VRING_DESC_F_NEXT) {
		i = desc[i].next;
		vq->vq.num_free++;
	}
	desc[i].next = vq->free_head;
	vq->free_head = head;
	vq->vq.num_free++;

	if (ctx)
		*ctx = state->ctx;
	kfree(state->indir_desc);
	state->indir_desc = NULL;
}

static inline bool more_used_split(const struct vring_virtqueue *vq)
{
	return vq->last_used_idx != vq->split.vring.used->idx;
}

/**
 * virtqueue_get_buf_ctx - take back the next buffer that the device has used
 * @_vq: queue
 * @len: gets the bytes the device says it wrote
 * @ctx: gets the second word; may be NULL
 *
 * The token; NULL if there is none.
 */
void *virtqueue_get_buf_ctx(struct virtqueue *_vq, unsigned int *len, void **ctx)
{
	struct vring_virtqueue *vq = to_vvq(_vq);
	struct vring_used_elem *used;
	void *ret = NULL;
	unsigned int i;

	START_USE(vq);
	if (unlikely(vq->broken) || !more_used_split(vq))
		goto out;

	/* Only then look at the entry that the index announces (2d61ba95034). */
	virtio_rmb(vq->weak_barriers);

	used = &vq->split.vring.used->ring[vq->last_used_idx & (vq->split.vring.num - 1)];
	i = used->id;
	*len = used->len;

	if (unlikely(i >= vq->split.vring.num)) {
		BAD_RING(vq, "id %u out of range\n", i);
		goto out;
	}
	if (unlikely(!vq->split.desc_state[i].data)) {
		BAD_RING(vq, "id %u is not a head!\n", i);
		goto out;
	}

	ret = vq->split.desc_state[i].data;
	detach_buf_split(vq, i, ctx);
	vq->last_used_idx++;

	/*
	 * If the caller wants an interrupt for the next entry, say so; and
	 * before the next look at used->idx.
	 */
	if (!(vq->split.avail_flags_shadow & VRING_AVAIL_F_NO_INTERRUPT))
		virtio_store_mb(vq->weak_barriers, &vring_used_event(&vq->split.vring), vq->last_used_idx);
out:
	END_USE(vq);
	return ret;
}

void *virtqueue_get_buf(struct virtqueue *_vq, unsigned int *len)
{
	return virtqueue_get_buf_ctx(_vq, len, NULL);
}

/**
 * virtqueue_detach_unused_buf - take back a buffer that was never used
 * @_vq: queue, of a device that has been reset
 *
 * The token of one; NULL when there are no more (c021eac4148, 2.6.34).
 */
void *virtqueue_detach_unused_buf(struct virtqueue *_vq)
{
	struct vring_virtqueue *vq = to_vvq(_vq);
	unsigned int i;
	void *buf;

	START_USE(vq);
	for (i = 0; i < vq->split.vring.num; i++) {
		if (!vq->split.desc_state[i].data)
			continue;
		buf = vq->split.desc_state[i].data;
		detach_buf_split(vq, i, NULL);
		vq->split.avail_idx_shadow--;
		vq->split.vring.avail->idx = vq->split.avail_idx_shadow;
		END_USE(vq);
		return buf;
	}
	/* That should have freed everything. */
	BUG_ON(vq->vq.num_free != vq->split.vring.num);
	END_USE(vq);
	return NULL;
}

/* ---- interrupts ---- */

/**
 * virtqueue_disable_cb - hint that callbacks are not needed
 * @_vq: queue
 *
 * With event index nothing is written: used_event stays behind, and the device
 * passes it but once.
 */
void virtqueue_disable_cb(struct virtqueue *_vq)
{
	struct vring_virtqueue *vq = to_vvq(_vq);

	if (vq->split.avail_flags_shadow & VRING_AVAIL_F_NO_INTERRUPT)
		return;
	vq->split.avail_flags_shadow |= VRING_AVAIL_F_NO_INTERRUPT;
	if (!vq->event)
		vq->split.vring.avail->flags = vq->split.avail_flags_shadow;
}

static void clear_no_interrupt(struct vring_virtqueue *vq)
{
	if (!(vq->split.avail_flags_shadow & VRING_AVAIL_F_NO_INTERRUPT))
		return;
	vq->split.avail_flags_shadow &= ~VRING_AVAIL_F_NO_INTERRUPT;
	if (!vq->event)
		vq->split.vring.avail->flags = vq->split.avail_flags_shadow;
}

/**
 * virtqueue_enable_cb_prepare - ask for callbacks again
 * @_vq: queue
 *
 * What to give virtqueue_poll(), which tells whether anything was used before
 * the device could see this. Flag or event index: the index is written always,
 * which does no harm.
 */
unsigned int virtqueue_enable_cb_prepare(struct virtqueue *_vq)
{
	struct vring_virtqueue *vq = to_vvq(_vq);
	u16 last_used_idx;

	START_USE(vq);
	clear_no_interrupt(vq);
	last_used_idx = vq->last_used_idx;
	vring_used_event(&vq->split.vring) = last_used_idx;
	END_USE(vq);
	return last_used_idx;
}

/**
 * virtqueue_poll - is there anything used since?
 * @_vq: queue
 * @last_used_idx: from virtqueue_enable_cb_prepare()
 */
bool virtqueue_poll(struct virtqueue *_vq, unsigned int last_used_idx)
{
	struct vring_virtqueue *vq = to_vvq(_vq);

	if (unlikely(vq->broken))
		return false;
	virtio_mb(vq->weak_barriers);
	return (u16)last_used_idx != vq->split.vring.used->idx;
}

/**
 * virtqueue_enable_cb - ask for callbacks again
 * @_vq: queue
 *
 * False if there is something used already: then no interrupt may come.
 */
bool virtqueue_enable_cb(struct virtqueue *_vq)
{
	unsigned int last_used_idx = virtqueue_enable_cb_prepare(_vq);

	return !virtqueue_poll(_vq, last_used_idx);
}

/**
 * virtqueue_enable_cb_delayed - ask for a callback when most of it is done
 * @_vq: queue
 *
 * A hint: without event index the next used buffer interrupts. False if that
 * much is used already.
 */
bool virtqueue_enable_cb_delayed(struct virtqueue *_vq)
{
	struct vring_virtqueue *vq = to_vvq(_vq);
	u16 bufs;

	START_USE(vq);
	clear_no_interrupt(vq);
	/* Three quarters of what is outstanding. TODO of 5.10: tune this threshold. */
	bufs = (u16)(vq->split.avail_idx_shadow - vq->last_used_idx) * 3 / 4;

	virtio_store_mb(vq->weak_barriers, &vring_used_event(&vq->split.vring), vq->last_used_idx + bufs);

	if (unlikely((u16)(vq->split.vring.used->idx - vq->last_used_idx) > bufs)) {
		END_USE(vq);
		return false;
	}
	END_USE(vq);
	return true;
}

/**
 * vring_interrupt - the device may have used something
 * @irq: line
 * @_vq: queue
 */
irqreturn_t vring_interrupt(int irq, void *_vq)
{
	struct vring_virtqueue *vq = to_vvq((struct virtqueue *)_vq);

	(void)irq;
	if (!more_used_split(vq)) {
		pr_debug("virtqueue interrupt with no work for %s\n", vq->vq.name);
		return IRQ_NONE;
	}

	if (unlikely(vq->broken))
		return IRQ_HANDLED;

	if (vq->vq.callback)
		vq->vq.callback(&vq->vq);

	return IRQ_HANDLED;
}

/* ---- coming and going ---- */

/* Transports make their queues in order. */
static unsigned int next_index(const struct virtio_device *vdev)
{
	unsigned int index = 0;
	struct virtqueue *vq;

	list_for_each_entry(vq, &vdev->vqs, list)
		index++;
	return index;
}

/**
 * vring_new_virtqueue - make a queue in memory the transport has got
 * @num: entries, a power of two: the indices run freely over 16 bits
 * @vring_align: alignment of the used ring
 * @vdev: device
 * @pages: zeroed, vring_size() bytes
 * @notify: how to kick
 * @callback: called when there is something used; NULL: never interrupt
 * @name: for messages
 *
 * The lab's transports serve kernels old and new, and call it as in 2.6.31.
 */
struct virtqueue *vring_new_virtqueue(unsigned int num, unsigned int vring_align, struct virtio_device *vdev,
				      void *pages, void (*notify)(struct virtqueue *vq),
				      void (*callback)(struct virtqueue *vq), const char *name)
{
	struct vring_virtqueue *vq;
	unsigned int i;

	/* Commit 42b36cc0ce7: any other size breaks when an index wraps. */
	if (num & (num - 1)) {
		dev_warn(&vdev->dev, "Bad virtqueue length %u\n", num);
		return NULL;
	}

	vq = kzalloc(sizeof(*vq), GFP_KERNEL);
	if (!vq)
		return NULL;
	vq->split.desc_state = kcalloc(num, sizeof(struct vring_desc_state_split), GFP_KERNEL);
	if (!vq->split.desc_state) {
		kfree(vq);
		return NULL;
	}

	vring_init(&vq->split.vring, num, pages, vring_align);
	vq->vq.callback = callback;
	vq->vq.vdev = vdev;
	vq->vq.name = name;
	vq->vq.index = next_index(vdev);
	vq->vq.num_free = num;
	vq->weak_barriers = true;
	vq->notify = notify;
	list_add_tail(&vq->vq.list, &vdev->vqs);

	vq->indirect = virtio_has_feature(vdev, VIRTIO_RING_F_INDIRECT_DESC);
	vq->event = virtio_has_feature(vdev, VIRTIO_RING_F_EVENT_IDX);

	/* Nobody to call: the device need not interrupt. */
	if (!callback) {
		vq->split.avail_flags_shadow |= VRING_AVAIL_F_NO_INTERRUPT;
		if (!vq->event)
			vq->split.vring.avail->flags = vq->split.avail_flags_shadow;
	}

	/* All descriptors are free. */
	for (i = 0; i < num - 1; i++)
		vq->split.vring.desc[i].next = i + 1;

	return &vq->vq;
}

void vring_del_virtqueue(struct virtqueue *_vq)
{
	struct vring_virtqueue *vq = to_vvq(_vq);

	list_del(&_vq->list);
	kfree(vq->split.desc_state);
	kfree(vq);
}

/* Of the features the transport may have, those this ring can do. */
void vring_transport_features(struct virtio_device *vdev)
{
	unsigned int i;

	for (i = VIRTIO_TRANSPORT_F_START; i < VIRTIO_TRANSPORT_F_END; i++) {
		switch (i) {
		case VIRTIO_RING_F_INDIRECT_DESC:
		case VIRTIO_RING_F_EVENT_IDX:
		case VIRTIO_F_VERSION_1:
			break;
		default:
			/* We do not understand this one. */
			clear_bit(i, vdev->features);
		}
	}
}

/**
 * virtqueue_get_vring_size - entries of a queue
 * @_vq: queue
 */
unsigned int virtqueue_get_vring_size(struct virtqueue *_vq)
{
	return to_vvq(_vq)->split.vring.num;
}

bool virtqueue_is_broken(struct virtqueue *_vq)
{
	return READ_ONCE(to_vvq(_vq)->broken);
}
