// Where a run stops: its goal, steps, breakpoints of all kinds, positions between two ticks, and the edits made at stops.
import type { HostThread } from '../device';
import type { Program } from '../toolchain';
import type { Author } from '../virtqueue';
import type { Breakpoints } from './breakpoints';
import type { Clock } from './clock';
import type { Cpu } from './cpu';
import { goalEnd, note, Unwind, type Goal } from './goal';
import type { Edit, MachineOutput, PlacedEdit } from './handle';
import { Watches, type Range } from './pages';
import { comparePositions } from './position';
import type { MachineEvent, Position, StopReason } from './types';

/** How the machine is driven: what happens at a stop, and what is said. */
export interface Control {
  /** The goal is reached. Returns how to go on; may throw Unwind to go elsewhere. */
  stopped(reason: StopReason, thread: number): Goal;
  say(output: MachineOutput): void;
  /** Called every now and then while running, and when the main thread asks for attention. Returns true when the run is to pause; may throw Unwind. */
  attend(): boolean;
  /** No driver code is on the stack: the place for checkpoints, and to choose a level. */
  atRest(): void;
}

/** A host thread before an action: where it stands in its model, and its variables there. */
export type HostStand = Pick<HostThread, 'depth' | 'places' | 'scopeAt'>;

/** What stopping needs of the machine. */
export interface StopsPort {
  readonly clock: Clock;
  readonly cpu: Cpu;
  readonly program: Program;
  readonly breakpoints: Breakpoints;
  readonly control: Control;
  /** thread that acts right now */
  currentThread(): number;
  /** the host thread whose next action is about to be performed */
  hostThread(): HostStand | undefined;
  /** pages of the rings, where stores can be events that stop */
  ringPages(): readonly number[];
  /** an edit's bytes were written: the rings follow, and the log tells */
  edited(edit: PlacedEdit): void;
}

export interface StopsState {
  readonly tickEvents: number;
  readonly tickOfEvents: number;
  /** edits applied so far */
  readonly edits: number;
}

export const VCPU = 1;
/** The host is asked after this many of its actions in a row whether somebody wants attention. */
const ATTENTION_EVERY = 4096;

export class Stops {
  goal: Goal = { kind: 'free' };
  /** edits of this history, in order of position */
  edits: readonly PlacedEdit[] = [];
  /** the next of them to apply */
  private nextEdit = 0;
  /** sites where the run is to stop, once, as the scenario says; and the tick at which it did */
  firstStop: ReadonlySet<number> = new Set();
  /** the pass of those sites at which it stops, from 1 */
  firstStopPass = 1;
  private firstStopTick: number | undefined;
  /** the site of the line that is about to run, while the machine may stop there */
  private beginning: number | undefined;
  /** how often the run has stopped: tells whether it just did */
  private count = 0;
  /** an event breakpoint hit by the ring store that is being told: it stops when the store is done and the clock is there */
  private storeStop: StopReason | undefined;
  /** events within the tick `tickOfEvents`: part of the position between two ticks */
  private tickEvents = 0;
  private tickOfEvents = 0;
  private untilAttention = ATTENTION_EVERY;
  private readonly watches: Watches;

  constructor(private readonly port: StopsPort) {
    this.watches = new Watches(port.cpu);
  }

  // ---- positions

  /** Where the machine is. Synced. */
  get position(): Position {
    const stores = this.port.cpu.currentLevel === 'debug' && this.port.cpu.depth > 0 ? this.port.cpu.word('stores') : 0;
    return {
      tick: this.port.clock.tick,
      sub: stores + (this.tickOfEvents === this.port.clock.tick ? this.tickEvents : 0),
    };
  }

  /** Something happened between two ticks that positions can tell apart. */
  subTick(): void {
    if (this.tickOfEvents !== this.port.clock.tick) this.tickEvents = 0;
    this.tickOfEvents = this.port.clock.tick;
    this.tickEvents++;
  }

  /** The machine is at a position: a goal that ends here ends, before the edits that were made here. */
  arrive(thread: number): void {
    const end = goalEnd(this.goal);
    if (end !== undefined && comparePositions(this.position, end) >= 0) this.goalReached(thread);
  }

