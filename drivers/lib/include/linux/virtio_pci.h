/* SPDX-License-Identifier: MIT */
/* linux/virtio_pci.h - registers of a legacy virtio-pci device, I/O ports from BAR 0 on (spec 4.1.4.8). */
#ifndef _LINUX_VIRTIO_PCI_H
#define _LINUX_VIRTIO_PCI_H

#define VIRTIO_PCI_HOST_FEATURES	0	/* offered, 32 bits, R */
#define VIRTIO_PCI_GUEST_FEATURES	4	/* accepted, 32 bits, RW */
#define VIRTIO_PCI_QUEUE_PFN		8	/* page number of the selected queue's ring; 0: none, 32 bits, RW */
#define VIRTIO_PCI_QUEUE_NUM		12	/* its size; 0: no such queue, 16 bits, R */
#define VIRTIO_PCI_QUEUE_SEL		14	/* which queue these are about, 16 bits, RW */
#define VIRTIO_PCI_QUEUE_NOTIFY		16	/* the kick: queue index, 16 bits, RW */
#define VIRTIO_PCI_STATUS		18	/* VIRTIO_CONFIG_S_*; write 0: reset, 8 bits, RW */
#define VIRTIO_PCI_ISR			19	/* what an interrupt is about; reading clears it, 8 bits, R */

#define VIRTIO_PCI_ISR_CONFIG		0x2	/* configuration space changed */

/* The device's configuration space (there are two more registers before it with MSI-X). */
#define VIRTIO_PCI_CONFIG		20

/* The version of this interface, as the PCI revision tells it. */
#define VIRTIO_PCI_ABI_VERSION		0

/* Unit of VIRTIO_PCI_QUEUE_PFN, and alignment of the used ring. */
#define VIRTIO_PCI_QUEUE_ADDR_SHIFT	12
#define VIRTIO_PCI_VRING_ALIGN		4096

#endif
