// One line that says what a frame is, for people: `UDP 68 → 67 DHCP, 300 B`.

const IPV4 = 0x0800;
const ARP = 0x0806;
const VLAN = 0x8100;
const IPV6 = 0x86dd;

/** Well-known ports worth naming. */
const SERVICES: Readonly<Record<number, string>> = {
  53: 'DNS',
  67: 'DHCP',
  68: 'DHCP',
  69: 'TFTP',
  80: 'HTTP',
  123: 'NTP',
  443: 'HTTPS',
  5353: 'mDNS',
};
const ICMP: Readonly<Record<number, string>> = {
  0: 'echo reply',
  3: 'destination unreachable',
  5: 'redirect',
  8: 'echo request',
  11: 'time exceeded',
};
const ICMPV6: Readonly<Record<number, string>> = {
  1: 'destination unreachable',
  2: 'packet too big',
  128: 'echo request',
  129: 'echo reply',
  133: 'router solicitation',
  134: 'router advertisement',
  135: 'neighbour solicitation',
  136: 'neighbour advertisement',
  143: 'multicast listener report',
};
const TCP_FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'] as const;
/** IPv6 extension headers that are a type, a length in units of 8 and content (RFC 8200) */
const EXTENSIONS = new Set([0, 43, 60]);

/**
 * Summary of an Ethernet frame. Bytes beyond the array are unknown: a header that is cut off is said to be. Never throws.
 * @param frame its beginning at least
 * @param length that of the whole frame, bytes: it is said at the end
 */
export function summarize(frame: Uint8Array, length = frame.length): string {
  const size = `${length} B`;
  if (frame.length < 14) return `${size}: shorter than an Ethernet header`;
  let at = 12;
  let tag = '';
  if (u16(frame, at) === VLAN) {
    tag = `VLAN ${u16(frame, at + 2) & 0xfff} `;
    at += 4;
  }
  return `${tag}${payload(u16(frame, at), frame.subarray(at + 2))}, ${size}`;
}

const u8 = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0;
const u16 = (bytes: Uint8Array, at: number): number => (u8(bytes, at) << 8) | u8(bytes, at + 1);
const u32 = (bytes: Uint8Array, at: number): number => u16(bytes, at) * 0x10000 + u16(bytes, at + 2);
const ipv4 = (bytes: Uint8Array, at: number): string => [0, 1, 2, 3].map((i) => u8(bytes, at + i)).join('.');

function payload(type: number, packet: Uint8Array): string {
  if (type === ARP) return arp(packet);
  if (type === IPV4) return ip4(packet);
  if (type === IPV6) return ip6(packet);
  if (type < 0x0600) return 'IEEE 802.3';
  return `Ethernet type 0x${type.toString(16).padStart(4, '0')}`;
}

function arp(packet: Uint8Array): string {
  if (packet.length < 28) return 'ARP, cut off';
  const sender = ipv4(packet, 14);
  const target = ipv4(packet, 24);
  const operation = u16(packet, 6);
  if (operation === 1)
    return sender === target ? `ARP announcement of ${sender}` : `ARP who-has ${target}, tell ${sender}`;
  if (operation === 2) return `ARP ${sender} is-at ${mac(packet, 8)}`;
  return `ARP operation ${operation}`;
}

const mac = (bytes: Uint8Array, at: number): string =>
  [0, 1, 2, 3, 4, 5]
    .map((i) =>
      u8(bytes, at + i)
        .toString(16)
        .padStart(2, '0'),
    )
    .join(':');

function ip4(packet: Uint8Array): string {
  const header = 4 * (u8(packet, 0) & 15);
  if (packet.length < 20 || header < 20) return 'IPv4, cut off';
  const offset = u16(packet, 6) & 0x1fff;
  const protocol = u8(packet, 9);
  if (offset !== 0) return `IPv4 fragment at ${8 * offset}, protocol ${protocol}`;
  // The frame may be padded to 60 bytes: what counts is the packet's own length.
  const end = Math.min(packet.length, Math.max(header, u16(packet, 2)));
  return transport(protocol, packet.subarray(header, end), 'ICMP', ICMP, 1);
}

function ip6(packet: Uint8Array): string {
  if (packet.length < 40) return 'IPv6, cut off';
  let next = u8(packet, 6);
  let at = 40;
  const end = Math.min(packet.length, 40 + u16(packet, 4));
  while (EXTENSIONS.has(next) && at + 8 <= end) {
    next = u8(packet, at);
    at += 8 * (u8(packet, at + 1) + 1);
  }
  return transport(next, packet.subarray(at, end), 'ICMPv6', ICMPV6, 58);
}

function transport(
  protocol: number,
  segment: Uint8Array,
  icmp: string,
  types: Readonly<Record<number, string>>,
  icmpProtocol: number,
): string {
  if (protocol === 17) return udp(segment);
  if (protocol === 6) return tcp(segment);
  if (protocol !== icmpProtocol) return `IP protocol ${protocol}`;
  if (segment.length < 8) return `${icmp}, cut off`;
  const type = u8(segment, 0);
  const text = types[type] ?? `type ${type}`;
  return text.startsWith('echo') ? `${icmp} ${text}, seq ${u16(segment, 6)}` : `${icmp} ${text}`;
}

function udp(segment: Uint8Array): string {
  if (segment.length < 8) return 'UDP, cut off';
  return `UDP ${ports(segment)}`;
}

function tcp(segment: Uint8Array): string {
  if (segment.length < 20) return 'TCP, cut off';
  const flags = TCP_FLAGS.filter((_, bit) => (u8(segment, 13) >> bit) & 1).join(' ');
  const data = Math.max(0, segment.length - 4 * (u8(segment, 12) >> 4));
  return `TCP ${ports(segment)} [${flags}] seq ${u32(segment, 4)}, data ${data}`;
}

function ports(segment: Uint8Array): string {
  const from = u16(segment, 0);
  const to = u16(segment, 2);
  const service = SERVICES[to] ?? SERVICES[from];
  return `${from} → ${to}${service === undefined ? '' : ` ${service}`}`;
}