  /** The machine leaves a position: the edits that were made at a stop here are made again. */
  applyEdits(): void {
    for (;;) {
      const edit = this.edits[this.nextEdit];
      if (edit === undefined || comparePositions(this.position, edit.position) < 0) return;
      this.nextEdit++;
      this.applyEdit(edit);
    }
  }

  /** Nobody is to be asked before the end: no goal, and no edit to be made. */
  get free(): boolean {
    return this.goal.kind === 'free' && this.nextEdit >= this.edits.length;
  }

  private goalReached(thread: number): void {
    const goal = this.goal;
    if (goal.kind === 'search') throw new Unwind();
    if (goal.kind === 'goto') this.stop(goal.reason, goal.thread === 0 ? thread : goal.thread);
  }

  /** The nearest ticks at which this run must be asked: its goal's, and the next edit's. Infinity for none. */
  targetTick(): number {
    if (this.free) {
      this.port.cpu.trapStore = false;
      return Infinity;
    }
    const { tick } = this.port.clock;
    const end = goalEnd(this.goal);
    const edit = this.edits[this.nextEdit]?.position.tick ?? Infinity;
    // A search is asked one tick early as well: a line that it ends at would otherwise hide the last one before it.
    const early = this.goal.kind === 'search' && end !== undefined ? end.tick - 1 : Infinity;
    let least = Infinity;
    for (const t of [end?.tick ?? Infinity, early, edit]) if (t > tick && t < least) least = t;
    const approaching = (end?.tick === tick && this.goal.kind !== 'free') || edit === tick;
    this.port.cpu.trapStore = approaching;
    return least;
  }

  // ---- stops

  /** Stops here, or, in a search, notes that the run would. */
  stop(reason: StopReason, thread: number): void {
    const goal = this.goal;
    if (goal.kind === 'free') return;
    if (goal.kind === 'search') {
      if (goal.want.kind === 'stops') note(goal, { position: this.position, reason, thread });
      return;
    }
    if (goal.kind === 'goto' && reason !== goal.reason && reason.kind !== 'end') return;
    this.clearStep();
    this.count++;
    this.setGoal(this.port.control.stopped(reason, thread));
  }

  /** Sets out for a goal. The stack may hold driver code: a step begins where it stands. */
  setGoal(goal: Goal): void {
    this.goal = goal;
    this.storeStop = undefined;
    this.clearStep();
    const { cpu } = this.port;
    if (goal.kind === 'run' && goal.step !== undefined && goal.step.kind !== 'host') {
      const depth = cpu.depth;
      const site = cpu.site;
      cpu.setWord('stepping', 1);
      cpu.setWord('step_start_depth', site === undefined ? -1 : depth);
      cpu.setWord('step_line', site === undefined ? -1 : cpu.lineGroup(site));
      const kind = goal.step.kind;
      cpu.setWord('step_depth', kind === 'into' || depth === 0 ? 0x7fffffff : kind === 'over' ? depth : depth - 1);
    }
    if (goal.kind === 'search' && goal.want.kind === 'line') {
      cpu.setWord('search', 1);
      cpu.setWord('search_depth', goal.want.depth);
      cpu.setWord('search_line', -1);
      cpu.setWord('search_line_depth', -1);
      cpu.setWord('found', -1);
    }
    this.watch();
  }

  private watchedRanges(): readonly Range[] {
    const goal = this.goal;
    return goal.kind === 'search' && goal.want.kind === 'write'
      ? [goal.want]
      : (goal.kind === 'goto' && !this.port.breakpoints.counting) || goal.kind === 'free'
        ? []
        : this.port.breakpoints.dataRanges;
  }

  /** The frames of a step over or out are gone: it ends at the next line, whichever that is. */
  stepFromRest(): void {
    if (this.port.cpu.word('stepping') === 0) return;
    this.port.cpu.setWord('step_depth', 0x7fffffff);
    this.port.cpu.setWord('step_start_depth', -1);
  }

  private clearStep(): void {
    this.port.cpu.setWord('stepping', 0);
    this.port.cpu.setWord('search', 0);
  }

  private attendAtLine(): void {
    this.untilAttention = ATTENTION_EVERY;
    this.port.cpu.setWord('pause', 0);
    if (this.port.control.attend()) this.stop({ kind: 'pause' }, VCPU);
  }

