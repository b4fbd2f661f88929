// Names of the device's status, feature and interrupt bits, as the virtio spec and Linux's headers have them.

/** Device status bits (spec 2.1), lowest first. */
const STATUS: readonly (readonly [number, string])[] = [
  [1, 'ACKNOWLEDGE'],
  [2, 'DRIVER'],
  [4, 'DRIVER_OK'],
  [8, 'FEATURES_OK'],
  [64, 'DEVICE_NEEDS_RESET'],
  [128, 'FAILED'],
];

/** Feature bits: the net device's own (spec 5.1.3) and the transport's (spec 6), with the legacy ones of 6.3, and the lab's. */
const FEATURES: Readonly<Record<number, string>> = {
  0: 'VIRTIO_NET_F_CSUM',
  1: 'VIRTIO_NET_F_GUEST_CSUM',
  2: 'VIRTIO_NET_F_CTRL_GUEST_OFFLOADS',
  3: 'VIRTIO_NET_F_MTU',
  4: 'LAB_NET_F_RX_SKIP',
  5: 'VIRTIO_NET_F_MAC',
  6: 'VIRTIO_NET_F_GSO',
  7: 'VIRTIO_NET_F_GUEST_TSO4',
  8: 'VIRTIO_NET_F_GUEST_TSO6',
  9: 'VIRTIO_NET_F_GUEST_ECN',
  10: 'VIRTIO_NET_F_GUEST_UFO',
  11: 'VIRTIO_NET_F_HOST_TSO4',
  12: 'VIRTIO_NET_F_HOST_TSO6',
  13: 'VIRTIO_NET_F_HOST_ECN',
  14: 'VIRTIO_NET_F_HOST_UFO',
  15: 'VIRTIO_NET_F_MRG_RXBUF',
  16: 'VIRTIO_NET_F_STATUS',
  17: 'VIRTIO_NET_F_CTRL_VQ',
  18: 'VIRTIO_NET_F_CTRL_RX',
  19: 'VIRTIO_NET_F_CTRL_VLAN',
  21: 'VIRTIO_NET_F_GUEST_ANNOUNCE',
  22: 'VIRTIO_NET_F_MQ',
  23: 'VIRTIO_NET_F_CTRL_MAC_ADDR',
  24: 'VIRTIO_F_NOTIFY_ON_EMPTY',
  27: 'VIRTIO_F_ANY_LAYOUT',
  28: 'VIRTIO_RING_F_INDIRECT_DESC',
  29: 'VIRTIO_RING_F_EVENT_IDX',
  31: 'LAB_RING_F_KICK_COUNT',
  32: 'VIRTIO_F_VERSION_1',
  33: 'VIRTIO_F_ACCESS_PLATFORM',
  34: 'VIRTIO_F_RING_PACKED',
  35: 'VIRTIO_F_IN_ORDER',
  36: 'VIRTIO_F_ORDER_PLATFORM',
  37: 'VIRTIO_F_SR_IOV',
  38: 'VIRTIO_F_NOTIFICATION_DATA',
  56: 'VIRTIO_NET_F_HOST_USO',
  57: 'VIRTIO_NET_F_HASH_REPORT',
  59: 'VIRTIO_NET_F_GUEST_HDRLEN',
  60: 'VIRTIO_NET_F_RSS',
  61: 'VIRTIO_NET_F_RSC_EXT',
  62: 'VIRTIO_NET_F_STANDBY',
  63: 'VIRTIO_NET_F_SPEED_DUPLEX',
};

/** Status register as names, unknown bits as `bit N`; `[]` after a reset. */
export function statusNames(status: number): string[] {
  const names = STATUS.filter(([bit]) => status & bit).map(([, name]) => name);
  const known = STATUS.reduce((sum, [bit]) => sum | bit, 0);
  for (let bit = 0; bit < 8; bit++) if (status & ~known & (1 << bit)) names.push(`bit ${bit}`);
  return names;
}

/** Negotiated features (hex or decimal text) as bit numbers, lowest first; a text that is no number has none. */
export function featureBits(features: string): number[] {
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(features)) return [];
  const bits: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(features));
  for (let bit = 0; rest !== 0n; bit++, rest >>= 1n) if (rest & 1n) bits.push(bit);
  return bits;
}

/** Negotiated features as names, unknown bits as `bit N`. */
export const featureNames = (features: string): string[] =>
  featureBits(features).map((bit) => FEATURES[bit] ?? `bit ${bit}`);
