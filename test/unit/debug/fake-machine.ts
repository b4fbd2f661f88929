// A MachineHandle that plays a script: enough of a machine to drive the adapter in every direction, and to look inside.
import {
  MachineGone,
  MachineRefusal,
  type DataBreakpoint,
  type Edit,
  type EventBreakpoint,
  type HostBreakpoint,
  type EventKind,
  type Field,
  type Frame,
  type LineBreakpoint,
  type LineEffects,
  type MachineEvent,
  type MachineHandle,
  type MachineOutput,
  type Position,
  type PlacedEdit,
  type RunProgress,
  type RunRequest,
  type StopReason,
  type StopState,
  type Thread,
  type TimelineQuery,
  type TimelineWindow,
} from '../../../src/machine';
import type { Author } from '../../../src/virtqueue';
import { fakeProgram, FUNC, SITE } from './fake-program';

export const NUM_FREE = 0x100;
export const IDX = 0x104;
export const RING = 0x1000;
const RAM_SIZE = 0x2000;

/** One tick of the script. What it does happens when the machine moves past it. */
export interface Tick {
  /** 1 is vCPU 0, 2 the host's thread */
  readonly thread: number;
  readonly frames: readonly Frame[];
  readonly write?: { readonly address: number; readonly value: number; readonly author: Author };
  readonly event?: { readonly what: EventKind; readonly queue?: string; readonly detail: Record<string, Field> };
  readonly output?: Omit<MachineOutput, 'timeNs'>;
  /** for (;;): the run stays here until it is paused */
  readonly spin?: boolean;
}

function frame(func: number, site: number | undefined, depth: number): Frame {
  return { kind: 'driver', func, site, base: 0x1f00 - depth * 0x20, depth };
}

const XMIT = FUNC.startXmit;
const IRQ: Frame = { kind: 'interrupt', label: '--- interrupt: virtio0 ---' };

/** One packet: entry, a call into the inline `full`, the ring store, the kick, the host's used index, the interrupt. */
export const SCRIPT: readonly Tick[] = [
  { thread: 1, frames: [] },
  { thread: 1, frames: [frame(XMIT, SITE.head, 1)] },
  { thread: 1, frames: [frame(XMIT, SITE.full, 1)] },
  { thread: 1, frames: [frame(FUNC.full, SITE.inFull, 2), frame(XMIT, SITE.full, 1)] },
  {
    thread: 1,
    frames: [frame(XMIT, SITE.add, 1)],
    write: { address: IDX, value: 5, author: 'driver' },
    output: { kind: 'printk', text: 'virtio0: adding\n', level: 6, site: SITE.add },
  },
  {
    thread: 1,
    frames: [frame(XMIT, SITE.kick, 1)],
    event: { what: 'kick', queue: 'tx', detail: { idx: 5 } },
  },
  { thread: 2, frames: [frame(XMIT, SITE.kick, 1)], write: { address: NUM_FREE, value: 7, author: 'device' } },
  { thread: 1, frames: [frame(FUNC.skbXmitDone, SITE.done, 2), IRQ, frame(XMIT, SITE.ret, 1)] },
  { thread: 1, frames: [frame(XMIT, SITE.ret, 1)] },
];

export const ENTRY = 1;

export class FakeMachine implements MachineHandle {
  readonly hostLines = {};
  readonly program;
  readonly ram = new Uint8Array(RAM_SIZE);
  readonly physOffset = 0x40000000n;
  state: StopState | undefined;
  running = false;
  disposed = 0;

  /** what the adapter asked for, newest last */
  readonly requests: RunRequest[] = [];
  lines: readonly LineBreakpoint[] = [];
  data: readonly DataBreakpoint[] = [];
  eventList: readonly EventBreakpoint[] = [];
  readonly made: { readonly tick: number; readonly edit: Edit }[] = [];
  /** called at the start of the next run: it may report, and the run waits for its promise */
  onRun: ((progress: ((p: RunProgress) => void) | undefined) => Promise<void>) | undefined;
  cancelled = false;

  private at = 0;
  private furthest = 0;
  private readonly outputs = new Set<(output: MachineOutput) => void>();
  private readonly goneListeners = new Set<(why: MachineGone) => void>();
  private wake: (() => void) | undefined;

  constructor(
    private readonly script: readonly Tick[] = SCRIPT,
    hash?: string,
    private readonly how: 'done' | 'trap' = 'done',
  ) {
    this.program = fakeProgram(hash);
  }

  async start(): Promise<StopState> {
    return this.go(async () => this.forward((t) => t === ENTRY, { kind: 'entry' }));
  }

  async run(request: RunRequest, progress?: (p: RunProgress) => void): Promise<StopState> {
    this.requests.push(request);
    return this.go(async () => {
      const { onRun } = this;
      this.onRun = undefined;
      await onRun?.(progress);
      if (this.cancelled) throw new MachineRefusal('Given up.');
      return this.move(request);
    });
  }

