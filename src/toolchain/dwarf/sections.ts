// Finds the debug sections of a wasm module. Addresses in DWARF count from the start of the code section's payload.
import { Cursor, DwarfError } from './cursor';

/** The custom sections of a module by name, and the size of its code. */
export interface DebugSections {
  /** A section's bytes; empty when the module lacks it. */
  get(name: string): Uint8Array;
  /** bytes in the code section's payload: addresses are below it */
  readonly codeSize: number;
}

const CUSTOM = 0;
const CODE = 10;
const EMPTY = new Uint8Array(0);

/** @throws DwarfError when `wasm` is no wasm module or is cut off */
export function debugSections(wasm: Uint8Array): DebugSections {
  const cursor = new Cursor('wasm module', wasm);
  if (wasm.length < 8 || cursor.u32() !== 0x6d736100) {
    throw new DwarfError('debug information: this is no wasm module: it does not begin with \\0asm');
  }
  const version = cursor.u32();
  if (version !== 1) throw new DwarfError(`debug information: found wasm version ${version}, expected 1`);

  const custom = new Map<string, Uint8Array>();
  let codeSize = 0;
  while (!cursor.atEnd) {
    const id = cursor.u8();
    const size = cursor.uleb();
    const payload = cursor.block(size);
    if (id === CODE) codeSize = size;
    if (id !== CUSTOM) continue;
    const inner = new Cursor('wasm custom section', payload);
    const name = new TextDecoder().decode(inner.block(inner.uleb()).slice());
    if (name.startsWith('.debug_')) custom.set(name, payload.subarray(inner.position));
  }
  return { get: (name) => custom.get(name) ?? EMPTY, codeSize };
}
