// The machine: one vCPU, one device with its host, one clock. Runs what falls due, entry by entry, and stops where its goal says.
import { makeFrame } from '../device';
import type { SkbLayout } from '../guest';
import { lineGroups, type Program } from '../toolchain';
import type { Breakpoints, HitCounts } from './breakpoints';
import { Clock, type ClockState } from './clock';
import { costsWith, type Costs } from './costs';
import { Cpu } from './cpu';
import { EventLog, type EventLogMark } from './event-log';
import { Findings, isDriverSite, whereText } from './findings';
import { GuestEnd, goalEnd, note, Unwind, type Goal } from './goal';
import { GuestCalls, RUN, skbReader, type GuestCallsState, type GuestPort } from './guest-calls';
import { callsOnLine } from './calls';
import { crashWords } from './crash';
import type { Edit, MachineOutput, StepTarget } from './handle';
import { hookImports } from './hook-imports';
import { HostSide, type HostSideState } from './host-side';
import { Heap, type HeapState } from './heap';
import type { Detail, FindingPlace, Hub } from './hub';
import { deviceWatch, mapPages, Watches, type Old, type Range } from './pages';
import { comparePositions, START } from './position';
import { RingObserver, type RingObserverState } from './ring-observer';
import type { MachineSetup } from './setup';
import { SkbTracker, type SkbTrackerState } from './skb-tracker';
import { Statistics, type StatisticsState } from './statistics';
import { TrafficStream, type FrameMaker, type TrafficItem } from './traffic';
import type { Author } from '../virtqueue';
import type { EventKind, Finding, FindingKind, MachineEvent, Position, StopReason } from './types';

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

export interface MachineOptions {
  /** keep recent changes and sent frames: somebody looks at this run */
  readonly interactive: boolean;
  readonly keepLog: boolean;
  readonly skbLayout: SkbLayout;
  /** at rest for good: who waits for whom, a sentence each */
  readonly stalls: (machine: Machine) => readonly string[];
}

/** Where in its life the machine is. */
export type Phase = 'off' | 'up' | 'removed' | 'ended';

export interface MachineState {
  readonly clock: ClockState;
  readonly phase: Phase;
  readonly log: EventLogMark;
  readonly findings: readonly Finding[];
  readonly statistics: StatisticsState;
  readonly calls: GuestCallsState;
  readonly host: HostSideState;
  readonly rings: RingObserverState;
  readonly skbs: SkbTrackerState;
  readonly heap: HeapState;
  readonly offers: readonly number[];
  readonly waiting: TrafficItem | undefined;
  readonly senderBlocked: boolean;
  readonly tickEvents: number;
  readonly tickOfEvents: number;
  readonly hits: HitCounts;
  /** edits applied so far */
  readonly edits: number;
}

/** An edit with its place: applied again by every replay that passes there. */
export interface PlacedEdit extends Edit {
  readonly position: Position;
}

export const VCPU = 1;
const EAGAIN = -11;
/** What leads to a finding in the kernel API: the driver's line, which stands behind this. */
const CALLED = 'called by the driver';
const DEVICE_IRQ = 5;
/** The host is asked after this many of its actions in a row whether somebody wants attention. */
const ATTENTION_EVERY = 4096;

export class Machine implements Hub {
  readonly clock = new Clock();
  readonly costs: Costs;
  readonly cpu: Cpu;
  readonly statistics = new Statistics();
  readonly log: EventLog;
  readonly findings: Findings;
  readonly host: HostSide;
  readonly calls: GuestCalls;
  readonly rings: RingObserver;
  readonly skbs: SkbTracker;
  private readonly watches: Watches;
  private readonly heap = new Heap();
  /** edits of this history, in order of position */
  edits: readonly PlacedEdit[] = [];
  /** the next of them to apply */
  private nextEdit = 0;
  goal: Goal = { kind: 'free' };
  phase: Phase = 'off';
  /** how and why the run is over, once it is */
  end: { readonly how: 'done' | 'trap'; readonly text: string } = { how: 'done', text: '' };
  /** what was said up to here was heard: a replay does not repeat it */
  heardUpTo: Position = START;
  private readonly offers: TrafficStream;
  /** the item that the guest could not take: its socket's send buffer is full */
  private waiting: TrafficItem | undefined;
  private senderBlocked = false;
  private sending: TrafficItem | undefined;
  /** events within the tick `tickOfEvents`: part of the position between two ticks */
  private tickEvents = 0;
  private tickOfEvents = 0;
  /** since when the vCPU runs without rest */
  private busySinceNs = 0;
  private untilAttention = ATTENTION_EVERY;

