// A frame's headers field by field: Ethernet, VLAN, ARP, IPv4, IPv6, UDP, TCP, ICMP. Pure; what is cut off is said to be, never guessed.
import { Reader, type PacketField } from './reader';

const IPV4 = 0x0800;
const ARP = 0x0806;
const IPV6 = 0x86dd;
/** a tag of 802.1Q, and the outer one of 802.1ad */
const TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8]);

const ETHER_TYPES: Readonly<Record<number, string>> = {
  [IPV4]: 'IPv4',
  [ARP]: 'ARP',
  [IPV6]: 'IPv6',
  0x8100: '802.1Q VLAN',
  0x88a8: '802.1ad VLAN',
  0x88b5: 'local experimental',
};
const PROTOCOLS: Readonly<Record<number, string>> = { 1: 'ICMP', 2: 'IGMP', 6: 'TCP', 17: 'UDP', 58: 'ICMPv6' };
const ICMP_TYPES: Readonly<Record<number, string>> = {
  0: 'echo reply',
  3: 'destination unreachable',
  5: 'redirect',
  8: 'echo request',
  11: 'time exceeded',
};
const ICMPV6_TYPES: Readonly<Record<number, string>> = {
  1: 'destination unreachable',
  2: 'packet too big',
  3: 'time exceeded',
  128: 'echo request',
  129: 'echo reply',
  133: 'router solicitation',
  134: 'router advertisement',
  135: 'neighbour solicitation',
  136: 'neighbour advertisement',
};
const TCP_FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'] as const;
/** IPv6 extension headers that begin with the next type and a length in units of 8 (RFC 8200) */
const EXTENSIONS: Readonly<Record<number, string>> = {
  0: 'hop-by-hop options',
  43: 'routing',
  60: 'destination options',
};
const FRAGMENT = 44;

const named = (value: number, names: Readonly<Record<number, string>>): string =>
  names[value] === undefined ? String(value) : `${value} (${names[value]})`;

/**
 * The fields of an Ethernet frame, in order of their bytes. Offsets count from the array's first byte.
 * @param at where the frame begins
 */
export function dissectFrame(bytes: Uint8Array, at = 0): PacketField[] {
  const r = new Reader(bytes, at);
  r.layer('Ethernet');
  if (!r.has(14)) return r.cutOff();
  r.mac('destination');
  r.mac('source');
  let type = etherType(r);
  while (TAGS.has(type)) {
    r.layer('VLAN');
    if (!r.has(4)) return r.cutOff();
    r.field('tag', 2, (tag) => `id ${tag & 0xfff}, priority ${tag >> 13}${tag & 0x1000 ? ', drop eligible' : ''}`);
    type = etherType(r);
  }
  if (type === ARP) arp(r);
  else if (type === IPV4) ipv4(r);
  else if (type === IPV6) ipv6(r);
  else r.rest('payload');
  return r.fields;
}

const etherType = (r: Reader): number =>
  r.field('type', 2, (type) =>
    type < 0x0600
      ? `length ${type} (802.3)`
      : `0x${type.toString(16).padStart(4, '0')} (${ETHER_TYPES[type] ?? 'unknown'})`,
  );

function arp(r: Reader): void {
  r.layer('ARP');
  if (!r.has(28)) return void r.cutOff();
  r.field('hardware', 2);
  r.field('protocol', 2, (v) => `0x${v.toString(16).padStart(4, '0')}`);
  r.field('hardware length', 1);
  r.field('protocol length', 1);
  r.field('operation', 2, (v) => named(v, { 1: 'request', 2: 'reply' }));
  r.mac('sender MAC');
  r.ipv4('sender IP');
  r.mac('target MAC');
  r.ipv4('target IP');
  r.rest('padding');
}

