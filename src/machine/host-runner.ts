// The host's threads on the machine's clock: wake-ups, the big lock, timers, and whose action is due next.
import type { HostSnapshot, HostThread, HostThreads, Wake } from '../device';

/** Thread number of the host's first thread; 1 is the vCPU. */
export const HOST_THREADS = 2;

/** What happens next on the host's side: a timer goes off, or a thread's stores become visible, or else a thread acts. */
export interface HostDue {
  /** virtual ns of it, Infinity when nothing is due */
  ns: number;
  timer: HostTimer | undefined;
  /** its stores become visible, for it goes to sleep */
  drains: boolean;
  thread: number;
  /** virtual ns of what comes next, Infinity for nothing: until then the thread is alone */
  aloneUntil: number;
}

export interface HostTimer {
  readonly name: string;
  readonly queue: string;
  readonly armedNs: number;
  readonly dueNs: number;
}

interface Runner {
  readonly thread: HostThread;
  /** asleep: the wake that came, and when the thread runs for it */
  wake: Wake | undefined;
  /** when its next action is due; Infinity while it sleeps unwoken and without a limit */
  dueNs: number;
  /** since when it does what it does now */
  sinceNs: number;
}

/** A few names that come and go: a Set would grow and shrink each time. */
class Names {
  private names: string[] = [];

  has(name: string): boolean {
    return this.names.includes(name);
  }

  add(name: string): void {
    if (!this.has(name)) this.names.push(name);
  }

  delete(name: string): boolean {
    const at = this.names.indexOf(name);
    if (at < 0) return false;
    const last = this.names.pop();
    if (last !== undefined && at < this.names.length) this.names[at] = last;
    return true;
  }

  snapshot(): readonly string[] {
    return [...this.names];
  }

  restore(names: readonly string[]): void {
    this.names = [...names];
  }
}

export interface HostRunnerState {
  readonly threads: HostSnapshot;
  readonly runners: readonly { readonly wake: Wake | undefined; readonly dueNs: number; readonly sinceNs: number }[];
  readonly timers: readonly HostTimer[];
  readonly kicked: readonly string[];
  readonly expired: readonly string[];
  readonly signalled: readonly string[];
  readonly lockedBy: number;
}

/**
 * Orders the host's threads. It performs nothing itself: the machine asks what is due, performs it, and says so.
 * With a model that has a lock (QEMU 2009) a thread holds the one lock from leaving its rest until it comes back to it.
 */
export class HostRunner {
  private readonly bigLock: boolean;
  private readonly runners: Runner[];
  private timers: HostTimer[] = [];
  /** queues whose eventfd is signalled and not yet read */
  private readonly kicked = new Names();
  /** timers that went off and that no thread has run yet; deleting one takes it back, as in QEMU's list of active timers */
  private readonly expired = new Names();
  /** calls from thread to thread that nobody has taken up yet */
  private readonly signalled = new Names();
  private lockedBy = -1;
  /** what is due first, if that is known */
  private readonly first: HostDue = { ns: Infinity, timer: undefined, drains: false, thread: 0, aloneUntil: Infinity };
  private known = false;

  /** @param ns when the threads start: those that do not wait run at once */
  constructor(
    private readonly threads: HostThreads,
    ns: number,
  ) {
    this.bigLock = threads.model.lock !== undefined;
    this.runners = threads.threads.map((thread) => ({
      thread,
      wake: undefined,
      dueNs: thread.waits ? Infinity : ns,
      sinceNs: ns,
    }));
  }

  /**
   * What is due first: timers before threads, and threads in their order, when times are equal. The same object each time, good until
   * something happens to a thread: it is asked for at every exit of a million packets, and few of them change anything.
   */
  get due(): Readonly<HostDue> {
    if (!this.known) this.look();
    return this.first;
  }