  constructor(
    readonly program: Program,
    readonly setup: MachineSetup,
    memory: WebAssembly.Memory,
    private readonly control: Control,
    readonly breakpoints: Breakpoints,
    readonly options: MachineOptions,
  ) {
    this.costs = costsWith(setup.costs);
    this.log = new EventLog(options.keepLog);
    this.findings = new Findings(program);
    this.cpu = new Cpu(program, memory, this.clock, this.costs.line, (store) => this.rings.driverStore(store));
    this.skbs = new SkbTracker(skbReader(this.cpu.ram, options.skbLayout, this.cpu.symbol('mem_map')));
    this.rings = new RingObserver(this, this.skbs, Number(setup.physOffset), options.interactive);
    this.calls = new GuestCalls(this, this.guestPort(), this.skbs, setup.faults);
    const frame: FrameMaker = (size, sequence, direction) => makeFrame(size, sequence, direction, setup.device.mac);
    this.offers = new TrafficStream('tx', setup.traffic, frame);
    this.host = new HostSide(
      this,
      setup.device,
      setup.physOffset,
      new TrafficStream('rx', setup.traffic, frame),
      {
        kicked: (queue) => this.rings.kicked(queue),
        interruptRaised: () => this.interruptRaised(),
        frameSent: (queue, head) => this.frameSent(queue, head),
        taken: (queue, head) => this.rings.taken(queue, head),
        untaken: (queue, head) => this.rings.untaken(queue, head),
        addedAt: (queue, index) => this.rings.addedAt(queue, index),
        queueChanged: () => this.queueChanged(),
      },
      deviceWatch(this.cpu, (pointer, size, before) => this.deviceWrote(pointer, size, before)),
      options.interactive,
    );
    this.cpu.link({ ...this.calls.imports(), ...hookImports(this) });
    this.cpu.view.setBigUint64(this.cpu.symbol('lab_phys_offset'), setup.physOffset, true);
    this.watches = new Watches(this.cpu);
    this.cpu.setLineGroups(lineGroups(program.sites));
    mapPages(this.cpu);
  }

  // ---- positions

  /** Where the machine is. Synced. */
  get position(): Position {
    const stores = this.cpu.currentLevel === 'debug' && this.cpu.depth > 0 ? this.cpu.word('stores') : 0;
    return { tick: this.clock.tick, sub: stores + (this.tickOfEvents === this.clock.tick ? this.tickEvents : 0) };
  }

  /** Something happened between two ticks that positions can tell apart. */
  private subTick(): void {
    if (this.tickOfEvents !== this.clock.tick) this.tickEvents = 0;
    this.tickOfEvents = this.clock.tick;
    this.tickEvents++;
  }

  tick(thread: number): void {
    this.clock.tick++;
    if (--this.untilAttention <= 0) {
      this.untilAttention = ATTENTION_EVERY;
      if (this.control.attend()) this.stop({ kind: 'pause' }, thread);
    }
    if (this.goal.kind === 'free' && this.nextEdit >= this.edits.length) return;
    this.arrive(thread);
    this.hostStep(thread);
    this.applyEdits();
  }

  /** The machine is at a position: a goal that ends here ends, before the edits that were made here. */
  arrive(thread: number): void {
    const end = goalEnd(this.goal);
    if (end !== undefined && comparePositions(this.position, end) >= 0) this.goalReached(thread);
  }

  /** The machine leaves a position: the edits that were made at a stop here are made again. */
  private applyEdits(): void {
    for (;;) {
      const edit = this.edits[this.nextEdit];
      if (edit === undefined || comparePositions(this.position, edit.position) < 0) return;
      this.nextEdit++;
      this.applyEdit(edit);
    }
  }

