// Rewrites the code section at one instrumentation level. Nothing else of the module changes: no index and no address moves.
import { LAB_MAX_DEPTH, LAB_NO_ID, LAB_PAGE, LAB_STACK_SIZE, labLayout } from '../runtime-layout';
import { ByteReader, ByteWriter, WasmError } from '../wasm/bytes';
import { BULK, type Instruction, type MemoryAccess, newInstruction, OP, readInstruction } from '../wasm/instruction';
import { F32, F64, I32, I64, SECTION, type WasmModule } from '../wasm/module';
import { Emitter } from './emitter';
import type { FunctionPlan, SitePlan } from './sites';

/** `measure`: as run, and every access of the guest is told to the hooks' bookkeeping. */
export type Level = 'run' | 'debug' | 'measure';

/** Rounds of the loops of one call, in functions without debug information, after which it is taken to be endless. */
const ENDLESS = 1 << 26;
const NULL_PAGE_END = 4096;
const LAB = labLayout.offsets;

/** Function indices and addresses that the inline code uses. */
interface Runtime {
  readonly lab: number;
  readonly stackPointer: number;
  /** lowest address of the C stack */
  readonly stackLow: number;
  readonly due: number;
  readonly dueStore: number;
  readonly nullLoad: number;
  readonly overflow: number;
  readonly endless: number;
  readonly line: number;
  readonly enter: number;
  readonly store: number;
  readonly before: number;
  readonly after: number;
  readonly fill: number;
  readonly copy: number;
  readonly load16: number;
  /** measure level */
  readonly touch: number;
}

/**
 * The module with its hooks called at one level, without debug sections.
 * Throws WasmError when the module was not linked with runtime/hooks.c, or holds code that cannot be instrumented.
 */
export function instrument(module: WasmModule, plan: SitePlan, level: Level): Uint8Array {
  const runtime = findRuntime(module, level);
  const code = new ByteWriter(module.bytes.length * 4);
  code.u32(module.bodies.length);
  const rewriter = new BodyRewriter(module, plan, level, runtime);
  module.bodies.forEach((body, i) => {
    const name = module.names.get(module.importedFunctions + i) ?? '';
    const fn = plan.plans[i]!;
    if (fn.id === undefined && isExempt(name)) {
      code.u32(body.end - body.start).raw(module.bytes.subarray(body.start, body.end));
      return;
    }
    try {
      rewriter.rewrite(i, code);
    } catch (error) {
      if (error instanceof WasmError) throw new WasmError(`function ${name || i}: ${error.message}`);
      throw error;
    }
  });
  return assemble(module, code);
}

/** Hooks themselves, and what the linker makes: it sets up memory before there is a page map to test. */
function isExempt(name: string): boolean {
  return name.startsWith('__lab_hook_') || name.startsWith('__wasm_');
}

function assemble(module: WasmModule, code: ByteWriter): Uint8Array {
  const out = new ByteWriter(module.bytes.length * 4);
  out.raw(module.bytes.subarray(0, 8));
  for (const section of module.sections) {
    if (section.id === SECTION.code) out.u8(SECTION.code).u32(code.length).raw(code.view());
    else if (section.id !== SECTION.custom) out.raw(module.bytes.subarray(section.start, section.end));
    else if (section.name === 'name') out.raw(module.bytes.subarray(section.start, section.end));
  }
  return out.view().slice();
}

function findRuntime(module: WasmModule, level: Level): Runtime {
  const imports = module.imports.filter((item) => item.kind === 'function');
  const imported = (name: string): number => {
    const index = imports.findIndex((item) => item.module === 'lab' && item.name === name);
    if (index < 0) throw new WasmError(`import lab.${name} is missing: link the module with runtime/hooks.c`);
    return index;
  };
  const exported = (name: string): number => {
    const item = module.exports.find((candidate) => candidate.name === name);
    if (!item) throw new WasmError(`export ${name} is missing: link the module with runtime/hooks.c`);
    return item.index;
  };
  const address = (name: string): number => {
    const value = module.globals[exported(name)]?.value;
    if (value === undefined) throw new WasmError(`export ${name} has no constant address`);
    return value;
  };
  const stores = level === 'debug' ? 'debug' : 'run';
  return {
    lab: address('__lab'),
    stackPointer: exported('__stack_pointer'),
    stackLow: address('__stack_pointer') - LAB_STACK_SIZE,
    due: imported('due'),
    dueStore: imported('due_store'),
    nullLoad: imported('null_load'),
    overflow: imported('overflow'),
    endless: imported('endless'),
    line: exported('__lab_hook_line'),
    enter: exported('__lab_hook_enter'),
    store: exported(`__lab_hook_store_${stores}`),
    before: exported('__lab_hook_before'),
    after: exported(`__lab_hook_after_${stores}`),
    fill: exported(`__lab_hook_fill_${level}`),
    copy: exported(`__lab_hook_copy_${level}`),
    load16: exported('__lab_hook_load16'),
    touch: exported('__lab_hook_touch'),
  };
}