  private look(): void {
    const due = this.first;
    let least = Infinity;
    let second = Infinity;
    for (const timer of this.timers)
      if (timer.dueNs < least) {
        second = least;
        least = timer.dueNs;
        due.timer = timer;
      } else if (timer.dueNs < second) second = timer.dueNs;
    for (let index = 0; index < this.runners.length; index++) {
      const runner = this.at(index);
      const drains = isDraining(runner);
      const ns = drains ? runner.sinceNs : this.wakesAt(runner, index);
      if (ns >= least) {
        if (ns < second) second = ns;
        continue;
      }
      second = least;
      least = ns;
      due.timer = undefined;
      due.drains = drains;
      due.thread = index;
    }
    due.ns = least;
    due.aloneUntil = second;
    this.known = true;
  }

  /** A thread's stores have become visible. */
  drained(): void {
    this.known = false;
  }

  thread(index: number): HostThread {
    return this.at(index).thread;
  }

  get count(): number {
    return this.runners.length;
  }

  /** The thread stops waiting: takes the lock. Returns the wake to hand in, undefined when its time is up. */
  awaken(index: number): Wake | undefined {
    this.known = false;
    const runner = this.at(index);
    const { wake } = runner;
    runner.wake = undefined;
    if (wake?.on === 'kick') this.kicked.delete(wake.queue);
    if (wake?.on === 'timer') this.expired.delete(wake.name);
    if (wake?.on === 'signal') this.signalled.delete(wake.name);
    if (this.bigLock) this.lockedBy = index;
    return wake;
  }

  /** The thread's last action took until `ns`; it now has another one pending, or waits. `frames`: frames wait at the tap. */
  acted(index: number, ns: number, frames: boolean): void {
    this.known = false;
    const runner = this.at(index);
    runner.sinceNs = ns;
    if (!runner.thread.waits) {
      runner.dueNs = ns;
      return;
    }
    const { action } = runner.thread;
    runner.dueNs = action.do === 'wait' && action.ns !== undefined ? ns + action.ns : Infinity;
    if (this.lockedBy === index) {
      this.lockedBy = -1;
      // Whoever waits for the lock gets it now, not in the past.
      for (const other of this.runners) if (other.dueNs < ns) other.dueNs = ns;
    }
    const pending = this.pending(runner, frames);
    if (pending === undefined) return;
    runner.wake = pending;
    runner.dueNs = ns;
  }

  // What happens at `ns` wakes who waits for it, after the time that waking takes; without anybody it stays until somebody waits.

  /** A kick's eventfd is signalled, or its exit arrives. Returns the index of the thread that takes it up, -1 for none. */
  kick(queue: string, ns: number, latency = 0): number {
    this.kicked.add(queue);
    return this.wake('kick', queue, ns, latency);
  }

  frameArrived(ns: number, latency = 0): void {
    this.wake('frame', '', ns, latency);
  }

  /** A timer went off: it is armed no more. */
  timerFired(name: string, ns: number, latency = 0): void {
    this.known = false;
    this.timers = this.timers.filter((t) => t.name !== name);
    this.expired.add(name);
    this.wake('timer', name, ns, latency);
  }

  /** A thread has called another one. */
  signal(name: string, ns: number, latency = 0): void {
    this.signalled.add(name);
    this.wake('signal', name, ns, latency);
  }

  /** @param frames frames wait at the tap */
  armTimer(timer: HostTimer, frames: boolean): void {
    this.cancelTimer(timer.name, timer.armedNs, frames);
    this.timers.push(timer);
  }

  /**
   * Deletes a timer, also one that has gone off and whose thread has not run yet. That thread is on its way: what else came
   * for it meanwhile it does instead.
   * @param frames frames wait at the tap
   */
  cancelTimer(name: string, ns: number, frames: boolean): void {
    this.known = false;
    this.timers = this.timers.filter((t) => t.name !== name);
    if (!this.expired.delete(name)) return;
    for (const runner of this.runners) {
      if (runner.wake?.on !== 'timer' || runner.wake.name !== name) continue;
      const pending = this.pending(runner, frames);
      runner.wake = pending;
      runner.dueNs = pending === undefined ? Infinity : Math.max(runner.dueNs, ns);
    }
  }

  get armed(): readonly HostTimer[] {
    return this.timers;
  }

  resting(index: number): boolean {
    const runner = this.at(index);
    return runner.thread.waits && runner.wake === undefined && runner.dueNs === Infinity;
  }

