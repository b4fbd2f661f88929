// What names of virtio's mean, each with its section of the specification (Virtio 1.2). Pure data.

export interface SpecEntry {
  /** of Virtio 1.2; absent for what only drivers, or the lab, know */
  readonly section?: string;
  /** a later version that has brought it: the section is of that one */
  readonly since?: '1.3';
  readonly text: string;
}

const at = (section: string, text: string): SpecEntry => ({ section, text });
const since13 = (section: string, text: string): SpecEntry => ({ section, text, since: '1.3' });
const own = (text: string): SpecEntry => ({ text });

/** Flags, features, status bits and registers, by their Linux names. */
export const SPEC_NAMES: Readonly<Record<string, SpecEntry>> = {
  // the split ring
  VRING_DESC_F_NEXT: at('2.7.5', 'The buffer goes on in the descriptor that `next` names.'),
  VRING_DESC_F_WRITE: at('2.7.5', 'The device may write this buffer; otherwise it may only read it.'),
  VRING_DESC_F_INDIRECT: at(
    '2.7.5.3',
    'The buffer holds a table of descriptors: the whole chain in one slot of the ring.',
  ),
  VRING_AVAIL_F_NO_INTERRUPT: at(
    '2.7.7',
    'In avail.flags, written by the driver: it asks for no interrupt when buffers are used. A hint: the device may still interrupt. Without meaning once VIRTIO_F_EVENT_IDX is negotiated.',
  ),
  VRING_USED_F_NO_NOTIFY: at(
    '2.7.10',
    'In used.flags, written by the device: it asks for no notification when buffers are made available. A hint: the driver may still kick. Without meaning once VIRTIO_F_EVENT_IDX is negotiated.',
  ),
  vring_used_event: at(
    '2.7.7',
    'used_event, behind avail.ring, written by the driver: the device interrupts when it writes the used entry of this index.',
  ),
  vring_avail_event: at(
    '2.7.10',
    'avail_event, behind used.ring, written by the device: the driver notifies when it makes the entry of this index available.',
  ),
  vring_need_event: at(
    '2.7.10.1',
    'Whether the index that the other side waits for lies among those just passed: (u16)(new − event − 1) < (u16)(new − old).',
  ),

  // features of any device
  VIRTIO_F_NOTIFY_ON_EMPTY: at(
    '6.3',
    'Legacy: the device interrupts when it has used up all available buffers, even if the driver asked for no interrupts.',
  ),
  VIRTIO_F_ANY_LAYOUT: at('6.3', 'Legacy: the device takes a request however it is cut into descriptors.'),
  VIRTIO_F_VERSION_1: at('6', 'The device complies with Virtio 1.0 or later: little-endian fields, FEATURES_OK.'),
  VIRTIO_RING_F_INDIRECT_DESC: at(
    '2.7.5.3',
    'The driver may put a chain into a table of its own: VRING_DESC_F_INDIRECT.',
  ),
  VIRTIO_RING_F_EVENT_IDX: at(
    '2.7.7',
    'Notifications are suppressed by index, used_event and avail_event, in place of the two flags (2.7.10 for the other direction).',
  ),
  LAB_RING_F_KICK_COUNT: own(
    'The lab’s own, in no specification: both sides count kicks in their flags, above the lowest bit, and the driver kicks when it has sent as many as the device has answered (the mail of June 2009).',
  ),
  VIRTIO_F_ACCESS_PLATFORM: at(
    '6',
    'The device’s accesses to memory are subject to the platform: an IOMMU may stand before it.',
  ),
  VIRTIO_F_RING_PACKED: at('6', 'The packed virtqueue layout may be used (2.8).'),
  VIRTIO_F_IN_ORDER: at('6', 'The device uses buffers in the order in which they were made available (2.7.9).'),
  VIRTIO_F_ORDER_PLATFORM: at(
    '6',
    'Memory accesses are ordered by the platform’s rules for devices, not as between CPUs.',
  ),
  VIRTIO_F_SR_IOV: at('6', 'The device has virtual functions.'),
  VIRTIO_F_NOTIFICATION_DATA: at(
    '6',
    'A kick carries more than the queue’s number: where the next available entry is (2.9).',
  ),
  VIRTIO_F_NOTIF_CONFIG_DATA: at('6', 'A kick carries a value that the device gives, in place of the queue’s number.'),
  VIRTIO_F_RING_RESET: at('6', 'A queue can be reset alone (2.6.1).'),

  // features of a network device
  VIRTIO_NET_F_CSUM: at('5.1.3', 'The device completes checksums: the driver may send packets with a partial one.'),
  VIRTIO_NET_F_GUEST_CSUM: at('5.1.3', 'The driver takes packets with a partial checksum.'),
  VIRTIO_NET_F_MAC: at('5.1.3', 'The configuration space has the device’s MAC address.'),
  VIRTIO_NET_F_GSO: at('5.1.3.2', 'Legacy: the device takes packets with any GSO type.'),
  VIRTIO_NET_F_GUEST_TSO4: at(
    '5.1.3',
    'The driver takes TSO packets of TCP over IPv4: receive buffers of 65 562 bytes with the header, or mergeable ones (5.1.6.3.1).',
  ),
  VIRTIO_NET_F_GUEST_TSO6: at('5.1.3', 'The driver takes TSO packets of TCP over IPv6.'),
  VIRTIO_NET_F_GUEST_ECN: at('5.1.3', 'The driver takes TSO packets with ECN.'),
  VIRTIO_NET_F_GUEST_UFO: at('5.1.3', 'The driver takes UFO packets.'),
  VIRTIO_NET_F_HOST_TSO4: at('5.1.3', 'The device takes TSO packets of TCP over IPv4.'),
  VIRTIO_NET_F_HOST_TSO6: at('5.1.3', 'The device takes TSO packets of TCP over IPv6.'),
  VIRTIO_NET_F_HOST_ECN: at('5.1.3', 'The device takes TSO packets with ECN.'),
  VIRTIO_NET_F_HOST_UFO: at('5.1.3', 'The device takes UFO packets.'),
  LAB_NET_F_RX_SKIP: own(
    'The lab’s own, an idea of June 2009 that no specification has: the header of a received packet says how many bytes the device left out between it and the frame.',
  ),
  VIRTIO_NET_F_MRG_RXBUF: at(
    '5.1.3',
    'A received packet may be spread over several buffers: the header’s num_buffers says how many (5.1.6.4).',
  ),
  VIRTIO_NET_F_STATUS: at('5.1.3', 'The configuration space has a status field: VIRTIO_NET_S_LINK_UP.'),
  VIRTIO_NET_F_CTRL_VQ: at('5.1.3', 'There is a control queue.'),
  VIRTIO_NET_F_CTRL_RX: at('5.1.3', 'The control queue sets receive modes: promiscuous, all-multicast.'),
  VIRTIO_NET_F_CTRL_VLAN: at('5.1.3', 'The control queue filters VLANs.'),
  VIRTIO_NET_F_MQ: at('5.1.3', 'The device has several pairs of queues.'),
  VIRTIO_NET_F_MTU: at('5.1.3', 'The configuration space has the largest MTU that the driver may use.'),
  VIRTIO_NET_F_CTRL_GUEST_OFFLOADS: at('5.1.3', 'The control queue changes the driver’s offloads while it runs.'),
  VIRTIO_NET_F_CTRL_RX_EXTRA: at(
    '5.1.6.5.1',
    'The control queue sets further receive modes: no unicast, no multicast, no broadcast, all unicast.',
  ),
  VIRTIO_NET_F_CTRL_MAC_ADDR: at('5.1.3', 'The control queue sets the MAC address.'),
  VIRTIO_NET_F_GUEST_ANNOUNCE: at(
    '5.1.3',
    'The driver can be asked to announce itself on the network, after a migration.',
  ),
  VIRTIO_NET_F_NOTF_COAL: at('5.1.3', 'Notifications can be coalesced by time and number of packets.'),
  VIRTIO_NET_F_VQ_NOTF_COAL: since13('5.1.3', 'Notifications can be coalesced queue by queue.'),
  VIRTIO_NET_F_GUEST_USO4: since13('5.1.3', 'The driver takes USO packets of UDP over IPv4.'),
  VIRTIO_NET_F_GUEST_USO6: since13('5.1.3', 'The driver takes USO packets of UDP over IPv6.'),
  VIRTIO_NET_F_HOST_USO: at('5.1.3', 'The device takes USO packets.'),
  VIRTIO_NET_F_HASH_REPORT: at('5.1.3', 'The device reports each packet’s hash in its header.'),
  VIRTIO_NET_F_GUEST_HDRLEN: at('5.1.3', 'The driver gives the exact hdr_len.'),
  VIRTIO_NET_F_RSS: at('5.1.3', 'The device spreads packets over receive queues by their hash.'),
  VIRTIO_NET_F_RSC_EXT: at('5.1.3', 'The device tells how many TCP segments it has merged.'),
  VIRTIO_NET_F_STANDBY: at('5.1.3', 'The device may stand by for another one with the same MAC address.'),
  VIRTIO_NET_F_SPEED_DUPLEX: at('5.1.3', 'The configuration space has speed and duplex.'),
  VIRTIO_NET_S_LINK_UP: at('5.1.4', 'In the configuration’s status: the link is up.'),

  // the header of every packet
  VIRTIO_NET_HDR_F_NEEDS_CSUM: at(
    '5.1.6.2',
    'The checksum from csum_start on is to be stored at csum_start + csum_offset.',
  ),
  VIRTIO_NET_HDR_F_DATA_VALID: at('5.1.6.4', 'The device has checked the packet’s checksum.'),
  VIRTIO_NET_HDR_GSO_NONE: at('5.1.6', 'The packet is one frame: nothing is to be segmented.'),
  VIRTIO_NET_HDR_GSO_TCPV4: at('5.1.6', 'TCP over IPv4, to be cut into segments of gso_size.'),
  VIRTIO_NET_HDR_GSO_TCPV6: at('5.1.6', 'TCP over IPv6, to be cut into segments of gso_size.'),
  VIRTIO_NET_HDR_GSO_UDP: at('5.1.6', 'UDP, to be cut into fragments.'),
  VIRTIO_NET_HDR_GSO_ECN: at('5.1.6', 'Beside a TCP type: the packet has ECN set.'),

  // device status
  VIRTIO_CONFIG_S_ACKNOWLEDGE: at('2.1', 'The guest has found the device, and knows it for a virtio device.'),
  VIRTIO_CONFIG_S_DRIVER: at('2.1', 'The guest has a driver for it.'),
  VIRTIO_CONFIG_S_DRIVER_OK: at('2.1', 'The driver is set up: from here on the device may use the queues.'),
  VIRTIO_CONFIG_S_FEATURES_OK: at(
    '2.1',
    'Features are negotiated; the driver reads it back to see whether the device agrees.',
  ),
  VIRTIO_CONFIG_S_NEEDS_RESET: at('2.1', 'The device has met an error from which only a reset leads back.'),
  VIRTIO_CONFIG_S_FAILED: at('2.1', 'The guest has given the device up.'),

  // virtio-mmio
  VIRTIO_MMIO_MAGIC_VALUE: at('4.2.2', '0x000: reads 0x74726976, “virt”.'),
  VIRTIO_MMIO_VERSION: at('4.2.2', '0x004: 2, or 1 for the legacy interface (4.2.4).'),
  VIRTIO_MMIO_DEVICE_ID: at('4.2.2', '0x008: which kind of device; 1 is a network card, 0 is none.'),
  VIRTIO_MMIO_VENDOR_ID: at('4.2.2', '0x00c: whose device.'),
  VIRTIO_MMIO_DEVICE_FEATURES: at('4.2.2', '0x010: 32 feature bits that the device offers: those that …_SEL selects.'),
  VIRTIO_MMIO_DEVICE_FEATURES_SEL: at('4.2.2', '0x014: which 32 bits DEVICE_FEATURES shows.'),
  VIRTIO_MMIO_DRIVER_FEATURES: at('4.2.2', '0x020: 32 feature bits that the driver accepts.'),
  VIRTIO_MMIO_DRIVER_FEATURES_SEL: at('4.2.2', '0x024: which 32 bits DRIVER_FEATURES sets.'),
  VIRTIO_MMIO_GUEST_PAGE_SIZE: at('4.2.4', '0x028, legacy: the page size that QUEUE_PFN counts in.'),
  VIRTIO_MMIO_QUEUE_SEL: at('4.2.2', '0x030: the queue that the other queue registers are about.'),
  VIRTIO_MMIO_QUEUE_NUM_MAX: at('4.2.2', '0x034: the largest size of the queue; 0: there is none.'),
  VIRTIO_MMIO_QUEUE_NUM: at('4.2.2', '0x038: the size that the driver uses.'),
  VIRTIO_MMIO_QUEUE_ALIGN: at('4.2.4', '0x03c, legacy: alignment of the used ring.'),
  VIRTIO_MMIO_QUEUE_PFN: at(
    '4.2.4',
    '0x040, legacy: page number of the queue; writing it starts the queue, 0 stops it.',
  ),
  VIRTIO_MMIO_QUEUE_READY: at('4.2.2', '0x044: 1 starts the queue.'),
  VIRTIO_MMIO_QUEUE_NOTIFY: at(
    '4.2.2',
    '0x050: the kick. Buffers are available in the queue of this number: a VM exit.',
  ),
  VIRTIO_MMIO_INTERRUPT_STATUS: at(
    '4.2.2',
    '0x060: why the device interrupts: bit 0 a used buffer, bit 1 the configuration. Reading it is a VM exit.',
  ),
  VIRTIO_MMIO_INTERRUPT_ACK: at('4.2.2', '0x064: these causes are dealt with. Writing it is a VM exit.'),
  VIRTIO_MMIO_INT_VRING: at('4.2.2', 'In InterruptStatus: the device has used a buffer.'),
  VIRTIO_MMIO_INT_CONFIG: at('4.2.2', 'In InterruptStatus: the configuration has changed.'),
  VIRTIO_MMIO_STATUS: at('4.2.2', '0x070: the device status (2.1); writing 0 resets the device.'),
  VIRTIO_MMIO_QUEUE_DESC_LOW: at('4.2.2', '0x080: address of the descriptor table, low half.'),
  VIRTIO_MMIO_QUEUE_DESC_HIGH: at('4.2.2', '0x084: address of the descriptor table, high half.'),
  VIRTIO_MMIO_QUEUE_DRIVER_LOW: at('4.2.2', '0x090: address of the available ring, low half.'),
  VIRTIO_MMIO_QUEUE_DRIVER_HIGH: at('4.2.2', '0x094: address of the available ring, high half.'),
  VIRTIO_MMIO_QUEUE_DEVICE_LOW: at('4.2.2', '0x0a0: address of the used ring, low half.'),
  VIRTIO_MMIO_QUEUE_DEVICE_HIGH: at('4.2.2', '0x0a4: address of the used ring, high half.'),
  VIRTIO_MMIO_CONFIG_GENERATION: at(
    '4.2.2',
    '0x0fc: changes with the configuration: read before and after, it tells a torn read.',
  ),
  VIRTIO_MMIO_CONFIG: at('4.2.2', '0x100 and on: the configuration space of this kind of device (5.1.4).'),
  // legacy virtio-pci, in I/O space
  VIRTIO_PCI_HOST_FEATURES: at('4.1.4.10', 'Offset 0: feature bits 0 to 31 that the device offers.'),
  VIRTIO_PCI_GUEST_FEATURES: at('4.1.4.10', 'Offset 4: feature bits 0 to 31 that the driver accepts.'),
  VIRTIO_PCI_QUEUE_PFN: at('4.1.4.10', 'Offset 8: page number of the queue; writing it starts the queue, 0 stops it.'),
  VIRTIO_PCI_QUEUE_NUM: at(
    '4.1.4.10',
    'Offset 12: the size of the queue, which the driver cannot change; 0: there is none.',
  ),
  VIRTIO_PCI_QUEUE_SEL: at('4.1.4.10', 'Offset 14: the queue that the other queue registers are about.'),
  VIRTIO_PCI_QUEUE_NOTIFY: at(
    '4.1.4.10',
    'Offset 16: the kick. Buffers are available in the queue of this number: a VM exit.',
  ),
  VIRTIO_PCI_STATUS: at('4.1.4.10', 'Offset 18: the device status (2.1); writing 0 resets the device.'),
  VIRTIO_PCI_ISR: at(
    '4.1.4.5',
    'Offset 19: why the device interrupts. Reading it clears it, and lowers the line: one VM exit an interrupt.',
  ),
  VIRTIO_PCI_ISR_CONFIG: at('4.1.4.5', 'In ISR: the configuration has changed.'),
  VIRTIO_PCI_CONFIG: at(
    '4.1.4.10',
    'Offset 20, or 24 with MSI-X: the configuration space of this kind of device (5.1.4).',
  ),
  VIRTIO_PCI_VRING_ALIGN: at('2.7.2', 'Legacy: the used ring begins at the next multiple of 4096 (4.1.5.1.3.1).'),

  VIRTIO_ID_NET: at('5.1.1', 'A network card.'),

  // what a driver keeps for itself
  last_used_idx: own('The driver’s own: entries of the used ring that it has read. used.idx runs ahead of it.'),
  num_free: own('The driver’s own: descriptors on its free list.'),
  free_head: own('The driver’s own: the first descriptor of its free list, linked by `next`.'),
  num_added: own('The driver’s own: buffers added since the last kick.'),
  avail_idx_shadow: own('The driver’s own: what it will write to avail.idx.'),
  avail_flags_shadow: own('The driver’s own: what it has written to avail.flags.'),
};

