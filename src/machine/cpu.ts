// The one vCPU: instances of the driver at the levels of instrumentation on one RAM, the tick budget, frames and interrupt nesting.
import { LAB_MAX_SITES, LAB_NO_ID, LAB_STACK_SIZE, labLayout, type Program } from '../toolchain';
import type { Clock } from './clock';
import { moduleOf } from './modules';
import type { Context, Frame } from './types';

/** `measure` is `run`, and every access of the guest is counted: only in machines made for that. */
export type Level = 'run' | 'debug' | 'measure';

/**
 * A ring store as the hooks recorded it; a pointer, not guest-physical. Old and new bytes as two little-endian words each.
 * One object serves all stores: a million packets make ten million of them. Take what is to be kept.
 */
export interface RingStore {
  addr: number;
  size: number;
  beforeLow: number;
  beforeHigh: number;
  afterLow: number;
  afterHigh: number;
  /** -1 where the level does not know it */
  site: number;
  /** tick and time of the store itself */
  tick: number;
  ns: number;
}

/** What the hooks and the kernel API call; implemented by the machine. Times are synced before each call. */
export type Imports = WebAssembly.ModuleImports;

type Entry = (...args: number[]) => number | undefined;

/** Frame of an interrupt: the driver frames above `depth` are its. */
interface Nest {
  readonly label: string;
  readonly depth: number;
}

const HARDIRQ_MASK = 0x03ff0000;
const SOFTIRQ_MASK = 0x0000ff00;
/** A slice of lines after which even an undisturbed run calls out, so that it can be paused or cancelled. */
const SLICE = 1 << 20;

export class Cpu {
  readonly ram: Uint8Array;
  readonly view: DataView;
  private readonly i32: Int32Array;
  private readonly u32: Uint32Array;
  private readonly f64: Float64Array;
  private instances: Readonly<Partial<Record<Level, WebAssembly.Instance>>> = {};
  /** exports called so far: an instance makes its exports object anew for each that asks */
  private readonly entries: Readonly<Record<Level, Map<string, Entry>>> = {
    run: new Map(),
    debug: new Map(),
    measure: new Map(),
  };
  private readonly base: number;
  private level: Level = 'debug';
  private budgetAtSync = 0;
  /** indices in i32 and u32 of the words that every call looks at */
  private readonly budgetWord: number;
  private readonly stopOnStoreWord: number;
  private readonly ringLogUsedWord: number;
  private readonly depthWord: number;
  private readonly trapStoreWord: number;
  private readonly irqPendingWord: number;
  private readonly foundWord: number;
  private readonly irqsOffWord: number;
  private readonly preemptWord: number;
  private readonly chargesWord: number;
  private readonly chargedLinesWord: number;
  /** indices in f64 */
  private readonly chargedNs: number;
  private readonly copiedBytes: number;
  /** the first `nested` of it are under way */
  private readonly nests: Nest[] = [];
  private nested = 0;
  private readonly store: RingStore = {
    addr: 0,
    size: 0,
    beforeLow: 0,
    beforeHigh: 0,
    afterLow: 0,
    afterHigh: 0,
    site: -1,
    tick: 0,
    ns: 0,
  };
  private emptyStack = 0;

  constructor(
    readonly program: Program,
    private readonly memory: WebAssembly.Memory,
    private readonly clock: Clock,
    private readonly lineCost: number,
    private readonly copied: { copiedByGuest: number },
    private readonly onRingStore: (store: RingStore) => void,
  ) {
    this.ram = new Uint8Array(memory.buffer);
    this.view = new DataView(memory.buffer);
    this.i32 = new Int32Array(memory.buffer);
    this.u32 = new Uint32Array(memory.buffer);
    this.f64 = new Float64Array(memory.buffer);
    this.base = this.symbol('__lab');
    const at = (field: keyof typeof labLayout.offsets): number => (this.base + labLayout.offsets[field]) >>> 2;
    this.budgetWord = at('budget');
    this.stopOnStoreWord = at('stop_on_store');
    this.ringLogUsedWord = at('ring_log_used');
    this.depthWord = at('depth');
    this.trapStoreWord = at('trap_store');
    this.irqPendingWord = at('irq_pending');
    this.foundWord = at('found');
    this.chargesWord = at('charges');
    this.chargedLinesWord = at('charged_lines');
    this.chargedNs = at('charged_ns') >>> 1;
    this.copiedBytes = at('copied') >>> 1;
    this.irqsOffWord = this.symbol('lab_irqs_disabled') >>> 2;
    this.preemptWord = this.symbol('preempt_count') >>> 2;
  }