  /** For the thread list: when it will run (undefined: not before it is woken), since when, and whether the lock keeps it. */
  status(index: number): {
    readonly wakeNs: number | undefined;
    readonly sinceNs: number;
    readonly waitsForLock: boolean;
  } {
    const runner = this.at(index);
    const wants = runner.wake !== undefined;
    return {
      wakeNs: runner.dueNs === Infinity ? undefined : runner.dueNs,
      sinceNs: runner.sinceNs,
      waitsForLock: wants && this.lockedBy >= 0 && this.lockedBy !== index,
    };
  }

  snapshot(): HostRunnerState {
    return {
      threads: this.threads.snapshot(),
      runners: this.runners.map(({ wake, dueNs, sinceNs }) => ({ wake, dueNs, sinceNs })),
      timers: [...this.timers],
      kicked: this.kicked.snapshot(),
      expired: this.expired.snapshot(),
      signalled: this.signalled.snapshot(),
      lockedBy: this.lockedBy,
    };
  }

  restore(state: HostRunnerState): void {
    this.known = false;
    this.threads.restore(state.threads);
    this.timers = [...state.timers];
    this.kicked.restore(state.kicked);
    this.expired.restore(state.expired);
    this.signalled.restore(state.signalled);
    this.lockedBy = state.lockedBy;
    state.runners.forEach((saved, index) => {
      const runner = this.at(index);
      runner.wake = saved.wake;
      runner.dueNs = saved.dueNs;
      runner.sinceNs = saved.sinceNs;
    });
  }

  /** The first of what a thread waits for that has come. */
  private pending({ thread }: Runner, frames: boolean): Wake | undefined {
    for (const wake of waits(thread)) if (this.isPending(wake, frames)) return wake;
    return undefined;
  }

  private isPending(wake: Wake, frames: boolean): boolean {
    if (wake.on === 'kick') return this.kicked.has(wake.queue);
    if (wake.on === 'timer') return this.expired.has(wake.name);
    return wake.on === 'signal' ? this.signalled.has(wake.name) : frames;
  }

  /** @param which the queue, the timer, or the signal; none of a frame */
  private wake(on: Wake['on'], which: string, ns: number, latency = 0): number {
    this.known = false;
    for (let index = 0; index < this.runners.length; index++) {
      const runner = this.at(index);
      if (runner.wake !== undefined) continue;
      const wake = waitedFor(runner.thread, on, which);
      if (wake === undefined) continue;
      runner.wake = wake;
      // What comes while its last action is under way finds it awake: it does not fall asleep at all.
      runner.dueNs = runner.sinceNs > ns ? runner.sinceNs : ns + latency;
      return index;
    }
    return -1;
  }

  /** A woken thread that needs the lock waits until it is free; then `acted` moves its time on. */
  private wakesAt(runner: Runner, index: number): number {
    if (runner.wake !== undefined && this.lockedBy >= 0 && this.lockedBy !== index) return Infinity;
    return runner.dueNs;
  }

  private at(index: number): Runner {
    const runner = this.runners[index];
    if (runner === undefined) throw new Error(`no host thread ${index}`);
    return runner;
  }
}

/** A thread goes to sleep, and has stores that the guest cannot see yet: they become visible first. */
function isDraining({ thread }: Runner): boolean {
  return thread.waits && thread.buffer.size > 0;
}

const NOTHING: readonly Wake[] = [];

/** What a thread waits for; nothing while it is at work. */
function waits(thread: HostThread): readonly Wake[] {
  if (!thread.waits || thread.dead) return NOTHING;
  const { action } = thread;
  return action.do === 'rest' || action.do === 'wait' ? action.for : NOTHING;
}

/** The first of what a thread waits for that is this. */
function waitedFor(thread: HostThread, on: Wake['on'], which: string): Wake | undefined {
  for (const wake of waits(thread)) if (wake.on === on && subject(wake) === which) return wake;
  return undefined;
}

function subject(wake: Wake): string {
  if (wake.on === 'kick') return wake.queue;
  return wake.on === 'frame' ? '' : wake.name;
}
