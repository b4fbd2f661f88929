// A program's debug information, read once and remembered with it.
import { readDebugInfo, type DebugInfo, type Program } from '../toolchain';

const known = new WeakMap<Program, DebugInfo>();

export function debugInfoOf(program: Program): DebugInfo {
  const cached = known.get(program);
  if (cached !== undefined) return cached;
  const info = readDebugInfo(program.wasm);
  known.set(program, info);
  return info;
}
