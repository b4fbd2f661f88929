// The machine: one vCPU, one device with its host, one clock. Runs what falls due, entry by entry, and stops where its goal says.
import { TRANSPORTS } from '../device';
import type { SkbLayout } from '../guest';
import { lineGroups, type Program } from '../toolchain';
import type { Breakpoints, HitCounts } from './breakpoints';
import { CacheLines } from './cache-lines';
import { Clock, type ClockState } from './clock';
import { costsWith, guestCharges, type Costs } from './costs';
import { Cpu, type Level } from './cpu';
import { Entries, type EntriesState } from './entries';
import { EventLog, KEPT_EVENTS, type EventCounts, type EventLogMark } from './event-log';
import { Findings, isDriverSite } from './findings';
import { GuestEnd } from './goal';
import { GuestCalls, skbReader, type GuestCallsState, type GuestPort } from './guest-calls';
import { callsOnLine } from './calls';
import { crashWords } from './crash';
import type { MachineOutput, StepTarget } from './handle';
import { hookImports } from './hook-imports';
import { HostSide, type HostSideState } from './host-side';
import { LineEffectLog } from './line-effects';
import { PacketLog } from './packet-log';
import { Heap, type HeapState } from './heap';
import type { Detail, FindingPlace, Hub } from './hub';
import { deviceWatch, mapPages, type Old } from './pages';
import { comparePositions, START } from './position';
import { RingObserver, type RingObserverState } from './ring-observer';
import type { MachineSetup } from './setup';
import { silentImports, type SilentImport } from './silent-imports';
import { SkbTracker, type SkbTrackerState } from './skb-tracker';
import { Stops, VCPU, type Control, type StopsPort, type StopsState } from './stops';
import { Statistics, type StatisticsState } from './statistics';
import { Timeline, type QueueIndices, type TimelineState, type VcpuContext } from './timeline';
import { Traffic, type TrafficState } from './traffic';
import type { EventKind, Finding, FindingKind, MachineEvent, Position } from './types';

export interface MachineOptions {
  /** keep recent changes and sent frames: somebody looks at this run */
  readonly interactive: boolean;
  readonly keepLog: boolean;
  /** those that it will run at; the last one first */
  readonly levels: readonly Level[];
  readonly skbLayout: SkbLayout;
  /** at rest for good: who waits for whom, a sentence each */
  readonly stalls: (machine: Machine) => readonly { readonly text: string; readonly site: number | undefined }[];
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
  readonly traffic: TrafficState;
  readonly entries: EntriesState;
  readonly hits: HitCounts;
  readonly stops: StopsState;
  readonly timeline: TimelineState;
  readonly lines: number;
  readonly packets: number;
}

/** What leads to a finding in the kernel API: the driver's line, which stands behind this. */
const CALLED = 'called by the driver';

export class Machine implements Hub {
  readonly clock = new Clock();
  readonly costs: Costs;
  readonly cpu: Cpu;
  readonly statistics = new Statistics();
  readonly log: EventLog;
  readonly counts: EventCounts | undefined;
  readonly timeline: Timeline;
  readonly lines: LineEffectLog;
  readonly packets: PacketLog;
  readonly findings: Findings;
  readonly host: HostSide;
  readonly calls: GuestCalls;
  readonly rings: RingObserver;
  readonly skbs: SkbTracker;
  readonly stops: Stops;
  /** of a run at measure level */
  readonly cacheLines: CacheLines | undefined;
  private readonly heap = new Heap();
  phase: Phase = 'off';
  /** how and why the run is over, once it is */
  end: { readonly how: 'done' | 'trap'; readonly text: string } = { how: 'done', text: '' };
  /** what was said up to here was heard: a replay does not repeat it */
  heardUpTo: Position = START;
  readonly traffic: Traffic;
  private readonly entries: Entries;
  /** since when the vCPU runs without rest */
  private busySinceNs = 0;

