// What the driver's side calls: the imports of module "lab" (drivers/lib/include/lab/machine.h and runtime/hooks.h).
import { summarize } from '../device';
import type { SkbLayout } from '../guest';
import { GUEST_ENDS, GUEST_FINDINGS } from './findings';
import type { Hub } from './hub';
import { SkbOp, type SkbReader, type SkbTracker } from './skb-tracker';
import type { Fault } from './setup';

/** Registers of the one device, as guest pointers: LAB_MMIO_BASE of lab/machine.h. */
export const MMIO_BASE = 0xf0000000;
export const MMIO_SIZE = 0x1000;

/** LAB_DIE_PANIC */
const PANIC = 2;

/** LAB_RUN_* */
export const RUN = { work: 0, ksoftirqd: 1, sender: 2 } as const;

const SKB_NAMES: readonly (string | undefined)[] = [
  'alloc',
  'enqueue',
  'dequeue',
  'xmit',
  'xmitOk',
  'busy',
  'orphan',
  'free',
  'receive',
  'drop',
  // its socket is charged: accounting, and no step of its life
  undefined,
];
/** LAB_NETDEV_* */
enum NetdevOp {
  StopQueue,
  WakeQueue,
  NapiEnter,
  NapiExit,
  Register,
  NapiTxEnter,
  NapiTxExit,
}

const FAULTS = ['kmalloc', 'page', 'skb'] as const;

/** What the calls need of the machine besides the hub. */
export interface GuestPort {
  mmioRead(offset: number, size: number): number;
  mmioWrite(offset: number, size: number, value: number): void;
  hypercall(number: number, argument: bigint): void;
  idle(untilNs: number): void;
  irqUnmasked(): void;
  /** softirqs begin to run on the vCPU, or have run */
  softirq(on: boolean): void;
  /** the frame of the traffic item that is being sent */
  sendingFrame(): Uint8Array | undefined;
  /** A packet was delivered to the stack: guest pointer and number of the first bytes of its frame, and the length of the whole. */
  delivered(from: number, present: number, length: number): void;
  /** The stack is about to send an answer, of so many bytes; 0: there is none. Frames are read from it until `endAnswer`. */
  beginAnswer(): number;
  /** @param result 0, or a negative errno: the answer is lost */
  endAnswer(result: number): void;
  /** bytes were copied into guest memory for an application, or the stack */
  copiedIn(pointer: number, size: number): void;
  /** Ends the run as a trap: records the finding first. */
  trap(kind: Parameters<Hub['finding']>[0], text: string): never;
  /** the guest's timer was set */
  timerSet(): void;
  /** DRIVER_OK is set: what is exposed is the device's */
  deviceRuns(): boolean;
  /** a packet was handed to the driver, or delivered to the stack */
  packet(direction: 'tx' | 'rx'): void;
  /** an object was allocated, or freed */
  heap(what: 'allocated' | 'released', pointer: number): void;
}

export interface GuestCallsState {
  readonly timerNs: number;
  readonly wanted: readonly number[];
  readonly queueStopped: boolean;
  readonly qdisc: number;
  readonly faults: readonly number[];
  readonly failures: number;
  readonly registered: boolean;
}

export class GuestCalls {
  /** when the guest's clock event is due, Infinity for none */
  timerNs = Infinity;
  /** entries the guest asked for (LAB_RUN_*), in order */
  wanted: number[] = [];
  queueStopped = false;
  qdisc = 0;
  /** a net device was registered: traffic may begin */
  registered = false;
  private asked: number[] = [0, 0, 0];
  /** allocations that the scenario made fail so far */
  failures = 0;
  private readonly decoder = new TextDecoder();

  constructor(
    private readonly hub: Hub,
    private readonly port: GuestPort,
    private readonly skbs: SkbTracker,
    private readonly faults: readonly Fault[],
  ) {}

