// Constants of the split virtqueue, with Linux's names and the section of the virtio 1.2 specification that defines them.

/** The chain goes on at `next` (2.7.5). */
export const VRING_DESC_F_NEXT = 1;
/** The device writes this buffer; otherwise it reads it (2.7.5). */
export const VRING_DESC_F_WRITE = 2;
/** The buffer holds a table of descriptors (2.7.5.3). */
export const VRING_DESC_F_INDIRECT = 4;

/** avail.flags: the driver asks for no interrupt; only an optimization, and 0 with event index (2.7.7). */
export const VRING_AVAIL_F_NO_INTERRUPT = 1;
/** used.flags: the device asks for no kick; only an optimization, and 0 with event index (2.7.10). */
export const VRING_USED_F_NO_NOTIFY = 1;

/** Feature bits that change what a split ring holds or means (6, and 6.3 for the legacy one). */
export const VIRTIO_F_NOTIFY_ON_EMPTY = 24;
export const VIRTIO_RING_F_INDIRECT_DESC = 28;
export const VIRTIO_RING_F_EVENT_IDX = 29;
export const VIRTIO_F_IN_ORDER = 35;
/**
 * The lab's own, from the mail of June 2009 and in no specification: both sides count kicks in the bits of their flags above the
 * hint, the driver those it has sent in avail.flags, the device those it has answered in used.flags; it is kicked when they are equal.
 */
export const LAB_RING_F_KICK_COUNT = 31;

/** bytes of struct vring_desc (2.7.5) and of struct vring_used_elem (2.7.8) */
export const DESC_SIZE = 16;
export const USED_ELEM_SIZE = 8;

/** The most entries a split ring may have (2.7). */
export const MAX_QUEUE_SIZE = 32768;

/** Device status bits (2.1). */
export const VIRTIO_CONFIG_S_DRIVER_OK = 4;
export const VIRTIO_CONFIG_S_NEEDS_RESET = 64;
export const VIRTIO_CONFIG_S_FAILED = 128;
