/* SPDX-License-Identifier: MIT */
/* linux/virtio_mmio.h - registers of a virtio-mmio device (spec 4.2.2; legacy: 4.2.4). 32 bits each. */
#ifndef _LINUX_VIRTIO_MMIO_H
#define _LINUX_VIRTIO_MMIO_H

#define VIRTIO_MMIO_MAGIC_VALUE		0x000	/* "virt", R */
#define VIRTIO_MMIO_VERSION		0x004	/* 1 legacy, 2 modern, R */
#define VIRTIO_MMIO_DEVICE_ID		0x008	/* 0: nothing there, R */
#define VIRTIO_MMIO_VENDOR_ID		0x00c	/* R */
#define VIRTIO_MMIO_DEVICE_FEATURES	0x010	/* 32 of the offered bits, R */
#define VIRTIO_MMIO_DEVICE_FEATURES_SEL	0x014	/* which 32, W */
#define VIRTIO_MMIO_DRIVER_FEATURES	0x020	/* 32 of the accepted bits, W */
#define VIRTIO_MMIO_DRIVER_FEATURES_SEL	0x024	/* which 32, W */
#define VIRTIO_MMIO_GUEST_PAGE_SIZE	0x028	/* unit of QUEUE_PFN, legacy, W */
#define VIRTIO_MMIO_QUEUE_SEL		0x030	/* queue the next ones are about, W */
#define VIRTIO_MMIO_QUEUE_NUM_MAX	0x034	/* largest size; 0: no such queue, R */
#define VIRTIO_MMIO_QUEUE_NUM		0x038	/* size chosen, W */
#define VIRTIO_MMIO_QUEUE_ALIGN		0x03c	/* of the used ring, legacy, W */
#define VIRTIO_MMIO_QUEUE_PFN		0x040	/* page number of the ring; 0: none, legacy, RW */
#define VIRTIO_MMIO_QUEUE_READY		0x044	/* modern, RW */
#define VIRTIO_MMIO_QUEUE_NOTIFY	0x050	/* the kick: queue index, W */
#define VIRTIO_MMIO_INTERRUPT_STATUS	0x060	/* VIRTIO_MMIO_INT_*, R */
#define VIRTIO_MMIO_INTERRUPT_ACK	0x064	/* bits handled, W */
#define VIRTIO_MMIO_STATUS		0x070	/* VIRTIO_CONFIG_S_*; write 0: reset, RW */
#define VIRTIO_MMIO_QUEUE_DESC_LOW	0x080	/* descriptor table, modern, W */
#define VIRTIO_MMIO_QUEUE_DESC_HIGH	0x084
#define VIRTIO_MMIO_QUEUE_DRIVER_LOW	0x090	/* available ring */
#define VIRTIO_MMIO_QUEUE_DRIVER_HIGH	0x094
#define VIRTIO_MMIO_QUEUE_DEVICE_LOW	0x0a0	/* used ring */
#define VIRTIO_MMIO_QUEUE_DEVICE_HIGH	0x0a4
#define VIRTIO_MMIO_CONFIG_GENERATION	0x0fc	/* modern, R */
#define VIRTIO_MMIO_CONFIG		0x100	/* the device's configuration space */

#define VIRTIO_MMIO_INT_VRING		(1 << 0)	/* a queue has used buffers */
#define VIRTIO_MMIO_INT_CONFIG		(1 << 1)	/* configuration space changed */

#define VIRTIO_MMIO_MAGIC		0x74726976
#define VIRTIO_MMIO_VRING_ALIGN		4096

#endif
