// Statistics: what a run counts for its report. Plain numbers, restored with the machine.
import { PacketCosts, type PacketCostState } from './packet-costs';
import { Samples, type SamplesState } from './samples';
import type { ExitKind } from './types';

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
  private readonly byQueue = new Map<string, NotificationCounts>();
  readonly tx: PacketCounts = { ...NO_PACKETS };
  readonly rx: PacketCounts = { ...NO_PACKETS };
  readonly txLatency = new Samples();
  readonly rxLatency = new Samples();
  readonly cost = new PacketCosts();

  /** A packet is handed to the driver's side (tx), or arrives at the host's (rx). */
  offered(direction: 'tx' | 'rx', ns: number): void {
    const counts = direction === 'tx' ? this.tx : this.rx;
    if (counts.offered++ === 0) counts.firstNs = ns;
  }

  /** A packet has left on the wire (tx), or was delivered to the stack (rx). */
  done(direction: 'tx' | 'rx', ns: number): void {
    const counts = direction === 'tx' ? this.tx : this.rx;
    counts.done++;
    counts.lastNs = ns;
  }

  /** The counters of a queue, to be counted up. */
  queue(name: string): NotificationCounts {
    let counts = this.byQueue.get(name);
    if (counts === undefined) this.byQueue.set(name, (counts = { ...NO_NOTIFICATIONS }));
    return counts;
  }

  /** The counters of a queue, to be read: looking at a queue leaves no trace in the state. */
  queueNow(name: string): Readonly<NotificationCounts> {
    return this.byQueue.get(name) ?? NO_NOTIFICATIONS;
  }

  /** The counters of all queues that anything was counted of. */
  get queues(): Readonly<Record<string, Readonly<NotificationCounts>>> {
    return Object.fromEntries(this.byQueue);
  }

  snapshot(): StatisticsState {
    return {
      exits: { ...this.exits },
      queues: structuredClone(this.queues),
      tx: { ...this.tx },
      rx: { ...this.rx },
      txLatency: this.txLatency.snapshot(),
      rxLatency: this.rxLatency.snapshot(),
      cost: this.cost.snapshot(),
    };
  }

  restore(state: StatisticsState): void {
    Object.assign(this.exits, state.exits);
    this.byQueue.clear();
    for (const [name, counts] of Object.entries(state.queues)) this.byQueue.set(name, { ...counts });
    Object.assign(this.tx, state.tx);
    Object.assign(this.rx, state.rx);
    this.txLatency.restore(state.txLatency);
    this.rxLatency.restore(state.rxLatency);
    this.cost.restore(state.cost);
  }
}

export interface StatisticsState {
  readonly exits: Readonly<Record<ExitKind, number>>;
  readonly queues: Statistics['queues'];
  readonly tx: Readonly<PacketCounts>;
  readonly rx: Readonly<PacketCounts>;
  readonly txLatency: SamplesState;
  readonly rxLatency: SamplesState;
  readonly cost: PacketCostState;
}