  /** @param stoppedHere it was paused, or gone to, at this line: going on must not stop at it again */
  private lineStops(site: number, stoppedHere: boolean): void {
    const { cpu } = this.port;
    if (this.goal.kind === 'free' || this.goal.kind === 'goto') {
      if (this.port.breakpoints.counting && cpu.isArmed(site))
        this.port.breakpoints.atLine(site, cpu.frameBase, this.position);
      return;
    }
    if (cpu.isArmed(site)) {
      const { stop, logs } = this.port.breakpoints.atLine(site, cpu.frameBase, this.position);
      for (const text of logs) this.port.control.say({ kind: 'log', text, timeNs: this.port.clock.ns, site });
      if (stoppedHere) return;
      if (stop.length > 0) return this.stop({ kind: 'breakpoint', ids: stop }, VCPU);
      if (this.stopsFirst(site)) return this.stop({ kind: 'entry' }, VCPU);
    }
    if (this.stepHits(site)) this.stop({ kind: 'step' }, VCPU);
  }

  private stopsFirst(site: number): boolean {
    if (!this.firstStop.has(site)) return false;
    if (this.firstStopTick === undefined) {
      if (this.firstStopPass > 1 && this.port.breakpoints.passCount < this.firstStopPass) return false;
      this.firstStopTick = this.port.clock.tick;
      this.port.breakpoints.countPasses([]);
    }
    return this.firstStopTick === this.port.clock.tick;
  }

  /** Why the run has not made its first stop, in words; undefined when it has, or was to make none. */
  get missedFirstStop(): string | undefined {
    if (this.firstStop.size === 0 || this.firstStopTick !== undefined) return undefined;
    if (this.firstStopPass === 1) return 'it never came to that line';
    const { passCount } = this.port.breakpoints;
    return `it came ${passCount === 1 ? 'once' : `${passCount} times`} to that line, and pass ${this.firstStopPass} was asked for`;
  }

  /** The same test as the hooks make, who do not say why they call. */
  private stepHits(site: number): boolean {
    const { cpu } = this.port;
    if (cpu.word('stepping') === 0) return false;
    const depth = cpu.depth;
    if (depth > cpu.word('step_depth')) return false;
    if (depth === cpu.word('step_start_depth') && cpu.lineGroup(site) === cpu.word('step_line') >>> 0) return false;
    const target = this.goal.kind === 'run' ? this.goal.step?.target : undefined;
    return target === undefined || this.port.program.sites[site]?.func === target;
  }

  collectFound(): void {
    const goal = this.goal;
    if (goal.kind !== 'search' || goal.want.kind !== 'line' || this.port.cpu.found === -1) return;
    const tick = this.port.cpu.tickAt(this.port.cpu.word('found_budget'));
    this.port.cpu.setWord('found', -1);
    note(goal, { position: { tick, sub: 0 }, reason: { kind: 'step' }, thread: VCPU });
  }

  /**
   * A host thread's action is about to be performed: breakpoints on its line, and steps of the thread.
   * @param stoppedHere it was gone to: going on from it must not stop at it again
   */
  private hostStops(thread: number, at: HostStand, stoppedHere: boolean): void {
    const { breakpoints } = this.port;
    const goal = this.goal;
    if (breakpoints.hasHosts && goal.kind !== 'free' && (goal.kind !== 'goto' || breakpoints.counting)) {
      const { stop, logs } = breakpoints.atHost(at, this.position);
      for (const log of logs) this.port.control.say({ kind: 'log', timeNs: this.port.clock.ns, ...log });
      if (stop.length > 0 && goal.kind !== 'goto' && !stoppedHere) this.stop({ kind: 'breakpoint', ids: stop }, thread);
      if (stop.length > 0 && goal.kind === 'run') return;
    }
    if (stoppedHere) return;
    if (goal.kind === 'run' && goal.step?.kind === 'host' && goal.step.thread === thread) {
      if (at.depth <= (goal.step.depth ?? Infinity)) this.stop({ kind: 'step' }, thread);
    } else if (goal.kind === 'search' && goal.want.kind === 'host' && goal.want.thread === thread)
      note(goal, { position: this.position, reason: { kind: 'step' }, thread });
  }

