// The scenario's traffic: frames made as they fall due, by the clock or in answer to others; its whole state is a few numbers.
import { NumberedFrames, type Direction } from '../device';
import type { Loop, LoopState, Unanswered } from './loop';
import { Ping } from './ping';
import type { MachineTraffic } from './setup';
import { Stream } from './stream';

export interface TrafficItem {
  readonly atNs: number;
  readonly direction: Direction;
  readonly bytes: Uint8Array;
  /** place in the scenario's traffic */
  readonly source: number;
  /** another one of the same burst follows at once */
  readonly more: boolean;
}

/** By place in the scenario: the next frame of what is offered by the clock, or where a closed loop stands. */
export type TrafficState = readonly (LoopState | { readonly tx: number; readonly rx: number })[];

/** One item of the scenario, in one direction. */
interface Source {
  readonly dueNs: number;
  /** whether the next one is followed by another one of its burst */
  readonly more?: boolean;
  take(nowNs: number): Uint8Array;
}

/** What falls due by the clock alone: generated packets, or those of a capture. */
class Offered implements Source {
  cursor: number;
  dueNs: number;
  /** of what is generated, in the direction that it goes */
  private readonly frames: NumberedFrames | undefined;

  constructor(
    private readonly item: Exclude<MachineTraffic, { readonly kind: 'ping' | 'stream' }>,
    private readonly direction: Direction,
    guestMac: readonly number[],
  ) {
    if (item.kind === direction) this.frames = new NumberedFrames(item.size, direction, guestMac);
    this.cursor = this.skip(0);
    this.dueNs = this.due();
  }

  take(): Uint8Array {
    const { item, cursor } = this;
    this.moveTo(this.skip(cursor + 1));
    return item.kind === 'frames'
      ? (item.frames[cursor]?.bytes ?? new Uint8Array(0))
      : (this.frames?.make(cursor) ?? new Uint8Array(0));
  }

  get more(): boolean {
    const { item, cursor } = this;
    if (item.kind !== 'tx') return false;
    return cursor + 1 < item.count && (cursor + 1) % (item.burst ?? 1) !== 0;
  }

  moveTo(cursor: number): void {
    this.cursor = cursor;
    this.dueNs = this.due();
  }

  /** First cursor at or after `cursor` whose frame goes this way. */
  private skip(cursor: number): number {
    const { item } = this;
    if (item.kind !== 'frames') return cursor;
    let at = cursor;
    while (at < item.frames.length && item.frames[at]?.direction !== this.direction) at++;
    return at;
  }

  private due(): number {
    const { item, cursor } = this;
    if (item.kind === 'frames') return item.frames[cursor]?.atNs ?? Infinity;
    if (item.kind !== this.direction || cursor >= item.count) return Infinity;
    return item.atNs + Math.floor(cursor / ((item.kind === 'tx' && item.burst) || 1)) * item.intervalNs;
  }
}

/** One direction's stream. Items fall due in order of time, and of their place in the scenario where times are equal. */
export class TrafficStream {
  /** Virtual ns at which the next item falls due, Infinity when there is none, or none yet. */
  nextNs = Infinity;
  private best = -1;

  constructor(
    private readonly direction: Direction,
    private readonly sources: readonly Source[],
  ) {
    this.update();
  }

  /**
   * Takes the next item; undefined when there is none.
   * @param nowNs when it is taken: at its time, or later
   */
  take(nowNs = this.nextNs): TrafficItem | undefined {
    const { best: source, nextNs: atNs } = this;
    if (source < 0) return undefined;
    return this.takeFrom(source, atNs, nowNs);
  }

  takeFrom(source: number, atNs: number, nowNs: number): TrafficItem | undefined {
    const more = this.sources[source]?.more === true;
    const bytes = this.sources[source]?.take(nowNs);
    this.update();
    return bytes && { atNs, direction: this.direction, bytes, source, more };
  }

  /** Looks anew at what is due. */
  update(): void {
    this.nextNs = Infinity;
    this.best = -1;
    for (let i = 0; i < this.sources.length; i++) {
      const dueNs = this.sources[i]?.dueNs ?? Infinity;
      if (dueNs >= this.nextNs) continue;
      this.nextNs = dueNs;
      this.best = i;
    }
  }
}

/** Both directions, and the closed loops that join them. */
export class Traffic {
  /** what the guest sends */
  readonly tx: TrafficStream;
  /** what arrives at the tap */
  readonly rx: TrafficStream;
  private readonly loops = new Map<number, Loop>();
  private readonly offered: (Readonly<Record<Direction, Offered>> | undefined)[];

  constructor(items: readonly MachineTraffic[], guestMac: readonly number[]) {
    this.offered = items.map((item, i) => {
      if (item.kind === 'ping') this.loops.set(i, new Ping(item, i, guestMac));
      else if (item.kind === 'stream') this.loops.set(i, new Stream(item, i, guestMac));
      else return { tx: new Offered(item, 'tx', guestMac), rx: new Offered(item, 'rx', guestMac) };
      return undefined;
    });
    this.tx = new TrafficStream('tx', this.sources('tx'));
    this.rx = new TrafficStream('rx', this.sources('rx'));
  }

  /** Whether anything follows from a frame that has come through. */
  get answers(): boolean {
    return this.loops.size > 0;
  }

  /**
   * A frame went through to its receiver: `tx` left on the wire, `rx` was delivered to the guest's stack.
   * @param frame its first bytes, the transport header among them
   * @param length bytes of the whole
   */
  received(way: Direction, frame: Uint8Array, length: number, nowNs: number): void {
    for (const loop of this.loops.values()) {
      if (!loop.received(way, frame, length, nowNs)) continue;
      this.tx.update();
      this.rx.update();
      return;
    }
  }

  /**
   * What the guest's network stack answers to what it has just received; undefined for nothing.
   * @param held items whose senders are at work: what is due of the same connection comes after them, as from the backlog of a
   *   socket that its owner has locked
   * @param waiting one more, that waits for room in its socket
   */
  answer(nowNs: number, held: readonly TrafficItem[], waiting: TrafficItem | undefined): TrafficItem | undefined {
    for (const [source, loop] of this.loops) {
      const dueNs = loop.stackSends ? loop.dueNs('tx') : Infinity;
      if (dueNs > nowNs || waiting?.source === source || held.some((item) => item.source === source)) continue;
      return this.tx.takeFrom(source, dueNs, nowNs);
    }
    return undefined;
  }

  /** The loops that wait for something, when nothing is due any more. */
  unanswered(): readonly Unanswered[] {
    return [...this.loops.values()].flatMap((loop) => loop.unanswered() ?? []);
  }

  snapshot(): TrafficState {
    return this.offered.map(
      (item, i) => this.loops.get(i)?.snapshot() ?? { tx: item?.tx.cursor ?? 0, rx: item?.rx.cursor ?? 0 },
    );
  }

  restore(state: TrafficState): void {
    state.forEach((saved, i) => {
      this.loops.get(i)?.restore(saved);
      const { tx, rx } = saved as { readonly tx: number; readonly rx: number };
      this.offered[i]?.tx.moveTo(tx);
      this.offered[i]?.rx.moveTo(rx);
    });
    this.tx.update();
    this.rx.update();
  }

  private sources(way: Direction): readonly Source[] {
    return this.offered.map((offered, i): Source => {
      const loop = this.loops.get(i);
      if (loop === undefined) return (offered as NonNullable<typeof offered>)[way];
      return {
        get dueNs() {
          return loop.dueNs(way);
        },
        take: (nowNs) => loop.take(way, nowNs),
      };
    });
  }
}