  constructor(
    readonly program: Program,
    readonly setup: MachineSetup,
    memory: WebAssembly.Memory,
    private readonly control: Control,
    readonly breakpoints: Breakpoints,
    readonly options: MachineOptions,
  ) {
    this.costs = costsWith(setup.costs);
    this.log = new EventLog(options.keepLog, () => this.logLost());
    this.counts = options.keepLog ? undefined : this.log.counted;
    this.lines = new LineEffectLog(options.interactive, this.clock, () => {
      const line = this.lineNow();
      return line === undefined ? undefined : { line, own: this.ownLine() };
    });
    this.timeline = new Timeline(options.interactive, this.clock, this.costs.line, (queue) => this.indicesOf(queue));
    this.packets = new PacketLog(options.interactive, this.clock);
    this.findings = new Findings(program);
    this.cpu = new Cpu(program, memory, this.clock, this.costs.line, this.statistics.cost.counts, (store) =>
      this.rings.driverStore(store),
    );
    this.stops = new Stops(this.stopsPort());
    const { samples } = this.statistics.cost;
    this.skbs = new SkbTracker(
      skbReader(this.cpu.ram, options.skbLayout, this.cpu.symbol('mem_map')),
      {
        skbHeld: (ns) => samples.skbHeld.add(ns),
        socketHeld: (ns) => samples.socketHeld.add(ns),
      },
      options.interactive,
    );
    this.rings = new RingObserver(this, this.skbs, Number(setup.physOffset), options.interactive, () =>
      this.host.device.facts(),
    );
    this.calls = new GuestCalls(this, this.guestPort(), this.skbs, setup.faults);
    const traffic = (this.traffic = new Traffic(setup.traffic, setup.device.mac));
    this.entries = new Entries(this, {
      traffic,
      calls: () => this.calls,
      process: (name, ...args) => this.process(name, ...args),
      moved: () => this.moved,
    });
    const cacheLines = (this.cacheLines = options.levels.includes('measure') ? new CacheLines(this.cpu) : undefined);
    this.host = new HostSide(
      this,
      setup.device,
      setup.physOffset,
      this.traffic,
      {
        kicked: (queue) => this.rings.kicked(queue),
        interruptRaised: () => this.interruptRaised(),
        frameSent: (queue, head) => this.frameSent(queue, head),
        frameFilled: (queue, head, frame) => this.skbs.arrived(queue, head, frame),
        taken: (queue, head) => this.rings.taken(queue, head),
        untaken: (queue, head) => {
          this.rings.untaken(queue, head);
          this.timeline.moved(queue);
        },
        addedAt: (queue, index) => this.rings.addedAt(queue, index),
        queueChanged: () => this.queueChanged(),
      },
      deviceWatch(
        this.cpu,
        (pointer, size, before) => this.deviceWrote(pointer, size, before),
        cacheLines && ((pointer, size) => cacheLines.deviceWrote(pointer, size)),
      ),
      options.interactive,
    );
    this.cpu.link({ ...this.calls.imports(), ...hookImports(this), ...silentImports(this.unheard()) }, options.levels);
    this.cpu.view.setBigUint64(this.cpu.symbol('lab_phys_offset'), setup.physOffset, true);
    const transport = TRANSPORTS.indexOf(setup.device.transport ?? 'mmio');
    this.cpu.view.setUint32(this.cpu.symbol('lab_transport'), transport, true);
    this.cpu.view.setUint32(this.cpu.symbol('lab_reserved_pages'), this.host.device.reservedPages, true);
    this.cpu.setCharges(guestCharges(this.costs));
    this.cpu.setText('lab_module_arguments', setup.moduleArguments ?? '');
    this.cpu.setLineGroups(lineGroups(program.sites));
    mapPages(this.cpu);
  }

  /** Imports that nobody listens to in this run. */
  private unheard(): SilentImport[] {
    const { interactive, levels } = this.options;
    const unheard: SilentImport[] = [];
    if (!interactive) unheard.push('softirq');
    // where frames are, findings say where an object was allocated and freed
    if (!interactive && !levels.includes('debug')) unheard.push('kmem');
    if (this.setup.faults.length === 0) unheard.push('fault');
    return unheard;
  }

  tick(thread: number): void {
    this.clock.tick++;
    this.stops.atTick(thread);
  }

  rearm(): void {
    this.stops.collectFound();
    this.cpu.setBudget(this.nextDueWhileRunning(), this.stops.targetTick());
  }

  /** The hooks called out at a line. Synced. */
  atLine(site: number): void {
    this.stops.atLine(site);
    this.elapse();
    this.watchForLockup();
    this.rearm();
  }

