// From a linked module to a Program: debug information, sites, both instrumentation levels, symbols and function table.
import type { Program, SourceFile, SourceOrigin } from './program';
import { readDebugInfo } from './dwarf';
import { instrument } from './instrument/rewrite';
import { planSites } from './instrument/sites';
import { readModule, type WasmModule } from './wasm/module';

/**
 * Builds the Program of a module that was linked with runtime/hooks.c.
 * `origin` says where the file of a DWARF path lives. Throws WasmError or the DWARF reader's error on a malformed module.
 */
export function buildProgram(wasm: Uint8Array, hash: string, origin: (path: string) => SourceOrigin): Program {
  const module = readModule(wasm);
  const debug = readDebugInfo(wasm);
  const plan = planSites(module, debug);
  return {
    version: 1,
    wasm,
    run: instrument(module, plan, 'run'),
    debug: instrument(module, plan, 'debug'),
    files: debug.files.map((path): SourceFile => ({ path, origin: origin(path) })),
    functions: plan.functions,
    sites: plan.sites,
    symbols: dataSymbols(module),
    table: tableNames(module, plan.functions, plan.plans),
    hash,
  };
}

/**
 * The program's code at a third level, for runs that measure: the same run, with every access of the guest counted. Made when it is
 * asked for: no session needs it.
 */
export function measuredCode(program: Program): Uint8Array {
  const module = readModule(program.wasm);
  return instrument(module, planSites(module, readDebugInfo(program.wasm)), 'measure');
}

/** Addresses of the exported data symbols: wasm-ld exports each as an immutable i32 global. */
function dataSymbols(module: WasmModule): Record<string, number> {
  const symbols: Record<string, number> = {};
  for (const { name, kind, index } of module.exports) {
    const global = kind === 3 ? module.globals[index] : undefined;
    if (global && !global.mutable && global.value !== undefined) symbols[name] = global.value;
  }
  return symbols;
}

function tableNames(
  module: WasmModule,
  functions: Program['functions'],
  plans: readonly { readonly id?: number }[],
): Record<number, string> {
  const table: Record<number, string> = {};
  for (const [slot, index] of module.table) {
    const id = plans[index - module.importedFunctions]?.id;
    const name = id === undefined ? module.names.get(index) : functions[id]!.name;
    if (name !== undefined) table[slot] = name;
  }
  return table;
}
