// Generated traffic: Ethernet/IPv4/UDP frames that carry their number, so that each can be recognised wherever it turns up.
import {
  copy,
  ETHERNET,
  fold,
  frameFrom,
  HEADER_CHECKSUM,
  IDENTIFICATION,
  IPV4,
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
 * Frames of exactly `size` bytes (at least 14, without FCS) from or to the guest: `tx` leaves it, `rx` arrives.
 * The UDP payload is the sequence number (4 bytes, big endian) and then a pattern made from it; all checksums are right.
 * Equal arguments give equal bytes. What is the same in all of them is made, and summed, once.
 */
export class NumberedFrames {
  private readonly template: Uint8Array;
  /** where the pattern begins */
  private readonly payload: number;
  /** sums of the headers' words that do not count with the packets */
  private readonly ipHeader: number = 0;
  private readonly udpHeader: number = 0;
  /** offset of the port that counts */
  private readonly port: number;

  /** Throws a RangeError for a size that is no frame. */
  constructor(size: number, direction: Direction, guestMac: readonly number[]) {
    if (!Number.isInteger(size) || size < ETHERNET || size > 65549)
      throw new RangeError(`a frame of ${size} bytes: expected a whole number from ${ETHERNET} to 65549`);
    const frame = (this.template = new Uint8Array(size));
    const udp = size >= HEADERS;
    this.payload = udp ? HEADERS : ETHERNET;
    this.port = direction === 'tx' ? TRANSPORT : TRANSPORT + 2;
    writeAddresses(frame, direction, guestMac);
    if (!udp) {
      copy(frame, 12, EXPERIMENTAL_TYPE, 2);
      return;
    }
    const length = size - TRANSPORT;
    writeIpv4(frame, size - ETHERNET, 0, UDP_PROTOCOL, direction);
    put16(frame, HEADER_CHECKSUM, 0);
    put16(frame, direction === 'tx' ? TRANSPORT + 2 : TRANSPORT, DISCARD);
    put16(frame, TRANSPORT + 4, length);
    this.ipHeader = sum(frame, ETHERNET, TRANSPORT);
    this.udpHeader = pseudoHeader(frame, UDP_PROTOCOL, length) + sum(frame, TRANSPORT, HEADERS);
  }

  make(sequence: number): Uint8Array {
    const frame = frameFrom(this.template);
    fillPattern(frame, this.payload, sequence);
    if (this.payload === ETHERNET) return frame;
    const identification = sequence & 0xffff;
    put16(frame, IDENTIFICATION, identification);
    put16(frame, HEADER_CHECKSUM, fold(this.ipHeader + identification));
    const counted = FIRST_PORT + (sequence % PORTS);
    put16(frame, this.port, counted);
    const checksum = fold(this.udpHeader + counted + sum(frame, HEADERS, frame.length));
    // 0 says that there is none (RFC 768)
    put16(frame, TRANSPORT + 6, checksum === 0 ? 0xffff : checksum);
    return frame;
  }
}

/** The sequence number of one of them, or undefined when it is too short to carry one. */
export function sequenceOf(frame: Uint8Array): number | undefined {
  const at = frame.length < HEADERS ? ETHERNET : HEADERS;
  if (frame.length < at + 4) return undefined;
  return new DataView(frame.buffer, frame.byteOffset).getUint32(at);
}

function fillPattern(frame: Uint8Array, at: number, sequence: number): void {
  const numbered = Math.min(frame.length, at + 4);
  for (let i = at; i < numbered; i++) frame[i] = sequence >>> (24 - 8 * (i - at));
  for (let i = at + 4; i < frame.length; i++) frame[i] = sequence + i - at;
}
