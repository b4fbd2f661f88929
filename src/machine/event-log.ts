// The event log of one run: appended as the machine runs, cut back when it is restored, and written as text.
import type { EventKind, MachineEvent } from './types';

/** How many events of each kind there were. */
export type EventCounts = Record<EventKind, number>;

const NONE: Readonly<EventCounts> = {
  add: 0,
  expose: 0,
  kick: 0,
  kickSuppressed: 0,
  callbacks: 0,
  notify: 0,
  take: 0,
  sent: 0,
  arrive: 0,
  drop: 0,
  use: 0,
  usedIdx: 0,
  interrupt: 0,
  interruptSuppressed: 0,
  irqEnter: 0,
  irqExit: 0,
  timerArm: 0,
  timerCancel: 0,
  timerFire: 0,
  status: 0,
  features: 0,
  queueReady: 0,
  skb: 0,
  queueStop: 0,
  queueWake: 0,
  napi: 0,
  printk: 0,
  finding: 0,
  trap: 0,
  edit: 0,
  end: 0,
};

/** Events kept in memory at least; older ones are dropped, and `first` tells from where the log is whole. */
export const KEPT_EVENTS = 100_000;

export class EventLog {
  /** told of each event as it happens; for a log that is longer than what is kept */
  sink: ((event: MachineEvent) => void) | undefined;
  private kept: MachineEvent[] = [];
  private dropped = 0;
  /** Number of events so far. After going back, what was kept beyond it stays until the run comes by again: a checkpoint may lie there. */
  private end = 0;
  /** Of a log that only counts, who has an event to tell adds one here: a field by its name is the quickest there is. */
  readonly counted: EventCounts = { ...NONE };

  /**
   * @param keep false: only count (headless runs that were asked for no log)
   * @param onLoss the first events are dropped that nobody was told of
   */
  constructor(
    readonly keep: boolean,
    private readonly onLoss: () => void = () => undefined,
  ) {}

  /** Number of events so far, the dropped ones included. */
  get length(): number {
    return this.keep ? this.end : Object.values(this.counted).reduce((sum, count) => sum + count, 0);
  }

  /** Number of the oldest event that is still here. */
  get first(): number {
    return this.dropped;
  }

  get counts(): Readonly<Partial<Record<EventKind, number>>> {
    return Object.fromEntries(Object.entries(this.counted).filter(([, count]) => count > 0));
  }

  append(event: MachineEvent): void {
    this.counted[event.what]++;
    this.kept[this.end - this.dropped] = event;
    this.end++;
    this.sink?.(event);
    if (this.kept.length < 2 * KEPT_EVENTS) return;
    const first = this.lost === 0;
    this.kept = this.kept.slice(KEPT_EVENTS);
    this.dropped += KEPT_EVENTS;
    if (first && this.lost > 0) this.onLoss();
  }

  /** Number of events that were to be kept and are no more here, nor told to a sink. */
  get lost(): number {
    return this.keep && this.sink === undefined ? this.dropped : 0;
  }

  slice(from: number, to: number): readonly MachineEvent[] {
    return this.kept.slice(Math.max(0, from - this.dropped), Math.max(0, Math.min(to, this.end) - this.dropped));
  }

  snapshot(): EventLogMark {
    return { length: this.length, counted: this.counts };
  }

  /** Goes to the mark, back or forward. What was dropped from memory before it stays dropped. */
  restore(mark: EventLogMark): void {
    Object.assign(this.counted, NONE, mark.counted);
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