  /** A store has been made that hooks were asked about: the last tick went, or positions inside a line are told apart. Synced. */
  afterStore(): void {
    this.stops.collectFound();
    this.stops.atPlace(VCPU);
    this.rearm();
  }

  /** An object was allocated or freed. Kept where frames are, so that findings can say where. */
  private heapCall(what: 'allocated' | 'released', pointer: number): void {
    this.cpu.sync();
    this.heap[what](pointer, this.clock.tick, this.ownLine() ?? this.cpu.lineUnderWay());
  }

  // ---- what happened

  emit(
    who: string,
    what: EventKind,
    queue: string | undefined,
    detail: Detail,
    at?: { tick: number; ns: number; site: number | undefined },
  ): void {
    if (this.counts !== undefined) return void this.counts[what]++;
    if (at === undefined) this.stops.subTick();
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
    this.timeline.event(event);
    this.packets.event(event);
    if (at === undefined) this.stops.arrive(this.currentThread);
    this.stops.atEvent(event, at === undefined);
    if (at === undefined) this.stops.applyEdits();
  }

  private siteField(who: string, site: number | undefined): { readonly site?: number } {
    const known = site ?? (who === 'driver' ? this.cpu.lineUnderWay() : undefined);
    return known === undefined ? {} : { site: known };
  }

  /** Thread that acts right now. */
  get currentThread(): number {
    return this.host.actions.acting >= 0 ? this.host.actions.acting : VCPU;
  }

  /** The line of C that runs now; undefined while a host thread acts. */
  private lineNow(): number | undefined {
    return this.host.actions.acting >= 0 ? undefined : this.cpu.lineUnderWay();
  }

  /** The innermost line that is the driver's own, and not the kernel API's. */
  private ownLine(): number | undefined {
    return this.host.actions.acting >= 0
      ? undefined
      : this.cpu.lineUnderWay((site) => isDriverSite(this.program, site));
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
    if (comparePositions(this.stops.position, this.heardUpTo) <= 0) return;
    const site = this.lineNow();
    this.control.say({
      kind,
      text,
      timeNs: this.clock.ns,
      ...(site === undefined ? {} : { site }),
      ...(level === undefined ? {} : { level }),
    });
  }

  /** A long run's log is bounded: said when it begins to be, and at the end. */
  private logLost(): void {
    this.say(
      'notice',
      `the event log keeps the last ${KEPT_EVENTS} events at least: ${this.log.lost} older ones are dropped so far. They are all in the file that \`lab run SCENARIO --log FILE\` writes.`,
    );
  }

  private interruptRaised(): void {
    this.cpu.irqPending = true;
  }

  private frameSent(queue: string, head: number): void {
    const skb = this.skbs.sent(queue, head, this.clock.ns);
    if (skb === undefined) return;
    if (skb.sent === 2)
      this.finding('sent-twice', `skb ${skb.id} was sent twice: the driver added it to ${queue} again`, {
        site: this.rings.addedSite(queue, head),
      });
    this.statistics.txLatency.add(this.clock.ns - skb.bornNs);
  }

  private deviceWrote(pointer: number, size: number, before: Old): void {
    this.stops.subTick();
    this.rings.deviceWrote(pointer, size, before, this.host.actions.actingName, this.host.actions.place);
    if (this.stops.watching) this.stops.watched(pointer, size, 'device', this.currentThread);
    this.stops.atPlace(this.currentThread);
  }

  /** The machine itself wrote: an application's bytes, copied into an skb. */
  private copiedIn(pointer: number, size: number): void {
    this.cacheLines?.guestWrote(pointer, size);
    this.stops.subTick();
    if (this.stops.watching) this.stops.watched(pointer, size, 'machine', VCPU);
    this.stops.atPlace(VCPU);
  }

  private indicesOf(queue: string): QueueIndices | undefined {
    const view = this.host.device.queueViews().find((q) => q.name === queue);
    const tracker = view && this.rings.tracker(view.index);
    if (tracker === undefined) return undefined;
    const { availIdx, usedIdx } = tracker;
    return { availIdx, lastAvailIdx: view?.lastAvailIdx ?? usedIdx, usedIdx, usedSkbs: this.skbs.usedIn(queue) };
  }

