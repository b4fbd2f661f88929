// A machine in miniature for tests of the device: RAM, a clock, a scheduler that runs one host thread at a time, and a log.
import {
  GuestMemory,
  HostThreads,
  NetDevice,
  type DeviceEnv,
  type DmaFault,
  type HostModel,
  type HostThread,
  type NetDeviceSetup,
  type TransportEffect,
  type Wake,
} from '../../../src/device';

export const PHYS = 0x40000000;
export const RAM_SIZE = 1 << 20;

/** Marsaglia's xorshift32: the tests' own seeded source of numbers. */
export function random(seed: number): (below: number) => number {
  let x = seed | 0 || 1;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

export interface RigOptions {
  readonly host: HostModel;
  readonly transport?: NetDeviceSetup['transport'];
  readonly version?: 1 | 2;
  readonly features?: bigint;
  readonly queues?: NetDeviceSetup['queues'];
  readonly parameters?: Readonly<Record<string, number | boolean>>;
  readonly physOffset?: bigint;
}

export const MAC_ADDRESS = [0x52, 0x54, 0, 0x12, 0x34, 0x56];

export class Rig {
  now = 0;
  readonly ram = new Uint8Array(new SharedArrayBuffer(RAM_SIZE));
  readonly pages = new Uint8Array(RAM_SIZE >> 12);
  readonly memory: GuestMemory;
  readonly device: NetDevice;
  threads: HostThreads | undefined;
  /** `TX kick`, `usedIdx tx 0->1` …: event name, queue, detail */
  readonly log: string[] = [];
  readonly violations: string[] = [];
  readonly wire: Uint8Array[] = [];
  readonly tap: Uint8Array[] = [];
  readonly timers = new Map<string, number>();
  readonly due = { kicks: new Set<string>(), timers: new Set<string>(), signals: new Set<string>() };
  irqPending = false;
  /** for long runs: keep no log */
  quiet = false;
  /** marked-page writes as the memory reported them */
  readonly writes: string[] = [];
  performed = 0;

  constructor(readonly options: RigOptions) {
    this.memory = new GuestMemory(this.ram, options.physOffset ?? BigInt(PHYS), {
      pages: this.pages,
      beforeWrite: () => undefined,
      wrote: (pointer, size, before, after) => this.writes.push(`${pointer}/${size}: ${before} -> ${after}`),
      wroteBytes: (pointer, before) => this.writes.push(`${pointer}: ${Buffer.from(before).toString('hex')}`),
    });
    this.device = new NetDevice(
      {
        transport: options.transport,
        version: options.version ?? 1,
        queues: options.queues ?? { rx: 256, tx: 256 },
        features: (options.features ?? 0n) | options.host.features,
        mac: MAC_ADDRESS,
      },
      this.memory,
      this.env(),
    );
  }

  /** A register write of the driver; starts and stops the host as a machine does, and serves synchronous kicks. */
  write(offset: number, value: number, size = 4): void {
    this.carryOut(this.device.write(offset, size, value));
  }

  /** A hypercall of the driver, in the same way. */
  hypercall(number: number, argument: bigint): void {
    this.carryOut(this.device.hypercall(number, argument));
  }

  private carryOut(effects: readonly TransportEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'reset') {
        this.threads = undefined;
        this.timers.clear();
      } else if (effect.kind === 'clearRings') {
        this.device.clearRings();
      } else if (effect.kind === 'status' && this.device.running && this.threads === undefined) {
        this.threads = new HostThreads(this.options.host, this.options.parameters ?? {}, this.device.facts());
      } else if (effect.kind === 'kick' && this.threads !== undefined) {
        this.due.kicks.add(effect.queue === 0 ? 'rx' : 'tx');
        if (this.options.host.kick === 'synchronous') this.settle();
      }
    }
  }

  read(offset: number, size = 4): number {
    return this.device.read(offset, size);
  }

  /** Performs host actions until every thread rests and nothing is due now. */
  settle(): void {
    while (this.step());
  }

  /** Lets time pass; timers that expire on the way are served when they do. */
  advance(ns: number): void {
    const end = this.now + ns;
    for (;;) {
      this.settle();
      const next = [...this.timers].sort((a, b) => a[1] - b[1])[0];
      if (next === undefined || next[1] > end) break;
      this.now = next[1];
      this.timers.delete(next[0]);
      this.due.timers.add(next[0]);
      this.log.push(`timerFire ${next[0]}`);
    }
    this.now = end;
  }

  /** Every armed timer goes off now. */
  expireAll(): void {
    for (const name of this.timers.keys()) this.due.timers.add(name);
    this.timers.clear();
  }

  /** One host action, if any is due. */
  step(): boolean {
    const thread = this.ready();
    if (thread === undefined) return false;
    const action = thread.action;
    this.performed++;
    try {
      if (action.do === 'rest' || action.do === 'wait') thread.complete(this.takeWake(action.for));
      else thread.complete(this.device.perform(action));
    } catch (error) {
      thread.kill();
      throw error;
    }
    return true;
  }

  /** The error a host ended with while settling. */
  settleToError(): DmaFault | Error | undefined {
    try {
      this.settle();
      return undefined;
    } catch (error) {
      return error as Error;
    }
  }

  private ready(): HostThread | undefined {
    const all = (this.threads?.threads ?? []).filter((thread) => !thread.dead);
    const busy = all.find(({ waits, action }) => !waits || (action.do === 'wait' && action.ns !== undefined));
    if (busy !== undefined) return busy;
    return all.find(({ action }) => 'for' in action && action.for.some((wake) => this.isDue(wake)));
  }

  private isDue(wake: Wake): boolean {
    if (wake.on === 'kick') return this.due.kicks.has(wake.queue);
    if (wake.on === 'timer') return this.due.timers.has(wake.name);
    if (wake.on === 'signal') return this.due.signals.has(wake.name);
    return this.device.tapPolled && this.tap.length > 0;
  }

  private takeWake(list: readonly Wake[]): Wake | undefined {
    const wake = list.find((one) => this.isDue(one));
    if (wake?.on === 'kick') this.due.kicks.delete(wake.queue);
    if (wake?.on === 'timer') this.due.timers.delete(wake.name);
    if (wake?.on === 'signal') this.due.signals.delete(wake.name);
    return wake;
  }

  private env(): DeviceEnv {
    return {
      raise: () => {
        const before = this.irqPending;
        this.irqPending = true;
        return before;
      },
      armTimer: (name, _queue, ns) => void this.timers.set(name, this.now + ns),
      cancelTimer: (name) => {
        this.timers.delete(name);
        this.due.timers.delete(name);
      },
      signal: (name) => void this.due.signals.add(name),
      wireIsRead: true,
      wire: (_bytes, frame) => void this.wire.push(frame?.slice() ?? new Uint8Array(0)),
      peekFrame: () => this.tap[0],
      nextFrame: () => this.tap.shift(),
      event: (what, queue, detail) => {
        if (this.quiet) return;
        const fields = Object.entries(detail).map(([name, value]) => `${name}=${value}`);
        this.log.push([what, queue, ...fields].filter((word) => word !== undefined).join(' '));
      },
      violation: (text) => void this.violations.push(text),
    };
  }
}
