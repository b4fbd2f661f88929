// The host's side of the machine: the device, its host's threads, the tap, and the frames on the wire.
import {
  ahead,
  DeviceError,
  describeAction,
  DmaFault,
  drains,
  GuestMemory,
  HostThreads,
  hostModel,
  isStore,
  type HostThread,
  type AccessKind,
  type DeviceEvent,
  parametersOf,
  NetDevice,
  type HostAction,
  type HostModel,
  type Performer,
  type NetDeviceSnapshot,
  type TakenChain,
  type TransportEffect,
} from '../device';
import { actionCost } from './action-cost';
import { GuestEnd } from './goal';
import { HostRunner, type HostRunnerState, type HostTimer } from './host-runner';
import type { Detail, Hub } from './hub';
import { InterruptLines, type Delivery, type InterruptLinesState } from './interrupt-lines';
import type { DeviceSetup } from './setup';
import type { TapFrame } from './skb-tracker';
import { Tap, type TapState } from './tap';
import type { Traffic } from './traffic';
import type { Thread } from './types';

/** An action of this kind. */
type Of<Kind extends HostAction['do']> = Extract<HostAction, { readonly do: Kind }>;

export interface HostSideState {
  readonly device: NetDeviceSnapshot;
  readonly runner: HostRunnerState | null;
  readonly tap: TapState;
  readonly lines: InterruptLinesState;
  readonly dead: boolean;
}

/** What the host's side tells the machine about, besides events. */
export interface HostSideListener {
  /** the driver kicked a queue */
  kicked(queue: string): void;
  /** the interrupt line rose */
  interruptRaised(queue: string): void;
  /** a frame was sent whose chain's head is this */
  frameSent(queue: string, head: number, bytes: number): void;
  /** a chain was filled with (a part of) a frame from the tap */
  frameFilled(queue: string, head: number, frame: TapFrame): void;
  /** a chain was taken by the device */
  taken(queue: string, head: number): void;
  untaken(queue: string, head: number): void;
  /** site that wrote the entry of avail.ring at an index, where it is known */
  addedAt(queue: string, index: number): number | undefined;
  queueChanged(): void;
}

export class HostSide {
  readonly device: NetDevice;
  readonly memory: GuestMemory;
  readonly model: HostModel;
  /** actions until a store of a host thread is visible to the guest; 0: at once */
  private readonly storeBuffer: number;
  /** the host's threads, from DRIVER_OK to reset */
  runner: HostRunner | undefined;
  /** the emulator gave up: nothing on this side moves any more */
  dead = false;
  /** index of the host thread that the vCPU waits for in a synchronous exit, -1 for none */
  blocking = -1;
  readonly tap: Tap;
  private readonly lines = new InterruptLines();
  /** thread that acts right now, -1 when the driver does */
  acting = -1;
  /** the thread whose next action is about to be performed: where a stop on a host's line is */
  about: HostThread | undefined;
  /** its name, for the log; `driver` while the driver's own register access is carried out */
  actingName = 'driver';
  /** a frame arrives before anything else of the host is due */
  private arrivalFirst = false;
  /** the action that is being performed now, or was last: a store's place in its model is the action's */
  private performing: HostAction | undefined;
  /** the thread that acts, when its action is over, and until when it may go on: no further than anything else can be due */
  private thread: HostThread | undefined;
  private actedNs = 0;
  private aheadUntil = -Infinity;
  private sendingHead = -1;
  /** entry of the available ring whose chain is being taken */
  private taking: { readonly queue: string; readonly index: number } | undefined;

  constructor(
    private readonly hub: Hub,
    private readonly setup: DeviceSetup,
    physOffset: bigint,
    private readonly traffic: Traffic,
    private readonly listener: HostSideListener,
    watch: ConstructorParameters<typeof GuestMemory>[2],
    private readonly looked: boolean,
  ) {
    this.tap = new Tap(looked);
    this.model = hostModel(setup.host.model);
    this.storeBuffer = Number(parametersOf(this.model, setup.host.parameters)['storeBuffer'] ?? 0);
    this.memory = new GuestMemory(hub.cpu.ram, physOffset, watch);
    this.device = new NetDevice(
      {
        transport: setup.transport,
        version: setup.version,
        queues: setup.queues,
        features: this.offered(),
        mac: setup.mac,
      },
      this.memory,
      {
        raise: (queue, line, edge) => this.raise(queue, line, edge),
        armTimer: (name, queue, ns) =>
          this.runner?.armTimer({ name, queue, armedNs: hub.clock.ns, dueNs: hub.clock.ns + ns }, this.framesWait),
        cancelTimer: (name) => this.runner?.cancelTimer(name, hub.clock.ns, this.framesWait),
        signal: (name) => this.runner?.signal(name, hub.clock.ns, hub.costs.eventfdWake),
        wire: (frame) => this.wire(frame),
        peekFrame: () => this.tap.peek(),
        nextFrame: () => this.tap.next(),
        event: (what, queue, detail) => this.event(what, queue, detail),
        counts: hub.counts,
        violation: (text) => hub.finding('api', text, { site: this.takingSite }),
      },
    );
  }