  private goalReached(thread: number): void {
    const goal = this.goal;
    if (goal.kind === 'search') throw new Unwind();
    if (goal.kind === 'goto') this.stop(goal.reason, goal.thread === 0 ? thread : goal.thread);
  }

  /** The nearest ticks at which this run must be asked: its goal's, and the next edit's. Infinity for none. */
  private targetTick(): number {
    const { tick } = this.clock;
    const end = goalEnd(this.goal);
    const edit = this.edits[this.nextEdit]?.position.tick ?? Infinity;
    // A search is asked one tick early as well: a line that it ends at would otherwise hide the last one before it.
    const early = this.goal.kind === 'search' && end !== undefined ? end.tick - 1 : Infinity;
    let least = Infinity;
    for (const t of [end?.tick ?? Infinity, early, edit]) if (t > tick && t < least) least = t;
    const approaching = (end?.tick === tick && this.goal.kind !== 'free') || edit === tick;
    this.cpu.setWord('trap_store', approaching ? 1 : 0);
    return least;
  }

  rearm(): void {
    this.collectFound();
    this.cpu.setBudget(this.nextDueWhileRunning(), this.targetTick());
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
    this.stops++;
    this.setGoal(this.control.stopped(reason, thread));
  }

  /** Sets out for a goal. The stack may hold driver code: a step begins where it stands. */
  setGoal(goal: Goal): void {
    this.goal = goal;
    this.storeStop = undefined;
    this.clearStep();
    const { cpu } = this;
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
      : (goal.kind === 'goto' && !this.breakpoints.counting) || goal.kind === 'free'
        ? []
        : this.breakpoints.dataRanges;
  }

  /** The frames of a step over or out are gone: it ends at the next line, whichever that is. */
  private stepFromRest(): void {
    if (this.cpu.word('stepping') === 0) return;
    this.cpu.setWord('step_depth', 0x7fffffff);
    this.cpu.setWord('step_start_depth', -1);
  }

  private clearStep(): void {
    this.cpu.setWord('stepping', 0);
    this.cpu.setWord('search', 0);
  }

  /** The hooks called out at a line. Synced. */
  atLine(site: number): void {
    this.collectFound();
    const before = this.stops;
    if (this.cpu.word('pause') !== 0 || --this.untilAttention <= 0) this.attendAtLine();
    this.arrive(VCPU);
    if (this.cpu.currentLevel === 'debug') this.lineStops(site, this.stops !== before);
    this.applyEdits();
    this.elapse();
    this.watchForLockup();
    this.rearm();
  }

  private attendAtLine(): void {
    this.untilAttention = ATTENTION_EVERY;
    this.cpu.setWord('pause', 0);
    if (this.control.attend()) this.stop({ kind: 'pause' }, VCPU);
  }

  /** @param stoppedHere it was paused, or gone to, at this line: going on must not stop at it again */
  private lineStops(site: number, stoppedHere: boolean): void {
    const { cpu } = this;
    if (this.goal.kind === 'free' || this.goal.kind === 'goto') {
      if (this.breakpoints.counting && cpu.isArmed(site)) this.breakpoints.atLine(site, cpu.frameBase, this.position);
      return;
    }
    if (cpu.isArmed(site)) {
      const { stop, logs } = this.breakpoints.atLine(site, cpu.frameBase, this.position);
      for (const text of logs) this.control.say({ kind: 'log', text, timeNs: this.clock.ns, site });
      if (stoppedHere) return;
      if (stop.length > 0) return this.stop({ kind: 'breakpoint', ids: stop }, VCPU);
      if (this.stopsFirst(site)) return this.stop({ kind: 'entry' }, VCPU);
    }
    if (this.stepHits(site)) this.stop({ kind: 'step' }, VCPU);
  }

  /** Sites where the run is to stop, once, as the scenario says; and the tick at which it did. */
  firstStop: ReadonlySet<number> = new Set();
  private firstStopTick: number | undefined;
  private stops = 0;
  /** an event breakpoint hit by the ring store that is being told: it stops when the store is done and the clock is there */
  private storeStop: StopReason | undefined;

