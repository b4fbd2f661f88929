// The event log of one run: appended as the machine runs, cut back when it is restored, and written as text.
import type { EventKind, MachineEvent } from './types';

/** Events kept in memory; older ones are dropped, and `first` tells from where the log is whole. */
const KEEP = 100_000;

export class EventLog {
  /** told of each event as it happens; for a log that is longer than what is kept */
  sink: ((event: MachineEvent) => void) | undefined;
  private kept: MachineEvent[] = [];
  private dropped = 0;
  /** Number of events so far. After going back, what was kept beyond it stays until the run comes by again: a checkpoint may lie there. */
  private end = 0;
  private counted: Partial<Record<EventKind, number>> = {};

  /** @param keep false: only count (headless runs that were asked for no log) */
  constructor(readonly keep: boolean) {}

  /** Number of events so far, the dropped ones included. */
  get length(): number {
    return this.end;
  }

  /** Number of the oldest event that is still here. */
  get first(): number {
    return this.dropped;
  }

  get counts(): Readonly<Partial<Record<EventKind, number>>> {
    return this.counted;
  }

  /** Counts an event that nobody will read. */
  count(what: EventKind): void {
    this.counted[what] = (this.counted[what] ?? 0) + 1;
    this.dropped++;
    this.end++;
  }

  append(event: MachineEvent): void {
    this.counted[event.what] = (this.counted[event.what] ?? 0) + 1;
    this.kept[this.end - this.dropped] = event;
    this.end++;
    this.sink?.(event);
    if (this.kept.length >= 2 * KEEP) {
      this.kept = this.kept.slice(KEEP);
      this.dropped += KEEP;
    }
  }

  slice(from: number, to: number): readonly MachineEvent[] {
    return this.kept.slice(Math.max(0, from - this.dropped), Math.max(0, Math.min(to, this.end) - this.dropped));
  }

  snapshot(): EventLogMark {
    return { length: this.length, counted: { ...this.counted } };
  }

  /** Goes to the mark, back or forward. What was dropped from memory before it stays dropped. */
  restore(mark: EventLogMark): void {
    this.counted = { ...mark.counted };
    this.end = mark.length;
    if (mark.length >= this.dropped && mark.length <= this.dropped + this.kept.length) return;
    this.kept = [];
    this.dropped = mark.length;
  }
}

export interface EventLogMark {
  readonly length: number;
  readonly counted: Readonly<Partial<Record<EventKind, number>>>;
}

function detailText(event: MachineEvent): string {
  return Object.entries(event.detail)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

/** One line of the log as `--log` writes it: position, time, who, what, queue, detail. */
export function eventLine(event: MachineEvent): string {
  const { tick, sub } = event.position;
  return `${tick}.${sub} ${event.timeNs} ${goldenLine(event)}`;
}

/** The same without position and absolute time: the form of golden files, which no comment or moved function in C changes. */
export function goldenLine(event: MachineEvent): string {
  return [event.who, event.what, event.queue ?? '-', detailText(event)].join(' ').trimEnd();
}