  /** Line of the driver that added the chain that is being taken: what is wrong with the chain was done there. */
  private get takingSite(): number | undefined {
    return this.taking && this.listener.addedAt(this.taking.queue, this.taking.index);
  }

  /** Number of the place in its model at which a thread does what it does now; undefined where models have none. */
  get place(): number | undefined {
    return this.performing?.at;
  }

  /** The scenario's features and the host's own, less what its parameters take away. */
  private offered(): bigint {
    const withheld = this.model.withholds?.(parametersOf(this.model, this.setup.host.parameters)) ?? 0n;
    return (this.setup.features | this.model.features) & ~withheld;
  }

  /** Virtual ns of the next thing due on this side, Infinity for nothing. */
  get nextNs(): number {
    if (this.dead) return Infinity;
    return Math.min(this.runner?.due.ns ?? Infinity, this.traffic.rx.nextNs);
  }

  // ---- what the vCPU does to the device

  /** A register read by the driver: the exit is charged, and the value returned. */
  read(offset: number, size: number): number {
    this.hub.timeline.exit(true);
    this.exit(this.device.readKind(offset));
    this.hub.timeline.exit(false);
    return this.device.read(offset, size);
  }

  /** A register write by the driver. A synchronous kick returns when the host is done with it. */
  write(offset: number, size: number, value: number): void {
    this.hub.timeline.exit(true);
    this.exit(this.device.writeKind(offset));
    this.carryOut(this.device.write(offset, size, value));
    this.hub.timeline.exit(false);
  }

  /** A hypercall by the driver, with a guest-physical address. */
  hypercall(number: number, argument: bigint): void {
    this.hub.timeline.exit(true);
    this.exit(this.device.hypercallKind(argument));
    this.carryOut(this.device.hypercall(number, argument));
    this.hub.timeline.exit(false);
  }

