// struct virtio_net_hdr field by field (spec 5.1.6): before every frame in a virtio-net buffer.
import { Reader, type PacketField } from './reader';

const FLAGS = ['NEEDS_CSUM', 'DATA_VALID', 'RSC_INFO'] as const;
const GSO: Readonly<Record<number, string>> = { 0: 'NONE', 1: 'TCPV4', 3: 'UDP', 4: 'TCPV6', 5: 'UDP_L4' };
/** segments carry congestion notification too */
const ECN = 0x80;

const VIRTIO_NET_F_MRG_RXBUF = 15;
const VIRTIO_F_VERSION_1 = 32;

/** Bytes of the header: num_buffers is in it with mergeable buffers, and always since version 1. @param features bit numbers */
export const netHeaderSize = (features: readonly number[]): 10 | 12 =>
  features.includes(VIRTIO_NET_F_MRG_RXBUF) || features.includes(VIRTIO_F_VERSION_1) ? 12 : 10;

/** The header at the first byte. Little-endian, as a legacy device on a little-endian guest has it too. */
export function dissectNetHeader(bytes: Uint8Array, size: 10 | 12): PacketField[] {
  const r = new Reader(bytes, 0);
  r.layer('virtio-net header');
  if (!r.has(size)) return r.cutOff();
  r.field('flags', 1, (v) => FLAGS.filter((_, bit) => (v >> bit) & 1).join(' ') || '0');
  r.field('gso_type', 1, (v) => `${GSO[v & ~ECN] ?? v & ~ECN}${v & ECN ? ' ECN' : ''}`);
  for (const name of ['hdr_len', 'gso_size', 'csum_start', 'csum_offset']) r.field(name, 2, String, true);
  if (size === 12) r.field('num_buffers', 2, String, true);
  return r.fields;
}