  /**
   * Instantiates the levels that the machine is to run at, and chooses the last of them. The first one writes the initial data
   * into RAM.
   * @throws WebAssembly.LinkError when the program asks for an import the machine does not have
   */
  link(imports: Imports, levels: readonly Level[]): void {
    const link: WebAssembly.Imports = { env: { memory: this.memory }, lab: imports };
    const instances: Partial<Record<Level, WebAssembly.Instance>> = {};
    for (const level of levels) {
      instances[level] = new WebAssembly.Instance(moduleOf(this.program, level), link);
      this.level = level;
    }
    this.instances = instances;
    this.emptyStack = this.stackPointer(this.level).value;
  }

  /** Data address of an exported symbol. @throws Error when the program lacks it: it was not built by this toolchain. */
  symbol(name: string): number {
    const address = this.program.symbols[name];
    if (address === undefined) throw new Error(`the program exports no symbol ${name}: rebuild it`);
    return address;
  }

  /** Pages of the hook runtime: no driver's pages. */
  get runtimePages(): { readonly from: number; readonly to: number } {
    return { from: this.base >>> 12, to: (this.base + labLayout.size + 4095) >>> 12 };
  }

  /** Pages of the C stack. */
  get stackPages(): { readonly from: number; readonly to: number } {
    return { from: (this.emptyStack - LAB_STACK_SIZE) >>> 12, to: (this.emptyStack + 4095) >>> 12 };
  }

  // ---- entering the guest

  /** Calls an export. The caller decides the level only while the stack is empty. */
  call(name: string, ...args: number[]): number {
    const entry = this.entry(name);
    // by their number: an array of them would be made for each call
    if (args.length === 0) return Number(entry() ?? 0);
    if (args.length === 1) return Number(entry(args[0] as number) ?? 0);
    return Number(entry(...args) ?? 0);
  }

  private entry(name: string): Entry {
    const entries = this.entries[this.level];
    const known = entries.get(name);
    if (known !== undefined) return known;
    const f = this.instance(this.level).exports[name];
    if (typeof f !== 'function') throw new Error(`the program exports no function ${name}: rebuild it`);
    entries.set(name, f as Entry);
    return f as Entry;
  }

  /** Calls an interrupt entry, nested on whatever runs. */
  interrupt(name: string, label: string, ...args: number[]): void {
    // none is taken off the array: one that is filled and emptied is made anew each time
    this.nests[this.nested++] = { label, depth: this.depth };
    this.call(name, ...args);
    this.nested--;
  }

  get currentLevel(): Level {
    return this.level;
  }

  /** Chooses the level of the next entry. Only with an empty stack. */
  setLevel(level: Level): void {
    if (this.depth !== 0) throw new Error('the level changes only while no driver code is on the stack');
    this.level = level;
  }

  /** Forgets whatever was on the stack: after an exception, and before RAM is restored. */
  unwind(): void {
    this.nested = 0;
    this.setWord('depth', 0);
    this.forgetCharges();
    for (const level of Object.keys(this.instances) as Level[]) this.stackPointer(level).value = this.emptyStack;
  }

  private instance(level: Level): WebAssembly.Instance {
    const instance = this.instances[level];
    if (instance === undefined) throw new Error(`the vCPU is not linked for the level ${level}`);
    return instance;
  }

  private stackPointer(level: Level): WebAssembly.Global {
    const global = this.instance(level).exports['__stack_pointer'];
    if (!(global instanceof WebAssembly.Global)) throw new Error('the program exports no __stack_pointer: rebuild it');
    return global;
  }

  // ---- the tick budget

  /** Brings clock and recorder up to now: counts the ticks since the last sync, and hands on the ring stores among them. */
  sync(): void {
    if (this.i32[this.ringLogUsedWord] !== 0) this.drain();
    const budget = (this.i32[this.budgetWord] as number) + (this.i32[this.chargedLinesWord] as number);
    const ticks = this.budgetAtSync - budget;
    if (ticks !== 0) {
      this.clock.tick += ticks;
      this.clock.ns += ticks * this.lineCost;
      this.clock.lines += ticks;
      this.budgetAtSync = budget;
    }
    if (this.i32[this.chargesWord] !== 0) this.takeCharges();
  }

  /** Time that has passed on the vCPU without a tick: code that is not stepped. What is due has come as many lines sooner. */
  private takeCharges(): void {
    this.clock.ns += this.f64[this.chargedNs] as number;
    this.copied.copiedByGuest += this.f64[this.copiedBytes] as number;
    this.forgetCharges();
  }

  private forgetCharges(): void {
    this.i32[this.chargesWord] = 0;
    this.f64[this.chargedNs] = 0;
    this.f64[this.copiedBytes] = 0;
  }

