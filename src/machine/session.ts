// A debugged run, on the worker's side: stops and commands, checkpoints, and how another position is reached by replay.
import { createHash } from 'node:crypto';
import { placedLines } from '../device';
import { Breakpoints, type ExpressionCompiler } from './breakpoints';
import { CheckpointStore, type Checkpoint } from './checkpoints';
import { Unwind, type Found, type Goal, type SearchFor } from './goal';
import type { MachineOutput, RunRequest } from './handle';
import { Machine, type MachineState } from './machine';
import type { Answers, Command, FromWorker, Request, WorkerData } from './messages';
import { comparePositions, START } from './position';
import type { Position, StopReason } from './types';
import { stalls } from './stall';
import { VCPU, type Control, type Stops } from './stops';
import { stopState } from './view';

/** Ticks between two checkpoints: what a step back replays at most, a few tens of ms at debug level. */
const INTERVAL = 500_000;
/** Nearer than this to its target, a replay keeps frames (debug level); farther away it runs without (run level). */
const NEAR = 400_000;
/** bytes */
const CHECKPOINT_MEMORY = 256 << 20;
/** Steps that stepBack takes back exactly, one by one. */
const STEPS_KEPT = 10_000;

export interface Channel {
  /** Blocks until a request comes. */
  wait(): Request;
  /** A request that has come already, if any. */
  poll(): Request | undefined;
  post(message: FromWorker): void;
  /** Reads and clears the main thread's wish. */
  takeCancel(): boolean;
  takePause(): boolean;
}

/** What to do with an empty stack: set by a command, carried out after unwinding. */
type Plan =
  | { readonly kind: 'goto'; readonly target: Position; readonly reason: StopReason; readonly thread: number }
  | {
      readonly kind: 'search';
      readonly want: SearchFor;
      readonly until: Position;
      readonly otherwise: 'start' | 'stay';
    };

interface StepTaken {
  readonly from: Position;
  readonly to: Position;
  readonly thread: number;
}

export class Session implements Control {
  private readonly machine: Machine;
  private readonly store: CheckpointStore<MachineState>;
  private readonly breakpoints: Breakpoints;
  private plan: Plan | undefined;
  /** the command whose answer is the next stop */
  private running: { readonly id: number; readonly op: 'run' | 'lastWriter' } | undefined;
  /** carried out at the next stop instead of answering; returns the goal to go on with, or nothing to wait for commands */
  private silent: (() => Goal | undefined) | undefined;
  private furthest: Position = START;
  private last: { readonly reason: StopReason; readonly thread: number } = { reason: { kind: 'start' }, thread: VCPU };
  /** where a search or replay began: back there when it is cancelled */
  private origin: { readonly position: Position; readonly reason: StopReason; readonly thread: number } | undefined;
  private steps: StepTaken[] = [];
  private stepping: { readonly from: Position; readonly thread: number } | undefined;
  /** the replay under way may not leave the debug level: one entry is longer than what is left */
  private debugOnly = false;
  private progressAt = 0;

  constructor(
    data: WorkerData,
    private readonly channel: Channel,
    compiler: (memory: Uint8Array) => ExpressionCompiler,
  ) {
    let compiled: ExpressionCompiler | undefined;
    this.breakpoints = new Breakpoints(() => (compiled ??= compiler(this.machine.cpu.ram)));
    this.machine = new Machine(data.setup.program, data.setup, data.memory, this, this.breakpoints, {
      interactive: true,
      keepLog: true,
      levels: ['run', 'debug'],
      skbLayout: data.skbLayout,
      stalls,
    });
    this.store = new CheckpointStore(this.machine.cpu.ram, this.machine.cpu.runtimePages, CHECKPOINT_MEMORY);
    this.store.take(0, this.machine.snapshot());
    const { stopSites, stopPass = 1, resume } = data.setup;
    this.machine.stops.firstStop = new Set(stopSites);
    this.machine.stops.firstStopPass = stopPass;
    if (stopPass > 1) this.breakpoints.countPasses(stopSites);
    if (resume !== undefined) this.machine.stops.edits = resume.edits;
    this.arm();
  }

