// Feature bits: their Linux names, which ones this device can offer, and what each needs (spec 2.2, 5.1.3, 6).
import { editDistance, nearest } from './spelling';

/**
 * Bit numbers by Linux name (include/uapi/linux/virtio_net.h, virtio_config.h, virtio_ring.h). What is called LAB_ is the lab's own:
 * ideas of June 2009 that no specification ever had, at bits that none has given away.
 */
export const FEATURE_BITS: Readonly<Record<string, number>> = {
  VIRTIO_NET_F_CSUM: 0,
  VIRTIO_NET_F_GUEST_CSUM: 1,
  VIRTIO_NET_F_CTRL_GUEST_OFFLOADS: 2,
  VIRTIO_NET_F_MTU: 3,
  // "allow the host to say 'I've skipped this many bytes at the front'"
  LAB_NET_F_RX_SKIP: 4,
  VIRTIO_NET_F_MAC: 5,
  VIRTIO_NET_F_GSO: 6,
  VIRTIO_NET_F_GUEST_TSO4: 7,
  VIRTIO_NET_F_GUEST_TSO6: 8,
  VIRTIO_NET_F_GUEST_ECN: 9,
  VIRTIO_NET_F_GUEST_UFO: 10,
  VIRTIO_NET_F_HOST_TSO4: 11,
  VIRTIO_NET_F_HOST_TSO6: 12,
  VIRTIO_NET_F_HOST_ECN: 13,
  VIRTIO_NET_F_HOST_UFO: 14,
  VIRTIO_NET_F_MRG_RXBUF: 15,
  VIRTIO_NET_F_STATUS: 16,
  VIRTIO_NET_F_CTRL_VQ: 17,
  VIRTIO_NET_F_CTRL_RX: 18,
  VIRTIO_NET_F_CTRL_VLAN: 19,
  VIRTIO_NET_F_CTRL_RX_EXTRA: 20,
  VIRTIO_NET_F_GUEST_ANNOUNCE: 21,
  VIRTIO_NET_F_MQ: 22,
  VIRTIO_NET_F_CTRL_MAC_ADDR: 23,
  VIRTIO_F_NOTIFY_ON_EMPTY: 24,
  VIRTIO_F_ANY_LAYOUT: 27,
  VIRTIO_RING_F_INDIRECT_DESC: 28,
  VIRTIO_RING_F_EVENT_IDX: 29,
  // the lab's own: see src/virtqueue/constants.ts
  LAB_RING_F_KICK_COUNT: 31,
  VIRTIO_F_VERSION_1: 32,
  VIRTIO_F_ACCESS_PLATFORM: 33,
  VIRTIO_F_RING_PACKED: 34,
  VIRTIO_F_IN_ORDER: 35,
  VIRTIO_F_ORDER_PLATFORM: 36,
  VIRTIO_F_SR_IOV: 37,
  VIRTIO_F_NOTIFICATION_DATA: 38,
  VIRTIO_F_NOTIF_CONFIG_DATA: 39,
  VIRTIO_F_RING_RESET: 40,
  VIRTIO_NET_F_VQ_NOTF_COAL: 52,
  VIRTIO_NET_F_NOTF_COAL: 53,
  VIRTIO_NET_F_GUEST_USO4: 54,
  VIRTIO_NET_F_GUEST_USO6: 55,
  VIRTIO_NET_F_HOST_USO: 56,
  VIRTIO_NET_F_HASH_REPORT: 57,
  VIRTIO_NET_F_GUEST_HDRLEN: 59,
  VIRTIO_NET_F_RSS: 60,
  VIRTIO_NET_F_RSC_EXT: 61,
  VIRTIO_NET_F_STANDBY: 62,
  VIRTIO_NET_F_SPEED_DUPLEX: 63,
};

const bit = (name: string): bigint => {
  const number = FEATURE_BITS[name];
  if (number === undefined) throw new Error(`no feature is called ${name}`);
  return 1n << BigInt(number);
};

export const MAC = bit('VIRTIO_NET_F_MAC');
export const STATUS = bit('VIRTIO_NET_F_STATUS');
export const MRG_RXBUF = bit('VIRTIO_NET_F_MRG_RXBUF');
/** The header of a received packet says how many bytes the host left out between it and the frame. */
export const RX_SKIP = bit('LAB_NET_F_RX_SKIP');
export const NOTIFY_ON_EMPTY = bit('VIRTIO_F_NOTIFY_ON_EMPTY');
export const ANY_LAYOUT = bit('VIRTIO_F_ANY_LAYOUT');
export const INDIRECT_DESC = bit('VIRTIO_RING_F_INDIRECT_DESC');
export const EVENT_IDX = bit('VIRTIO_RING_F_EVENT_IDX');
export const IN_ORDER = bit('VIRTIO_F_IN_ORDER');
export const KICK_COUNT = bit('LAB_RING_F_KICK_COUNT');
export const VERSION_1 = bit('VIRTIO_F_VERSION_1');

/**
 * What lets a device hand over packets that have not been cut into segments. This one never does (its frames come as they are on the
 * wire, checksums and all), but a driver that accepts it posts buffers for 64 KiB: Linux's big packets.
 */
const GUEST_OFFLOADS =
  bit('VIRTIO_NET_F_GUEST_CSUM') |
  bit('VIRTIO_NET_F_GUEST_TSO4') |
  bit('VIRTIO_NET_F_GUEST_TSO6') |
  bit('VIRTIO_NET_F_GUEST_ECN');

/** What the net device itself implements, whatever host stands behind it. */
export const NET_DEVICE_FEATURES = MAC | STATUS | MRG_RXBUF | GUEST_OFFLOADS | VERSION_1;