  /**
   * Sets when the hooks call out next. Synced before.
   * @param dueNs virtual time of the next thing that is due, Infinity for none
   * @param targetTick a tick to stop at, Infinity for none: that very tick calls out, be it a line or a ring store
   */
  setBudget(dueNs: number, targetTick: number): void {
    const ticksToDue = dueNs === Infinity ? SLICE : Math.ceil((dueNs - this.clock.ns) / this.lineCost) - 1;
    const ticksToTarget = targetTick - this.clock.tick - 1;
    const budget = Math.max(0, Math.min(ticksToDue, ticksToTarget, SLICE));
    this.i32[this.budgetWord] = budget;
    this.i32[this.chargedLinesWord] = 0;
    this.i32[this.stopOnStoreWord] = budget === ticksToTarget ? 1 : 0;
    this.budgetAtSync = budget;
  }

  /** The tick at which the budget, and the lines charged, stood at this value since the last setBudget. */
  tickAt(budget: number): number {
    return this.clock.tick + (this.budgetAtSync - budget);
  }

  /** Hands the recorded ring stores on, oldest first. Each is a tick, but no line. */
  drain(): void {
    const used = this.i32[this.ringLogUsedWord] as number;
    if (used === 0) return;
    const { offsets, ringStore } = labLayout;
    const { store, u32, i32 } = this;
    for (let i = 0; i < used; i++) {
      const at = this.base + offsets.ring_log + i * ringStore.size;
      const ticks = this.budgetAtSync - (i32[(at + ringStore.offsets.budget) >>> 2] as number);
      this.clock.lines--;
      store.addr = u32[(at + ringStore.offsets.addr) >>> 2] as number;
      store.size = u32[(at + ringStore.offsets.size) >>> 2] as number;
      store.beforeLow = u32[(at + ringStore.offsets.before) >>> 2] as number;
      store.beforeHigh = u32[(at + ringStore.offsets.before + 4) >>> 2] as number;
      store.afterLow = u32[(at + ringStore.offsets.after) >>> 2] as number;
      store.afterHigh = u32[(at + ringStore.offsets.after + 4) >>> 2] as number;
      // LAB_NO_ID is -1 as a signed number
      store.site = i32[(at + ringStore.offsets.site) >>> 2] as number;
      store.tick = this.clock.tick + ticks;
      store.ns =
        this.clock.ns + ticks * this.lineCost + (this.f64[(at + ringStore.offsets.charged_ns) >>> 3] as number);
      this.onRingStore(store);
    }
    this.i32[this.ringLogUsedWord] = 0;
  }

  /** What code that is not stepped is charged: for a call, and for each 16 bytes begun; by LAB_COST_*. */
  setCharges(charges: readonly (readonly [call: number, per16: number])[]): void {
    const at = (field: 'line_ns' | 'cost_of' | 'per_16_bytes'): number => (this.base + labLayout.offsets[field]) >>> 3;
    this.f64[at('line_ns')] = this.lineCost;
    charges.forEach(([call, per16], what) => {
      this.f64[at('cost_of') + what] = call;
      this.f64[at('per_16_bytes') + what] = per16;
    });
  }

  // ---- fields of struct lab

  word(name: keyof typeof labLayout.offsets): number {
    return this.i32[(this.base + labLayout.offsets[name]) >>> 2] ?? 0;
  }

  setWord(name: keyof typeof labLayout.offsets, value: number): void {
    this.i32[(this.base + labLayout.offsets[name]) >>> 2] = value;
  }

  /** Writes a C string into an array of the program. Before power-on: it is no store of anybody's. */
  setText(symbol: string, text: string): void {
    this.ram.set(Buffer.from(`${text}\0`), this.symbol(symbol));
  }

  /** The next line is to call out: an interrupt waits for it. */
  set irqPending(waits: boolean) {
    this.i32[this.irqPendingWord] = waits ? 1 : 0;
  }

  /** Every store is to call out: a position within the line that runs is looked for. */
  set trapStore(on: boolean) {
    this.i32[this.trapStoreWord] = on ? 1 : 0;
  }

  /** Site of the line that a search has come by last, -1 for none. */
  get found(): number {
    return this.i32[this.foundWord] as number;
  }

  get depth(): number {
    return this.i32[this.depthWord] as number;
  }

  arm(site: number, on: boolean): void {
    if (site < LAB_MAX_SITES) this.ram[this.base + labLayout.offsets.armed + site] = on ? 1 : 0;
  }

  isArmed(site: number): boolean {
    return this.ram[this.base + labLayout.offsets.armed + site] !== 0;
  }

  disarmAll(): void {
    const from = this.base + labLayout.offsets.armed;
    this.ram.fill(0, from, from + LAB_MAX_SITES);
  }