  /** Runs for ever: the worker ends by being terminated. */
  main(): never {
    const { machine } = this;
    this.channel.post({ type: 'ready', hostLines: placedLines() });
    this.plan = { kind: 'goto', target: START, reason: { kind: 'start' }, thread: VCPU };
    this.silent = () => undefined;
    let thrown: unknown;
    for (;;) {
      try {
        const plan = this.plan;
        this.plan = undefined;
        if (plan !== undefined) this.perform(plan);
        else if (thrown !== undefined) this.trapped(thrown);
        thrown = undefined;
        machine.run();
        machine.stops.stop({ kind: 'end', ...machine.end }, VCPU);
      } catch (error) {
        thrown = error instanceof Unwind ? undefined : error;
      }
    }
  }

  // ---- Control

  stopped(reason: StopReason, thread: number): Goal {
    const { machine } = this;
    if (machine.stops.goal.kind === 'goto' && machine.cpu.currentLevel === 'run')
      this.redoAtDebugLevel(machine.stops.goal);
    // Nothing that is done at a stop (an edit, say) may stop the machine again.
    machine.stops.goal = { kind: 'free' };
    const position = machine.stops.position;
    this.origin = undefined;
    this.debugOnly = false;
    if (comparePositions(position, this.furthest) > 0) this.furthest = position;
    machine.heardUpTo = this.furthest;
    this.last = { reason, thread };
    const silent = this.silent;
    this.silent = undefined;
    if (silent !== undefined) return silent() ?? this.commands();
    if (this.stepping !== undefined) this.remember({ ...this.stepping, to: position });
    this.stepping = undefined;
    if (this.running !== undefined) this.answer(this.running.id, this.state());
    this.running = undefined;
    return this.commands();
  }

  say(output: MachineOutput): void {
    this.channel.post({ type: 'output', output });
  }

  attend(): boolean {
    if (this.channel.takeCancel() && this.origin !== undefined) {
      const { position, reason, thread } = this.origin;
      this.unwindTo({ kind: 'goto', target: position, reason, thread });
    }
    this.tellProgress();
    for (let request = this.channel.poll(); request !== undefined; request = this.channel.poll())
      if (request.command.op === 'run' || request.command.op === 'lastWriter')
        this.refuse(request.id, 'the machine is running');
      else this.serve(request.id, request.command);
    return this.machine.stops.goal.kind === 'run' && this.channel.takePause();
  }

  atRest(): void {
    const { machine } = this;
    const { clock } = machine;
    const { goal } = machine.stops;
    const last = this.store.at(clock.tick);
    if (clock.tick - (last?.tick ?? 0) >= INTERVAL) this.store.take(clock.tick, machine.snapshot());
    // an edit's position may lie between two ticks, which only the debug level can tell apart
    const end = goal.kind === 'goto' ? Math.min(goal.target.tick, machine.stops.nextEditTick) : 0;
    const far = goal.kind === 'goto' && !this.debugOnly && !this.breakpoints.counting && end - clock.tick > NEAR;
    // what the far part has stored into watched variables on the C stack was not told
    if (!far && machine.cpu.currentLevel === 'run') machine.stops.watch();
    machine.cpu.setLevel(far ? 'run' : 'debug');
  }

  // ---- moving

  private perform(plan: Plan): void {
    if (plan.kind === 'goto') return this.goTo(plan);
    const origin = this.origin;
    const found = this.search(plan.want, plan.until);
    if (found !== undefined) this.goTo({ target: found.position, reason: found.reason, thread: found.thread });
    else if (plan.otherwise === 'start') this.goTo({ target: START, reason: { kind: 'start' }, thread: VCPU });
    else if (origin !== undefined) {
      const id = this.running?.id;
      this.running = undefined;
      this.silent = () => {
        if (id !== undefined) this.answer(id, undefined);
        return undefined;
      };
      this.goTo({ target: origin.position, reason: origin.reason, thread: origin.thread });
    }
  }

