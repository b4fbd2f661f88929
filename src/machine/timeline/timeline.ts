// The recorder of a timeline: what the machine tells becomes items. A replay tells the same again, which is known already.
import type { Clock } from '../clock';
import type { MachineEvent, Position } from '../types';
import { TimelineStore, type Limits } from './store';
import { Tally, type TallyState } from './tally';
import type { LevelKind, MarkQuery, Series, TimelineQuery, TimelineWindow, VcpuContext } from './types';
import { nextMark, placeAt, timelineWindow } from './window';

/** Where the two sides of a queue stand: indices as counted, 16 bits. */
export interface QueueIndices {
  readonly availIdx: number;
  readonly lastAvailIdx: number;
  readonly usedIdx: number;
  /** skbs of chains that the device has used, which the driver has not freed or received yet */
  readonly usedSkbs: number;
}

export interface TimelineState {
  /** items told so far */
  readonly told: number;
  readonly ns: number;
  readonly tick: number;
  readonly tally: TallyState;
  readonly later: readonly Later[];
}

/** A level that changes at a time which is known already: a thread's last action takes until then. */
interface Later {
  readonly ns: number;
  readonly series: number;
  readonly value: number;
}

/** The events after which chains stand elsewhere. */
const MOVES: ReadonlySet<string> = new Set(['expose', 'take', 'usedIdx', 'queueReady']);
/** The levels of a queue that end with it. */
const OF_A_QUEUE: readonly LevelKind[] = ['outstanding', 'unreclaimed', 'taken', 'noNotify', 'noInterrupt'];
/** What is done to an skb that the driver has got back. */
const ENDS: ReadonlySet<unknown> = new Set(['free', 'receive', 'drop']);

export class Timeline {
  private readonly store: TimelineStore;
  private tally: Tally;
  /** items told since power-on; fewer than the store has while a replay is under way */
  private told = 0;
  private ns = 0;
  private tick = 0;
  private later: readonly Later[] = [];
  private readonly ids = new Map<string, number>();
  private readonly queues = new Set<string>();
  /** contexts that the vCPU is in, the interrupted ones below; not saved: the stack is empty wherever a state is saved */
  private contexts: (VcpuContext | 'idle')[] = [];
  private exits = 0;
  /** how far the run has been, while a replay is not there yet */
  private reach: { readonly ns: number; readonly tick: number } = { ns: 0, tick: 0 };

  /**
   * @param recording false: a run that nobody looks at; nothing is kept
   * @param lineNs cost of a line
   * @param indices where a queue stands; undefined when it is not set up
   */
  constructor(
    private readonly recording: boolean,
    private readonly clock: Clock,
    private readonly lineNs: number,
    private readonly indices: (queue: string) => QueueIndices | undefined,
    limits?: Limits,
  ) {
    this.store = new TimelineStore(limits);
    this.tally = new Tally(this.store.isMark);
  }

  // ---- told by the machine. Synced.

  event({ what, queue, timeNs, position, seq, detail }: MachineEvent): void {
    if (!this.recording) return;
    this.item(timeNs, position.tick, this.mark(what, queue), seq);
    if (queue !== undefined && MOVES.has(what)) this.moved(queue, timeNs, position.tick);
    if (what === 'skb' && ENDS.has(detail['op']))
      for (const name of this.queues) this.moved(name, timeNs, position.tick);
    const flag = typeof detail['flags'] === 'number' ? detail['flags'] & 1 : 0;
    if (what === 'notify' && queue !== undefined) this.set('noNotify', queue, flag, timeNs, position.tick);
    else if (what === 'callbacks' && queue !== undefined) this.set('noInterrupt', queue, flag, timeNs, position.tick);
    else if (what === 'queueStop' || what === 'queueWake')
      this.set('queueStopped', undefined, what === 'queueStop' ? 1 : 0, timeNs, position.tick);
    else if (what === 'timerArm') this.set('timer', timerOf(detail), Number(detail['ns'] ?? 1), timeNs, position.tick);
    else if (what === 'timerFire' || what === 'timerCancel')
      this.set('timer', timerOf(detail), 0, timeNs, position.tick);
  }

  /** Chains of a queue moved from one side to the other. */
  moved(queue: string, ns: number = this.clock.ns, tick: number = this.clock.tick): void {
    if (!this.recording) return;
    this.queues.add(queue);
    const at = this.indices(queue);
    const outstanding = at === undefined ? 0 : (at.availIdx - at.usedIdx) & 0xffff;
    this.set('outstanding', queue, outstanding, ns, tick);
    this.set('unreclaimed', queue, outstanding + (at?.usedSkbs ?? 0), ns, tick);
    this.set('taken', queue, at === undefined ? 0 : (at.lastAvailIdx - at.usedIdx) & 0xffff, ns, tick);
  }

  /** A queue was given up, or the device was reset: there is nothing in it any more, and its flags say nothing. */
  queueGone(queue: string): void {
    if (!this.recording) return;
    this.endLevels(({ what, of }) => of === queue && OF_A_QUEUE.includes(what));
  }

  /** The host's threads are no more, and their timers will not fire. */
  hostGone(): void {
    if (!this.recording) return;
    this.later = [];
    this.endLevels(({ what }) => what === 'host' || what === 'timer');
  }