function ipv4(r: Reader): void {
  r.layer('IPv4');
  const start = r.at;
  if (!r.has(20)) return void r.cutOff();
  const header = 4 * (r.field('version, header', 1, (v) => `${v >> 4}, ${4 * (v & 15)} bytes`) & 15);
  r.field('DSCP, ECN', 1, (v) => `${v >> 2}, ${v & 3}`);
  const total = r.field('total length', 2);
  r.field('identification', 2);
  const fragment = r.field('flags, offset', 2, (v) => {
    const flags = [v & 0x4000 && 'DF', v & 0x2000 && 'MF'].filter(Boolean).join(' ');
    return `${flags || 'none'}, ${8 * (v & 0x1fff)}`;
  });
  r.field('TTL', 1);
  const protocol = r.field('protocol', 1, (v) => named(v, PROTOCOLS));
  r.field('header checksum', 2, (v) => {
    if (header < 20 || start + header > r.bytes.length) return hex16(v);
    return `${hex16(v)} (${sum(r.bytes, start, header) === 0xffff ? 'right' : 'wrong'})`;
  });
  r.ipv4('source');
  r.ipv4('destination');
  if (header < 20) return void r.cutOff();
  r.options(start + header);
  // a frame may be padded to 60 bytes: what counts is the packet's own length
  const end = Math.min(r.bytes.length, start + Math.max(header, total));
  if (fragment & 0x1fff) r.rest('fragment', end);
  else transport(r, protocol, end);
  r.rest('padding');
}

function ipv6(r: Reader): void {
  r.layer('IPv6');
  if (!r.has(40)) return void r.cutOff();
  r.field('version, class, flow', 4, (v) => `${v >>> 28}, ${(v >>> 20) & 0xff}, ${v & 0xfffff}`);
  const length = r.field('payload length', 2);
  let next = r.field('next header', 1, (v) => named(v, { ...PROTOCOLS, ...EXTENSIONS, [FRAGMENT]: 'fragment' }));
  r.field('hop limit', 1);
  r.ipv6('source');
  r.ipv6('destination');
  const end = Math.min(r.bytes.length, r.at + length);
  while (EXTENSIONS[next] !== undefined && r.at + 8 <= end) {
    r.layer(`IPv6 ${EXTENSIONS[next]}`);
    const start = r.at;
    next = r.field('next header', 1, (v) => named(v, PROTOCOLS));
    const size = 8 * (r.field('length', 1, (v) => `${8 * (v + 1)} bytes`) + 1);
    r.options(Math.min(end, start + size));
  }
  transport(r, next, end);
  r.rest('padding');
}

function transport(r: Reader, protocol: number, end: number): void {
  if (protocol === 17) udp(r, end);
  else if (protocol === 6) tcp(r, end);
  else if (protocol === 1) icmp(r, 'ICMP', ICMP_TYPES, end);
  else if (protocol === 58) icmp(r, 'ICMPv6', ICMPV6_TYPES, end);
  else r.rest('payload', end);
}

function udp(r: Reader, end: number): void {
  r.layer('UDP');
  if (!r.has(8)) return void r.cutOff();
  r.field('source port', 2);
  r.field('destination port', 2);
  r.field('length', 2);
  r.field('checksum', 2, (v) => (v === 0 ? '0x0000 (none)' : hex16(v)));
  r.rest('payload', end);
}

function tcp(r: Reader, end: number): void {
  r.layer('TCP');
  const start = r.at;
  if (!r.has(20)) return void r.cutOff();
  r.field('source port', 2);
  r.field('destination port', 2);
  r.field('sequence', 4);
  r.field('acknowledgement', 4);
  const header = 4 * (r.field('header length', 1, (v) => `${4 * (v >> 4)} bytes`) >> 4);
  r.field('flags', 1, (v) => TCP_FLAGS.filter((_, bit) => (v >> bit) & 1).join(' ') || 'none');
  r.field('window', 2);
  r.field('checksum', 2, hex16);
  r.field('urgent', 2);
  if (header > 20) r.options(Math.min(end, start + header));
  r.rest('payload', end);
}

function icmp(r: Reader, layer: string, types: Readonly<Record<number, string>>, end: number): void {
  r.layer(layer);
  if (!r.has(4)) return void r.cutOff();
  const type = r.field('type', 1, (v) => named(v, types));
  r.field('code', 1);
  r.field('checksum', 2, hex16);
  if (types[type]?.startsWith('echo') && r.has(4)) {
    r.field('identifier', 2);
    r.field('sequence', 2);
  }
  r.rest('data', end);
}

const hex16 = (v: number): string => `0x${v.toString(16).padStart(4, '0')}`;

/** The one's complement sum of big-endian words (RFC 1071), folded: 0xffff over a header whose checksum is right. */
function sum(bytes: Uint8Array, from: number, length: number): number {
  let total = 0;
  for (let i = 0; i < length; i += 2) total += ((bytes[from + i] ?? 0) << 8) | (bytes[from + i + 1] ?? 0);
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return total;
}