  private goTo(to: { readonly target: Position; readonly reason: StopReason; readonly thread: number }): void {
    const { machine } = this;
    const from = this.store.at(Math.max(0, to.target.tick - 1));
    if (from === undefined) throw new Error('the checkpoint of power-on is gone');
    this.restore(from);
    if (to.target.tick === 0 && to.reason.kind === 'start') {
      machine.stops.setGoal({ kind: 'run' });
      machine.stops.stop(to.reason, to.thread);
    } else machine.stops.setGoal({ kind: 'goto', target: to.target, reason: to.reason, thread: to.thread });
  }

  /** The last place before `until` that is wanted, interval by interval backwards. */
  private search(want: SearchFor, until: Position): Found | undefined {
    const { machine } = this;
    let end = until;
    for (let from = this.store.at(until.tick - 1); from !== undefined; from = this.store.at(from.tick - 1)) {
      this.restore(from);
      machine.cpu.setLevel('debug');
      const goal: Goal = { kind: 'search', until: end, want };
      machine.stops.setGoal(goal);
      try {
        machine.run();
      } catch (error) {
        // A search ends at its end, or where the run itself does.
        if (this.plan !== undefined) throw error;
      }
      if (goal.found !== undefined) return goal.found;
      end = { tick: from.tick + 1, sub: 0 };
    }
    return undefined;
  }

  private restore(checkpoint: Checkpoint<MachineState>): void {
    this.store.restoreRam(checkpoint);
    this.machine.restore(checkpoint.state);
  }

  private redoAtDebugLevel(goal: Goal & { readonly kind: 'goto' }): never {
    this.debugOnly = true;
    return this.unwindTo({ kind: 'goto', target: goal.target, reason: goal.reason, thread: goal.thread });
  }

  private unwindTo(plan: Plan): never {
    this.plan = plan;
    throw new Unwind();
  }

  /** The guest, or the lab, threw: the run is over where it stands. */
  private trapped(error: unknown): void {
    const { machine } = this;
    machine.cpu.sync();
    machine.crashed(error);
    if (machine.stops.goal.kind !== 'run') machine.stops.goal = { kind: 'run' };
  }

  // ---- commands

  /** Serves commands until one says how to go on. */
  private commands(): Goal {
    for (;;) {
      const { id, command } = this.channel.wait();
      if (command.op === 'run') {
        const goal = this.start(id, command.request);
        if (goal !== undefined) return goal;
      } else if (command.op === 'lastWriter') {
        this.running = { id, op: 'lastWriter' };
        const { position } = this.machine.stops;
        this.travel({
          kind: 'search',
          want: { kind: 'write', address: command.address, size: command.size },
          until: position,
          otherwise: 'stay',
        });
      } else this.serve(id, command);
    }
  }

  private start(id: number, request: RunRequest): Goal | undefined {
    const { machine } = this;
    const position = machine.stops.position;
    const back = request.kind === 'back' || request.kind === 'reverse' || request.kind === 'goto';
    if (!back && machine.phase === 'ended') {
      this.refuse(id, `${machine.end.text}: there is nothing to run any more. Step back, or restart.`);
      return undefined;
    }
    this.running = { id, op: 'run' };
    switch (request.kind) {
      case 'continue':
        this.steps = [];
        return { kind: 'run' };
      case 'into':
      case 'over':
      case 'out':
        this.stepping = { from: position, thread: request.thread };
        return { kind: 'run', step: stepOf(request, machine.host.depthOf(request.thread)) };
      case 'goto':
        this.steps = [];
        return this.travel({ kind: 'goto', target: request.position, reason: { kind: 'goto' }, thread: 0 });
      case 'reverse':
        this.steps = [];
        return this.travel({ kind: 'search', want: { kind: 'stops' }, until: position, otherwise: 'start' });
      case 'back':
        return this.back(request.thread, position);
    }
  }