/** What an instruction leaves on the stack, as far as hooks can be spared: the frame base, or some other one value. */
type Recent = 'frameBase' | 'value' | 'other';

class BodyRewriter {
  private readonly out = new Emitter();
  private readonly instruction: Instruction = newInstruction();
  /** the last two instructions of the source: [older, newer] */
  private recent: [Recent, Recent] = ['other', 'other'];

  constructor(
    private readonly module: WasmModule,
    private readonly plan: SitePlan,
    private readonly level: Level,
    private readonly runtime: Runtime,
  ) {}

  rewrite(defined: number, section: ByteWriter): void {
    const { module, out, instruction } = this;
    const body = module.bodies[defined]!;
    const fn = this.plan.plans[defined]!;
    const type = module.types[module.functionTypes[module.importedFunctions + defined]!]!;
    const reader = new ByteReader(module.bytes, body.start, body.end);
    const groups = readLocals(reader);
    out.reset(
      groups,
      groups.reduce((sum, group) => sum + group.count, type.params.length),
    );
    this.enter(fn);
    this.recent = ['other', 'other'];
    let depth = 1;
    while (!reader.done) {
      readInstruction(reader, instruction);
      if (instruction.label >= depth - 1)
        throw new WasmError(`offset ${instruction.start}: branch out of the function body`);
      const site = this.plan.at.get(instruction.start);
      if (site !== undefined) this.line(site, fn);
      if (instruction.op === OP.block || instruction.op === OP.loop || instruction.op === OP.if) depth++;
      if (instruction.op === OP.end) depth--;
      if (instruction.op === OP.return || (instruction.op === OP.end && depth === 0)) this.leave();
      this.copyInstruction(fn);
      if (instruction.op === OP.loop && fn.id === undefined) this.countRound();
      this.remember(fn);
    }
    if (depth !== 0) throw new WasmError(`offset ${body.end}: body ends inside a block`);
    out.finish(section);
  }

  /** The instruction itself, with what comes around it. */
  private copyInstruction(fn: FunctionPlan): void {
    const { instruction, out, runtime } = this;
    const { access, op, sub } = instruction;
    if (access) {
      if (access.kind === 'load') this.load(access);
      else this.store(access);
    } else if (op === OP.bulk && sub === BULK.memoryFill) {
      out.call(runtime.fill);
    } else if (op === OP.bulk && sub === BULK.memoryCopy) {
      out.call(runtime.copy);
    } else if (op === OP.bulk && sub === BULK.memoryInit) {
      throw new WasmError(`offset ${instruction.start}: memory.init: the lab cannot instrument this`);
    } else if (op === OP.globalSet && instruction.index === runtime.stackPointer) {
      this.setStackPointer(fn);
    } else {
      const divides = op >= OP.i32DivS && op <= OP.i32RemU;
      if (divides && this.level === 'measure' && fn.id !== undefined) this.countDivision();
      out.raw(this.source());
    }
  }

  private remember({ frameBaseLocal, frameBaseSteady }: FunctionPlan): void {
    const { op, index } = this.instruction;
    const isBase = frameBaseSteady === true && op === OP.localGet && index === frameBaseLocal;
    const isValue = op === OP.localGet || (op >= OP.i32Const && op <= OP.f64Const);
    this.recent = [this.recent[1], isBase ? 'frameBase' : isValue ? 'value' : 'other'];
  }

  private source(): Uint8Array {
    return this.module.bytes.subarray(this.instruction.start, this.instruction.end);
  }

  private enter(fn: FunctionPlan): void {
    const { out, runtime } = this;
    const func = fn.id ?? LAB_NO_ID;
    if (this.level === 'debug') {
      out.const(func).call(runtime.enter);
      return;
    }
    const depth = out.temporary('count', I32);
    out.bump(runtime.lab + LAB.depth, 1, depth);
    out.get(depth).const(LAB_MAX_DEPTH).op(OP.i32GtU).if().const(func).fail(runtime.overflow).end();
  }

  private leave(): void {
    const depth = this.out.temporary('count', I32);
    this.out.bump(this.runtime.lab + LAB.depth, -1, depth);
  }

  private line(site: number, fn: FunctionPlan): void {
    const { out, runtime } = this;
    if (this.level === 'debug') {
      out.const(site);
      if (fn.frameBaseLocal === undefined) out.const(0);
      else out.get(fn.frameBaseLocal);
      out.call(runtime.line);
      return;
    }
    const budget = out.temporary('count', I32);
    out.bump(runtime.lab + LAB.budget, -1, budget);
    out.get(budget).const(0).op(OP.i32LtS).if().const(site).call(runtime.due).end();
  }

