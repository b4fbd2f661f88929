// Hub: what the parts of the machine share: the clock, the costs, the log, and the way to say that something happened.
import type { Clock } from './clock';
import type { Costs } from './costs';
import type { Cpu } from './cpu';
import type { EventCounts } from './event-log';
import type { LineEffectLog } from './line-effects';
import type { Statistics } from './statistics';
import type { Timeline } from './timeline';
import type { EventKind, Field, FindingKind } from './types';

export type Detail = Readonly<Record<string, Field>>;

/** Where a finding belongs, when that is not where the vCPU is now; and the heap object that it is about. */
export interface FindingPlace {
  /** a driver's ring store, told after the fact */
  readonly store?: { readonly tick: number; readonly ns: number; readonly site: number | undefined };
  /** the line that is to blame */
  readonly site?: number | undefined;
  /** guest pointer */
  readonly object?: number;
}

export interface Hub {
  readonly clock: Clock;
  readonly costs: Costs;
  readonly cpu: Cpu;
  readonly statistics: Statistics;
  readonly timeline: Timeline;
  readonly lines: LineEffectLog;
  /** Events are only counted in this run: here, without their details. Undefined where they are told. */
  readonly counts: EventCounts | undefined;
  /** Logs an event at the clock's position, and stops there if somebody asked for that. */
  emit(
    who: string,
    what: EventKind,
    queue: string | undefined,
    detail: Detail,
    at?: { tick: number; ns: number; site: number | undefined },
  ): void;
  /** Adds a finding and logs it. */
  finding(kind: FindingKind, text: string, at?: FindingPlace): void;
  /** A message for the console; not repeated by a replay. */
  say(kind: 'printk' | 'log' | 'finding' | 'notice', text: string, level?: number): void;
  /** A tick of the machine's own: host action, interrupt delivery, timer expiry. `thread` is the one it belongs to. */
  tick(thread: number): void;
  /** The next thing due may have changed: the hooks are told anew. Only with the cpu synced. */
  rearm(): void;
}