  private queueChanged(): void {
    const queues = this.host.device.queueViews();
    this.rings.setQueues(queues);
    for (const { name, ready } of queues) if (!ready) this.timeline.queueGone(name);
    this.stops.watch();
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
      if (!this.irqDeliverable) {
        this.cpu.irqPending = true;
        return;
      }
      this.interrupt();
    }
  }

  /** local_irq_enable() with an interrupt waiting: the next line delivers it. Synced. */
  private irqUnmasked(): void {
    this.rearm();
  }

  private interrupt(): void {
    const step = this.cpu.word('stepping');
    const goal = this.stops.goal;
    const skip = this.cpu.depth > 0 && goal.kind === 'run' && goal.step?.kind === 'into' && !goal.step.interrupts;
    this.tick(VCPU);
    if (skip && this.stops.goal === goal) this.cpu.setWord('stepping', 0);
    if (this.host.raised) this.deviceInterrupt();
    else this.timerInterrupt();
    if (skip && this.stops.goal === goal) this.cpu.setWord('stepping', step);
  }

  private deviceInterrupt(): void {
    const { line, queues } = this.host.delivered();
    this.cpu.irqPending = this.irqWaits;
    this.statistics.exits.injection++;
    this.lines.note('interrupt');
    this.timeline.exit(true);
    this.host.pass(this.costs.injection);
    this.timeline.exit(false);
    // lguest's queues have lines of their own
    const irq = this.setup.device.transport === 'lguest' ? `virtio0 ${queues.join(' ')}` : 'virtio0';
    if (this.counts !== undefined) this.counts.irqEnter++;
    else this.emit('vcpu', 'irqEnter', undefined, { irq });
    this.enterGuest('hardirq');
    this.cpu.interrupt('lab_irq', irq, line);
    this.leftGuest();
    if (this.counts !== undefined) this.counts.irqExit++;
    else this.emit('vcpu', 'irqExit', undefined, { irq });
  }

  private timerInterrupt(): void {
    this.calls.timerNs = Infinity;
    this.emit('vcpu', 'irqEnter', undefined, { irq: 'timer' });
    this.enterGuest('hardirq');
    this.cpu.interrupt('lab_timer_interrupt', 'timer');
    this.leftGuest();
    this.emit('vcpu', 'irqExit', undefined, { irq: 'timer' });
  }

  /** Driver code runs next: its budget is set. */
  private enterGuest(context: VcpuContext): void {
    this.timeline.enter(context);
    this.rearm();
  }

  /** Driver code has run: the clock is brought up. */
  private leftGuest(): void {
    this.cpu.sync();
    this.timeline.leave();
    this.stops.collectFound();
  }

  /** Calls an entry of the driver in process context. Returns what that returns. */
  private process(name: string, ...args: number[]): number {
    this.enterGuest('process');
    const result = this.cpu.call(name, ...args);
    this.leftGuest();
    return result;
  }

  private entryDueNs(): number {
    return this.phase === 'up' ? this.entries.nextNs : Infinity;
  }

  /** Grows with every buffer and packet that moves, and with every allocation that failed. */
  private get moved(): number {
    const { rx, tx, queues } = this.statistics;
    const rings = Object.keys(queues).map((name) => this.rings.counters(name));
    return rings.reduce((sum, { added, used }) => sum + added + used, rx.done + tx.done + this.calls.failures);
  }

  /**
   * Does the next thing that is due, and lets time pass up to it.
   * @returns what was done: something on the vCPU, something on the host's side, or nothing before `until`
   */
  private next(untilNs: number): 'vcpu' | 'host' | 'nothing' {
    const now = this.clock.ns;
    const host = this.host.look();
    const irq = this.irqDeliverable ? (this.host.raised ? now : this.calls.timerNs) : Infinity;
    const entry = this.entryDueNs();
    const due = Math.min(host, irq, entry);
    if (due > untilNs || due === Infinity) return 'nothing';
    this.clock.ns = Math.max(now, due);
    // the time until then was rest
    this.busySinceNs += this.clock.ns - now;
    if (host === due) {
      this.busySinceNs += this.host.performLooked(due, Math.min(irq, entry, untilNs));
      return 'host';
    }
    if (irq <= entry) this.interrupt();
    else this.entries.run();
    return 'vcpu';
  }

  /** A context sleeps: time passes in place until something has run on the vCPU, or until `untilNs`. */
  private idle(untilNs: number): void {
    const busyFor = this.clock.ns - this.busySinceNs;
    const limit = Math.min(untilNs, this.setup.limitNs);
    this.timeline.enter('idle');
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
    this.timeline.leave();
    this.busySinceNs = this.clock.ns - busyFor;
  }

  /** Whether the run has come to rest for good. */
  get nothingEverDue(): boolean {
    return Math.min(this.host.nextNs, this.calls.timerNs, this.entryDueNs()) === Infinity && !this.host.raised;
  }

  /** Runs from power-on, or from where it was restored, to the end of the run. Returns when the run is over. */
  run(): void {
    this.rearm();
    if (this.phase === 'off') {
      this.phase = 'up';
      const error = this.process('lab_boot');
      if (error < 0) throw new GuestEnd(`boot failed: error ${error}`);
    }
    while (this.phase !== 'ended') {
      if (this.options.interactive || !this.stops.free) {
        this.control.atRest();
        this.stops.stepFromRest();
        this.stops.arrive(VCPU);
        this.stops.applyEdits();
      }
      this.busySinceNs = this.clock.ns;
      if (this.next(this.setup.limitNs) === 'nothing') this.quiescent();
    }
  }

  /** Nothing is due any more, or the run's time is up. */
  private quiescent(): void {
    if (this.phase === 'up') {
      for (const { text, site } of this.options.stalls(this)) this.finding('stall', text, { site });
      if (this.setup.remove) {
        this.phase = 'removed';
        this.process('lab_remove');
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
    if (this.log.lost > 0) this.logLost();
    const missed = this.stops.missedFirstStop;
    if (missed !== undefined)
      this.say('notice', `the run is over, and has not stopped where it was to stop first: ${missed}`);
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

  private stopsPort(): StopsPort {
    return {
      clock: this.clock,
      cpu: this.cpu,
      program: this.program,
      breakpoints: this.breakpoints,
      control: this.control,
      currentThread: () => this.currentThread,
      hostThread: () => this.host.actions.about,
      ringPages: () => this.rings.pages(),
      edited: (edit) => {
        this.rings.otherWrote('debugger', edit.address, edit.bytes.length);
        this.emit('debugger', 'edit', undefined, { text: edit.text });
      },
    };
  }

  /** What the guest's side may ask of the machine. */
  private guestPort(): GuestPort {
    return {
      mmioRead: (offset, size) => this.host.read(offset, size),
      mmioWrite: (offset, size, value) => this.host.write(offset, size, value),
      hypercall: (number, argument) => this.host.hypercall(number, argument),
      idle: (untilNs) => this.idle(untilNs),
      irqUnmasked: () => this.irqUnmasked(),
      softirq: (on) => (on ? this.timeline.enter('softirq') : this.timeline.leave()),
      sendingFrame: () => this.entries.sendingFrame,
      delivered: (from, present, length) => {
        if (this.traffic.answers)
          this.traffic.received('rx', this.cpu.ram.subarray(from, from + present), length, this.clock.ns);
      },
      beginAnswer: () => this.entries.beginAnswer(),
      endAnswer: (result) => this.entries.endAnswer(result),
      trap: (kind, text) => this.trap(kind, text),
      deviceRuns: () => this.host.device.running,
      timerSet: () => this.entries.deferred(() => this.ownLine()),
      copiedIn: (pointer, size) => this.copiedIn(pointer, size),
      heap: (what, pointer) => this.heapCall(what, pointer),
      packet: (direction) => {
        this.statistics.cost.packet(direction, this.clock.lines);
        this.cacheLines?.packet();
      },
    };
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
      traffic: this.traffic.snapshot(),
      entries: this.entries.snapshot(),
      hits: this.breakpoints.snapshot(),
      stops: this.stops.snapshot(),
      timeline: this.timeline.snapshot(),
      lines: this.lines.snapshot(),
      packets: this.packets.snapshot(),
    };
  }

  /** Goes back to a snapshot. RAM was restored before. */
  restore(state: MachineState): void {
    this.cpu.unwind();
    this.timeline.restore(state.timeline);
    this.lines.restore(state.lines);
    this.packets.restore(state.packets);
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
    this.traffic.restore(state.traffic);
    this.entries.restore(state.entries);
    this.stops.restore(state.stops);
    this.breakpoints.restore(state.hits);
    this.busySinceNs = this.clock.ns;
    this.cpu.irqPending = this.irqWaits;
  }
}
