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
 * The device broke its promise. The queue is dead from now on, silently:
 * get_buf() finds nothing any more. With DEBUG the kernel stops here instead.
 */
#ifdef DEBUG
#define BAD_RING(_vq, ...)						\
	do {								\
		dev_err(&(_vq)->vq.vdev->dev, __VA_ARGS__);		\
		BUG();							\
	} while (0)
/* A second caller in the middle of an operation: callers serialise themselves. */
#define START_USE(_vq)							\
	do {								\
		if ((_vq)->in_use)					\
			panic("%s() while the queue is in use at line %u", __func__, (_vq)->in_use); \
		(_vq)->in_use = __LINE__;				\
	} while (0)
#define END_USE(_vq)	((_vq)->in_use = 0)
#else
#define BAD_RING(_vq, ...)						\
	do {								\
		dev_err(&(_vq)->vq.vdev->dev, __VA_ARGS__);		\
		(_vq)->broken = true;					\
	} while (0)
#define START_USE(_vq)
#define END_USE(_vq)
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

static void fill_desc(struct vring_desc *desc, struct scatterlist *sg, u16 flags)
{
	desc->flags = VRING_DESC_F_NEXT | flags;
	desc->addr = sg_phys(sg);
	desc->len = sg->length;
}

/*
 * One descriptor of the ring that points to a table of the others (2.6.31).
 * Its number; or -ENOMEM.
 */
static int vring_add_indirect(struct vring_virtqueue *vq, struct scatterlist sg[],
			      unsigned int out, unsigned int in)
{
	unsigned int head = vq->free_head, total = out + in, i;
	struct vring_desc *desc;

	desc = kmalloc(total * sizeof(struct vring_desc), GFP_ATOMIC);
	if (!desc)
		return -ENOMEM;

	for (i = 0; i < total; i++) {
		fill_desc(&desc[i], &sg[i], i < out ? 0 : VRING_DESC_F_WRITE);
		desc[i].next = i + 1;
	}
	/* The last one has none behind it. */
	desc[total - 1].flags &= ~VRING_DESC_F_NEXT;
	desc[total - 1].next = 0;

	vq->num_free--;
	vq->free_head = vq->vring.desc[head].next;
	vq->vring.desc[head].flags = VRING_DESC_F_INDIRECT;
	vq->vring.desc[head].addr = virt_to_phys(desc);
	vq->vring.desc[head].len = total * sizeof(struct vring_desc);
	return head;
}

/* Takes the chain off the free list as it is linked: .next stays. The caller has seen that it is long enough. */
static int vring_add_direct(struct vring_virtqueue *vq, struct scatterlist sg[],
			    unsigned int out, unsigned int in)
{
	unsigned int head = vq->free_head, total = out + in;
	unsigned int i = head, prev = head, n;

	vq->num_free -= total;
	for (n = 0; n < total; n++) {
		fill_desc(&vq->vring.desc[i], &sg[n], n < out ? 0 : VRING_DESC_F_WRITE);
		prev = i;
		i = vq->vring.desc[i].next;
	}
	/* The last one has none behind it. */
	vq->vring.desc[prev].flags &= ~VRING_DESC_F_NEXT;
	vq->free_head = i;
	return head;
}

static int vring_add_buf(struct virtqueue *_vq, struct scatterlist sg[],
			 unsigned int out, unsigned int in, void *data)
{
	struct vring_virtqueue *vq = to_vvq(_vq);
	int head = -ENOSPC;
	unsigned int avail;

	BUG_ON(data == NULL);
	BUG_ON(out + in == 0);
	START_USE(vq);

	/* FIXME of 2.6.31: from how many on is a table worth it? */
	if (vq->indirect && out + in > 1 && vq->num_free)
		head = vring_add_indirect(vq, sg, out, in);

	/* Without tables, or without memory for one. */
	if (head < 0) {
		BUG_ON(out + in > vq->vring.num);
		if (vq->num_free < out + in) {
			/*
			 * FIXME of 2.6.31: for historical reasons the device
			 * is told even if it asked not to be. QEMU's TX timer
			 * relies on it: a kick while the timer runs means
			 * "the ring is full". Not for reception (44653eae140).
			 */
			if (out)
				vq->notify(&vq->vq);
			END_USE(vq);
			return -ENOSPC;
		}
		head = vring_add_direct(vq, sg, out, in);
	}

	vq->data[head] = data;

	/* In the ring, but not exposed: kick() moves avail->idx. FIXME of 2.6.31: avoid the modulus. */
	avail = (vq->vring.avail->idx + vq->num_added++) % vq->vring.num;
	vq->vring.avail->ring[avail] = head;

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

/* A chain comes back: to the front of the free list, so that the list scrambles over time. */
static void detach_buf(struct vring_virtqueue *vq, unsigned int head)
{
	struct vring_desc *desc = vq->vring.desc;
	unsigned int last = head;

	vq->data[head] = NULL;

	if (desc[head].flags & VRING_DESC_F_INDIRECT)
		kfree(phys_to_virt(desc[head].addr));

	vq->num_free++;
	while (desc[last].flags & VRING_DESC_F_NEXT) {
		last = desc[last].next;
		vq->num_free++;
	}
	desc[last].next = vq->free_head;
	vq->free_head = head;
}

static inline bool more_used(const struct vring_virtqueue *vq)
{
	return vq->last_used_idx != vq->vring.used->idx;
}

static void *vring_get_buf(struct virtqueue *_vq, unsigned int *len)
{
	struct vring_virtqueue *vq = to_vvq(_vq);
	struct vring_used_elem *used;
	void *data = NULL;
	unsigned int head;

	START_USE(vq);
	if (unlikely(vq->broken) || !more_used(vq))
		goto out;

	/* 2.6.31 has no read barrier here: 2d61ba95034 brought it in 2.6.32. */
	used = &vq->vring.used->ring[vq->last_used_idx % vq->vring.num];
	head = used->id;
	*len = used->len;

	if (unlikely(head >= vq->vring.num)) {
		BAD_RING(vq, "id %u out of range\n", head);
		goto out;
	}
	if (unlikely(!vq->data[head])) {
		BAD_RING(vq, "id %u is not a head!\n", head);
		goto out;
	}

	data = vq->data[head];
	detach_buf(vq, head);
	vq->last_used_idx++;
out:
	END_USE(vq);
	return data;
}

/*
 * Advisory: an interrupt may come all the same. Called from interrupts too,
 * while the queue is in use below them: no lock, no barrier, no START_USE.
 */
static void vring_disable_cb(struct virtqueue *_vq)
{
	struct vring_virtqueue *vq = to_vvq(_vq);

	vq->vring.avail->flags |= VRING_AVAIL_F_NO_INTERRUPT;
}

static bool vring_enable_cb(struct virtqueue *_vq)
{
	struct vring_virtqueue *vq = to_vvq(_vq);
	bool idle;

	START_USE(vq);
	vq->vring.avail->flags &= ~VRING_AVAIL_F_NO_INTERRUPT;
	/* For what was used before the device saw this, no interrupt comes: the caller must look. */
	mb();
	idle = !more_used(vq);
	END_USE(vq);
	return idle;
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
	if (!more_used(vq))
		return IRQ_NONE;

	if (unlikely(vq->broken))
		return IRQ_HANDLED;

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

/*
 * Indirect tables of buffers that are still in the ring are lost here: 2.6.31
 * has no way to take unused buffers back (c021eac4148 brought it).
 */
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
