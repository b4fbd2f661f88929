// Closed loops of traffic at quiescence: who waits for whose answer, and which frame it was that did not come through.
import { sentence } from './words';

/** A loop of the scenario's traffic that is not done, when nothing is due any more. A machine's `Unanswered` fits by its shape. */
export interface UnansweredLoop {
  readonly kind: 'ping' | 'stream';
  readonly waits: 'guest' | 'peer';
  readonly lost: 'request' | 'reply' | 'segment' | 'ack';
  /** of the request or segment, from 1; of an ACK: how many segments it acknowledges */
  readonly number: number;
  readonly count: number;
}

/** One sentence: who waits for what, and where that ended. */
export function unanswered(loop: UnansweredLoop): string {
  const { kind, waits, lost, number, count } = loop;
  const other = waits === 'guest' ? 'peer' : 'guest';
  // requests and segments come from who waits, replies and ACKs from the other
  const sender = lost === 'request' || lost === 'segment' ? waits : other;
  const ended = sender === 'guest' ? 'never left on the wire' : "was never delivered to the guest's stack";
  const who = waits === 'guest' ? 'the guest' : 'the peer';
  if (kind === 'ping')
    return sentence(`${who} waits for the reply to its echo request ${number} of ${count}`, `the ${lost} ${ended}`);
  if (lost === 'segment')
    return sentence(`${who} waits for an ACK of its stream of ${count} segments`, `segment ${number} ${ended}`);
  return sentence(`${who} waits for an ACK of its stream of ${count} segments`, `the ACK of ${number} ${ended}`);
}