  /** Takes the last step back, if it led here; otherwise goes to the line before, in this frame or one that called it. */
  private back(thread: number, position: Position): never {
    const step = this.steps.pop();
    if (step !== undefined && step.thread === thread && comparePositions(step.to, position) === 0)
      return this.travel({ kind: 'goto', target: step.from, reason: { kind: 'step' }, thread });
    this.steps = [];
    const depth = this.machine.cpu.depth;
    const want: SearchFor =
      thread === VCPU ? { kind: 'line', depth: depth === 0 ? 0x7fffffff : depth } : { kind: 'host', thread };
    return this.travel({ kind: 'search', want, until: position, otherwise: 'start' });
  }

  private travel(plan: Plan): never {
    this.origin = { position: this.machine.stops.position, ...this.last };
    return this.unwindTo(plan);
  }

  private remember(step: StepTaken): void {
    this.steps.push(step);
    if (this.steps.length > STEPS_KEPT) this.steps.shift();
  }

  /** Answers a command that leaves the machine where it is. */
  private serve(id: number, command: Exclude<Command, { op: 'run' | 'lastWriter' }>): void {
    const { machine, breakpoints } = this;
    switch (command.op) {
      case 'lines':
        return this.setLines(id, command.list);
      case 'hosts':
        return this.answerCounted(id, breakpoints.setHosts(command.list));
      case 'data': {
        const errors = breakpoints.setData(command.list, machine.cpu.site);
        machine.stops.watch();
        return this.answerCounted(id, errors);
      }
      case 'events': {
        const errors = breakpoints.setEvents(command.list);
        machine.stops.watch();
        return this.answer(id, errors);
      }
      case 'edit':
        return this.edit(id, command.edit);
      case 'lineEffects':
        return this.answer(id, machine.lines.effects);
      case 'packets':
        return this.answer(id, machine.packets.run(machine.lines.list, command.limit));
      case 'edits':
        return this.answer(id, machine.stops.editsSoFar);
      case 'passes':
        return this.countPasses(id, command.sites);
      case 'log':
        return this.answer(id, machine.log.slice(command.from, command.to));
      case 'timeline':
        return this.answer(id, machine.timeline.window(command.query));
      case 'placeAt':
        return this.answer(id, machine.timeline.placeAt(command.ns));
      case 'nextMark':
        return this.answer(id, machine.timeline.nextMark(command.query));
      case 'sent':
        return this.answer(id, [...machine.host.tap.sentFrames]);
      case 'stepTargets':
        return this.answer(id, machine.stepTargets());
      case 'hash':
        return this.answer(id, this.hash());
    }
  }

  private setLines(id: number, list: Parameters<Breakpoints['setLines']>[0]): void {
    const errors = this.breakpoints.setLines(list);
    this.arm();
    this.answerCounted(id, errors);
  }

  /** Hit counts count from the start of the run: when they are new, the run is replayed up to here. */
  private answerCounted(id: number, errors: readonly (string | undefined)[]): void {
    const { machine } = this;
    if (!this.breakpoints.counting || machine.clock.tick === 0) return this.answer(id, errors);
    const goal = machine.stops.goal;
    const resume = this.running !== undefined && goal.kind === 'run' ? goal : undefined;
    this.recount();
    this.silent = () => {
      this.answer(id, errors);
      return resume;
    };
    this.travel({ kind: 'goto', target: machine.stops.position, ...this.last });
  }

  /** Replays the run up to here, and counts. */
  private countPasses(id: number, sites: readonly number[]): void {
    const { machine, breakpoints } = this;
    const answer = (): void => {
      const { passesHere } = machine.stops;
      breakpoints.countPasses([]);
      this.arm();
      this.answer(id, passesHere);
    };
    breakpoints.countPasses(sites);
    if (machine.clock.tick === 0) return answer();
    this.arm();
    this.recount();
    this.silent = () => {
      answer();
      return undefined;
    };
    this.travel({ kind: 'goto', target: machine.stops.position, ...this.last });
  }

