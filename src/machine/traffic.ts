// The scenario's traffic as a merged, ordered stream of frames, made as they fall due; its whole state is a few cursors.
import type { MachineTraffic } from './setup';

export interface TrafficItem {
  readonly atNs: number;
  readonly direction: 'tx' | 'rx';
  readonly bytes: Uint8Array;
}

/** Makes the bytes of a generated frame: size, sequence number in its item, direction. */
export type FrameMaker = (size: number, sequence: number, direction: 'tx' | 'rx') => Uint8Array;

/** One direction's stream. Items fall due in order of time, and of their place in the scenario where times are equal. */
export class TrafficStream {
  /** Virtual ns at which the next item falls due, Infinity when there is none. */
  nextNs: number;
  private cursors: number[];

  constructor(
    private readonly direction: 'tx' | 'rx',
    private readonly sources: readonly MachineTraffic[],
    private readonly makeFrame: FrameMaker,
  ) {
    this.cursors = sources.map((_, i) => this.skip(i, 0));
    this.nextNs = this.earliest();
  }

  /** Takes the next item; undefined when there is none. */
  take(): TrafficItem | undefined {
    let best = -1;
    for (let i = 0; i < this.sources.length; i++)
      if (this.dueOf(i) < Infinity && (best < 0 || this.dueOf(i) < this.dueOf(best))) best = i;
    const source = this.sources[best];
    const cursor = this.cursors[best];
    if (source === undefined || cursor === undefined) return undefined;
    const atNs = this.dueOf(best);
    const bytes =
      source.kind === 'frames'
        ? (source.frames[cursor]?.bytes ?? new Uint8Array(0))
        : this.makeFrame(source.size, cursor, this.direction);
    this.cursors[best] = this.skip(best, cursor + 1);
    this.nextNs = this.earliest();
    return { atNs, direction: this.direction, bytes };
  }

  snapshot(): readonly number[] {
    return [...this.cursors];
  }

  restore(cursors: readonly number[]): void {
    this.cursors = [...cursors];
    this.nextNs = this.earliest();
  }

  private earliest(): number {
    let least = Infinity;
    for (let i = 0; i < this.sources.length; i++) least = Math.min(least, this.dueOf(i));
    return least;
  }

  /** First cursor at or after `cursor` whose frame goes this stream's way. */
  private skip(index: number, cursor: number): number {
    const source = this.sources[index];
    if (source?.kind !== 'frames') return cursor;
    let at = cursor;
    while (at < source.frames.length && source.frames[at]?.direction !== this.direction) at++;
    return at;
  }

  private dueOf(index: number): number {
    const source = this.sources[index];
    const cursor = this.cursors[index] ?? 0;
    if (source === undefined) return Infinity;
    if (source.kind === 'frames') return source.frames[cursor]?.atNs ?? Infinity;
    if (source.kind !== this.direction || cursor >= source.count) return Infinity;
    return source.atNs + cursor * source.intervalNs;
  }
}