  private stopsFirst(site: number): boolean {
    if (!this.firstStop.has(site)) return false;
    this.firstStopTick ??= this.clock.tick;
    return this.firstStopTick === this.clock.tick;
  }

  /** The same test as the hooks make, who do not say why they call. */
  private stepHits(site: number): boolean {
    const { cpu } = this;
    if (cpu.word('stepping') === 0) return false;
    const depth = cpu.depth;
    if (depth > cpu.word('step_depth')) return false;
    if (depth === cpu.word('step_start_depth') && cpu.lineGroup(site) === cpu.word('step_line') >>> 0) return false;
    const target = this.goal.kind === 'run' ? this.goal.step?.target : undefined;
    return target === undefined || this.program.sites[site]?.func === target;
  }

  private collectFound(): void {
    const goal = this.goal;
    if (goal.kind !== 'search' || goal.want.kind !== 'line' || this.cpu.word('found') === -1) return;
    const tick = this.cpu.tickAt(this.cpu.word('found_budget'));
    this.cpu.setWord('found', -1);
    note(goal, { position: { tick, sub: 0 }, reason: { kind: 'step' }, thread: VCPU });
  }

  private hostStep(thread: number): void {
    const goal = this.goal;
    if (goal.kind === 'run' && goal.step?.kind === 'host' && goal.step.thread === thread)
      this.stop({ kind: 'step' }, thread);
    else if (goal.kind === 'search' && goal.want.kind === 'host' && goal.want.thread === thread)
      note(goal, { position: this.position, reason: { kind: 'step' }, thread });
  }

  /** A store has been made that hooks were asked about: the last tick went, or positions inside a line are told apart. Synced. */
  afterStore(): void {
    this.collectFound();
    this.arrive(VCPU);
    this.applyEdits();
    this.rearm();
  }

  /** A write to a watched page has happened. Synced. */
  watched(pointer: number, size: number, author: Author, thread: number): void {
    const event = this.storeStop;
    this.storeStop = undefined;
    const before = this.stops;
    for (const { address, size: length, before, after } of this.watches.touched(pointer, size)) {
      const goal = this.goal;
      const reason: StopReason = { kind: 'data', ids: [], author, before: hex(before), after: hex(after) };
      if (goal.kind === 'search' && goal.want.kind === 'write') note(goal, { position: this.position, reason, thread });
      else {
        const ids = this.breakpoints.atWrite(address, length, this.cpu.frameBase);
        if (ids.length > 0) this.stop({ ...reason, ids }, thread);
      }
    }
    if (event !== undefined && this.stops === before) this.stop(event, thread);
  }

  /** An object was allocated or freed. Kept where frames are, so that findings can say where. */
  private heapCall(what: 'allocated' | 'released', pointer: number): void {
    if (!this.options.interactive && this.cpu.currentLevel === 'run') return;
    this.cpu.sync();
    this.heap[what](pointer, this.clock.tick, this.ownLine() ?? this.cpu.lineUnderWay());
  }

  // ---- what happened

  get quiet(): boolean {
    return !this.log.keep;
  }

  count(what: EventKind): void {
    this.log.count(what);
  }

  emit(
    who: string,
    what: EventKind,
    queue: string | undefined,
    detail: Detail,
    at?: { tick: number; ns: number; site: number | undefined },
  ): void {
    if (this.quiet) return this.count(what);
    if (at === undefined) this.subTick();
    const event: MachineEvent = {
      seq: this.log.length,
      position: { tick: at?.tick ?? this.clock.tick, sub: 0 },
      timeNs: at?.ns ?? this.clock.ns,
      who,
      what,
      ...(queue === undefined ? {} : { queue }),
      detail,
      ...this.siteField(who, at?.site),
    };
    this.log.append(event);
    if (at === undefined) this.arrive(this.currentThread);
    this.eventStop(event, at === undefined);
    if (at === undefined) this.applyEdits();
  }