  pause(): void {
    this.wake?.();
  }

  cancel(): void {
    this.cancelled = true;
    this.wake?.();
  }

  /** Resolves when the machine is paused or cancelled. */
  interrupted(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }

  async setLineBreakpoints(list: readonly LineBreakpoint[]) {
    this.lines = list.filter((b) => b.condition !== 'nonsense(');
    return list.map((b) => (b.condition === 'nonsense(' ? 'condition: ")" is missing' : undefined));
  }

  async setHostBreakpoints(list: readonly HostBreakpoint[]) {
    return list.map(() => undefined);
  }

  async setDataBreakpoints(list: readonly DataBreakpoint[]) {
    this.data = list;
    return list.map(() => undefined);
  }

  async setEventBreakpoints(list: readonly EventBreakpoint[]) {
    this.eventList = list;
    return list.map((b) => (b.condition === '==' ? '"==": a value is missing' : undefined));
  }

  packets(): Promise<never> {
    return Promise.reject(new Error('no packets here'));
  }

  lineEffects(): Promise<LineEffects> {
    return Promise.resolve([]);
  }

  edits(): Promise<readonly PlacedEdit[]> {
    return Promise.resolve(this.made.map(({ tick, edit }) => ({ ...edit, position: { tick, sub: 0 } })));
  }

  passes(): Promise<number> {
    return Promise.resolve(0);
  }

  async edit(edit: Edit): Promise<boolean> {
    this.made.push({ tick: this.at, edit });
    this.replay();
    const dropped = this.furthest > this.at;
    this.furthest = this.at;
    return dropped;
  }

  async timeline({ fromNs, toNs }: TimelineQuery): Promise<TimelineWindow> {
    const content = { kind: 'items', ns: [], tick: [], series: [], value: [] } as const;
    return { fromNs, toNs, endNs: 0, series: [], before: [], content };
  }

  async placeAt(): Promise<Position> {
    return { tick: 0, sub: 0 };
  }

  async nextMark(): Promise<Position | undefined> {
    return undefined;
  }

  async events(): Promise<readonly MachineEvent[]> {
    return [];
  }

  async lastWriter(address: number, size: number): Promise<StopState | undefined> {
    for (let t = this.at - 1; t > 0; t--)
      if (overlaps(this.script[t - 1], address, size))
        return this.go(async () => this.arrive(t, this.dataReason(t - 1, [])));
    return undefined;
  }

  async sentFrames() {
    return [];
  }

  findings() {
    return [];
  }

  async stepTargets() {
    return [
      { label: 'full()', target: { function: FUNC.full } },
      { label: 'interrupt: virtio0', target: { interrupt: true as const } },
    ];
  }

  async hash(): Promise<string> {
    return String(this.at);
  }

  onOutput(listener: (output: MachineOutput) => void): () => void {
    this.outputs.add(listener);
    return () => this.outputs.delete(listener);
  }

  onGone(listener: (why: MachineGone) => void): () => void {
    this.goneListeners.add(listener);
    return () => this.goneListeners.delete(listener);
  }

  async dispose(): Promise<void> {
    this.disposed++;
    this.wake?.();
  }

  /** The worker dies. */
  die(why: string): void {
    for (const listener of this.goneListeners) listener(new MachineGone(why));
  }

  private async go(work: () => Promise<StopState>): Promise<StopState> {
    this.running = true;
    try {
      return (this.state = await work());
    } finally {
      this.running = false;
    }
  }

  private move(request: RunRequest): Promise<StopState> {
    const depth = this.depth(this.at);
    const step = { kind: 'step' } as const;
    switch (request.kind) {
      case 'continue':
        return this.forward(() => false, step);
      case 'into':
        return this.forward((t) => this.script[t]?.thread === request.thread, step);
      case 'over':
        return this.forward((t) => this.script[t]?.thread === request.thread && this.depth(t) <= depth, step);
      case 'out':
        return this.forward((t) => this.script[t]?.thread === request.thread && this.depth(t) < depth, step);
      case 'back':
        return this.backward((t) => this.script[t]?.thread === request.thread && this.depth(t) <= depth, step);
      case 'reverse':
        return this.backward(() => false, step);
      case 'goto':
        return this.arrive(request.position.tick, { kind: 'goto' });
    }
  }

  private async forward(here: (tick: number) => boolean, reason: StopReason): Promise<StopState> {
    for (let t = this.at + 1; t < this.script.length; t++) {
      const hit = this.hit(t);
      if (hit !== undefined) return this.arrive(t, hit);
      if (here(t)) return this.arrive(t, reason);
      if (this.script[t]?.spin === true) {
        await this.interrupted();
        return this.arrive(t, { kind: 'pause' });
      }
    }
    const text = this.how === 'trap' ? 'NULL dereference in start_xmit' : 'nothing is due any more';
    return this.arrive(this.script.length, { kind: 'end', how: this.how, text });
  }

