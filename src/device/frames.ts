// Generated traffic: Ethernet/IPv4/UDP frames that carry their number, so that each can be recognised wherever it turns up.

/** The station at the other end of the wire: QEMU's user network gateway, as in the captures. */
export const PEER_MAC: readonly number[] = [0x52, 0x55, 0x0a, 0x00, 0x02, 0x02];
const GUEST_IP = [10, 0, 2, 15] as const;
const PEER_IP = [10, 0, 2, 2] as const;
/** discard (RFC 863) */
const DISCARD = 9;
/** the sender's port counts with the packets, so that a summary line tells them apart */
const FIRST_PORT = 40_000;
const PORTS = 20_000;

const ETHERNET = 14;
const IPV4 = 20;
const UDP = 8;
const HEADERS = ETHERNET + IPV4 + UDP;
/** least frame that is UDP; shorter ones are bare Ethernet of an experimental type (IEEE 802: 0x88b5) */
export const LEAST_UDP_FRAME = HEADERS;
const EXPERIMENTAL_TYPE = [0x88, 0xb5] as const;

/**
 * A frame of exactly `size` bytes (at least 14, without FCS) from or to the guest: `tx` leaves it, `rx` arrives.
 * The UDP payload is the sequence number (4 bytes, big endian) and then a pattern made from it; all checksums are right.
 * Equal arguments give equal bytes. Throws a RangeError for a size that is no frame.
 */
export function makeFrame(
  size: number,
  sequence: number,
  direction: 'tx' | 'rx',
  guestMac: readonly number[],
): Uint8Array {
  if (!Number.isInteger(size) || size < ETHERNET || size > 65549)
    throw new RangeError(`a frame of ${size} bytes: expected a whole number from ${ETHERNET} to 65549`);
  const frame = new Uint8Array(size);
  const [to, from] = direction === 'tx' ? [PEER_MAC, guestMac] : [guestMac, PEER_MAC];
  frame.set(to, 0);
  frame.set(from, 6);
  if (size < HEADERS) {
    frame.set(EXPERIMENTAL_TYPE, 12);
    fillPattern(frame, ETHERNET, sequence);
    return frame;
  }
  frame.set([0x08, 0x00], 12);
  fillPattern(frame, HEADERS, sequence);
  const view = new DataView(frame.buffer);
  writeIpv4(frame, view, size - ETHERNET, sequence, direction);
  writeUdp(frame, view, size - ETHERNET - IPV4, sequence, direction);
  return frame;
}

/** The sequence number of a frame of makeFrame, or undefined when it is too short to carry one. */
export function sequenceOf(frame: Uint8Array): number | undefined {
  const at = frame.length < HEADERS ? ETHERNET : HEADERS;
  if (frame.length < at + 4) return undefined;
  return new DataView(frame.buffer, frame.byteOffset).getUint32(at);
}

function fillPattern(frame: Uint8Array, at: number, sequence: number): void {
  const number = [sequence >>> 24, sequence >>> 16, sequence >>> 8, sequence];
  for (let i = at; i < frame.length; i++) {
    const n = i - at;
    frame[i] = n < 4 ? (number[n] ?? 0) : (sequence + n) & 0xff;
  }
}

function writeIpv4(frame: Uint8Array, view: DataView, length: number, sequence: number, direction: 'tx' | 'rx'): void {
  const at = ETHERNET;
  frame[at] = 0x45;
  view.setUint16(at + 2, length);
  view.setUint16(at + 4, sequence & 0xffff);
  view.setUint16(at + 6, 0x4000); // do not fragment
  frame[at + 8] = 64; // time to live
  frame[at + 9] = 17; // UDP
  frame.set(direction === 'tx' ? GUEST_IP : PEER_IP, at + 12);
  frame.set(direction === 'tx' ? PEER_IP : GUEST_IP, at + 16);
  view.setUint16(at + 10, internetChecksum(frame.subarray(at, at + IPV4)));
}

function writeUdp(frame: Uint8Array, view: DataView, length: number, sequence: number, direction: 'tx' | 'rx'): void {
  const at = ETHERNET + IPV4;
  const counted = FIRST_PORT + (sequence % PORTS);
  view.setUint16(at, direction === 'tx' ? counted : DISCARD);
  view.setUint16(at + 2, direction === 'tx' ? DISCARD : counted);
  view.setUint16(at + 4, length);
  // Both addresses, the protocol and the length again: the pseudo-header (RFC 768).
  const pseudo = sum(frame.subarray(ETHERNET + 12, ETHERNET + IPV4)) + 17 + length;
  const checksum = internetChecksum(frame.subarray(at), pseudo);
  view.setUint16(at + 6, checksum === 0 ? 0xffff : checksum);
}

function sum(bytes: Uint8Array): number {
  let total = 0;
  for (let i = 0; i < bytes.length; i++) total += (i & 1) === 0 ? (bytes[i] ?? 0) << 8 : (bytes[i] ?? 0);
  return total;
}

/** The Internet checksum (RFC 1071) over `bytes`, on top of a sum of 16-bit words; 0 over a range that holds its own checksum. */
export function internetChecksum(bytes: Uint8Array, start = 0): number {
  let total = start + sum(bytes);
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x10000);
  return ~total & 0xffff;
}