  private eventStop(event: MachineEvent, now: boolean): void {
    if (this.goal.kind === 'free' || this.goal.kind === 'goto' || !this.breakpoints.hasEvents) return;
    const ids = this.breakpoints.atEvent(event);
    if (ids.length === 0) return;
    if (now) this.stop({ kind: 'event', ids, event }, this.currentThread);
    else this.storeStop ??= { kind: 'event', ids, event };
  }

  private siteField(who: string, site: number | undefined): { readonly site?: number } {
    const known = site ?? (who === 'driver' ? this.cpu.lineUnderWay() : undefined);
    return known === undefined ? {} : { site: known };
  }

  /** Thread that acts right now. */
  get currentThread(): number {
    return this.host.acting >= 0 ? this.host.acting : VCPU;
  }

  /** The line of C that runs now; undefined while a host thread acts. */
  private lineNow(): number | undefined {
    return this.host.acting >= 0 ? undefined : this.cpu.lineUnderWay();
  }

  /** The innermost line that is the driver's own, and not the kernel API's. */
  private ownLine(): number | undefined {
    return this.host.acting >= 0 ? undefined : this.cpu.lineUnderWay((site) => isDriverSite(this.program, site));
  }

  finding(kind: FindingKind, text: string, at?: FindingPlace): void {
    const { tick, ns } = at?.store ?? this.clock;
    const finding = this.findings.add(kind, text, { tick, sub: 0 }, ns, ...this.findingPlaces(at));
    if (finding === undefined) return;
    const places = [finding.where ?? [], (finding.related ?? []).map((r) => r.text)].flat(2);
    this.say('finding', `${finding.id}: ${text}${places.length === 0 ? '' : ` (${places.join('; ')})`}`);
    this.emit('machine', 'finding', undefined, { id: finding.id, kind, text }, at?.store);
  }

  /** Where a finding belongs, and the other places that have to do with it. */
  private findingPlaces(at: FindingPlace | undefined): [number | undefined, NonNullable<Finding['related']>] {
    if (at?.store !== undefined) return [at.store.site, []];
    const own = this.ownLine();
    const object = at?.object === undefined ? [] : this.heap.related(at.object);
    // What comes to light when no driver runs (a leak, after removal) was done where its object was allocated, or freed.
    if (own === undefined && object.some((place) => place.site !== undefined)) return [undefined, object];
    const line = at?.site ?? this.lineNow();
    const caller = own === undefined || own === line ? [] : [{ text: CALLED, site: own }];
    return [line, [...caller, ...object]];
  }

  say(kind: MachineOutput['kind'], text: string, level?: number): void {
    if (comparePositions(this.position, this.heardUpTo) <= 0) return;
    const site = this.lineNow();
    this.control.say({
      kind,
      text,
      timeNs: this.clock.ns,
      ...(site === undefined ? {} : { site }),
      ...(level === undefined ? {} : { level }),
    });
  }

  private interruptRaised(): void {
    this.cpu.setWord('irq_pending', 1);
  }

  private frameSent(queue: string, head: number): void {
    const skb = this.skbs.moved(queue, head, 'host', this.clock.ns);
    if (skb !== undefined) this.statistics.txLatency.add(this.clock.ns - skb.bornNs);
  }

  private deviceWrote(pointer: number, size: number, before: Old): void {
    this.subTick();
    this.rings.deviceWrote(pointer, size, before, this.host.actingName);
    if (this.watches.any) this.watched(pointer, size, 'device', this.currentThread);
    this.arrive(this.currentThread);
    this.applyEdits();
  }

  /** The machine itself wrote: an application's bytes, copied into an skb. */
  private copiedIn(pointer: number, size: number): void {
    this.subTick();
    if (this.watches.any) this.watched(pointer, size, 'machine', VCPU);
    this.arrive(VCPU);
    this.applyEdits();
  }

  /** The data breakpoints changed. */
  watch(): void {
    this.watches.set(this.watchedRanges(), this.breakpoints.hasStoreEvents ? this.rings.pages() : []);
  }

  private queueChanged(): void {
    this.rings.setQueues(this.host.device.queueViews());
    this.watch();
  }

