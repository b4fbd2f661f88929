// Generated traffic: Ethernet/IPv4/UDP frames that carry their number, so that each can be recognised wherever it turns up.
import {
  copy,
  ETHERNET,
  fold,
  IPV4,
  newFrame,
  pseudoHeader,
  put16,
  sum,
  TRANSPORT,
  writeAddresses,
  writeIpv4,
  type Direction,
} from './ipv4';

/** discard (RFC 863) */
const DISCARD = 9;
/** the sender's port counts with the packets, so that a summary line tells them apart */
const FIRST_PORT = 40_000;
const PORTS = 20_000;

const UDP = 8;
const UDP_PROTOCOL = 17;
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
  direction: Direction,
  guestMac: readonly number[],
): Uint8Array {
  if (!Number.isInteger(size) || size < ETHERNET || size > 65549)
    throw new RangeError(`a frame of ${size} bytes: expected a whole number from ${ETHERNET} to 65549`);
  const frame = newFrame(size);
  writeAddresses(frame, direction, guestMac);
  if (size < HEADERS) {
    copy(frame, 12, EXPERIMENTAL_TYPE, 2);
    fillPattern(frame, ETHERNET, sequence);
    return frame;
  }
  fillPattern(frame, HEADERS, sequence);
  writeIpv4(frame, size - ETHERNET, sequence, UDP_PROTOCOL, direction);
  writeUdp(frame, size - TRANSPORT, sequence, direction);
  return frame;
}

/** The sequence number of a frame of makeFrame, or undefined when it is too short to carry one. */
export function sequenceOf(frame: Uint8Array): number | undefined {
  const at = frame.length < HEADERS ? ETHERNET : HEADERS;
  if (frame.length < at + 4) return undefined;
  return new DataView(frame.buffer, frame.byteOffset).getUint32(at);
}

function fillPattern(frame: Uint8Array, at: number, sequence: number): void {
  for (let i = at; i < frame.length; i++) {
    const n = i - at;
    frame[i] = n < 4 ? sequence >>> (24 - 8 * n) : sequence + n;
  }
}

function writeUdp(frame: Uint8Array, length: number, sequence: number, direction: Direction): void {
  const at = TRANSPORT;
  const counted = FIRST_PORT + (sequence % PORTS);
  put16(frame, at, direction === 'tx' ? counted : DISCARD);
  put16(frame, at + 2, direction === 'tx' ? DISCARD : counted);
  put16(frame, at + 4, length);
  const checksum = fold(pseudoHeader(frame, UDP_PROTOCOL, length) + sum(frame, at, frame.length));
  put16(frame, at + 6, checksum === 0 ? 0xffff : checksum);
}