/** Feature and those of which it needs at least one (spec 5.1.3.1; the lab's own because only then one buffer has it all). */
const NEEDS: readonly (readonly [feature: string, oneOf: readonly string[]])[] = [
  ['VIRTIO_NET_F_GUEST_TSO4', ['VIRTIO_NET_F_GUEST_CSUM']],
  ['VIRTIO_NET_F_GUEST_TSO6', ['VIRTIO_NET_F_GUEST_CSUM']],
  ['VIRTIO_NET_F_GUEST_UFO', ['VIRTIO_NET_F_GUEST_CSUM']],
  ['VIRTIO_NET_F_GUEST_ECN', ['VIRTIO_NET_F_GUEST_TSO4', 'VIRTIO_NET_F_GUEST_TSO6']],
  ['VIRTIO_NET_F_HOST_TSO4', ['VIRTIO_NET_F_CSUM']],
  ['VIRTIO_NET_F_HOST_TSO6', ['VIRTIO_NET_F_CSUM']],
  ['VIRTIO_NET_F_HOST_UFO', ['VIRTIO_NET_F_CSUM']],
  ['VIRTIO_NET_F_HOST_ECN', ['VIRTIO_NET_F_HOST_TSO4', 'VIRTIO_NET_F_HOST_TSO6']],
  ['VIRTIO_NET_F_CTRL_RX', ['VIRTIO_NET_F_CTRL_VQ']],
  ['VIRTIO_NET_F_CTRL_VLAN', ['VIRTIO_NET_F_CTRL_VQ']],
  ['VIRTIO_NET_F_GUEST_ANNOUNCE', ['VIRTIO_NET_F_CTRL_VQ']],
  ['VIRTIO_NET_F_MQ', ['VIRTIO_NET_F_CTRL_VQ']],
  ['VIRTIO_NET_F_CTRL_MAC_ADDR', ['VIRTIO_NET_F_CTRL_VQ']],
  ['VIRTIO_NET_F_RSS', ['VIRTIO_NET_F_CTRL_VQ']],
  ['LAB_NET_F_RX_SKIP', ['VIRTIO_NET_F_MRG_RXBUF']],
  ['VIRTIO_NET_F_RSC_EXT', ['VIRTIO_NET_F_HOST_TSO4', 'VIRTIO_NET_F_HOST_TSO6']],
];

/** Thrown for a list of feature names that cannot be; the message is for the person who wrote the list. */
export class FeatureError extends Error {
  constructor(
    /** index in the list of names */
    readonly index: number,
    message: string,
  ) {
    super(message);
    this.name = 'FeatureError';
  }
}

/** Names of the set bits in ascending order; a bit without a name as `bit 41`. */
export function featureNames(features: bigint): string[] {
  const byBit = new Map(Object.entries(FEATURE_BITS).map(([name, number]) => [number, name]));
  const names: string[] = [];
  for (let number = 0; features >> BigInt(number) !== 0n; number++) {
    if ((features >> BigInt(number)) & 1n) names.push(byBit.get(number) ?? `bit ${number}`);
  }
  return names;
}

/**
 * Bits of a list of Linux names. `possible`: what the device and its host can offer.
 * Throws a FeatureError that names the entry, what is wrong with it, and what would be right.
 */
export function parseFeatures(names: readonly string[], possible: bigint): bigint {
  let features = 0n;
  names.forEach((name, index) => {
    if (!Object.hasOwn(FEATURE_BITS, name)) {
      const near = meant(name);
      const hint = near === undefined ? `possible here: ${featureNames(possible).join(', ')}` : `did you mean ${near}?`;
      throw new FeatureError(index, `unknown feature ${JSON.stringify(name)}; ${hint}`);
    }
    if ((bit(name) & possible) === 0n) {
      const able = featureNames(possible).join(', ');
      throw new FeatureError(index, `${name} is not implemented by this device and host; possible: ${able}`);
    }
    features |= bit(name);
  });
  if ((features & KICK_COUNT) !== 0n && (features & EVENT_IDX) !== 0n) {
    const index = names.indexOf('LAB_RING_F_KICK_COUNT');
    throw new FeatureError(index, 'LAB_RING_F_KICK_COUNT and VIRTIO_RING_F_EVENT_IDX both say when to kick: take one');
  }
  const missing = missingDependency(features);
  if (missing !== undefined) throw new FeatureError(names.indexOf(missing.feature), missing.text);
  return features;
}

/** The first feature of a set that lacks what it needs (spec 2.2.1, 2.2.2). */
export function missingDependency(features: bigint): { readonly feature: string; readonly text: string } | undefined {
  const has = (name: string): boolean => (features & bit(name)) !== 0n;
  const found = NEEDS.find(([feature, oneOf]) => has(feature) && !oneOf.some(has));
  if (found === undefined) return undefined;
  const [feature, oneOf] = found;
  const why = feature.startsWith('LAB_') ? 'this lab’s own feature' : 'spec 5.1.3.1';
  return { feature, text: `${feature} needs ${oneOf.join(' or ')} (${why})` };
}

/** The known name that differs least, if one is near enough to be a slip of the finger or a forgotten prefix. */
function meant(name: string): string | undefined {
  const bare = (s: string): string => s.toUpperCase().replace(/^(VIRTIO|LAB)_(NET_|RING_)?F_/, '');
  const [best] = nearest(bare(name), Object.keys(FEATURE_BITS), bare);
  return best !== undefined && editDistance(bare(name), bare(best)) <= 2 ? best : undefined;
}