  // ---- edits

  /** Writes for the person at the debugger. Replays do it again at the same position. */
  applyEdit(edit: PlacedEdit): void {
    const { ram } = this.cpu;
    ram.set(edit.bytes, edit.address);
    this.subTick();
    this.rings.otherWrote('debugger', edit.address, edit.bytes.length);
    this.emit('debugger', 'edit', undefined, { text: edit.text });
  }

  /** A new edit at this very position. Later ones were dropped by the caller. */
  edit(edit: Edit): void {
    this.cpu.sync();
    const placed: PlacedEdit = { ...edit, position: this.position };
    this.edits = [...this.edits.slice(0, this.nextEdit), placed];
    this.nextEdit = this.edits.length;
    this.applyEdit(placed);
  }

  // ---- what falls due

  private get irqDeliverable(): boolean {
    return !this.cpu.inHardirq && !this.cpu.irqsOff;
  }

  private get irqWaits(): boolean {
    return this.host.raised || this.calls.timerNs <= this.clock.ns;
  }

  /** When the hooks must call out although nothing stops the run. */
  private nextDueWhileRunning(): number {
    const { timerNs } = this.calls;
    // While interrupts are masked, an expiring timer only has to be marked as pending, once.
    const timer = this.irqDeliverable || timerNs > this.clock.ns ? timerNs : Infinity;
    const raised = this.host.raised && this.irqDeliverable ? this.clock.ns : Infinity;
    // The watchdog looks as well: a loop that goes through the device would never be asked otherwise.
    const lockup = this.busySinceNs + this.costs.softLockup + 1;
    return Math.min(this.host.nextNs, timer, raised, lockup);
  }

  /** While driver code is on the stack: lets the host act up to now, and delivers interrupts nested on it. */
  private elapse(): void {
    for (;;) {
      if (this.host.performNext(this.clock.ns)) continue;
      if (!this.irqWaits) return;
      if (!this.irqDeliverable) return this.cpu.setWord('irq_pending', 1);
      this.interrupt();
    }
  }

  /** local_irq_enable() with an interrupt waiting: the next line delivers it. Synced. */
  private irqUnmasked(): void {
    this.rearm();
  }

  private interrupt(): void {
    const step = this.cpu.word('stepping');
    const goal = this.goal;
    const skip = this.cpu.depth > 0 && goal.kind === 'run' && goal.step?.kind === 'into' && !goal.step.interrupts;
    this.tick(VCPU);
    if (skip && this.goal === goal) this.cpu.setWord('stepping', 0);
    if (this.host.raised) this.deviceInterrupt();
    else this.timerInterrupt();
    if (skip && this.goal === goal) this.cpu.setWord('stepping', step);
  }

  private deviceInterrupt(): void {
    this.host.delivered();
    this.cpu.setWord('irq_pending', this.calls.timerNs <= this.clock.ns ? 1 : 0);
    this.statistics.exits.injection++;
    this.host.pass(this.costs.injection);
    this.emit('vcpu', 'irqEnter', undefined, { irq: 'virtio0' });
    this.nested(() => this.cpu.interrupt('lab_irq', 'virtio0', DEVICE_IRQ));
    this.emit('vcpu', 'irqExit', undefined, { irq: 'virtio0' });
  }

  private timerInterrupt(): void {
    this.calls.timerNs = Infinity;
    this.emit('vcpu', 'irqEnter', undefined, { irq: 'timer' });
    this.nested(() => this.cpu.interrupt('lab_timer_interrupt', 'timer'));
    this.emit('vcpu', 'irqExit', undefined, { irq: 'timer' });
  }

  /** Runs driver code, with the budget set before and the clock brought up after. */
  private nested(run: () => void): void {
    this.rearm();
    run();
    this.cpu.sync();
    this.collectFound();
  }

  /** Entries that only run while no other one does, or while one sleeps: work, ksoftirqd, senders, traffic. */
  private entryDueNs(): number {
    if (this.phase !== 'up') return Infinity;
    if (this.calls.wanted.length > 0) return this.clock.ns;
    if (this.senderBlocked) return Infinity;
    return this.waiting !== undefined ? this.clock.ns : this.offers.nextNs;
  }