  /** A loop that no line counts (string, allocator): bounded, so that a damaged list cannot hang the machine. */
  private countRound(): void {
    const { out, runtime } = this;
    const rounds = out.temporary('rounds', I32);
    out.get(rounds).plus(1).tee(rounds).const(ENDLESS).op(OP.i32GtU).if().fail(runtime.endless).end();
  }

  /** The C stack grows down towards the NULL page: every new stack pointer is checked, so also a large frame or alloca(). */
  private setStackPointer(fn: FunctionPlan): void {
    const { out, runtime } = this;
    const pointer = out.temporary('pointer', I32);
    out.tee(pointer).const(runtime.stackLow).op(OP.i32Sub).const(LAB_STACK_SIZE).op(OP.i32GtU).if();
    out
      .const(fn.id ?? LAB_NO_ID)
      .fail(runtime.overflow)
      .end();
    out.get(pointer).raw(this.source());
  }

  private store(access: MemoryAccess): void {
    const { out, runtime, instruction } = this;
    if (this.level === 'run' && access.kind === 'store' && this.toFrame()) {
      out.raw(this.source());
      return;
    }
    const base = out.temporary('base', I32);
    const value = out.temporary('value', access.type);
    const expected = access.kind === 'cmpxchg' ? out.temporary('expected', access.type) : undefined;
    const address = instruction.offset === 0 ? base : out.temporary('address', I32);
    out.set(value);
    if (expected !== undefined) out.set(expected);
    if (address === base) out.tee(base);
    else out.tee(base).plus(instruction.offset).tee(address);
    this.touch(address, access);
    out
      .const(12)
      .op(OP.i32ShrU)
      .load8(runtime.lab + LAB.page);
    // An access that is not aligned may reach into the next page, whose flags the hook looks at.
    if (access.width > 1)
      out
        .get(address)
        .const(access.width - 1)
        .op(OP.i32And)
        .op(OP.i32Or);
    if (access.kind === 'store' && instruction.op !== OP.atomic) {
      // One call, after which nothing is needed any more: a value that lives across a call costs the way without it, too.
      out.if().get(base).const(instruction.offset).const(access.width).get(value).bits(access.type).call(runtime.store);
      out.else().get(base).get(value).raw(this.source());
      if (this.level === 'debug') this.countStore();
      out.end();
      return;
    }
    const operation = (): void => {
      out.get(base);
      if (expected !== undefined) out.get(expected);
      out.get(value).raw(this.source());
    };
    if (access.kind === 'store') out.if();
    else out.if(access.type);
    out.get(address).const(access.width).call(runtime.before);
    operation();
    out.get(address).const(access.width).call(runtime.after);
    out.else();
    operation();
    if (this.level === 'debug') this.countStore();
    out.end();
  }

  /**
   * A value is stored into a variable of the frame: into the C stack, which has no ring (machine/ring-observer.ts), and no page
   * that is watched at run level.
   */
  private toFrame(): boolean {
    return this.recent[0] === 'frameBase' && this.recent[1] === 'value';
  }

  private touch(address: number, { width }: MemoryAccess): void {
    if (this.level === 'measure') this.out.get(address).const(width).call(this.runtime.touch);
  }

  private countDivision(): void {
    const { out, runtime } = this;
    out.bump(runtime.lab + LAB.divisions, 1, out.temporary('count', I32));
  }

  private countStore(): void {
    const { out, runtime } = this;
    const count = out.temporary('count', I32);
    out.bump(runtime.lab + LAB.stores, 1, count);
    out
      .const(0)
      .load(runtime.lab + LAB.trap_store)
      .if()
      .call(runtime.dueStore)
      .end();
  }

  private load(access: MemoryAccess): void {
    const { out, runtime, instruction } = this;
    if (this.recent[1] === 'frameBase') {
      out.raw(this.source());
      return;
    }
    const base = out.temporary('base', I32);
    const address = instruction.offset === 0 ? base : out.temporary('address', I32);
    out.tee(base).plus(instruction.offset);
    if (address !== base) out.tee(address);
    this.touch(address, access);
    out.const(NULL_PAGE_END).op(OP.i32LtU).if();
    out.get(address).const(access.width).fail(runtime.nullLoad).end();
    if (access.width === 2) {
      out
        .get(address)
        .const(12)
        .op(OP.i32ShrU)
        .load8(runtime.lab + LAB.page)
        .const(LAB_PAGE.loads)
        .op(OP.i32And)
        .if();
      out.get(address).call(runtime.load16).end();
    }
    out.get(base).raw(this.source());
  }
}

function readLocals(reader: ByteReader): { count: number; type: number }[] {
  const groups: { count: number; type: number }[] = [];
  for (let n = reader.u32(); n > 0; n--) {
    const count = reader.u32();
    const at = reader.pos;
    const type = reader.u8();
    if (type !== I32 && type !== I64 && type !== F32 && type !== F64) {
      throw new WasmError(`offset ${at}: local of type 0x${type.toString(16)}: the lab cannot instrument this`);
    }
    groups.push({ count, type });
  }
  return groups;
}
