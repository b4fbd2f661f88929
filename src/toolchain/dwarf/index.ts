// Entry point of the DWARF reader: the debug information of a linked wasm32 module, DWARF 4 or 5, as clang writes it.
import { AT, TAG } from './constants';
import { DwarfError } from './cursor';
import { readLineTable, type LineTable } from './line-program';
import { isTombstone } from './location';
import type { DebugInfo, FunctionDebugInfo, LineRow, TypeIndex, VariableInfo } from './model';
import { ScopeReader } from './scopes';
import { debugSections, type DebugSections } from './sections';
import { isIndexedType, numberOf, stringOf, TypeReader } from './type-reader';
import { Units, type Unit } from './unit';

export { DwarfError };
export type * from './model';

/**
 * Reads the debug information of a linked module. The line table and the list of functions are read at once, all else on first use.
 * @param wasm the module before instrumentation: its addresses are what the debug information speaks of
 * @throws DwarfError when the bytes are no wasm module, have no debug information, or it is damaged. What is read later
 *   (scopes, types) may throw it too.
 */
export function readDebugInfo(wasm: Uint8Array): DebugInfo {
  const sections = debugSections(wasm);
  if (sections.get('.debug_info').length === 0) {
    throw new DwarfError('debug information: the module has no .debug_info section (compile with -g)');
  }
  const units = new Units(sections);
  const files = new FileList();
  const fileNumbers = new Map<Unit, readonly number[]>();
  const sequences: LineRow[][] = [];
  for (const unit of units.list) {
    const table = readTable(units, sections, unit);
    if (!table) continue;
    const numbers = table.paths.map((path) => (path === '' ? -1 : files.add(path)));
    fileNumbers.set(unit, numbers);
    for (const rows of table.sequences) {
      if (isInCode(rows, sections)) sequences.push(renumber(rows, numbers, files));
    }
  }
  sequences.sort((a, b) => (a[0] as LineRow).addr - (b[0] as LineRow).addr);

  const types = new TypeReader(units);
  const functions: [Unit, number][] = [];
  const variables: [Unit, number][] = [];
  for (const unit of units.list) {
    units.walk(unit, (offset, tag, depth, hasCode) => {
      if (isIndexedType(tag)) types.add(unit, offset);
      else if (depth === 1 && tag === TAG.variable) variables.push([unit, offset]);
      else if (depth === 1 && tag === TAG.subprogram && hasCode) functions.push([unit, offset]);
    });
  }
  const scopes = new ScopeReader(units, types, (unit, file) => fileNumbers.get(unit)?.[file] ?? -1);
  return new ModuleDebugInfo(
    files.paths,
    sequences.flat(),
    functions
      .map(([unit, offset]) => scopes.readFunction(unit, offset))
      .filter((info) => info !== undefined)
      .sort((a, b) => a.low - b.low),
    types,
    () => readGlobals(units, scopes, variables),
  );
}

class ModuleDebugInfo implements DebugInfo {
  private read: readonly VariableInfo[] | undefined;

  constructor(
    readonly files: readonly string[],
    readonly lines: readonly LineRow[],
    readonly functions: readonly FunctionDebugInfo[],
    readonly types: TypeIndex,
    private readonly readVariables: () => readonly VariableInfo[],
  ) {}

  get globals(): readonly VariableInfo[] {
    return (this.read ??= this.readVariables());
  }

  functionAt(addr: number): FunctionDebugInfo | undefined {
    let low = 0;
    let high = this.functions.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const candidate = this.functions[middle] as FunctionDebugInfo;
      if (addr < candidate.low) high = middle - 1;
      else if (addr >= candidate.high) low = middle + 1;
      else return candidate;
    }
    return undefined;
  }
}

/** Paths of all units' files, each once. */
class FileList {
  readonly paths: string[] = [];
  private readonly indices = new Map<string, number>();

  add(path: string): number {
    const known = this.indices.get(path);
    if (known !== undefined) return known;
    this.indices.set(path, this.paths.length);
    return this.paths.push(path) - 1;
  }
}

function readTable(units: Units, sections: DebugSections, unit: Unit): LineTable | undefined {
  const offset = numberOf(unit.root.attributes.get(AT.stmt_list));
  if (offset === undefined) return undefined;
  return readLineTable(units, sections, unit, offset, stringOf(unit.root.attributes.get(AT.comp_dir)) ?? '');
}

/** The linker leaves the sequences of functions that it dropped, at an address that no code has. */
function isInCode(rows: readonly LineRow[], sections: DebugSections): boolean {
  const start = rows[0]?.addr;
  return start !== undefined && !isTombstone(start) && start < sections.codeSize;
}

function renumber(rows: readonly LineRow[], numbers: readonly number[], files: FileList): LineRow[] {
  return rows.map((row) => {
    const file = numbers[row.file] ?? -1;
    return { ...row, file: file >= 0 ? file : files.add('<unknown file>') };
  });
}

function readGlobals(units: Units, scopes: ScopeReader, offsets: readonly [Unit, number][]): VariableInfo[] {
  const globals: VariableInfo[] = [];
  for (const [unit, offset] of offsets) {
    const die = units.read(unit, offset);
    const variable = die && scopes.readVariable(unit, die);
    if (variable) globals.push(variable);
  }
  return globals;
}
