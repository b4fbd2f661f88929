// The main thread's end of a machine: MachineHandle over a worker.
import { join } from 'node:path';
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import { RAM_SIZE, labLayout, type Program } from '../toolchain';
import {
  MachineGone,
  MachineRefusal,
  type DataBreakpoint,
  type Edit,
  type EventBreakpoint,
  type HostBreakpoint,
  type LineBreakpoint,
  type MachineHandle,
  type MachineOutput,
  type PlacedEdit,
  type RunProgress,
  type RunRequest,
  type SentFrame,
  type StepTarget,
} from './handle';
import { skbLayoutOf } from './skb-layout';
import { CONTROL, type Answers, type Command, type FromWorker, type Request, type WorkerData } from './messages';
import type { MachineSetup } from './setup';
import type { PacketRun } from './packet-story';
import type { MarkQuery, TimelineQuery, TimelineWindow } from './timeline';
import type { Finding, LineEffects, MachineEvent, Position, StopState } from './types';

interface Waiting {
  resolve(value: Answers[Command['op']]): void;
  reject(error: Error): void;
}

/** JavaScript frames nest between the guest's: an interrupt in an interrupt's softirq needs more than Node's default. */
const STACK_MB = 32;

/**
 * Starts a machine in a worker of its own, before power-on.
 * @param workerPath the built worker; beside this file in the product
 * @throws MachineGone when the worker cannot start: the program does not fit the machine
 */
export async function createMachine(
  setup: MachineSetup,
  workerPath: string = join(__dirname, 'worker.js'),
): Promise<MachineHandle> {
  const machine = new WorkerMachine(setup, workerPath);
  await machine.ready;
  return machine;
}

const OTHER_STATE =
  'This is the position that was saved, but not the state: Virtio Lab itself runs this scenario differently since. Save it anew.';

class WorkerMachine implements MachineHandle {
  readonly program: Program;
  readonly ram: Uint8Array;
  readonly physOffset: bigint;
  readonly ready: Promise<void>;
  hostLines: MachineHandle['hostLines'] = {};
  state: StopState | undefined;
  running = false;
  private readonly worker: Worker;
  private readonly port: MessagePort;
  private readonly control: Int32Array;
  private readonly pauseWord: number;
  private readonly waiting = new Map<number, Waiting>();
  private readonly outputListeners = new Set<(output: MachineOutput) => void>();
  private readonly goneListeners = new Set<(why: MachineGone) => void>();
  private progress: ((p: RunProgress) => void) | undefined;
  private gone: MachineGone | undefined;
  private disposed = false;
  private next = 1;
  private started: () => void = () => undefined;
  private failed: (error: Error) => void = () => undefined;

  constructor(
    private readonly setup: MachineSetup,
    workerPath: string,
  ) {
    this.program = setup.program;
    this.physOffset = setup.physOffset;
    const pages = RAM_SIZE / 65536;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    this.ram = new Uint8Array(memory.buffer);
    const control = new SharedArrayBuffer(4 * CONTROL.words);
    this.control = new Int32Array(control);
    this.pauseWord = ((this.program.symbols['__lab'] ?? 0) + labLayout.offsets.pause) >>> 2;
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    this.port.unref();
    const data: WorkerData & { port: MessagePort } = {
      setup,
      memory,
      control,
      skbLayout: skbLayoutOf(this.program),
      port: port2,
    };
    this.ready = new Promise((resolve, reject) => {
      this.started = resolve;
      this.failed = reject;
    });
    this.worker = new Worker(workerPath, {
      workerData: data,
      transferList: [port2],
      resourceLimits: { stackSizeMb: STACK_MB },
      stderr: false,
    });
    this.worker.on('message', (message: FromWorker) => this.received(message));
    this.worker.on('error', (error) => this.died(`the machine's worker failed: ${error.stack ?? error.message}`));
    this.worker.on('exit', (code) => this.died(`the machine's worker ended with code ${code}`));
  }

  async start(): Promise<StopState> {
    const { resume } = this.setup;
    if (resume === undefined) return this.run({ kind: 'continue' });
    const stop = await this.run({ kind: 'goto', position: resume.position });
    if (resume.state !== undefined && resume.state !== (await this.hash()))
      this.received({
        type: 'output',
        output: { kind: 'notice', text: OTHER_STATE, timeNs: stop.timeNs },
      });
    return stop;
  }

  async run(request: RunRequest, progress?: (p: RunProgress) => void): Promise<StopState> {
    if (this.running) throw new MachineRefusal('the machine is running already');
    this.running = true;
    this.progress = progress;
    Atomics.store(this.control, CONTROL.pause, 0);
    Atomics.store(this.control, CONTROL.cancel, 0);
    try {
      return (this.state = await this.ask({ op: 'run', request }));
    } finally {
      this.running = false;
      this.progress = undefined;
    }
  }

  pause(): void {
    Atomics.store(this.control, CONTROL.pause, 1);
    this.callAttention();
  }

