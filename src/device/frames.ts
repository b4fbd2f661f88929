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
  copy(frame, 0, to, 6);
  copy(frame, 6, from, 6);
  if (size < HEADERS) {
    copy(frame, 12, EXPERIMENTAL_TYPE, 2);
    fillPattern(frame, ETHERNET, sequence);
    return frame;
  }
  put16(frame, 12, 0x0800);
  fillPattern(frame, HEADERS, sequence);
  writeIpv4(frame, size - ETHERNET, sequence, direction);
  writeUdp(frame, size - ETHERNET - IPV4, sequence, direction);
  return frame;
}

/** The sequence number of a frame of makeFrame, or undefined when it is too short to carry one. */
export function sequenceOf(frame: Uint8Array): number | undefined {
  const at = frame.length < HEADERS ? ETHERNET : HEADERS;
  if (frame.length < at + 4) return undefined;
  return new DataView(frame.buffer, frame.byteOffset).getUint32(at);
}

// A run may send a million of these: bytes are stored one by one, without views and arrays for every frame.

function put16(frame: Uint8Array, at: number, value: number): void {
  frame[at] = value >>> 8;
  frame[at + 1] = value;
}

function copy(frame: Uint8Array, at: number, bytes: readonly number[], count: number): void {
  for (let i = 0; i < count; i++) frame[at + i] = bytes[i] ?? 0;
}

function fillPattern(frame: Uint8Array, at: number, sequence: number): void {
  for (let i = at; i < frame.length; i++) {
    const n = i - at;
    frame[i] = n < 4 ? sequence >>> (24 - 8 * n) : sequence + n;
  }
}

function writeIpv4(frame: Uint8Array, length: number, sequence: number, direction: 'tx' | 'rx'): void {
  const at = ETHERNET;
  frame[at] = 0x45;
  put16(frame, at + 2, length);
  put16(frame, at + 4, sequence);
  put16(frame, at + 6, 0x4000); // do not fragment
  frame[at + 8] = 64; // time to live
  frame[at + 9] = 17; // UDP
  copy(frame, at + 12, direction === 'tx' ? GUEST_IP : PEER_IP, 4);
  copy(frame, at + 16, direction === 'tx' ? PEER_IP : GUEST_IP, 4);
  put16(frame, at + 10, fold(sum(frame, at, at + IPV4)));
}

function writeUdp(frame: Uint8Array, length: number, sequence: number, direction: 'tx' | 'rx'): void {
  const at = ETHERNET + IPV4;
  const counted = FIRST_PORT + (sequence % PORTS);
  put16(frame, at, direction === 'tx' ? counted : DISCARD);
  put16(frame, at + 2, direction === 'tx' ? DISCARD : counted);
  put16(frame, at + 4, length);
  // Both addresses, the protocol and the length again: the pseudo-header (RFC 768).
  const pseudo = sum(frame, ETHERNET + 12, ETHERNET + IPV4) + 17 + length;
  const checksum = fold(pseudo + sum(frame, at, frame.length));
  put16(frame, at + 6, checksum === 0 ? 0xffff : checksum);
}

/** Sum of the big-endian 16-bit words of [from, to); an odd last byte counts as a word with a zero behind it. */
function sum(bytes: Uint8Array, from: number, to: number): number {
  let total = 0;
  let i = from;
  for (; i + 1 < to; i += 2) total += ((bytes[i] as number) << 8) | (bytes[i + 1] as number);
  return i < to ? total + ((bytes[i] as number) << 8) : total;
}

/** The checksum that a sum of words makes: folded to 16 bits, and inverted. */
function fold(total: number): number {
  let left = total;
  while (left > 0xffff) left = (left & 0xffff) + Math.floor(left / 0x10000);
  return ~left & 0xffff;
}

/** The Internet checksum (RFC 1071) over `bytes`, on top of a sum of 16-bit words; 0 over a range that holds its own checksum. */
export function internetChecksum(bytes: Uint8Array, start = 0): number {
  return fold(start + sum(bytes, 0, bytes.length));
}