  /** The import object. Every function brings the clock up to now first, where time matters to it. */
  imports(): Record<string, (...args: never[]) => unknown> {
    const sync = (): void => this.hub.cpu.sync();
    return {
      mmio_read: (pointer: number, size: number): number => {
        sync();
        const value = this.port.mmioRead(this.register(pointer, size, 'read'), size);
        this.hub.rearm();
        return value;
      },
      mmio_write: (pointer: number, size: number, value: number): void => {
        sync();
        this.port.mmioWrite(this.register(pointer, size, 'write'), size, value >>> 0);
        this.hub.rearm();
      },
      hypercall: (number: number, argument: bigint): void => {
        sync();
        this.port.hypercall(number, BigInt.asUintN(64, argument));
        this.hub.rearm();
      },
      clock: (): number => {
        sync();
        return this.hub.clock.ns;
      },
      softirq: (on: number): void => {
        sync();
        this.port.softirq(on !== 0);
      },
      set_timer: (expires: bigint): void => {
        sync();
        const ns = BigInt.asUintN(64, expires);
        this.timerNs = ns >= 1n << 53n ? Infinity : Number(ns);
        this.port.timerSet();
        this.hub.rearm();
      },
      irq_unmasked: (): void => {
        sync();
        this.port.irqUnmasked();
      },
      idle: (until: bigint): void => {
        sync();
        const ns = BigInt.asUintN(64, until);
        this.port.idle(ns >= 1n << 53n ? Infinity : Number(ns));
        this.hub.rearm();
      },
      wake: (what: number): void => {
        if (!this.wanted.includes(what)) this.wanted.push(what);
      },
      printk: (level: number, text: number, length: number): void => {
        sync();
        const line = this.text(text, length);
        this.hub.emit('driver', 'printk', undefined, { level, text: line });
        this.hub.say('printk', line, level);
      },
      finding: (kind: number, object: number, _size: number, text: number, length: number): void => {
        sync();
        this.hub.finding(GUEST_FINDINGS[kind] ?? 'api', this.text(text, length), { object: object >>> 0 });
      },
      die: (kind: number, _object: number, text: number, length: number): never => {
        sync();
        const words = this.text(text, length);
        return this.port.trap(GUEST_ENDS[kind] ?? 'bug', kind === PANIC ? `kernel panic: ${words}` : words);
      },
      kmem: (op: number, pointer: number, _size: number): void => {
        this.port.heap(op === 0 ? 'allocated' : 'released', pointer >>> 0);
      },
      skb: (op: number, pointer: number): void => {
        sync();
        this.skb(op, pointer >>> 0);
      },
      netdev: (op: number, value: number): void => {
        sync();
        this.netdev(op, value);
      },
      frame_read: (to: number, length: number): void => {
        sync();
        this.frameRead(to >>> 0, length >>> 0);
      },
      frame_deliver: (from: number, present: number, length: number): void => {
        sync();
        this.port.delivered(from >>> 0, present >>> 0, length >>> 0);
      },
      answer_begin: (): number => {
        sync();
        return this.port.beginAnswer();
      },
      answer_end: (result: number): void => {
        sync();
        this.port.endAnswer(result);
      },
      fault: (what: number): number => this.fault(what),
    };
  }

  snapshot(): GuestCallsState {
    return {
      timerNs: this.timerNs,
      wanted: [...this.wanted],
      queueStopped: this.queueStopped,
      qdisc: this.qdisc,
      faults: [...this.asked],
      failures: this.failures,
      registered: this.registered,
    };
  }

  restore(state: GuestCallsState): void {
    this.timerNs = state.timerNs;
    this.wanted = [...state.wanted];
    this.queueStopped = state.queueStopped;
    this.qdisc = state.qdisc;
    this.asked = [...state.faults];
    this.failures = state.failures;
    this.registered = state.registered;
  }

  private register(pointer: number, size: number, how: string): number {
    const offset = (pointer >>> 0) - MMIO_BASE;
    if (offset >= 0 && offset + size <= MMIO_SIZE) return offset;
    return this.port.trap(
      how === 'read' ? 'bad-address' : 'wild-store',
      `${8 * size}-bit register ${how} at 0x${(pointer >>> 0).toString(16)}: no device is there (the registers are at 0x${MMIO_BASE.toString(16)}, ${MMIO_SIZE} bytes; was ioremap() forgotten?)`,
    );
  }

  /** A list must not keep what is freed. What is exposed belongs to the device until it is used, or until the device is reset (spec 2.7.13, 3.3). */
  private checkFree(pointer: number): void {
    const listed = this.skbs.listedAt(pointer);
    if (listed !== undefined)
      this.hub.finding(
        'freed-on-list',
        `skb ${listed} is freed while it is on a list: who walks the list finds freed memory`,
      );
    const exposed = this.skbs.exposedAt(pointer);
    if (exposed === undefined || !this.port.deviceRuns()) return;
    const { id, queue, head } = exposed;
    this.hub.finding(
      'freed-in-flight',
      `skb ${id} is freed while the device has it: chain ${head} of ${queue} is exposed and not used`,
    );
  }