  /** Forgets all counts, and the checkpoints that hold them. */
  private recount(): void {
    this.store.dropAfter(0);
    const first = this.store.at(0);
    if (first !== undefined) this.store.replaceFirst({ ...first.state, hits: {} });
  }

  private arm(): void {
    const { cpu } = this.machine;
    cpu.disarmAll();
    for (const site of this.breakpoints.sites) cpu.arm(site, true);
    for (const site of this.machine.stops.firstStop) cpu.arm(site, true);
  }

  private edit(id: number, edit: Parameters<Stops['edit']>[0]): void {
    const { machine } = this;
    const end = edit.address + edit.bytes.length;
    if (edit.address < 4096 || end > machine.cpu.ram.length)
      return this.refuse(id, `0x${edit.address.toString(16)}..0x${end.toString(16)} is no RAM of the guest`);
    const dropped = comparePositions(this.furthest, machine.stops.position) > 0;
    this.store.dropAfter(machine.clock.tick);
    this.breakpoints.forgetSpokenAfter(machine.stops.position);
    this.steps = [];
    machine.timeline.cut();
    machine.lines.cut();
    machine.packets.cut();
    machine.stops.edit(edit);
    this.furthest = machine.stops.position;
    machine.heardUpTo = machine.stops.position;
    this.answer(id, { dropped, state: this.state() });
  }

  private state(): Answers['run'] {
    return stopState(this.machine, this.last.reason, this.last.thread, this.furthest);
  }

  /** Over RAM (the driver's pages) and everything the machine keeps beside it, but for the log. */
  private hash(): string {
    const { machine } = this;
    const { from, to } = machine.cpu.runtimePages;
    const { log: _log, hits: _hits, heap: _heap, rings, ...state } = machine.snapshot();
    // which lines wrote is known at debug level only
    const followed = rings.rings.map(({ addSites: _sites, last: _last, ...ring }) => ring);
    return createHash('sha256')
      .update(machine.cpu.ram.subarray(0, from * 4096))
      .update(machine.cpu.ram.subarray(to * 4096))
      .update(JSON.stringify({ ...state, rings: { ...rings, rings: followed } }, plain))
      .digest('hex');
  }

  private tellProgress(): void {
    const { clock } = this.machine;
    const { goal } = this.machine.stops;
    if (goal.kind !== 'goto' && goal.kind !== 'search') return;
    if (Math.abs(clock.tick - this.progressAt) < INTERVAL) return;
    this.progressAt = clock.tick;
    const end = goal.kind === 'goto' ? goal.target.tick : goal.until.tick;
    const message = goal.kind === 'goto' ? 'Replaying' : 'Searching backwards';
    this.channel.post({
      type: 'progress',
      progress: { fraction: Math.min(1, clock.tick / Math.max(1, end)), message },
    });
  }

  private answer(id: number, value: Answers[Command['op']]): void {
    this.channel.post({ type: 'answer', id, value });
  }

  private refuse(id: number, text: string): void {
    this.channel.post({ type: 'refused', id, text });
  }
}

function stepOf(
  request: RunRequest & { readonly kind: 'into' | 'over' | 'out' },
  hostDepth: number,
): NonNullable<(Goal & { kind: 'run' })['step']> {
  if (request.thread !== VCPU) {
    // A thread's loop never returns: whoever asks for a step out of it is taken to its next action.
    const depth = { into: Infinity, over: hostDepth, out: Math.max(0, hostDepth - 1) }[request.kind];
    return { kind: 'host', thread: request.thread, depth, interrupts: false };
  }
  if (request.kind !== 'into') return { kind: request.kind, thread: VCPU, interrupts: false };
  const target = request.target;
  const interrupts = (request.interrupts ?? false) || (target !== undefined && 'interrupt' in target);
  return {
    kind: 'into',
    thread: VCPU,
    interrupts,
    ...(target !== undefined && 'function' in target ? { target: target.function } : {}),
  };
}

/** bigint and typed arrays in JSON, for the hash only. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  return ArrayBuffer.isView(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
    : value;
}
