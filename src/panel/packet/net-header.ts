// struct virtio_net_hdr field by field (spec 5.1.6): before every frame in a virtio-net buffer.
import { Reader, type PacketField } from './reader';

const FLAGS = ['NEEDS_CSUM', 'DATA_VALID', 'RSC_INFO'] as const;
const GSO: Readonly<Record<number, string>> = { 0: 'NONE', 1: 'TCPV4', 3: 'UDP', 4: 'TCPV6', 5: 'UDP_L4' };
/** segments carry congestion notification too */
const ECN = 0x80;

/** the lab's own (src/device/features.ts): 16 bits, and as much padding, say what was left out behind the header */
const LAB_NET_F_RX_SKIP = 4;
const VIRTIO_NET_F_MRG_RXBUF = 15;
const VIRTIO_F_VERSION_1 = 32;

export type NetHeaderSize = 10 | 12 | 16;

/** Bytes of the header: num_buffers is in it with mergeable buffers, and always since version 1. @param features bit numbers */
export function netHeaderSize(features: readonly number[]): NetHeaderSize {
  if (features.includes(LAB_NET_F_RX_SKIP)) return 16;
  return features.includes(VIRTIO_NET_F_MRG_RXBUF) || features.includes(VIRTIO_F_VERSION_1) ? 12 : 10;
}

/** The header at the first byte. Little-endian, as a legacy device on a little-endian guest has it too. */
export function dissectNetHeader(bytes: Uint8Array, size: NetHeaderSize): PacketField[] {
  const r = new Reader(bytes, 0);
  r.layer('virtio-net header');
  if (!r.has(size)) return r.cutOff();
  r.field('flags', 1, (v) => FLAGS.filter((_, bit) => (v >> bit) & 1).join(' ') || '0');
  r.field('gso_type', 1, (v) => `${GSO[v & ~ECN] ?? v & ~ECN}${v & ECN ? ' ECN' : ''}`);
  for (const name of ['hdr_len', 'gso_size', 'csum_start', 'csum_offset']) r.field(name, 2, String, true);
  if (size >= 12) r.field('num_buffers', 2, String, true);
  if (size === 16) r.field('skipped', 2, String, true);
  return r.fields;
}

/** Where the frame begins: behind the header, and what its device has skipped. */
export function frameOffset(bytes: Uint8Array, size: NetHeaderSize): number {
  return size === 16 ? size + ((bytes[12] ?? 0) | ((bytes[13] ?? 0) << 8)) : size;
}