  /** Gives the hooks the line group of every site: sites of one line of one function are one group. */
  setLineGroups(groups: readonly number[]): void {
    const from = (this.base + labLayout.offsets.line_of) >>> 2;
    groups.forEach((group, site) => {
      this.u32[from + site] = group;
    });
  }

  lineGroup(site: number): number {
    return this.u32[((this.base + labLayout.offsets.line_of) >>> 2) + site] ?? 0;
  }

  pageFlags(page: number): number {
    return this.ram[this.base + labLayout.offsets.page + page] ?? 0;
  }

  setPageFlags(page: number, flags: number): void {
    this.ram[this.base + labLayout.offsets.page + page] = flags;
  }

  setWatchedLoads(addresses: readonly number[]): void {
    const from = (this.base + labLayout.offsets.watch_loads) >>> 2;
    addresses.forEach((address, i) => {
      this.u32[from + i] = address;
    });
    this.setWord('watch_loads_used', addresses.length);
  }

  // ---- what runs now

  /** Site the innermost frame is at; known at debug level only. */
  get site(): number | undefined {
    if (this.level !== 'debug' || this.depth === 0) return undefined;
    const site = this.frameWord(this.depth, 'site');
    return site === LAB_NO_ID ? undefined : site;
  }

  /**
   * Site of the innermost line under way, where frames are kept: for code that is not stepped (memcpy, kfree), the line that
   * called it. Does not look below an interrupt.
   * @param wanted passes over the lines of other sites
   */
  lineUnderWay(wanted: (site: number) => boolean = () => true): number | undefined {
    if (this.level !== 'debug') return undefined;
    const below = this.nests[this.nested - 1]?.depth ?? 0;
    for (let depth = Math.min(this.depth, labLayout.frames.count - 1); depth > below; depth--) {
      const site = this.frameWord(depth, 'site');
      if (site !== LAB_NO_ID && wanted(site)) return site;
    }
    return undefined;
  }

  get frameBase(): number {
    return this.frameWord(this.depth, 'base');
  }

  get irqsOff(): boolean {
    return this.u32[this.irqsOffWord] !== 0;
  }

  get preemptCount(): number {
    return this.u32[this.preemptWord] as number;
  }

  get inHardirq(): boolean {
    return (this.preemptCount & HARDIRQ_MASK) !== 0;
  }

  /**
   * What the vCPU is in. Linux 2.6.31 counts softirqs that run and softirqs that are only off (local_bh_disable) alike: they
   * are told apart by __do_softirq() on the stack, as its in_serving_softirq() came with 2.6.37.
   */
  get context(): Context {
    if (this.depth === 0) return 'idle';
    const count = this.preemptCount;
    if ((count & HARDIRQ_MASK) !== 0) return 'hardirq';
    return (count & SOFTIRQ_MASK) !== 0 && this.servesSoftirq() ? 'softirq' : 'process';
  }

  private servesSoftirq(): boolean {
    if (this.level !== 'debug') return true;
    for (let depth = Math.min(this.depth, labLayout.frames.count - 1); depth > 0; depth--)
      if (this.program.functions[this.frameWord(depth, 'func')]?.name === '__do_softirq') return true;
    return false;
  }

  /** The stack, innermost frame first; empty at run level, which keeps none. Functions without debug information are left out. */
  frames(): Frame[] {
    if (this.level !== 'debug') return [];
    const frames: Frame[] = [];
    let nest = this.nested - 1;
    for (let depth = Math.min(this.depth, labLayout.frames.count - 1); depth > 0; depth--) {
      for (; nest >= 0 && (this.nests[nest]?.depth ?? 0) >= depth; nest--) frames.push(separator(this.nests[nest]));
      const func = this.frameWord(depth, 'func');
      if (func === LAB_NO_ID) continue;
      const site = this.frameWord(depth, 'site');
      frames.push({
        kind: 'driver',
        func,
        site: site === LAB_NO_ID ? undefined : site,
        base: this.frameWord(depth, 'base'),
        depth,
      });
    }
    // An idle vCPU was interrupted: nothing is below.
    for (; nest >= 0; nest--) frames.push(separator(this.nests[nest]));
    return frames;
  }

  private frameWord(depth: number, field: 'func' | 'site' | 'base'): number {
    const at = this.base + labLayout.offsets.frames + depth * labLayout.frames.size;
    return this.u32[(at + labLayout.frames.offsets[field]) >>> 2] ?? LAB_NO_ID;
  }
}

function separator(nest: Nest | undefined): Frame {
  return { kind: 'interrupt', label: `--- interrupt: ${nest?.label ?? ''} ---` };
}
