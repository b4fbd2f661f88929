// A program's code at each level, compiled once for all machines of a thread: what the engine has optimized stays with it.
import { measuredCode, type Program } from '../toolchain';
import type { Level } from './cpu';

const known = new WeakMap<Program, Map<Level, WebAssembly.Module>>();

export function moduleOf(program: Program, level: Level): WebAssembly.Module {
  const modules = known.get(program) ?? new Map<Level, WebAssembly.Module>();
  known.set(program, modules);
  const cached = modules.get(level);
  if (cached !== undefined) return cached;
  // a copy: what is shared between threads cannot be compiled
  const code = Uint8Array.from(level === 'measure' ? measuredCode(program) : program[level]);
  const module = new WebAssembly.Module(code);
  modules.set(level, module);
  return module;
}
