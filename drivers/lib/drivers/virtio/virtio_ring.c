// SPDX-License-Identifier: MIT
/*
 * drivers/virtio/virtio_ring.c - the split virtqueue as of 2.6.31.
 *
 * Buffers added are written to the descriptor table and the available ring at
 * once, but avail->idx moves only in kick(): until then the device does not see
 * them. (Since Linux 3.x it moves in add.)
 */
#include <linux/virtio.h>
#include <linux/virtio_ring.h>
#include <linux/virtio_config.h>
#include <linux/device.h>
#include <linux/slab.h>
#include <linux/module.h>

/*
 * The device broke its promise. Without DEBUG the queue is dead from now on,
 * silently: get_buf() finds nothing any more.
 */
#ifdef DEBUG
#define BAD_RING(_vq, fmt, args...)				\
	do {							\
		dev_err(&(_vq)->vq.vdev->dev, fmt, ##args);	\
		BUG();						\
	} while (0)
/* Callers must not be in here twice at a time: they serialise themselves. */
#define START_USE(_vq)						\
	do {							\
		if ((_vq)->in_use)				\
			panic("in_use = %i\n", (_vq)->in_use);	\
		(_vq)->in_use = __LINE__;			\
		mb();						\
	} while (0)
#define END_USE(_vq) \
	do { BUG_ON(!(_vq)->in_use); (_vq)->in_use = 0; mb(); } while (0)
#else
#define BAD_RING(_vq, fmt, args...)				\
	do {							\
		dev_err(&(_vq)->vq.vdev->dev, fmt, ##args);	\
		(_vq)->broken = true;				\
	} while (0)
#define START_USE(vq)
#define END_USE(vq)
#endif

struct vring_virtqueue {
	struct virtqueue vq;

	struct vring vring;

	/* The other side is not to be trusted any more. */
	bool broken;

	/* The device takes indirect descriptors. */
	bool indirect;

	/* Free descriptors, and the first of them: linked by .next. */
	unsigned int num_free;
	unsigned int free_head;

	/* Added since the last kick. */
	unsigned int num_added;

	/* Used entries up to here have been collected. */
	u16 last_used_idx;

	/* How to tell the device. */
	void (*notify)(struct virtqueue *vq);

#ifdef DEBUG
	/* Line of the operation in progress. */
	unsigned int in_use;
#endif

	/* The caller's token of each chain, by its head; NULL: no head. */
	void *data[];
};

#define to_vvq(_vq) container_of(_vq, struct vring_virtqueue, vq)

/* One descriptor of the ring that points to a table of the others; -ENOMEM if there is none to be had. */
static int vring_add_indirect(struct vring_virtqueue *vq, struct scatterlist sg[],
			      unsigned int out, unsigned int in)
{
	struct vring_desc *desc;
	unsigned int head, i;

	desc = kmalloc((out + in) * sizeof(struct vring_desc), GFP_ATOMIC);
	if (!desc)
		return -ENOMEM;

	for (i = 0; i < out; i++, sg++) {
		desc[i].flags = VRING_DESC_F_NEXT;
		desc[i].addr = sg_phys(sg);
		desc[i].len = sg->length;
		desc[i].next = i + 1;
	}
	for (; i < out + in; i++, sg++) {
		desc[i].flags = VRING_DESC_F_NEXT | VRING_DESC_F_WRITE;
		desc[i].addr = sg_phys(sg);
		desc[i].len = sg->length;
		desc[i].next = i + 1;
	}
	/* The last one has none behind it. */
	desc[i - 1].flags &= ~VRING_DESC_F_NEXT;
	desc[i - 1].next = 0;

	vq->num_free--;

	head = vq->free_head;
	vq->vring.desc[head].flags = VRING_DESC_F_INDIRECT;
	vq->vring.desc[head].addr = virt_to_phys(desc);
	vq->vring.desc[head].len = i * sizeof(struct vring_desc);

	vq->free_head = vq->vring.desc[head].next;
	return head;
}

static int vring_add_buf(struct virtqueue *_vq, struct scatterlist sg[],
			 unsigned int out, unsigned int in, void *data)
{
	struct vring_virtqueue *vq = to_vvq(_vq);
	unsigned int i, avail, prev = 0;
	int head;

	BUG_ON(data == NULL);
	START_USE(vq);

	/* FIXME of 2.6.31: tune this threshold. */
	if (vq->indirect && (out + in) > 1 && vq->num_free) {
		head = vring_add_indirect(vq, sg, out, in);
		if (likely(head >= 0))
			goto add_head;
		/* Without memory for a table: directly, if it fits. */
	}

	BUG_ON(out + in > vq->vring.num);
	BUG_ON(out + in == 0);

	if (vq->num_free < out + in) {
		pr_debug("Can't add buf len %u - avail = %u\n", out + in, vq->num_free);
		/*
		 * FIXME of 2.6.31: for historical reasons the device is told
		 * even if it asked not to be. QEMU's TX timer relies on it: a
		 * kick while the timer runs means "the ring is full". Not for
		 * reception (44653eae140).
		 */
		if (out)
			vq->notify(&vq->vq);
		END_USE(vq);
		return -ENOSPC;
	}

	/* Take the chain off the free list as it is linked: .next stays. */
	vq->num_free -= out + in;

	head = vq->free_head;
	for (i = vq->free_head; out; i = vq->vring.desc[i].next, out--) {
		vq->vring.desc[i].flags = VRING_DESC_F_NEXT;
		vq->vring.desc[i].addr = sg_phys(sg);
		vq->vring.desc[i].len = sg->length;
		prev = i;
		sg++;
	}
	for (; in; i = vq->vring.desc[i].next, in--) {
		vq->vring.desc[i].flags = VRING_DESC_F_NEXT | VRING_DESC_F_WRITE;
		vq->vring.desc[i].addr = sg_phys(sg);
		vq->vring.desc[i].len = sg->length;
		prev = i;
		sg++;
	}
	/* The last one has none behind it. */
	vq->vring.desc[prev].flags &= ~VRING_DESC_F_NEXT;

	vq->free_head = i;

add_head:
	vq->data[head] = data;

	/* In the ring, but not exposed: kick() moves avail->idx. FIXME of 2.6.31: avoid modulus here? */
	avail = (vq->vring.avail->idx + vq->num_added++) % vq->vring.num;
	vq->vring.avail->ring[avail] = head;

	pr_debug("Added buffer head %i to %p\n", head, vq);
	END_USE(vq);
	return 0;
}

static void vring_kick(struct virtqueue *_vq)
{
	struct vring_virtqueue *vq = to_vvq(_vq);

	START_USE(vq);
	/* Descriptors and ring entries must be there before the index says so (spec 2.7.13.3). */
	wmb();

	vq->vring.avail->idx += vq->num_added;
	vq->num_added = 0;

	/* And the index before we look whether to notify (spec 2.7.13.4). */
	mb();

	if (!(vq->vring.used->flags & VRING_USED_F_NO_NOTIFY))
		vq->notify(&vq->vq);

	END_USE(vq);
}

/* A chain comes back: to the front of the free list, so the list scrambles over time. */
static void detach_buf(struct vring_virtqueue *vq, unsigned int head)
{
	unsigned int i;

	vq->data[head] = NULL;

	i = head;
	if (vq->vring.desc[i].flags & VRING_DESC_F_INDIRECT)
		kfree(phys_to_virt(vq->vring.desc[i].addr));

	while (vq->vring.desc[i].flags & VRING_DESC_F_NEXT) {
		i = vq->vring.desc[i].next;
		vq->num_free++;
	}

	vq->vring.desc[i].next = vq->free_head;
	vq->free_head = head;
	vq->num_free++;
}

static inline bool more_used(const struct vring_virtqueue *vq)
{
	return vq->last_used_idx != vq->vring.used->idx;
}

static void *vring_get_buf(struct virtqueue *_vq, unsigned int *len)
{
	struct vring_virtqueue *vq = to_vvq(_vq);
	void *ret;
	unsigned int i;

	START_USE(vq);

	if (unlikely(vq->broken)) {
		END_USE(vq);
		return NULL;
	}

	if (!more_used(vq)) {
		pr_debug("No more buffers in queue\n");
		END_USE(vq);
		return NULL;
	}

	/* 2.6.31 has no read barrier here: 2d61ba95034 brought it in 2.6.32. */
	i = vq->vring.used->ring[vq->last_used_idx % vq->vring.num].id;
	*len = vq->vring.used->ring[vq->last_used_idx % vq->vring.num].len;

	if (unlikely(i >= vq->vring.num)) {
		BAD_RING(vq, "id %u out of range\n", i);
		END_USE(vq);
		return NULL;
	}
	if (unlikely(!vq->data[i])) {
		BAD_RING(vq, "id %u is not a head!\n", i);
		END_USE(vq);
		return NULL;
	}

	ret = vq->data[i];
	detach_buf(vq, i);
	vq->last_used_idx++;
	END_USE(vq);
	return ret;
}

/* Advisory: an interrupt may come all the same. */
static void vring_disable_cb(struct virtqueue *_vq)
{
	struct vring_virtqueue *vq = to_vvq(_vq);

	START_USE(vq);
	vq->vring.avail->flags |= VRING_AVAIL_F_NO_INTERRUPT;
	END_USE(vq);
}

static bool vring_enable_cb(struct virtqueue *_vq)
{
	struct vring_virtqueue *vq = to_vvq(_vq);

	START_USE(vq);

	/* For what the device uses between here and the check it may not interrupt: the caller must look. */
	vq->vring.avail->flags &= ~VRING_AVAIL_F_NO_INTERRUPT;
	mb();
	if (unlikely(more_used(vq))) {
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
	if (!more_used(vq)) {
		pr_debug("virtqueue interrupt with no work for %p\n", vq);
		return IRQ_NONE;
	}

	if (unlikely(vq->broken))
		return IRQ_HANDLED;

	pr_debug("virtqueue callback for %p (%p)\n", vq, vq->vq.callback);
	if (vq->vq.callback)
		vq->vq.callback(&vq->vq);

	return IRQ_HANDLED;
}

static struct virtqueue_ops vring_vq_ops = {
	.add_buf = vring_add_buf,
	.get_buf = vring_get_buf,
	.kick = vring_kick,
	.disable_cb = vring_disable_cb,
	.enable_cb = vring_enable_cb,
};

/**
 * vring_new_virtqueue - make a queue in memory the transport has got
 * @num: entries, a power of two: the indices run freely over 16 bits
 * @vring_align: alignment of the used ring
 * @vdev: device
 * @pages: zeroed, vring_size() bytes
 * @notify: how to kick
 * @callback: called when there is something used; NULL: never interrupt
 * @name: for messages
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

	vq = kmalloc(sizeof(*vq) + sizeof(void *) * num, GFP_KERNEL);
	if (!vq)
		return NULL;

	vring_init(&vq->vring, num, pages, vring_align);
	vq->vq.callback = callback;
	vq->vq.vdev = vdev;
	vq->vq.vq_ops = &vring_vq_ops;
	vq->vq.name = name;
	vq->vq.priv = NULL;
	vq->notify = notify;
	vq->broken = false;
	vq->last_used_idx = 0;
	vq->num_added = 0;
	list_add_tail(&vq->vq.list, &vdev->vqs);
#ifdef DEBUG
	vq->in_use = 0;
#endif

	vq->indirect = virtio_has_feature(vdev, VIRTIO_RING_F_INDIRECT_DESC);

	/* Nobody to call: the device need not interrupt. */
	if (!callback)
		vq->vring.avail->flags |= VRING_AVAIL_F_NO_INTERRUPT;

	/* All descriptors are free. */
	vq->num_free = num;
	vq->free_head = 0;
	for (i = 0; i < num - 1; i++)
		vq->vring.desc[i].next = i + 1;

	/* Linux cleared data[] only from 2.6.34 on (3b8706240ee); a token of 0x6b6b6b6b would pass for a head. */
	memset(vq->data, 0, sizeof(void *) * num);

	return &vq->vq;
}

void vring_del_virtqueue(struct virtqueue *vq)
{
	list_del(&vq->list);
	kfree(to_vvq(vq));
}

/* Of the features the transport may have, those this ring can do. */
void vring_transport_features(struct virtio_device *vdev)
{
	unsigned int i;

	for (i = VIRTIO_TRANSPORT_F_START; i < VIRTIO_TRANSPORT_F_END; i++) {
		switch (i) {
		case VIRTIO_RING_F_INDIRECT_DESC:
		case VIRTIO_F_VERSION_1:
			break;
		default:
			/* We do not understand this one. */
			clear_bit(i, vdev->features);
		}
	}
}
