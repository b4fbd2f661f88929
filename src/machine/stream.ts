// A stream: data segments within a window, acknowledged every few: TCP between two ends that lose nothing and never time out.
import { readSegment, SegmentFrames, type Direction } from '../device';
import { endOf, opposite, type Loop, type LoopState, type Unanswered } from './loop';
import type { StreamTraffic } from './setup';

/** iperf's port; streams of one scenario count from here */
const PEER_PORT = 5001;
/** of those that Linux gives to clients */
const GUEST_PORT = 40_000;

export class Stream implements Loop {
  private readonly data: Direction;
  private readonly acks: Direction;
  private readonly frames: SegmentFrames;
  private readonly senderPort: number;
  private readonly receiverPort: number;
  private sent = 0;
  /** segments acknowledged to the sender */
  private acknowledged = 0;
  /** How far the window reaches, and from when on: one entry an ACK whose room is not used up. */
  private edges: number[];
  private edgesNs: number[];
  /** segments received in order; those beyond a hole, by number */
  private inOrder = 0;
  private early: number[] = [];
  /** segments that an ACK is on its way for, and the ACKs not sent yet */
  private promised = 0;
  private owed: number[] = [];
  private owedNs: number[] = [];

  /** @param index place in the scenario's traffic: tells its frames from those of other streams */
  constructor(
    private readonly item: StreamTraffic,
    index: number,
    guestMac: readonly number[],
  ) {
    this.data = item.from === 'guest' ? 'tx' : 'rx';
    this.acks = opposite(this.data);
    const ports = { guest: GUEST_PORT + index, peer: PEER_PORT + index };
    this.senderPort = ports[endOf(this.data)];
    this.receiverPort = ports[endOf(this.acks)];
    const { size, ackSize } = item;
    this.frames = new SegmentFrames(size, ackSize, this.senderPort, this.receiverPort, this.data, guestMac);
    this.edges = [item.window];
    this.edgesNs = [item.atNs];
  }

  /** ACKs, and data that an ACK made room for, are sent by tcp_rcv_established(); the first window by the application's write(). */
  get stackSends(): boolean {
    return this.item.from === 'host' || this.acknowledged > 0;
  }

  dueNs(way: Direction): number {
    if (way === this.acks) return this.owedNs[0] ?? Infinity;
    return this.sent < this.item.count ? (this.edgesNs[0] ?? Infinity) : Infinity;
  }

  take(way: Direction): Uint8Array {
    if (way === this.acks) {
      this.owedNs.shift();
      return this.frames.ack(this.owed.shift() ?? 0);
    }
    const frame = this.frames.segment(this.sent++);
    if (this.sent >= (this.edges[0] ?? 0)) {
      this.edges.shift();
      this.edgesNs.shift();
    }
    return frame;
  }

  received(way: Direction, frame: Uint8Array, length: number, nowNs: number): boolean {
    const segment = readSegment(frame, length);
    if (segment === undefined) return false;
    const [from, to] = way === this.data ? [this.senderPort, this.receiverPort] : [this.receiverPort, this.senderPort];
    if (segment.sourcePort !== from || segment.destinationPort !== to) return false;
    const readyNs = nowNs + (way === 'tx' ? this.item.peerNs : 0);
    if (way === this.data) this.segmentCame(this.segmentsFrom(this.inOrder, segment.sequence), readyNs);
    else this.ackCame(this.segmentsFrom(this.acknowledged, segment.acknowledged), readyNs);
    return true;
  }

  /** A sequence number as a number of segments, told as the distance from one that is near. */
  private segmentsFrom(near: number, sequence: number): number {
    const distance = (sequence - this.frames.sequenceOf(near)) | 0;
    return near + Math.floor(distance / this.frames.data);
  }

  private segmentCame(number: number, readyNs: number): void {
    if (number > this.inOrder) {
      // beyond a hole: it counts when the hole is filled
      if (!this.early.includes(number)) this.early.push(number);
      return;
    }
    if (number < this.inOrder) return;
    this.inOrder++;
    while (this.early.includes(this.inOrder)) {
      this.early = this.early.filter((n) => n !== this.inOrder);
      this.inOrder++;
    }
    if (this.inOrder - this.promised < this.item.ackEvery && this.inOrder < this.item.count) return;
    this.promised = this.inOrder;
    this.owed.push(this.inOrder);
    this.owedNs.push(readyNs);
  }

  private ackCame(count: number, readyNs: number): void {
    if (count <= this.acknowledged) return;
    this.acknowledged = count;
    this.edges.push(count + this.item.window);
    this.edgesNs.push(readyNs);
  }

  unanswered(): Unanswered | undefined {
    const { count } = this.item;
    if (this.acknowledged >= count) return undefined;
    const waits = endOf(this.data);
    if (this.inOrder < this.sent) return { kind: 'stream', waits, lost: 'segment', number: this.inOrder + 1, count };
    return { kind: 'stream', waits, lost: 'ack', number: this.promised, count };
  }

  snapshot(): LoopState {
    const { sent, acknowledged, inOrder, promised } = this;
    const lists = { edges: this.edges, edgesNs: this.edgesNs, early: this.early, owed: this.owed, owedNs: this.owedNs };
    return { sent, acknowledged, inOrder, promised, ...copied(lists) };
  }

  restore(state: LoopState): void {
    Object.assign(this, copied(state));
  }
}

function copied(state: LoopState): LoopState {
  return Object.fromEntries(Object.entries(state).map(([k, v]) => [k, typeof v === 'number' ? v : [...v]]));
}