  cancel(): void {
    Atomics.store(this.control, CONTROL.cancel, 1);
    this.callAttention();
  }

  setLineBreakpoints(list: readonly LineBreakpoint[]): Promise<readonly (string | undefined)[]> {
    return this.ask({ op: 'lines', list });
  }

  setHostBreakpoints(list: readonly HostBreakpoint[]): Promise<readonly (string | undefined)[]> {
    return this.ask({ op: 'hosts', list });
  }

  setDataBreakpoints(list: readonly DataBreakpoint[]): Promise<readonly (string | undefined)[]> {
    return this.ask({ op: 'data', list });
  }

  setEventBreakpoints(list: readonly EventBreakpoint[]): Promise<readonly (string | undefined)[]> {
    return this.ask({ op: 'events', list });
  }

  async edit(edit: Edit): Promise<boolean> {
    if (this.running) throw new MachineRefusal('values can be changed only while the machine is stopped');
    const { dropped, state } = await this.ask({ op: 'edit', edit });
    this.state = state;
    return dropped;
  }

  lineEffects(): Promise<LineEffects> {
    return this.ask({ op: 'lineEffects' });
  }

  packets(limit: number): Promise<PacketRun> {
    return this.ask({ op: 'packets', limit });
  }

  edits(): Promise<readonly PlacedEdit[]> {
    return this.ask({ op: 'edits' });
  }

  async passes(sites: readonly number[]): Promise<number> {
    if (this.running) throw new MachineRefusal('the machine is running');
    this.running = true;
    try {
      return await this.ask({ op: 'passes', sites });
    } finally {
      this.running = false;
    }
  }

  events(from: number, to: number): Promise<readonly MachineEvent[]> {
    return this.ask({ op: 'log', from, to });
  }

  timeline(query: TimelineQuery): Promise<TimelineWindow> {
    return this.ask({ op: 'timeline', query });
  }

  placeAt(ns: number): Promise<Position> {
    return this.ask({ op: 'placeAt', ns });
  }

  nextMark(query: MarkQuery): Promise<Position | undefined> {
    return this.ask({ op: 'nextMark', query });
  }

  async lastWriter(address: number, size: number): Promise<StopState | undefined> {
    if (this.running) throw new MachineRefusal('the machine is running');
    this.running = true;
    try {
      const found = await this.ask({ op: 'lastWriter', address, size });
      if (found !== undefined) this.state = found;
      return found;
    } finally {
      this.running = false;
    }
  }

  sentFrames(): Promise<readonly SentFrame[]> {
    return this.ask({ op: 'sent' });
  }

  findings(): readonly Finding[] {
    return this.state?.findings ?? [];
  }

  stepTargets(): Promise<readonly { readonly label: string; readonly target: StepTarget }[]> {
    return this.ask({ op: 'stepTargets' });
  }

  hash(): Promise<string> {
    return this.ask({ op: 'hash' });
  }

  onOutput(listener: (output: MachineOutput) => void): () => void {
    this.outputListeners.add(listener);
    return () => this.outputListeners.delete(listener);
  }

  onGone(listener: (why: MachineGone) => void): () => void {
    this.goneListeners.add(listener);
    return () => this.goneListeners.delete(listener);
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    this.port.close();
    await this.worker.terminate();
    this.died('its worker was terminated');
  }

  private ask<Op extends Command['op']>(command: Command & { readonly op: Op }): Promise<Answers[Op]> {
    if (this.gone !== undefined) return Promise.reject(this.gone);
    const request: Request = { id: this.next++, command };
    return new Promise((resolve, reject) => {
      this.waiting.set(request.id, { resolve: resolve as Waiting['resolve'], reject });
      this.port.postMessage(request);
      this.callAttention();
    });
  }

  /** Wakes a waiting worker, and has a running one look at its port at the next line. */
  private callAttention(): void {
    if (this.running) Atomics.store(new Int32Array(this.ram.buffer), this.pauseWord, 1);
    Atomics.add(this.control, CONTROL.messages, 1);
    Atomics.notify(this.control, CONTROL.messages);
  }

  private received(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        this.hostLines = message.hostLines;
        return this.started();
      case 'answer':
        this.waiting.get(message.id)?.resolve(message.value);
        this.waiting.delete(message.id);
        return;
      case 'refused':
        this.waiting.get(message.id)?.reject(new MachineRefusal(message.text));
        this.waiting.delete(message.id);
        return;
      case 'output':
        for (const listener of this.outputListeners) listener(message.output);
        return;
      case 'progress':
        return this.progress?.(message.progress);
    }
  }

  private died(text: string): void {
    if (this.gone !== undefined) return;
    this.gone = new MachineGone(this.disposed ? 'the session was ended' : text);
    this.failed(this.gone);
    for (const waiting of this.waiting.values()) waiting.reject(this.gone);
    this.waiting.clear();
    if (!this.disposed) for (const listener of this.goneListeners) listener(this.gone);
  }
}
