// Runs a compiled fixture and keeps its RAM at each call of stop(), with the frame that called.
import { readFileSync } from 'node:fs';
import { Inspector, type FrameRef } from '../../../src/guest';
import type { Program } from '../../../src/toolchain';
import { readDebugInfo, type DebugInfo } from '../../../src/toolchain/dwarf';

const FOLDER = 'test/fixtures/dwarf';

/** What the lab knows at a stop: the innermost frame, and RAM as it was. */
export interface Stop {
  readonly frame: FrameRef;
  readonly memory: Uint8Array;
  readonly inspector: Inspector;
}

export interface Fixture {
  readonly program: Program;
  readonly debugInfo: DebugInfo;
  readonly result: number;
  /** by the number that the program gave stop() */
  readonly stops: ReadonlyMap<number, Stop>;
  /** the first site on a line of a file, by a text that only this line has */
  site(file: string, text: string): number;
}

export function readFixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(`${FOLDER}/${name}.wasm`));
}

/** A Program of a module that was not instrumented: all that the guest room reads of one. */
function programOf(wasm: Uint8Array, debugInfo: DebugInfo): Program {
  const functions = debugInfo.functions.map(({ name, file, line, low, high }, id) => ({
    id,
    name,
    file,
    line,
    low,
    high,
  }));
  const sites = debugInfo.lines
    .filter((row) => row.isStmt && !row.endSequence)
    .map(({ file, line, column, addr }, id) => {
      const func = debugInfo.functions.findIndex(({ low, high }) => addr >= low && addr < high);
      return { id, func, file, line, column, addr };
    });
  const files = debugInfo.files.map((path) => ({ path, origin: { kind: 'disk', path } as const }));
  const none = new Uint8Array(0);
  const table = { 1: 'add' };
  return { version: 1, wasm, run: none, debug: none, files, functions, sites, symbols: {}, table, hash: '' };
}

export async function runFixture(name: string): Promise<Fixture> {
  const wasm = readFixture(name);
  const debugInfo = readDebugInfo(wasm);
  const program = programOf(wasm, debugInfo);
  const stops = new Map<number, Stop>();
  const site = (file: string, text: string): number => {
    const lines = readFileSync(`${FOLDER}/${file}`, 'utf8').split('\n');
    const line = lines.findIndex((each) => each.includes(text)) + 1;
    const found = program.sites.find((each) => each.line === line && program.files[each.file]?.path === `/src/${file}`);
    if (line === 0 || !found) throw new Error(`${file} has no site with "${text}"`);
    return found.id;
  };
  const sources = debugInfo.files.filter((path) => path.startsWith('/src/')).map((path) => path.slice('/src/'.length));
  const stop = (where: number): void => {
    const memory = new Uint8Array((exports['memory'] as WebAssembly.Memory).buffer.slice(0));
    // at -O0 the frame base is the stack pointer as the prologue left it, and an import has no frame of its own
    const base = (exports['__stack_pointer'] as WebAssembly.Global).value;
    const call = `stop(${where})`;
    const file = sources.find((each) => readFileSync(`${FOLDER}/${each}`, 'utf8').includes(call));
    const id = site(file ?? call, call);
    const frame = { func: program.sites[id]?.func ?? -1, site: id, base };
    stops.set(where, { frame, memory, inspector: new Inspector(program, debugInfo, () => memory) });
  };
  const module = await WebAssembly.compile(wasm.slice());
  const { exports } = await WebAssembly.instantiate(module, { lab: { stop } });
  const result = (exports['run'] as (n: number) => number)(3);
  return { program, debugInfo, result, stops, site };
}
