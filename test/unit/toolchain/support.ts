// What the toolchain tests share: one toolchain, the fixtures built with it, and a bare machine that runs a Program.
import { createHash } from 'node:crypto';
import path from 'node:path';
import { after } from 'mocha';
import {
  createToolchain,
  labLayout,
  measuredCode,
  type Program,
  RAM_SIZE,
  type Toolchain,
} from '../../../src/toolchain';

const repository = path.join(__dirname, '../../..');
export const fixtures = path.join(repository, 'test/fixtures/toolchain');
export const driversRoot = path.join(fixtures, 'drivers');
/** The child as source: the tests need no build before them. */
export const childPath = path.join(repository, 'src/toolchain/compile/compiler-child.ts');
export const runtimeDir = path.join(repository, 'src/toolchain/runtime');

const toolchains: Toolchain[] = [];
after(() => toolchains.forEach((toolchain) => toolchain.dispose()));

/** A toolchain over the fixtures' own small kernel API. */
export function newToolchain(options: { readonly cacheDir?: string; readonly compilerPath?: string } = {}): Toolchain {
  const toolchain = createToolchain({ root: driversRoot, runtimeDir, compilerPath: childPath, ...options });
  toolchains.push(toolchain);
  return toolchain;
}

let shared: Toolchain | undefined;
/** The one that keeps its compiler child over all tests. */
export function toolchain(): Toolchain {
  return (shared ??= newToolchain());
}

export function fixture(name: string): string {
  return path.join(fixtures, name);
}

const programs = new Map<string, Promise<Program>>();
/** A fixture's Program, built once. */
export function program(name: string): Promise<Program> {
  const known = programs.get(name) ?? toolchain().build({ files: [{ path: fixture(name) }] });
  programs.set(name, known);
  return known;
}

/** Thrown by the bare machine where the real one ends the run. */
export class Fault extends Error {
  constructor(
    readonly kind: 'protect' | 'null_load' | 'overflow' | 'endless',
    readonly values: readonly number[],
  ) {
    super(`${kind}(${values.join(', ')})`);
  }
}

export interface RingRecord {
  readonly addr: number;
  readonly size: number;
  readonly before: bigint;
  readonly after: bigint;
  readonly site: number;
  readonly budget: number;
}

export type Level = 'raw' | 'run' | 'debug' | 'measure';

export interface Handlers {
  due?: (site: number) => void;
  dueStore?: () => void;
  watch?: (addr: number, size: number, before: bigint) => void;
  load?: (addr: number) => void;
}

const modules = new WeakMap<Uint8Array, WebAssembly.Module>();

function compiled(bytes: Uint8Array): WebAssembly.Module {
  const known = modules.get(bytes) ?? new WebAssembly.Module(bytes);
  modules.set(bytes, known);
  return known;
}

const measuredPrograms = new WeakMap<Program, Uint8Array>();

function measured(built: Program): Uint8Array {
  const known = measuredPrograms.get(built) ?? measuredCode(built);
  measuredPrograms.set(built, known);
  return known;
}

/** A driver on RAM of its own, with the pages protected that the real machine protects. */
export class Bench {
  readonly memory = new WebAssembly.Memory({ initial: RAM_SIZE / 65536, maximum: RAM_SIZE / 65536, shared: true });
  readonly ram = new Uint8Array(this.memory.buffer);
  readonly view = new DataView(this.memory.buffer);
  readonly ring: RingRecord[] = [];
  readonly base: number;
  private readonly exports: WebAssembly.Exports;

  constructor(
    readonly built: Program,
    level: Level,
    private readonly handlers: Handlers = {},
  ) {
    this.base = built.symbols['__lab']!;
    const bytes =
      level === 'measure' ? measured(built) : { raw: built.wasm, run: built.run, debug: built.debug }[level];
    this.exports = new WebAssembly.Instance(compiled(bytes), {
      env: { memory: this.memory },
      lab: this.imports(),
    }).exports;
    this.setWord('budget', 0x7fffffff);
    this.flag(0, 1, 1);
    this.flag(this.base >>> 12, labLayout.size >>> 12, 1);
    this.flag(RAM_SIZE >>> 12, (1 << 20) - (RAM_SIZE >>> 12), 1);
  }

  call(name: string, ...args: (number | bigint)[]): number {
    const f = this.exports[name] as ((...args: (number | bigint)[]) => number | bigint | undefined) | undefined;
    if (!f) throw new Error(`no export ${name}`);
    return Number(f(...args) ?? 0);
  }

  get stackPointer(): number {
    return (this.exports['__stack_pointer'] as WebAssembly.Global).value;
  }

  word(name: keyof typeof labLayout.offsets): number {
    return this.view.getInt32(this.base + labLayout.offsets[name], true);
  }

  setWord(name: keyof typeof labLayout.offsets, value: number): void {
    this.view.setInt32(this.base + labLayout.offsets[name], value, true);
  }

  /** Sets the flags of `count` pages. */
  flag(page: number, count: number, flags: number): void {
    const at = this.base + labLayout.offsets.page + page;
    this.ram.fill(flags, at, at + count);
  }

  frame(depth: number): { func: number; site: number; base: number } {
    const at = this.base + labLayout.offsets.frames + depth * labLayout.frames.size;
    return {
      func: this.view.getUint32(at, true),
      site: this.view.getUint32(at + 4, true),
      base: this.view.getUint32(at + 8, true),
    };
  }

  /** Moves the ring log to `ring`. */
  drain(): void {
    const { size, offsets } = labLayout.ringStore;
    for (let i = 0; i < this.word('ring_log_used'); i++) {
      const at = this.base + labLayout.offsets.ring_log + i * size;
      this.ring.push({
        addr: this.view.getUint32(at + offsets.addr, true),
        size: this.view.getUint32(at + offsets.size, true),
        before: this.view.getBigUint64(at + offsets.before, true),
        after: this.view.getBigUint64(at + offsets.after, true),
        site: this.view.getUint32(at + offsets.site, true),
        budget: this.view.getInt32(at + offsets.budget, true),
      });
    }
    this.setWord('ring_log_used', 0);
  }

  /** RAM without the NULL page and the hooks' own pages. */
  driverPages(): Uint8Array {
    const copy = this.ram.slice();
    copy.fill(0, 0, 4096);
    copy.fill(0, this.base, this.base + labLayout.size);
    return copy;
  }

  private imports(): WebAssembly.ModuleImports {
    const fault =
      (kind: Fault['kind']) =>
      (...values: number[]): never => {
        throw new Fault(
          kind,
          values.map((value) => value >>> 0),
        );
      };
    return {
      due: (site: number) => this.handlers.due?.(site),
      due_store: () => this.handlers.dueStore?.(),
      drain: () => this.drain(),
      watch: (addr: number, size: number, lo: number, hi: number) =>
        this.handlers.watch?.(addr >>> 0, size >>> 0, (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0)),
      load: (addr: number) => this.handlers.load?.(addr >>> 0),
      protect: fault('protect'),
      null_load: fault('null_load'),
      overflow: fault('overflow'),
      endless: fault('endless'),
    };
  }
}

/** A small xorshift: the same numbers on every machine. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Little-endian value of up to 8 bytes. */
export function value(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** Hash of bytes, for an assertion whose failure does not print megabytes. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}