  private skb(op: SkbOp, pointer: number): void {
    const { clock, statistics } = this.hub;
    if (op === SkbOp.Own) this.skbs.call(op, pointer, clock.ns, true);
    const name = SKB_NAMES[op];
    if (name === undefined) return;
    if (op === SkbOp.Xmit) this.port.packet('tx');
    else if (op === SkbOp.Receive) this.port.packet('rx');
    if (op === SkbOp.Enqueue || op === SkbOp.XmitBusy) this.qdisc++;
    else if (op === SkbOp.Dequeue) this.qdisc--;
    if (op === SkbOp.Free) this.checkFree(pointer);
    const arrived = op === SkbOp.Receive ? this.skbs.arrivalOf(pointer) : undefined;
    const sending = op === SkbOp.Alloc && this.port.sendingFrame() !== undefined;
    const id = this.skbs.call(op, pointer, clock.ns, sending);
    if (op === SkbOp.Receive) {
      statistics.done('rx', clock.ns);
      if (arrived !== undefined) statistics.rxLatency.add(clock.ns - arrived);
    }
    if (op === SkbOp.Drop) statistics.tx.dropped++;
    if (this.hub.counts !== undefined) this.hub.counts.skb++;
    else this.hub.emit('driver', 'skb', undefined, { op: name, id });
  }

  private netdev(op: NetdevOp, value: number): void {
    switch (op) {
      case NetdevOp.StopQueue:
        this.queueStopped = true;
        return this.hub.emit('driver', 'queueStop', 'tx', {});
      case NetdevOp.WakeQueue:
        this.queueStopped = false;
        return this.hub.emit('driver', 'queueWake', 'tx', {});
      case NetdevOp.NapiEnter:
      case NetdevOp.NapiTxEnter:
        if (this.hub.counts !== undefined) return void this.hub.counts.napi++;
        return this.hub.emit('driver', 'napi', op === NetdevOp.NapiEnter ? 'rx' : 'tx', { op: 'poll' });
      case NetdevOp.NapiExit:
      case NetdevOp.NapiTxExit:
        if (this.hub.counts !== undefined) return void this.hub.counts.napi++;
        return this.hub.emit('driver', 'napi', op === NetdevOp.NapiExit ? 'rx' : 'tx', { op: 'done', work: value });
      case NetdevOp.Register:
        this.registered = true;
    }
  }

  private frameRead(to: number, length: number): void {
    const frame = this.port.sendingFrame() ?? new Uint8Array(0);
    const { ram } = this.hub.cpu;
    if (to < 4096 || to + length > ram.length)
      this.port.trap('wild-store', `a frame was asked for at 0x${to.toString(16)}, which is no RAM`);
    if (frame.length === length) ram.set(frame, to);
    else ram.fill(0, to, to + length).set(frame.subarray(0, length), to);
    this.port.copiedIn(to, length);
  }

  /** Whether the scenario wants this allocation to fail. */
  private fault(what: number): number {
    const kind = FAULTS[what];
    if (kind === undefined || this.faults.length === 0) return 0;
    const nth = (this.asked[what] = (this.asked[what] ?? 0) + 1);
    const fails = this.faults.some((f) => f.kind === kind && nth >= f.nth && nth < f.nth + f.count);
    if (fails) this.failures++;
    return fails ? 1 : 0;
  }

  private text(pointer: number, length: number): string {
    const from = pointer >>> 0;
    return this.decoder.decode(this.hub.cpu.ram.slice(from, from + Math.min(length >>> 0, 1024)));
  }
}

/**
 * Reads skbs of the running guest by the offsets of debug information.
 * @param memMap address of the variable mem_map, which points to the array of struct page
 */
export function skbReader(ram: Uint8Array, layout: SkbLayout, memMap: number): SkbReader {
  const view = new DataView(ram.buffer, ram.byteOffset, ram.byteLength);
  const word = (at: number): number => (at >= 0 && at + 4 <= ram.length ? view.getUint32(at, true) : 0);
  return {
    read(address, into) {
      into.length = word(address + layout.len);
      into.data = word(address + layout.data);
    },
    covers(address, pointer) {
      // The header that goes before the frame lies in skb->cb: a chain that begins there is this skb's too.
      if (pointer >= address && pointer < address + layout.size) return true;
      const end = word(address + layout.end);
      if (pointer >= word(address + layout.head) && pointer < end) return true;
      const fragments = Math.min(word(end + layout.nrFrags) & 0xffff, layout.maxFrags);
      for (let i = 0; i < fragments; i++) {
        const page = word(end + layout.frags + i * layout.fragSize + layout.fragPage);
        const at = 4096 * Math.floor((page - word(memMap)) / layout.pageStruct);
        if (pointer >= at && pointer < at + 4096) return true;
      }
      return false;
    },
    listed(address) {
      // A list's head begins with the same two pointers. Who links skbs one way, as a batch of them is, leaves `prev` alone.
      const [next, prev] = [word(address + layout.next), word(address + layout.prev)];
      return (
        (next !== 0 && word(next + layout.prev) === address) || (prev !== 0 && word(prev + layout.next) === address)
      );
    },
    summary(data, length) {
      if (data < 4096 || data + 14 > ram.length) return '';
      return summarize(ram.slice(data, Math.min(ram.length, data + Math.min(length, 128))), length);
    },
  };
}