  /** The vCPU enters a context, nested on the one it is in; or it sleeps there, and idles. */
  enter(context: VcpuContext | 'idle'): void {
    if (!this.recording) return;
    this.run(0);
    this.contexts.push(context);
    this.run(1);
  }

  leave(): void {
    if (!this.recording) return;
    this.run(0);
    this.contexts.pop();
    this.run(1);
  }

  /** The vCPU leaves the guest for its host, or comes back. */
  exit(out: boolean): void {
    if (!this.recording) return;
    this.exits += out ? 1 : -1;
    const context = this.contexts[this.contexts.length - 1];
    if (context !== undefined && context !== 'idle') this.set('exit', context, this.exits > 0 ? 1 : 0);
  }

  /** @param ns when the thread gets to work, or to rest: after what its last action takes */
  host(thread: string, working: boolean, ns: number): void {
    if (!this.recording) return;
    const series = this.level('host', thread);
    this.later = this.later.filter((l) => l.series !== series);
    if (ns <= this.clock.ns) this.change(ns, this.clock.tick, series, working ? 1 : 0);
    else this.later = [...this.later, { ns, series, value: working ? 1 : 0 }];
  }

  // ---- asked

  window(query: TimelineQuery): TimelineWindow {
    return timelineWindow(this.store, query, Math.max(this.reach.ns, this.clock.ns));
  }

  /** The position at a virtual time, or near it: between two items lines are counted by what they cost. */
  placeAt(ns: number): Position {
    return placeAt(this.store, ns, this.lineNs, Math.max(this.reach.tick, this.clock.tick));
  }

  nextMark(query: MarkQuery): Position | undefined {
    return nextMark(this.store, query);
  }

  // ---- kept over replays

  snapshot(): TimelineState {
    const { told, ns, tick, later } = this;
    return { told, ns, tick, later, tally: this.tally.state(ns, this.store.seriesAt(told)) };
  }

  /** Before the clock is restored. */
  restore(state: TimelineState): void {
    const { ns, tick } = this.clock;
    this.reach = { ns: Math.max(this.reach.ns, ns), tick: Math.max(this.reach.tick, tick) };
    this.told = state.told;
    this.ns = state.ns;
    this.tick = state.tick;
    this.later = state.later;
    this.tally.load(state.tally, state.ns);
    this.contexts = [];
    this.exits = 0;
  }

  /** The recorded future is dropped: something was changed here. */
  cut(): void {
    this.reach = { ns: 0, tick: 0 };
    this.store.cut(this.told, this.ns, this.tick, this.tally);
    for (const [name, id] of this.ids) if (id >= this.store.series.length) this.ids.delete(name);
  }

  // ---- items

  private run(value: 0 | 1): void {
    const context = this.contexts[this.contexts.length - 1];
    if (context !== undefined && context !== 'idle') this.set('context', context, value);
  }

  private set(
    what: LevelKind,
    of: string | undefined,
    value: number,
    ns = this.clock.ns,
    tick = this.clock.tick,
  ): void {
    this.change(ns, tick, this.level(what, of), value);
  }

  private endLevels(which: (level: Extract<Series, { readonly kind: 'level' }>) => boolean): void {
    this.store.series.forEach((series, id) => {
      if (series.kind === 'level' && which(series)) this.change(this.clock.ns, this.clock.tick, id, 0);
    });
  }

  private change(ns: number, tick: number, series: number, value: number): void {
    this.flush(ns);
    if (this.tally.value(series) !== value) this.item(ns, tick, series, value);
  }

  /** Items come in order of time: a driver's stores are told after the fact, but before anything later. */
  private item(ns: number, tick: number, series: number, value: number): void {
    this.flush(ns);
    this.ns = Math.max(this.ns, ns);
    this.tick = Math.max(this.tick, tick);
    const { store } = this;
    if (this.told === store.length) store.append(this.ns, this.tick, series, value, this.tally);
    this.tally.apply(this.ns, series, value);
    this.told++;
  }

  private flush(ns: number): void {
    if (this.later.length === 0) return;
    const due = this.later.filter((l) => l.ns <= ns).sort((a, b) => a.ns - b.ns);
    if (due.length === 0) return;
    this.later = this.later.filter((l) => l.ns > ns);
    for (const l of due) if (this.tally.value(l.series) !== l.value) this.item(l.ns, this.tick, l.series, l.value);
  }

  private mark(what: MachineEvent['what'], queue: string | undefined): number {
    return this.id(
      `${what}/${queue ?? ''}`,
      queue === undefined ? { kind: 'mark', what } : { kind: 'mark', what, queue },
    );
  }

  private level(what: LevelKind, of: string | undefined): number {
    return this.id(`${what}:${of ?? ''}`, of === undefined ? { kind: 'level', what } : { kind: 'level', what, of });
  }

  private id(name: string, series: Series): number {
    const known = this.ids.get(name);
    if (known !== undefined) return known;
    const id = this.store.addSeries(series, this.told);
    this.ids.set(name, id);
    return id;
  }
}

function timerOf(detail: MachineEvent['detail']): string {
  return String(detail['name'] ?? 'timer');
}
