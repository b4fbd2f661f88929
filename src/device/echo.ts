// ICMP echo requests and replies between guest and peer (RFC 792): made, and recognised wherever they turn up.
import {
  ETHERNET,
  fold,
  frameFrom,
  get16,
  HEADER_CHECKSUM,
  IDENTIFICATION,
  put16,
  sum,
  TRANSPORT,
  writeAddresses,
  writeIpv4,
  type Direction,
} from './ipv4';

const ICMP_PROTOCOL = 1;
const REPLY = 0;
const REQUEST = 8;
const ICMP = 8;
/** least frame of an echo: headers without data */
export const LEAST_ECHO_FRAME = TRANSPORT + ICMP;

export interface Echo {
  readonly reply: boolean;
  /** tells one ping from another */
  readonly identifier: number;
  /** 16 bits */
  readonly sequence: number;
}

/** The frames of one ping, all of one size. Their data is the same pattern every time, as ping's is. */
export class EchoFrames {
  private readonly requests: Template;
  private readonly replies: Template;

  /**
   * @param size bytes of the Ethernet frame without FCS, at least LEAST_ECHO_FRAME
   * @param requests which way the requests go
   */
  constructor(size: number, identifier: number, requests: Direction, guestMac: readonly number[]) {
    this.requests = new Template(size, REQUEST, identifier, requests, guestMac);
    this.replies = new Template(size, REPLY, identifier, requests === 'tx' ? 'rx' : 'tx', guestMac);
  }

  /** @param number of the request, from 0; its low 16 bits are the sequence number */
  request(number: number): Uint8Array {
    return this.requests.make(number & 0xffff);
  }

  reply(number: number): Uint8Array {
    return this.replies.make(number & 0xffff);
  }
}

/** The part of a frame that is always the same, summed once. */
class Template {
  private readonly bytes: Uint8Array;
  private readonly header: number;
  private readonly message: number;

  constructor(size: number, type: number, identifier: number, direction: Direction, guestMac: readonly number[]) {
    if (size < LEAST_ECHO_FRAME)
      throw new RangeError(`an echo of ${size} bytes: expected a frame of at least ${LEAST_ECHO_FRAME}`);
    const frame = new Uint8Array(size);
    writeAddresses(frame, direction, guestMac);
    writeIpv4(frame, size - ETHERNET, 0, ICMP_PROTOCOL, direction);
    frame[TRANSPORT] = type;
    put16(frame, TRANSPORT + 4, identifier);
    for (let at = LEAST_ECHO_FRAME; at < size; at++) frame[at] = at - LEAST_ECHO_FRAME;
    put16(frame, HEADER_CHECKSUM, 0);
    this.bytes = frame;
    this.header = sum(frame, ETHERNET, TRANSPORT);
    this.message = sum(frame, TRANSPORT, size);
  }

  make(sequence: number): Uint8Array {
    const frame = frameFrom(this.bytes);
    put16(frame, IDENTIFICATION, sequence);
    put16(frame, HEADER_CHECKSUM, fold(this.header + sequence));
    put16(frame, TRANSPORT + 6, sequence);
    put16(frame, TRANSPORT + 2, fold(this.message + sequence));
    return frame;
  }
}

/**
 * What a frame is as an echo; undefined when it is none, or is cut short.
 * @param length bytes of the whole frame, of which `frame` may be the beginning
 */
export function readEcho(frame: Uint8Array, length = frame.length): Echo | undefined {
  if (frame.length < LEAST_ECHO_FRAME || get16(frame, 12) !== 0x0800 || frame[ETHERNET] !== 0x45) return undefined;
  if (frame[ETHERNET + 9] !== ICMP_PROTOCOL || ETHERNET + get16(frame, ETHERNET + 2) > length) return undefined;
  const type = frame[TRANSPORT];
  if (type !== REQUEST && type !== REPLY) return undefined;
  return {
    reply: type === REPLY,
    identifier: get16(frame, TRANSPORT + 4),
    sequence: get16(frame, TRANSPORT + 6),
  };
}
