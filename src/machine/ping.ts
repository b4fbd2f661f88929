// A ping: one echo request at a time, the next when the reply has come.
import { EchoFrames, readEcho, type Direction } from '../device';
import { endOf, opposite, type Loop, type LoopState, type Unanswered } from './loop';
import type { PingTraffic } from './setup';

/** Identifiers of echo requests count from here with the items of the scenario. */
const FIRST_IDENTIFIER = 0x4c00;

export class Ping implements Loop {
  /** the guest's part in a ping of the peer's is answering, as icmp_rcv() does */
  readonly stackSends: boolean;
  private readonly requests: Direction;
  private readonly replies: Direction;
  private readonly frames: EchoFrames;
  private readonly identifier: number;
  private sent = 0;
  /** when the next request falls due; Infinity while a reply is awaited, and when all were sent */
  private requestNs: number;
  private lastRequestNs = 0;
  /** requests that went through to the other end, and replies that came back */
  private heard = 0;
  private answered = 0;
  /** replies not sent yet: numbers of their requests, and when they fall due */
  private owed: number[] = [];
  private owedNs: number[] = [];

  /** @param index place in the scenario's traffic: tells its frames from those of other pings */
  constructor(
    private readonly item: PingTraffic,
    index: number,
    guestMac: readonly number[],
  ) {
    this.requests = item.from === 'guest' ? 'tx' : 'rx';
    this.replies = opposite(this.requests);
    this.stackSends = item.from === 'host';
    this.identifier = FIRST_IDENTIFIER + index;
    this.frames = new EchoFrames(item.size, this.identifier, this.requests, guestMac);
    this.requestNs = item.atNs;
  }

  dueNs(way: Direction): number {
    return way === this.requests ? this.requestNs : (this.owedNs[0] ?? Infinity);
  }

  take(way: Direction, nowNs: number): Uint8Array {
    if (way === this.replies) {
      this.owedNs.shift();
      return this.frames.reply(this.owed.shift() ?? 0);
    }
    this.requestNs = Infinity;
    this.lastRequestNs = nowNs;
    return this.frames.request(this.sent++);
  }

  received(way: Direction, frame: Uint8Array, length: number, nowNs: number): boolean {
    const echo = readEcho(frame, length);
    if (echo?.identifier !== this.identifier || echo.reply !== (way === this.replies)) return false;
    // Only the request that was made last is awaited: an older number is a packet that came twice.
    const last = this.sent - 1;
    const current = echo.sequence === (last & 0xffff);
    const readyNs = nowNs + (way === 'tx' ? this.item.peerNs : 0);
    if (way === this.requests) {
      if (current) this.heard = this.sent;
      // Who answers knows nothing of numbers: what comes twice is answered twice.
      this.owed.push(current ? last : echo.sequence);
      this.owedNs.push(readyNs);
    } else if (current && this.answered < this.sent) {
      this.answered = this.sent;
      if (this.sent < this.item.count) this.requestNs = Math.max(readyNs, this.lastRequestNs + this.item.intervalNs);
    }
    return true;
  }

  unanswered(): Unanswered | undefined {
    if (this.answered >= this.item.count) return undefined;
    const lost = this.heard < this.sent ? 'request' : 'reply';
    return { kind: 'ping', waits: endOf(this.requests), lost, number: this.sent, count: this.item.count };
  }

  snapshot(): LoopState {
    const { sent, requestNs, lastRequestNs, heard, answered, owed, owedNs } = this;
    return { sent, requestNs, lastRequestNs, heard, answered, owed: [...owed], owedNs: [...owedNs] };
  }

  restore(state: LoopState): void {
    const { owed, owedNs, ...numbers } = state;
    Object.assign(this, numbers);
    this.owed = [...(owed as readonly number[])];
    this.owedNs = [...(owedNs as readonly number[])];
  }
}
