// What all frames that the lab makes have in common: Ethernet and IPv4 headers between guest and peer, and the Internet checksum.

/** The station at the other end of the wire: QEMU's user network gateway, as in the captures. */
export const PEER_MAC: readonly number[] = [0x52, 0x55, 0x0a, 0x00, 0x02, 0x02];
const GUEST_IP = [10, 0, 2, 15] as const;
const PEER_IP = [10, 0, 2, 2] as const;

/** bytes of headers */
export const ETHERNET = 14;
export const IPV4 = 20;
/** offset of what IPv4 carries */
export const TRANSPORT = ETHERNET + IPV4;
/** offset of the IPv4 identification, and of the header's checksum */
export const IDENTIFICATION = ETHERNET + 4;
export const HEADER_CHECKSUM = ETHERNET + 10;

/** Which way a frame goes: `tx` leaves the guest, `rx` arrives there. */
export type Direction = 'tx' | 'rx';

// A run may send a million of these: bytes are stored one by one, without views and arrays for every frame.

export function put16(frame: Uint8Array, at: number, value: number): void {
  frame[at] = value >>> 8;
  frame[at + 1] = value;
}

export function put32(frame: Uint8Array, at: number, value: number): void {
  put16(frame, at, value >>> 16);
  put16(frame, at + 2, value);
}

const CHUNK = 1 << 16;
let chunk = new ArrayBuffer(CHUNK);
let cut = 0;

/** An array of `size` zeros. Cut from a larger one: what has memory of its own costs an allocation outside of JavaScript's heap. */
export function newFrame(size: number): Uint8Array {
  if (size > CHUNK / 16) return new Uint8Array(size);
  if (cut + size > CHUNK) {
    chunk = new ArrayBuffer(CHUNK);
    cut = 0;
  }
  cut += size;
  return new Uint8Array(chunk, cut - size, size);
}

/** A copy of a frame that was made once for many. */
export function frameFrom(template: Uint8Array): Uint8Array {
  const frame = newFrame(template.length);
  frame.set(template);
  return frame;
}

/** Big endian, as all of the network's; 0 beyond the end. */
export const get16 = (frame: Uint8Array, at: number): number => ((frame[at] ?? 0) << 8) | (frame[at + 1] ?? 0);
export const get32 = (frame: Uint8Array, at: number): number => get16(frame, at) * 0x10000 + get16(frame, at + 2);

export function copy(frame: Uint8Array, at: number, bytes: readonly number[], count: number): void {
  for (let i = 0; i < count; i++) frame[at + i] = bytes[i] ?? 0;
}

/** Addresses of an Ethernet header; the type is the caller's. */
export function writeAddresses(frame: Uint8Array, direction: Direction, guestMac: readonly number[]): void {
  const [to, from] = direction === 'tx' ? [PEER_MAC, guestMac] : [guestMac, PEER_MAC];
  copy(frame, 0, to, 6);
  copy(frame, 6, from, 6);
}

/**
 * An IPv4 header without options, its checksum right, and the Ethernet type before it.
 * @param length bytes of the packet, this header included
 */
export function writeIpv4(
  frame: Uint8Array,
  length: number,
  identification: number,
  protocol: number,
  direction: Direction,
): void {
  const at = ETHERNET;
  put16(frame, 12, 0x0800);
  frame[at] = 0x45;
  put16(frame, at + 2, length);
  put16(frame, IDENTIFICATION, identification);
  put16(frame, at + 6, 0x4000); // do not fragment
  frame[at + 8] = 64; // time to live
  frame[at + 9] = protocol;
  put16(frame, HEADER_CHECKSUM, 0);
  copy(frame, at + 12, direction === 'tx' ? GUEST_IP : PEER_IP, 4);
  copy(frame, at + 16, direction === 'tx' ? PEER_IP : GUEST_IP, 4);
  put16(frame, HEADER_CHECKSUM, fold(sum(frame, at, at + IPV4)));
}

/** Sum of the pseudo-header that UDP and TCP count in (RFC 768, RFC 9293): both addresses, the protocol, and their own length. */
export function pseudoHeader(frame: Uint8Array, protocol: number, length: number): number {
  return sum(frame, ETHERNET + 12, TRANSPORT) + protocol + length;
}

/** Sum of the big-endian 16-bit words of [from, to); an odd last byte counts as a word with a zero behind it. */
export function sum(bytes: Uint8Array, from: number, to: number): number {
  let total = 0;
  let i = from;
  for (; i + 1 < to; i += 2) total += ((bytes[i] as number) << 8) | (bytes[i + 1] as number);
  return i < to ? total + ((bytes[i] as number) << 8) : total;
}

/** The checksum that a sum of words makes: folded to 16 bits, and inverted. */
export function fold(total: number): number {
  let left = total;
  while (left > 0xffff) left = (left & 0xffff) + Math.floor(left / 0x10000);
  return ~left & 0xffff;
}

/** The Internet checksum (RFC 1071) over `bytes`, on top of a sum of 16-bit words; 0 over a range that holds its own checksum. */
export function internetChecksum(bytes: Uint8Array, start = 0): number {
  return fold(start + sum(bytes, 0, bytes.length));
}