  private async backward(here: (tick: number) => boolean, reason: StopReason): Promise<StopState> {
    for (let t = this.at - 1; t > 0; t--) {
      const hit = this.hit(t);
      if (hit !== undefined) return this.arrive(t, hit);
      if (here(t)) return this.arrive(t, reason);
    }
    return this.arrive(0, { kind: 'start' });
  }

  /** Why the machine stops on its way at a tick: a line, the write or the event of the tick before. */
  private hit(t: number): StopReason | undefined {
    const [top] = this.script[t]?.frames ?? [];
    const site = this.script[t]?.thread === 1 && top?.kind === 'driver' ? top.site : undefined;
    const lines = this.lines.filter((b) => site !== undefined && b.sites.includes(site) && b.logMessage === undefined);
    if (lines.length > 0) return { kind: 'breakpoint', ids: lines.map((b) => b.id) };
    const data = this.data.filter((b) => overlaps(this.script[t - 1], b.address, b.size));
    if (data.length > 0)
      return this.dataReason(
        t - 1,
        data.map((b) => b.id),
      );
    const event = this.eventOf(t - 1);
    const ids = this.eventList.filter((b) => event !== undefined && b.what.includes(event.what)).map((b) => b.id);
    return event !== undefined && ids.length > 0 ? { kind: 'event', ids, event } : undefined;
  }

  private dataReason(t: number, ids: readonly number[]): StopReason {
    const write = this.script[t]?.write;
    return {
      kind: 'data',
      ids,
      author: write?.author ?? 'driver',
      before: '04000000',
      after: `0${write?.value}000000`,
    };
  }

  private eventOf(t: number): MachineEvent | undefined {
    const event = this.script[t]?.event;
    return event && { seq: 0, position: { tick: t, sub: 0 }, timeNs: t * 1000, who: 'driver', ...event };
  }

  private async arrive(t: number, reason: StopReason): Promise<StopState> {
    for (let i = Math.max(this.at, this.furthest); i < t; i++) {
      const output = this.script[i]?.output;
      if (output !== undefined) for (const listener of this.outputs) listener({ ...output, timeNs: i * 1000 });
    }
    this.at = t;
    this.furthest = Math.max(this.furthest, t);
    this.replay();
    return this.stateAt(t, reason);
  }

  /** RAM as it is here: the script's writes and the edits made on the way. */
  private replay(): void {
    this.ram.fill(0);
    this.write(NUM_FREE, 4);
    this.write(IDX, 4);
    for (let i = 0; i < 512; i++) this.write(RING + 4 * i, i);
    for (let t = 0; t <= this.at; t++) {
      const write = this.script[t - 1]?.write;
      if (write !== undefined) this.write(write.address, write.value);
      for (const { tick, edit } of this.made) if (tick === t) this.ram.set(edit.bytes, edit.address);
    }
  }

  private write(address: number, value: number): void {
    new DataView(this.ram.buffer).setInt32(address, value, true);
  }

  private depth(t: number): number {
    // from idle, and from the end, every frame is an inner one's caller
    return this.script[t]?.frames.filter((f) => f.kind === 'driver').length || Infinity;
  }

  private stateAt(t: number, reason: StopReason): StopState {
    const last = this.script[Math.min(t, this.script.length - 1)];
    const threads: Thread[] = [
      { id: 1, kind: 'vcpu', name: 'vCPU 0', context: 'process', irqsOff: false, frames: last?.frames ?? [] },
      {
        id: 2,
        kind: 'host',
        name: 'QEMU main loop',
        status: 'rest',
        waitsFor: 'a kick on tx',
        sinceNs: 0,
        state: { timerActive: true, burst: 256, note: 'x' },
      },
    ];
    return {
      version: 1,
      reason,
      position: { tick: t, sub: 0 },
      timeNs: t * 1000,
      thread: reason.kind === 'data' && reason.author === 'device' ? 2 : (last?.thread ?? 1),
      threads,
      queues: [],
      skbs: [],
      changes: [],
      device: { status: 0, features: '0x0', interruptStatus: 0, irqPending: false, tapFrames: 0, timers: [] },
      netdev: { queueStopped: false, qdiscLength: 0 },
      exits: { notify: 0, interruptStatus: 0, interruptAck: 0, config: 0, injection: 0 },
      lines: t,
      events: 0,
      findings: [],
      furthest: { tick: this.furthest, sub: 0 },
    };
  }
}

function overlaps(tick: Tick | undefined, address: number, size: number): boolean {
  const write = tick?.write;
  return write !== undefined && write.address < address + size && write.address + 4 > address;
}