  private carryOut(effects: readonly TransportEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'kick') this.serve();
      else if (effect.kind === 'status') this.statusChanged();
      else if (effect.kind === 'reset') this.stopHost();
      else if (effect.kind === 'clearRings') this.device.clearRings();
      else if (effect.kind === 'queueReady' || effect.kind === 'queueGone') this.listener.queueChanged();
    }
  }

  private event(what: DeviceEvent, queue: string | undefined, detail: Detail): void {
    // Woken before the event is told: at a stop on it, the host is about to run.
    if (what === 'kick' && queue !== undefined) this.kicked(queue);
    else if (what === 'interruptSuppressed' && queue !== undefined) this.hub.statistics.queue(queue).suppressed++;
    else if (what === 'drop') this.hub.statistics.rx.dropped++;
    this.hub.emit(this.actingName, what, queue, detail);
  }

  private exit(kind: AccessKind): void {
    const { costs, statistics } = this.hub;
    statistics.exits[kind]++;
    this.hub.lines.note(kind);
    const light = kind === 'notify' && this.model.kick === 'eventfd';
    this.pass(light ? costs.exitLight : costs.exitSynchronous);
  }

  /** The vCPU is out of the guest for a while: the host's threads go on meanwhile, each at its time. */
  pass(ns: number): void {
    const { clock } = this.hub;
    const until = clock.ns + ns;
    while (this.performNext(until)) continue;
    if (clock.ns < until) clock.ns = until;
  }

  private kicked(queue: string): void {
    const { clock, costs } = this.hub;
    this.hub.statistics.queue(queue).kicks++;
    this.listener.kicked(queue);
    if (this.runner === undefined || this.dead) return;
    const synchronous = this.model.kick === 'synchronous';
    const thread = this.runner.kick(queue, clock.ns, synchronous ? 0 : costs.eventfdWake);
    if (synchronous) this.blocking = thread;
  }

  /** The vCPU is in the host, and comes back when the thread that serves its exit rests again. */
  private serve(): void {
    const { clock } = this.hub;
    const thread = this.blocking;
    if (thread < 0 || this.runner === undefined) return;
    while (!this.runner.resting(thread) && !this.dead) {
      if (!this.performNext(Number.MAX_VALUE))
        throw new Error(`host thread ${thread} serves the guest, but nothing is due`);
    }
    clock.ns = Math.max(clock.ns, this.runner.status(thread).sinceNs);
    this.blocking = -1;
  }

  /** The thread that runs the guest was woken: the guest is broken off, and goes on when it rests again. */
  private breakOut(thread: number): void {
    this.hub.clock.ns += this.hub.costs.exitSynchronous;
    this.blocking = thread;
    this.serve();
  }

  private statusChanged(): void {
    if (!this.device.running) return this.stopHost();
    if (this.runner !== undefined) return;
    this.runner = this.startThreads();
    this.listener.queueChanged();
    if (this.tap.length > 0) this.frameWaits();
  }

  private startThreads(): HostRunner {
    const threads = new HostThreads(this.model, this.setup.host.parameters, this.device.facts(), this.looked);
    return new HostRunner(threads, this.hub.clock.ns);
  }

  private stopHost(): void {
    if (this.runner !== undefined) this.hub.timeline.hostGone();
    this.runner = undefined;
    this.listener.queueChanged();
  }

  // ---- what falls due on this side

  /**
   * Performs the first thing that is due at `until` or before it, at its time or now, whichever is later; and what its thread does
   * after that, as far as nothing else is due.
   * @returns false when there was none
   */
  performNext(until: number): boolean {
    const ns = this.look();
    if (!(ns <= until) || ns === Infinity) return false;
    this.performLooked(ns, until);
    return true;
  }

  /** Looks for what is due first. Returns its virtual ns, Infinity for nothing; `performLooked` does it. */
  look(): number {
    if (this.dead) return Infinity;
    const own = this.runner === undefined ? Infinity : this.runner.due.ns;
    const arrival = this.traffic.rx.nextNs;
    this.arrivalFirst = arrival <= own;
    return this.arrivalFirst ? arrival : own;
  }

  /**
   * Does what `look` has found just now, at its time `ns` or now, whichever is later. A thread that is alone until then goes on up
   * to `until`.
   * @returns virtual ns that passed while it went on
   */
  performLooked(ns: number, until: number): number {
    const { clock } = this.hub;
    if (clock.ns < ns) clock.ns = ns;
    const due = this.runner?.due;
    if (this.arrivalFirst || due === undefined) this.arrive();
    else if (due.timer !== undefined) this.expire(due.timer);
    else if (due.drains) this.act(due.thread, true, 0);
    else if (this.model.runsGuest === true && this.blocking < 0) this.breakOut(due.thread);
    else return this.act(due.thread, false, Math.min(until, due.aloneUntil, this.traffic.rx.nextNs));
    return 0;
  }

  private arrive(): void {
    const item = this.traffic.rx.take(this.hub.clock.ns);
    if (item === undefined) return;
    this.hub.statistics.offered('rx', this.hub.clock.ns);
    if (!this.tap.arrive(item.atNs, item.bytes)) {
      this.hub.statistics.rx.dropped++;
      this.hub.emit('tap', 'drop', undefined, { bytes: item.bytes.length, why: 'the tap is full' });
      return;
    }
    if (this.tap.length === 1) this.frameWaits();
  }

  private frameWaits(): void {
    if (this.device.tapPolled) this.runner?.frameArrived(this.hub.clock.ns, this.hub.costs.hostWake);
  }

  private expire({ name, queue, armedNs }: HostTimer): void {
    this.hub.tick(HOST_THREADS);
    const after = this.hub.clock.ns - armedNs;
    this.runner?.timerFired(name, this.hub.clock.ns, this.hub.costs.hostWake);
    this.hub.emit(this.model.name, 'timerFire', queue, { name, after });
  }

  /**
   * A thread performs its next action, or, `drains`, goes to sleep in a system call: what it has stored is visible from there on.
   * @param until it goes on before this time, when nobody looks on
   * @returns virtual ns that passed while it went on
   */
  private act(index: number, drains: boolean, until: number): number {
    const runner = this.runner;
    if (runner === undefined) return 0;
    const thread = runner.thread(index);
    this.about = drains ? undefined : thread;
    this.hub.tick(HOST_THREADS + index);
    this.about = undefined;
    if (this.runner !== runner) return 0;
    this.acting = HOST_THREADS + index;
    this.actingName = thread.name;
    try {
      if (drains) {
        this.show(thread.buffer.empty());
        runner.drained();
      } else {
        const { clock } = this.hub;
        const from = clock.ns;
        this.aheadUntil = changesDues(thread.does) ? -Infinity : until;
        ahead.by = this.looked ? undefined : this.goesOn;
        this.performAction(runner, index, thread);
        return clock.ns - from;
      }
      return 0;
    } catch (error) {
      if (!(error instanceof DeviceError) && !(error instanceof DmaFault)) throw error;
      this.giveUp(thread.name, error);
    } finally {
      ahead.by = undefined;
      this.acting = -1;
      this.actingName = 'driver';
      this.taking = undefined;
    }
  }

  /**
   * The thread that acts has come to its next action. While nothing else can be due it is performed at once: one look around serves
   * many actions, and the model's code is not left.
   */
  private readonly goesOn: Performer = (does, action) => {
    if (!(this.actedNs < this.aheadUntil) || does === 'wait' || does === 'rest') return false;
    const { thread, acting } = this;
    if (thread === undefined) return false;
    this.hub.clock.ns = this.actedNs;
    this.hub.tick(acting);
    this.taking = undefined;
    if (changesDues(does)) this.aheadUntil = -Infinity;
    thread.doing(does, action);
    this.actedNs += this.performed(acting - HOST_THREADS, thread, action, does);
    return true;
  };

  private performAction(runner: HostRunner, index: number, thread: HostThread): void {
    const { costs, statistics } = this.hub;
    const { action } = thread;
    if (!thread.waits) {
      const cost = this.performed(index, thread, action, thread.does);
      return this.completed(runner, index, thread, ahead.result, cost);
    }
    const wake = runner.awaken(index);
    // A synchronous kick wakes nobody: the thread was in the guest.
    if (wake !== undefined && !(wake.on === 'kick' && this.model.kick === 'synchronous')) statistics.cost.woken(index);
    const cost = action.do === 'wait' && action.ns !== undefined ? costs.hostSelect : 0;
    this.completed(runner, index, thread, wake, cost);
  }

  /** A thread that does not wait does this. Its result is `ahead`'s. Returns virtual ns that it takes the thread. */
  private performed(index: number, thread: HostThread, action: HostAction, does: HostAction['do']): number {
    if (does === 'send') this.sendingHead = (action as Of<'send'>).chain.head;
    else if (does === 'take') this.taking = action as Of<'take'>;
    else if (does === 'use') this.fills(action as Of<'use'>);
    const result = this.perform(thread, action);
    if (does === 'take') this.took(action as Of<'take'>, result as TakenChain);
    else if (does === 'untake') this.putBack(action as Of<'untake'>);
    else if (does === 'pollTap' && this.framesWait) this.frameWaits();
    this.hub.statistics.cost.acted(index, does, result);
    ahead.result = result;
    return actionCost(this.hub, action, does, result);
  }

  /** The thread has its result, and goes on after `cost` ns. */
  private completed(runner: HostRunner, index: number, thread: HostThread, result: unknown, cost: number): void {
    this.thread = thread;
    this.actedNs = this.hub.clock.ns + cost;
    thread.complete(result);
    runner.acted(index, this.actedNs, this.framesWait);
    this.worked(index, thread, this.actedNs);
  }

  /** Performs an action, its stores by way of the thread's store buffer where the host has one. */
  private perform(thread: HostThread, action: HostAction): unknown {
    this.performing = action;
    if (this.storeBuffer === 0) return this.device.carryOut(thread.deed);
    if (drains(action)) this.show(thread.buffer.empty());
    if (isStore(action)) {
      this.show(thread.buffer.age());
      thread.buffer.hold(action, this.storeBuffer);
      return undefined;
    }
    this.performing = action;
    const result = this.device.perform(action);
    this.show(thread.buffer.age());
    return result;
  }

  /** Stores become visible to the guest. */
  private show(stores: readonly HostAction[]): void {
    for (const store of stores) {
      this.performing = store;
      this.device.perform(store);
    }
  }

  /** A thread has acted until `ns`: it goes on then, or waits. */
  private worked(index: number, thread: HostThread, ns: number): void {
    if (thread.waits) {
      this.hub.statistics.cost.sleeps(index);
      this.hub.timeline.host(thread.name, false, ns);
    } else this.hub.timeline.host(thread.name, true, this.hub.clock.ns);
  }

  private fills({ queue, head }: Of<'use'>): void {
    if (queue === 'rx') this.listener.frameFilled(queue, head, this.tap.frame);
  }

  private took({ queue }: Of<'take'>, { head, descriptors }: TakenChain): void {
    this.listener.taken(queue, head);
    this.hub.statistics.cost.took(queue, descriptors);
  }

  private putBack({ queue, head }: Of<'untake'>): void {
    this.listener.untaken(queue, head);
    this.hub.statistics.cost.putBack(queue);
  }

  /** QEMU's exit(1): the virtual machine is gone. */
  private giveUp(thread: string, error: DeviceError | DmaFault): never {
    this.dead = true;
    this.hub.finding(
      error instanceof DmaFault ? 'bad-address' : 'device-error',
      `${thread} gives up: ${error.message}`,
      { site: this.takingSite },
    );
    throw new GuestEnd(`the host died: ${error.message}`);
  }

  private get framesWait(): boolean {
    return this.tap.length > 0 && this.device.tapPolled;
  }

  private raise(queue: string, line: number, edge: boolean): boolean {
    this.hub.statistics.queue(queue).raised++;
    if (this.lines.raise(queue, line, edge) === 'coalesced') return true;
    this.listener.interruptRaised(queue);
    return false;
  }

  /** An interrupt was raised and not delivered yet. */
  get raised(): boolean {
    return this.lines.raised;
  }

  /** The vCPU takes the interrupt of the lowest line. */
  delivered(): Delivery {
    const delivered = this.lines.deliver();
    for (const queue of delivered.queues) this.hub.statistics.queue(queue).delivered++;
    return delivered;
  }

  private wire(bytes: Uint8Array): void {
    this.hub.statistics.done('tx', this.hub.clock.ns);
    this.tap.send(this.hub.clock.ns, bytes);
    this.listener.frameSent('tx', this.sendingHead, bytes.length);
    if (this.traffic.answers) this.traffic.received('tx', bytes, bytes.length, this.hub.clock.ns);
  }

  // ---- views and snapshots

  threads(): Thread[] {
    const runner = this.runner;
    if (runner === undefined) return this.threadsBeforeDriver();
    return Array.from({ length: runner.count }, (_, index): Thread => {
      const thread = runner.thread(index);
      const frames = thread.frames();
      const status = runner.status(index);
      const resting = runner.resting(index);
      return {
        id: HOST_THREADS + index,
        kind: 'host',
        name: thread.name,
        status:
          thread.dead || this.dead ? 'dead' : resting ? 'rest' : ASLEEP.has(thread.action.do) ? 'sleeping' : 'ready',
        waitsFor: status.waitsForLock ? `the lock ${this.model.lock ?? ''}` : thread.waitsFor,
        sinceNs: status.sinceNs,
        ...(status.wakeNs === undefined ? {} : { wakeNs: status.wakeNs }),
        // woken, it has yet to say what it does
        ...(resting || thread.waits ? {} : { next: describeAction(thread.action) }),
        action: thread.actionValues,
        ...(frames.length === 0 ? {} : { frames }),
        state: { ...thread.state },
      };
    });
  }

  /** In how many functions of its model a thread is, by its number. */
  depthOf(thread: number): number {
    const runner = this.runner;
    const index = thread - HOST_THREADS;
    return runner === undefined || index < 0 || index >= runner.count ? 0 : runner.thread(index).depth;
  }

  /** Before DRIVER_OK, and after a reset, the host's threads have nothing to do. */
  private threadsBeforeDriver(): Thread[] {
    const models = this.model.threads(parametersOf(this.model, this.setup.host.parameters));
    return models.map(({ name, initial }, index) => ({
      id: HOST_THREADS + index,
      kind: 'host',
      name,
      status: this.dead ? 'dead' : 'rest',
      waitsFor: 'the driver to set DRIVER_OK',
      sinceNs: 0,
      state: { ...initial },
    }));
  }

  snapshot(): HostSideState {
    return {
      device: this.device.snapshot(),
      runner: this.runner?.snapshot() ?? null,
      tap: this.tap.snapshot(),
      lines: this.lines.snapshot(),
      dead: this.dead,
    };
  }

  restore(state: HostSideState): void {
    this.device.restore(state.device);
    this.tap.restore(state.tap);
    this.lines.restore(state.lines);
    this.dead = state.dead;
    this.blocking = -1;
    this.acting = -1;
    this.about = undefined;
    this.actingName = 'driver';
    if (state.runner === null) this.runner = undefined;
    else {
      this.runner = this.startThreads();
      this.runner.restore(state.runner);
    }
  }
}

/** Whether what else is due can come sooner by an action: by an interrupt, another thread, a timer, or a frame that is answered. */
function changesDues(does: HostAction['do']): boolean {
  return (
    does === 'send' ||
    does === 'interrupt' ||
    does === 'signal' ||
    does === 'pollTap' ||
    does === 'armTimer' ||
    does === 'cancelTimer'
  );
}

/** Actions whose time passes without the thread running. */
const ASLEEP: ReadonlySet<HostAction['do']> = new Set<HostAction['do']>(['sleep', 'wait']);

/** Thread number of the host's first thread; 1 is the vCPU. */
export const HOST_THREADS = 2;
