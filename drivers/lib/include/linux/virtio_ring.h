/* SPDX-License-Identifier: MIT */
/* linux/virtio_ring.h - memory layout of a split virtqueue (spec section 2.7). */
#ifndef _LINUX_VIRTIO_RING_H
#define _LINUX_VIRTIO_RING_H

#include <linux/types.h>
#include <linux/irqreturn.h>
#include <asm/barrier.h>

#define VRING_DESC_F_NEXT	1	/* the chain goes on at .next */
#define VRING_DESC_F_WRITE	2	/* the device writes to this buffer; otherwise it reads */
#define VRING_DESC_F_INDIRECT	4	/* the buffer is a table of descriptors (2.6.31) */

#define VRING_USED_F_NO_NOTIFY	1	/* device: do not kick me. Advisory only */
#define VRING_AVAIL_F_NO_INTERRUPT 1	/* driver: do not interrupt me. Advisory only */

#define VIRTIO_RING_F_INDIRECT_DESC 28
#define VIRTIO_RING_F_EVENT_IDX	29	/* used_event and avail_event are there (3.0) */

struct vring_desc {
	__u64 addr;			/* guest-physical */
	__u32 len;
	__u16 flags;
	__u16 next;
};

struct vring_avail {
	__u16 flags;
	__u16 idx;			/* free-running: where the next entry goes, modulo the size */
	__u16 ring[];
};

struct vring_used_elem {
	__u32 id;			/* head of the chain that was used */
	__u32 len;			/* bytes written to it */
};

struct vring_used {
	__u16 flags;
	__u16 idx;
	struct vring_used_elem ring[];
};

struct vring {
	unsigned int num;
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
};

/*
 * The legacy layout: one physically contiguous block.
 *
 *	struct vring_desc desc[num];
 *	__u16 avail_flags, avail_idx, available[num];
 *	padding to the next multiple of align
 *	__u16 used_flags, used_idx;
 *	struct vring_used_elem used[num];
 */
static inline void vring_init(struct vring *vr, unsigned int num, void *p, unsigned long align)
{
	vr->num = num;
	vr->desc = p;
	vr->avail = p + num * sizeof(struct vring_desc);
	vr->used = (void *)(((unsigned long)&vr->avail->ring[num] + align - 1) & ~(align - 1));
}

/* Bytes vring_init() needs. */
static inline unsigned int vring_size(unsigned int num, unsigned long align)
{
	return ((sizeof(struct vring_desc) * num + sizeof(__u16) * (2 + num) + align - 1) & ~(align - 1))
		+ sizeof(__u16) * 2 + sizeof(struct vring_used_elem) * num;
}

/*
 * The event index of each side lies behind its ring (spec 2.7.7.2, 2.7.10):
 * the legacy layout has room for it in the padding.
 */
#define vring_used_event(vr)	((vr)->avail->ring[(vr)->num])
#define vring_avail_event(vr)	(*(__u16 *)&(vr)->used->ring[(vr)->num])

/* Does moving an index from @old to @new_idx pass @event_idx? All modulo 65536. */
__nostep int vring_need_event(__u16 event_idx, __u16 new_idx, __u16 old)
{
	return (__u16)(new_idx - event_idx - 1) < (__u16)(new_idx - old);
}

/* Barriers by what is on the other side: a CPU, or a real device on a bus. */
__nostep void virtio_mb(bool weak_barriers)
{
	if (weak_barriers)
		virt_mb();
	else
		mb();
}

__nostep void virtio_rmb(bool weak_barriers)
{
	if (weak_barriers)
		virt_rmb();
	else
		dma_rmb();
}

__nostep void virtio_wmb(bool weak_barriers)
{
	if (weak_barriers)
		virt_wmb();
	else
		dma_wmb();
}

#define virtio_store_mb(weak_barriers, p, v)	\
	do {					\
		WRITE_ONCE(*(p), v);		\
		virtio_mb(weak_barriers);	\
	} while (0)

struct virtio_device;
struct virtqueue;

struct virtqueue *vring_new_virtqueue(unsigned int num, unsigned int vring_align, struct virtio_device *vdev,
				      void *pages, void (*notify)(struct virtqueue *vq),
				      void (*callback)(struct virtqueue *vq), const char *name);
void vring_del_virtqueue(struct virtqueue *vq);
void vring_transport_features(struct virtio_device *vdev);
irqreturn_t vring_interrupt(int irq, void *_vq);

#endif