/** Members of virtio's structs, by struct. */
export const SPEC_FIELDS: Readonly<
  Record<'desc' | 'avail' | 'used' | 'usedElem' | 'hdr', Readonly<Record<string, SpecEntry>>>
> = {
  desc: {
    addr: at('2.7.5', 'Guest-physical address of the buffer.'),
    len: at('2.7.5', 'Bytes of the buffer.'),
    flags: at('2.7.5', 'NEXT, WRITE, INDIRECT.'),
    next: at(
      '2.7.5',
      'The next descriptor of the chain, where flags has NEXT. In free descriptors Linux links its free list by it.',
    ),
  },
  avail: {
    flags: at('2.7.7', 'Written by the driver: NO_INTERRUPT asks for no interrupts.'),
    idx: at(
      '2.7.6',
      'Written by the driver: where it puts the next entry, modulo the queue size; it only counts up. Moving it exposes the entries before it (2.7.13.3).',
    ),
    ring: at('2.7.6', 'Heads of the chains that the device may use.'),
  },
  used: {
    flags: at('2.7.10', 'Written by the device: NO_NOTIFY asks for no kicks.'),
    idx: at('2.7.8', 'Written by the device: where it puts the next entry, modulo the queue size; it only counts up.'),
    ring: at('2.7.8', 'Chains that the device is done with, each by head and bytes written.'),
  },
  usedElem: {
    id: at('2.7.8', 'Head of the chain that was used.'),
    len: at('2.7.8', 'Bytes that the device has written into it; 0 for one that it only read.'),
  },
  hdr: {
    flags: at('5.1.6', 'NEEDS_CSUM, DATA_VALID.'),
    gso_type: at('5.1.6', 'How the packet is to be segmented; GSO_NONE for a plain frame.'),
    hdr_len: at('5.1.6', 'Bytes of headers to copy into each segment.'),
    gso_size: at('5.1.6', 'Bytes of payload of a segment.'),
    csum_start: at('5.1.6', 'Where the checksum begins.'),
    csum_offset: at('5.1.6', 'Where it is stored, from csum_start on.'),
    num_buffers: at('5.1.6', 'How many buffers the packet takes, with VIRTIO_NET_F_MRG_RXBUF.'),
  },
};