  private runEntry(): void {
    const what = this.calls.wanted.shift();
    if (what === RUN.sender) this.senderBlocked = false;
    else if (what !== undefined) this.nested(() => this.cpu.call('lab_run', what));
    else this.offer();
  }

  private offer(): void {
    const item = this.waiting ?? this.offers.take();
    if (item === undefined) return;
    if (this.waiting === undefined) this.statistics.tx.offered++;
    this.waiting = undefined;
    this.sending = item;
    let result = 0;
    this.nested(() => {
      result = this.cpu.call('lab_transmit', item.bytes.length);
    });
    this.sending = undefined;
    if (result === EAGAIN) {
      this.waiting = item;
      this.senderBlocked = !this.calls.wanted.includes(RUN.sender);
    } else if (result < 0) this.statistics.tx.dropped++;
  }

  /**
   * Does the next thing that is due, and lets time pass up to it.
   * @returns what was done: something on the vCPU, something on the host's side, or nothing before `until`
   */
  private next(untilNs: number): 'vcpu' | 'host' | 'nothing' {
    const now = this.clock.ns;
    const host = this.host.nextNs;
    const irq = this.irqDeliverable ? (this.host.raised ? now : this.calls.timerNs) : Infinity;
    const entry = this.entryDueNs();
    const due = Math.min(host, irq, entry);
    if (due > untilNs || due === Infinity) return 'nothing';
    this.clock.ns = Math.max(now, due);
    if (host === due) {
      this.host.performNext(due);
      return 'host';
    }
    if (irq <= entry) this.interrupt();
    else this.runEntry();
    return 'vcpu';
  }

  /** A context sleeps: time passes in place until something has run on the vCPU, or until `untilNs`. */
  private idle(untilNs: number): void {
    const busyFor = this.clock.ns - this.busySinceNs;
    const limit = Math.min(untilNs, this.setup.limitNs);
    let done = this.next(limit);
    while (done === 'host') done = this.next(limit);
    if (done === 'nothing') {
      if (untilNs === Infinity && this.nothingEverDue)
        this.trap(
          'deadlock',
          'this context sleeps, and nothing can wake it any more: what it waits for is held by a frame below it, or never comes',
        );
      if (untilNs > limit) throw new GuestEnd('the time limit of the scenario came while a context slept');
      this.clock.ns = Math.max(this.clock.ns, untilNs);
    }
    this.busySinceNs = this.clock.ns - busyFor;
  }

  private get nothingEverDue(): boolean {
    return Math.min(this.host.nextNs, this.calls.timerNs, this.entryDueNs()) === Infinity && !this.host.raised;
  }

  /** Runs from power-on, or from where it was restored, to the end of the run. Returns when the run is over. */
  run(): void {
    this.rearm();
    if (this.phase === 'off') {
      this.phase = 'up';
      this.nested(() => {
        const error = this.cpu.call('lab_boot');
        if (error < 0) throw new GuestEnd(`boot failed: error ${error}`);
      });
    }
    while (this.phase !== 'ended') {
      this.control.atRest();
      this.stepFromRest();
      this.arrive(VCPU);
      this.applyEdits();
      this.busySinceNs = this.clock.ns;
      if (this.next(this.setup.limitNs) === 'nothing') this.quiescent();
    }
  }

  /** Nothing is due any more, or the run's time is up. */
  private quiescent(): void {
    if (this.phase === 'up') {
      for (const text of this.options.stalls(this)) this.finding('stall', text);
      if (this.setup.remove) {
        this.phase = 'removed';
        this.nested(() => this.cpu.call('lab_remove'));
        return;
      }
    }
    this.finish('done', 'the run is over: nothing is due any more');
  }

  /** The run is over. Everything stays readable. */
  finish(how: 'done' | 'trap', text: string): void {
    this.phase = 'ended';
    this.end = { how, text };
    this.emit('machine', 'end', undefined, { how });
  }

