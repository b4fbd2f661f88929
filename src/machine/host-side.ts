// The host's side of the machine: the device, its host's threads, the tap, and the frames on the wire.
import {
  describeAction,
  GuestMemory,
  HostThreads,
  hostModel,
  type AccessKind,
  type DeviceEvent,
  parametersOf,
  NetDevice,
  type HostAction,
  type HostModel,
  type NetDeviceSnapshot,
  type TransportEffect,
} from '../device';
import { HostActions, type ChainListener, type HostActionsPort } from './host-actions';
import { HOST_THREADS, HostRunner, type HostRunnerState, type HostTimer } from './host-runner';
import type { Detail, Hub } from './hub';
import { InterruptLines, type Delivery, type InterruptLinesState } from './interrupt-lines';
import type { DeviceSetup } from './setup';
import type { TapFrame } from './skb-tracker';
import { Tap, type TapState } from './tap';
import type { Traffic } from './traffic';
import type { Thread } from './types';

export interface HostSideState {
  readonly device: NetDeviceSnapshot;
  readonly runner: HostRunnerState | null;
  readonly tap: TapState;
  readonly lines: InterruptLinesState;
  readonly dead: boolean;
}

/** What the host's side tells the machine about, besides events. */
export interface HostSideListener extends ChainListener {
  /** the driver kicked a queue */
  kicked(queue: string): void;
  /** the interrupt line rose */
  interruptRaised(queue: string): void;
  /** a frame was sent whose chain's head is this */
  frameSent(queue: string, head: number, bytes: number): void;
  queueChanged(): void;
}

export class HostSide implements HostActionsPort {
  readonly device: NetDevice;
  readonly memory: GuestMemory;
  readonly model: HostModel;
  /** the host's threads, from DRIVER_OK to reset */
  runner: HostRunner | undefined;
  /** the emulator gave up: nothing on this side moves any more */
  dead = false;
  /** index of the host thread that the vCPU waits for in a synchronous exit, -1 for none */
  blocking = -1;
  readonly tap: Tap;
  private readonly lines = new InterruptLines();
  readonly actions: HostActions;
  /** a frame arrives before anything else of the host is due */
  private arrivalFirst = false;

  constructor(
    private readonly hub: Hub,
    private readonly setup: DeviceSetup,
    physOffset: bigint,
    private readonly traffic: Traffic,
    private readonly listener: HostSideListener,
    watch: ConstructorParameters<typeof GuestMemory>[2],
    private readonly looked: boolean,
  ) {
    const tap = (this.tap = new Tap(looked));
    this.model = hostModel(setup.host.model);
    const storeBuffer = Number(parametersOf(this.model, setup.host.parameters)['storeBuffer'] ?? 0);
    this.actions = new HostActions(hub, this, listener, storeBuffer, looked);
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
        get wireIsRead() {
          return tap.isRead || traffic.answers;
        },
        wire: (bytes, frame) => this.wire(bytes, frame),
        peekFrame: () => this.tap.peek(),
        nextFrame: () => this.tap.next(),
        event: (what, queue, detail) => this.event(what, queue, detail),
        counts: hub.counts,
        violation: (text) => hub.finding('api', text, { site: this.actions.takingSite }),
      },
    );
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
    this.hub.emit(this.actions.actingName, what, queue, detail);
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
    else if (due.drains) this.actions.act(due.thread, true, 0);
    else if (this.model.runsGuest === true && this.blocking < 0) this.breakOut(due.thread);
    else return this.actions.act(due.thread, false, Math.min(until, due.aloneUntil, this.traffic.rx.nextNs));
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

  /** The first frame waits at the tap: who polls it is woken. */
  frameWaits(): void {
    if (this.device.tapPolled) this.runner?.frameArrived(this.hub.clock.ns, this.hub.costs.hostWake);
  }

  private expire({ name, queue, armedNs }: HostTimer): void {
    this.hub.tick(HOST_THREADS);
    const after = this.hub.clock.ns - armedNs;
    this.runner?.timerFired(name, this.hub.clock.ns, this.hub.costs.hostWake);
    this.hub.emit(this.model.name, 'timerFire', queue, { name, after });
  }

  /** The emulator gave up. */
  died(): void {
    this.dead = true;
  }

  /** Frames wait at the tap, and it is polled. */
  get framesWait(): boolean {
    return this.tap.length > 0 && this.device.tapPolled;
  }

  /** The frame that was taken off the tap last. */
  get frame(): TapFrame {
    return this.tap.frame;
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

  private wire(bytes: number, frame: Uint8Array | undefined): void {
    const { clock } = this.hub;
    this.hub.statistics.done('tx', clock.ns);
    if (frame !== undefined) this.tap.send(clock.ns, frame);
    this.listener.frameSent('tx', this.actions.sendingHead, bytes);
    if (frame !== undefined && this.traffic.answers) this.traffic.received('tx', frame, bytes, clock.ns);
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
    this.actions.reset();
    if (state.runner === null) this.runner = undefined;
    else {
      this.runner = this.startThreads();
      this.runner.restore(state.runner);
    }
  }
}

/** Actions whose time passes without the thread running. */
const ASLEEP: ReadonlySet<HostAction['do']> = new Set<HostAction['do']>(['sleep', 'wait']);
