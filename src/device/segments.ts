// Segments of a TCP connection between guest and peer that is long established (RFC 9293): data one way, ACKs the other.
import {
  ETHERNET,
  fold,
  frameFrom,
  get16,
  get32,
  HEADER_CHECKSUM,
  IDENTIFICATION,
  IPV4,
  pseudoHeader,
  put16,
  put32,
  sum,
  TRANSPORT,
  writeAddresses,
  writeIpv4,
  type Direction,
} from './ipv4';

const TCP_PROTOCOL = 6;
const TCP = 20;
const HEADERS = TRANSPORT + TCP;
/** least frame that carries data: one byte */
export const LEAST_DATA_FRAME = HEADERS + 1;
/** least frame of a segment without data; what is longer is padding, as Ethernet's least frame of 60 bytes has */
export const LEAST_ACK_FRAME = HEADERS;

const ACK = 0x10;
const PUSH = 0x08;

/** How far a connection's ends are: sequence numbers begin at 1, as after the handshake that nobody saw. */
const FIRST_SEQUENCE = 1;

export interface Segment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** 32 bits, free-running */
  readonly sequence: number;
  readonly acknowledged: number;
  /** bytes of data */
  readonly data: number;
}

/** The frames of one stream: data segments of one size, and ACKs. */
export class SegmentFrames {
  /** bytes of data in a segment */
  readonly data: number;
  private readonly segments: Template;
  private readonly acks: Template;

  /**
   * @param size bytes of a data segment's Ethernet frame, at least LEAST_DATA_FRAME
   * @param ackSize bytes of an ACK's, at least LEAST_ACK_FRAME
   * @param way which way the data goes
   */
  constructor(
    size: number,
    ackSize: number,
    senderPort: number,
    receiverPort: number,
    way: Direction,
    guestMac: readonly number[],
  ) {
    this.data = size - HEADERS;
    const back: Direction = way === 'tx' ? 'rx' : 'tx';
    this.segments = new Template(size, this.data, [senderPort, receiverPort], ACK | PUSH, way, guestMac);
    this.acks = new Template(ackSize, 0, [receiverPort, senderPort], ACK, back, guestMac);
  }

  /** @param number of the segment, from 0 */
  segment(number: number): Uint8Array {
    return this.segments.make(this.sequenceOf(number), FIRST_SEQUENCE, number);
  }

  /** @param received number of segments that came in order */
  ack(received: number): Uint8Array {
    return this.acks.make(FIRST_SEQUENCE, this.sequenceOf(received), received);
  }

  /** Sequence number of a segment's first byte, 32 bits. */
  sequenceOf(number: number): number {
    return (FIRST_SEQUENCE + number * this.data) % 0x1_0000_0000;
  }
}

/** The part of a frame that is always the same, summed once. */
class Template {
  private readonly bytes: Uint8Array;
  private readonly header: number;
  private readonly message: number;

  constructor(
    size: number,
    data: number,
    [from, to]: readonly [number, number],
    flags: number,
    direction: Direction,
    guestMac: readonly number[],
  ) {
    if (size < HEADERS) throw new RangeError(`a segment of ${size} bytes: expected a frame of at least ${HEADERS}`);
    const frame = new Uint8Array(size);
    writeAddresses(frame, direction, guestMac);
    writeIpv4(frame, IPV4 + TCP + data, 0, TCP_PROTOCOL, direction);
    put16(frame, TRANSPORT, from);
    put16(frame, TRANSPORT + 2, to);
    frame[TRANSPORT + 12] = (TCP / 4) << 4;
    frame[TRANSPORT + 13] = flags;
    put16(frame, TRANSPORT + 14, 0xffff); // window
    for (let at = HEADERS; at < HEADERS + data; at++) frame[at] = at - HEADERS;
    put16(frame, HEADER_CHECKSUM, 0);
    this.bytes = frame;
    this.header = sum(frame, ETHERNET, TRANSPORT);
    this.message = pseudoHeader(frame, TCP_PROTOCOL, TCP + data) + sum(frame, TRANSPORT, size);
  }

  make(sequence: number, acknowledged: number, number: number): Uint8Array {
    const frame = frameFrom(this.bytes);
    const identification = number & 0xffff;
    put16(frame, IDENTIFICATION, identification);
    put16(frame, HEADER_CHECKSUM, fold(this.header + identification));
    put32(frame, TRANSPORT + 4, sequence);
    put32(frame, TRANSPORT + 8, acknowledged);
    put16(frame, TRANSPORT + 16, fold(this.message + words(sequence) + words(acknowledged)));
    return frame;
  }
}

/** The two 16-bit words of a number, added. */
const words = (value: number): number => (value >>> 16) + (value & 0xffff);

/**
 * What a frame is as a TCP segment; undefined when it is none, or is cut short.
 * @param length bytes of the whole frame, of which `frame` may be the beginning
 */
export function readSegment(frame: Uint8Array, length = frame.length): Segment | undefined {
  if (frame.length < HEADERS || get16(frame, 12) !== 0x0800 || frame[ETHERNET] !== 0x45) return undefined;
  const packet = get16(frame, ETHERNET + 2);
  if (frame[ETHERNET + 9] !== TCP_PROTOCOL || ETHERNET + packet > length) return undefined;
  return {
    sourcePort: get16(frame, TRANSPORT),
    destinationPort: get16(frame, TRANSPORT + 2),
    sequence: get32(frame, TRANSPORT + 4),
    acknowledged: get32(frame, TRANSPORT + 8),
    data: Math.max(0, packet - IPV4 - 4 * ((frame[TRANSPORT + 12] ?? 0) >> 4)),
  };
}