  /** A guest that never rests is stuck. */
  private watchForLockup(): void {
    if (this.clock.ns - this.busySinceNs <= this.costs.softLockup) return;
    this.trap(
      'endless-loop',
      `the vCPU has run for ${this.costs.softLockup / 1e6} ms of virtual time without rest: an endless loop`,
    );
  }

  /** Ends the run with a finding at the line that runs. Never returns. */
  trap(kind: FindingKind, text: string): never {
    this.finding(kind, text);
    this.emit('machine', 'trap', undefined, { kind });
    throw new GuestEnd(text);
  }

  /** Something was thrown out of the guest: the run is over where it stands, with a finding at the line that ran. Synced. */
  crashed(error: unknown): void {
    if (error instanceof GuestEnd) return this.finish('trap', error.message);
    const [kind, text] = crashWords(error, this.cpu.ram.length);
    this.finding(kind, text);
    this.emit('machine', 'trap', undefined, { kind });
    this.finish('trap', text);
  }

  /** What a step into could enter from here: functions called on this line, and an interrupt that is due. */
  stepTargets(): readonly { readonly label: string; readonly target: StepTarget }[] {
    const site = this.cpu.site;
    const calls = site === undefined ? [] : callsOnLine(this.program, site);
    const targets = calls.map((id) => ({ label: this.program.functions[id]?.name ?? '?', target: { function: id } }));
    if (!this.irqDeliverable || !this.irqWaits) return targets;
    return [...targets, { label: 'interrupt: virtio0', target: { interrupt: true } }];
  }

  /** What the guest's side may ask of the machine. */
  private guestPort(): GuestPort {
    return {
      mmioRead: (offset, size) => this.host.read(offset, size),
      mmioWrite: (offset, size, value) => this.host.write(offset, size, value),
      idle: (untilNs) => this.idle(untilNs),
      irqUnmasked: () => this.irqUnmasked(),
      sendingFrame: () => this.sending?.bytes,
      trap: (kind, text) => this.trap(kind, text),
      copiedIn: (pointer, size) => this.copiedIn(pointer, size),
      heap: (what, pointer) => this.heapCall(what, pointer),
    };
  }

  /** `drivers/…/dev.c:212 in f`: a site in words. */
  where(site: number): string {
    return whereText(this.program, site);
  }

  // ---- saving and restoring

  /** All state besides RAM. Only with an empty stack, and synced. */
  snapshot(): MachineState {
    return {
      clock: this.clock.snapshot(),
      phase: this.phase,
      log: this.log.snapshot(),
      findings: this.findings.snapshot(),
      statistics: this.statistics.snapshot(),
      calls: this.calls.snapshot(),
      host: this.host.snapshot(),
      rings: this.rings.snapshot(),
      skbs: this.skbs.snapshot(),
      heap: this.heap.snapshot(),
      offers: this.offers.snapshot(),
      waiting: this.waiting,
      senderBlocked: this.senderBlocked,
      tickEvents: this.tickEvents,
      tickOfEvents: this.tickOfEvents,
      hits: this.breakpoints.snapshot(),
      edits: this.nextEdit,
    };
  }

  /** Goes back to a snapshot. RAM was restored before. */
  restore(state: MachineState): void {
    this.cpu.unwind();
    this.clock.restore(state.clock);
    this.phase = state.phase;
    this.log.restore(state.log);
    this.findings.restore(state.findings);
    this.statistics.restore(state.statistics);
    this.calls.restore(state.calls);
    this.host.restore(state.host);
    this.rings.restore(state.rings, (index) => this.host.device.queueViews()[index]?.name ?? '');
    this.skbs.restore(state.skbs);
    this.heap.restore(state.heap);
    this.offers.restore(state.offers);
    this.waiting = state.waiting;
    this.senderBlocked = state.senderBlocked;
    this.sending = undefined;
    this.tickEvents = state.tickEvents;
    this.tickOfEvents = state.tickOfEvents;
    this.breakpoints.restore(state.hits);
    this.busySinceNs = this.clock.ns;
    this.nextEdit = state.edits;
    this.cpu.setWord('irq_pending', this.irqWaits ? 1 : 0);
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
