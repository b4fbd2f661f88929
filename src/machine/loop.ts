// A closed loop of traffic: two ends, guest and peer, where what one sends follows from what reached it of the other.
import type { Direction } from '../device';

/** Numbers alone, so that a checkpoint holds a loop by a copy. */
export type LoopState = Readonly<Record<string, number | readonly number[]>>;

/** What a loop at rest waits for. Nobody knows but the two ends, so that it is told and not guessed by a timeout. */
export interface Unanswered {
  readonly kind: 'ping' | 'stream';
  /** who waits */
  readonly waits: 'guest' | 'peer';
  /** what did not come through to whom: it was sent, or handed to the driver, and is lost or held up */
  readonly lost: 'request' | 'reply' | 'segment' | 'ack';
  /** number of the request or segment, from 1; of an ACK: how many segments it acknowledges */
  readonly number: number;
  /** requests or segments in all */
  readonly count: number;
}

export interface Loop {
  /** Virtual ns when the frame falls due that goes this way next; Infinity while its sender waits, and when it is done. */
  dueNs(way: Direction): number;
  /** That frame, as sent now. Only when it is due. */
  take(way: Direction, nowNs: number): Uint8Array;
  /**
   * The guest's frame that is due is its network stack's answer to a packet, sent in the softirq that received it; otherwise an
   * application sends.
   */
  readonly stackSends: boolean;
  /**
   * A frame went through to its receiver: `tx` left on the wire, `rx` was delivered to the guest's stack.
   * @param frame its first bytes, the transport header among them
   * @param length bytes of the whole
   * @returns whether it is this loop's
   */
  received(way: Direction, frame: Uint8Array, length: number, nowNs: number): boolean;
  /** What it waits for, when nothing of it is due; undefined when it is done. */
  unanswered(): Unanswered | undefined;
  snapshot(): LoopState;
  restore(state: LoopState): void;
}

/** The end that sends frames of a direction. */
export const endOf = (way: Direction): 'guest' | 'peer' => (way === 'tx' ? 'guest' : 'peer');

export const opposite = (way: Direction): Direction => (way === 'tx' ? 'rx' : 'tx');