  /** A write to a watched page has happened. Synced. */
  watched(pointer: number, size: number, author: Author, thread: number): void {
    const event = this.storeStop;
    this.storeStop = undefined;
    const before = this.count;
    for (const { address, size: length, before, after } of this.watches.touched(pointer, size)) {
      const goal = this.goal;
      const reason: StopReason = { kind: 'data', ids: [], author, before: hex(before), after: hex(after) };
      if (goal.kind === 'search' && goal.want.kind === 'write') note(goal, { position: this.position, reason, thread });
      else {
        const ids = this.port.breakpoints.atWrite(address, length, this.port.cpu.frameBase);
        if (ids.length > 0) this.stop({ ...reason, ids }, thread);
      }
    }
    if (event !== undefined && this.count === before) this.stop(event, thread);
  }

  atEvent(event: MachineEvent, now: boolean): void {
    if (this.goal.kind === 'free' || this.goal.kind === 'goto' || !this.port.breakpoints.hasEvents) return;
    const ids = this.port.breakpoints.atEvent(event);
    if (ids.length === 0) return;
    if (now) this.stop({ kind: 'event', ids, event }, this.port.currentThread());
    else this.storeStop ??= { kind: 'event', ids, event };
  }

  /** The data breakpoints changed. */
  watch(): void {
    this.watches.set(this.watchedRanges(), this.port.breakpoints.hasStoreEvents ? this.port.ringPages() : []);
  }

  // ---- edits

  /** Writes for the person at the debugger. Replays do it again at the same position. */
  private applyEdit(edit: PlacedEdit): void {
    this.port.cpu.ram.set(edit.bytes, edit.address);
    this.subTick();
    this.port.edited(edit);
  }

  /** A new edit at this very position. Later ones were dropped by the caller. */
  edit(edit: Edit): void {
    this.port.cpu.sync();
    const placed: PlacedEdit = { ...edit, position: this.position };
    this.edits = [...this.edits.slice(0, this.nextEdit), placed];
    this.nextEdit = this.edits.length;
    this.applyEdit(placed);
  }

  /** A tick of the machine's own, which belongs to `thread`. */
  atTick(thread: number): void {
    if (--this.untilAttention <= 0) {
      this.untilAttention = ATTENTION_EVERY;
      if (this.port.control.attend()) this.stop({ kind: 'pause' }, thread);
    }
    if (this.free) return;
    const before = this.count;
    this.arrive(thread);
    const host = this.port.hostThread();
    if (host !== undefined) this.hostStops(thread, host, this.count !== before);
    this.applyEdits();
  }

  /** A line is about to run, and the hooks called out. Synced. */
  atLine(site: number): void {
    this.collectFound();
    const before = this.count;
    this.beginning = site;
    if (this.port.cpu.word('pause') !== 0 || --this.untilAttention <= 0) this.attendAtLine();
    this.arrive(VCPU);
    this.beginning = undefined;
    if (this.port.cpu.currentLevel === 'debug') this.lineStops(site, this.count !== before);
    this.applyEdits();
  }

  /** Passes of the sites that are counted, the one that begins here included. Between the two is what `atLine` does last. */
  get passesHere(): number {
    const { breakpoints } = this.port;
    const begins = this.beginning !== undefined && breakpoints.isCounted(this.beginning);
    return breakpoints.passCount + (begins ? 1 : 0);
  }

  /** The edits made so far. */
  get editsSoFar(): readonly PlacedEdit[] {
    return this.edits.slice(0, this.nextEdit);
  }

  /** The tick of the next edit to be applied; Infinity for none. */
  get nextEditTick(): number {
    return this.edits[this.nextEdit]?.position.tick ?? Infinity;
  }

  /** Something between two ticks has happened: a goal may end here, and edits be due. */
  atPlace(thread: number): void {
    this.arrive(thread);
    this.applyEdits();
  }

  /** Whether somebody waits for writes. */
  get watching(): boolean {
    return this.watches.any;
  }

  snapshot(): StopsState {
    return { tickEvents: this.tickEvents, tickOfEvents: this.tickOfEvents, edits: this.nextEdit };
  }

  restore(state: StopsState): void {
    this.tickEvents = state.tickEvents;
    this.tickOfEvents = state.tickOfEvents;
    this.nextEdit = state.edits;
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
