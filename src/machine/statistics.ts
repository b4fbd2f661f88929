// Statistics: what a run counts for its report. Plain numbers, restored with the machine.
import type { ExitKind, QueueCounters } from './types';

/** Latencies of one direction in ns, kept one by one up to a limit and then thinned evenly, so that a long run stays bounded. */
export class Latencies {
  private values: number[] = [];
  private seen = 0;
  private stride = 1;
  private greatest = 0;

  /** Kept values; when they are this many, every second one is dropped and only every second new one is kept. */
  static readonly LIMIT = 1 << 17;

  add(ns: number): void {
    if (ns > this.greatest) this.greatest = ns;
    if (this.seen++ % this.stride !== 0) return;
    this.values.push(ns);
    if (this.values.length < Latencies.LIMIT) return;
    this.values = this.values.filter((_, i) => i % 2 === 0);
    this.stride *= 2;
  }

  /** 0 for all when there was none. Exact up to LIMIT values, of an even sample of them beyond; `max` is always exact. */
  summary(): { p50: number; p99: number; max: number } {
    const sorted = [...this.values].sort((a, b) => a - b);
    const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
    return { p50: at(0.5), p99: at(0.99), max: this.greatest };
  }

  snapshot(): LatencyState {
    // Values are only ever appended, and thinning makes a new array: the array can be shared by hundreds of checkpoints.
    const { values, seen, stride, greatest } = this;
    return { values, length: values.length, seen, stride, greatest };
  }

  restore(state: LatencyState): void {
    this.values = state.values.slice(0, state.length);
    this.seen = state.seen;
    this.stride = state.stride;
    this.greatest = state.greatest;
  }
}

export interface LatencyState {
  /** shared: the first `length` of them are the snapshot's */
  readonly values: readonly number[];
  readonly length: number;
  readonly seen: number;
  readonly stride: number;
  readonly greatest: number;
}

export interface PacketCounts {
  offered: number;
  /** tx: left on the wire; rx: delivered to the stack */
  done: number;
  dropped: number;
  /** when the first one was offered, and when the last one was done; 0: never */
  firstNs: number;
  lastNs: number;
}

const NO_PACKETS: PacketCounts = { offered: 0, done: 0, dropped: 0, firstNs: 0, lastNs: 0 };

interface NotificationCounts {
  kicks: number;
  kicksSuppressed: number;
  raised: number;
  delivered: number;
  suppressed: number;
}

const NO_NOTIFICATIONS: Readonly<NotificationCounts> = {
  kicks: 0,
  kicksSuppressed: 0,
  raised: 0,
  delivered: 0,
  suppressed: 0,
};

/** Counters of one run; `counters` of a queue are those the tracker cannot see. */
export class Statistics {
  readonly exits: Record<ExitKind, number> = {
    notify: 0,
    interruptStatus: 0,
    interruptAck: 0,
    config: 0,
    injection: 0,
  };
  readonly queues: Record<string, NotificationCounts> = {};
  readonly tx: PacketCounts = { ...NO_PACKETS };
  readonly rx: PacketCounts = { ...NO_PACKETS };
  readonly txLatency = new Latencies();
  readonly rxLatency = new Latencies();

  /** A packet is handed to the driver's side (tx), or arrives at the host's (rx). */
  offered(direction: 'tx' | 'rx', ns: number): void {
    const counts = this[direction];
    if (counts.offered++ === 0) counts.firstNs = ns;
  }

  /** A packet has left on the wire (tx), or was delivered to the stack (rx). */
  done(direction: 'tx' | 'rx', ns: number): void {
    const counts = this[direction];
    counts.done++;
    counts.lastNs = ns;
  }

  /** The counters of a queue, to be counted up. */
  queue(name: string): NotificationCounts {
    return (this.queues[name] ??= { ...NO_NOTIFICATIONS });
  }

  /** The counters of a queue, to be read: looking at a queue leaves no trace in the state. */
  queueNow(name: string): Readonly<NotificationCounts> {
    return this.queues[name] ?? NO_NOTIFICATIONS;
  }

  snapshot(): StatisticsState {
    return {
      exits: { ...this.exits },
      queues: structuredClone(this.queues),
      tx: { ...this.tx },
      rx: { ...this.rx },
      txLatency: this.txLatency.snapshot(),
      rxLatency: this.rxLatency.snapshot(),
    };
  }

  restore(state: StatisticsState): void {
    Object.assign(this.exits, state.exits);
    for (const name of Object.keys(this.queues)) delete this.queues[name];
    Object.assign(this.queues, structuredClone(state.queues));
    Object.assign(this.tx, state.tx);
    Object.assign(this.rx, state.rx);
    this.txLatency.restore(state.txLatency);
    this.rxLatency.restore(state.rxLatency);
  }
}

export interface StatisticsState {
  readonly exits: Readonly<Record<ExitKind, number>>;
  readonly queues: Statistics['queues'];
  readonly tx: Readonly<PacketCounts>;
  readonly rx: Readonly<PacketCounts>;
  readonly txLatency: LatencyState;
  readonly rxLatency: LatencyState;
}

/** What a headless run yields for its report. */
export interface RunSummary {
  readonly virtualNs: number;
  readonly ticks: number;
  readonly lines: number;
  readonly exits: Readonly<Record<ExitKind, number>>;
  readonly queues: Readonly<Record<string, QueueCounters>>;
  readonly tx: PacketCounts & { readonly latencyNs: { p50: number; p99: number; max: number } };
  readonly rx: PacketCounts & { readonly latencyNs: { p50: number; p99: number; max: number } };
}
