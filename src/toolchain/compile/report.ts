// What a build tells its user: compiler and linker messages of all files, put together, at real paths.
import {
  CompileError,
  type Diagnostic,
  missingHeader,
  type MissingSymbol,
  parseLinkErrors,
  undeclaredFunction,
} from './diagnostics';
import type { UnitKind } from './flags';
import { BUNDLED, type SourceTree } from './source-tree';

/** What the cache holds: an object file, or a linked module. The Program is made of the latter anew in each process. */
export interface Unit {
  readonly object: Uint8Array;
  readonly diagnostics: readonly Diagnostic[];
}

/** One C file to compile. */
export interface Input {
  readonly virtual: string;
  readonly kind: UnitKind;
  /** the driver's own, rather than the lab's */
  readonly own: boolean;
}

/** A compiled input. */
export type Part = Input & Unit;

/** A function called without a declaration: an error in the end, told together with what the linker does not find. */
export interface Undeclared {
  readonly diagnostic: Diagnostic;
  readonly name: string;
}

export interface SourceProblems {
  readonly errors: readonly Diagnostic[];
  readonly missing: readonly MissingSymbol[];
  readonly undeclared: readonly Undeclared[];
}

export function sourceProblems(parts: readonly Part[], tree: SourceTree): SourceProblems {
  const undeclared: Undeclared[] = [];
  const errors: Diagnostic[] = [];
  for (const part of parts) {
    for (const raw of part.diagnostics) {
      const diagnostic = locate(raw, tree);
      const name = undeclaredFunction(raw);
      if (name !== undefined) undeclared.push({ diagnostic: { ...diagnostic, severity: 'error' }, name });
      else if (raw.severity === 'error') errors.push(diagnostic);
      if (raw.severity === 'error' && missingHeader(raw) !== undefined) errors.push(...otherMissingHeaders(raw, tree));
    }
  }
  if (errors.length === 0) return { errors, missing: [], undeclared };
  // nothing is linked now, so what is nowhere declared stands for what is nowhere defined
  const lacking = undeclared.filter(({ name }) => tree.headerOf(name) === undefined);
  const told = undeclared.map((item) => tellUndeclared(item, tree, lacking.includes(item)));
  return { errors: [...errors, ...told], missing: firstUses(lacking), undeclared };
}

function tellUndeclared({ name, diagnostic }: Undeclared, tree: SourceTree, missing: boolean): Diagnostic {
  const header = tree.headerOf(name);
  const advice = header === undefined ? 'include the header that declares it' : `include <${header}>`;
  const message = `call to undeclared function '${name}': ${missing ? 'the kernel API lacks it' : advice}`;
  return { ...diagnostic, message };
}

function firstUses(undeclared: readonly Undeclared[]): MissingSymbol[] {
  const first = new Map<string, MissingSymbol>();
  for (const { name, diagnostic } of undeclared) {
    if (!first.has(name)) first.set(name, { name, file: diagnostic.file, line: diagnostic.line });
  }
  return [...first.values()];
}

/** clang stops at the first header it does not find; the others of that file are told as well. */
function otherMissingHeaders(found: Diagnostic, tree: SourceTree): Diagnostic[] {
  return tree
    .unresolved(found.file)
    .filter(({ name, line }) => name !== missingHeader(found) && line > found.line && !COMPILER_HEADERS.has(name))
    .map(({ name, line }) => locate({ ...found, line, message: `'${name}' file not found` }, tree));
}

/** Headers that clang brings for a freestanding target. */
const COMPILER_HEADERS = new Set(
  ['stdarg', 'stdbool', 'stddef', 'stdint', 'stdatomic', 'stdalign', 'stdnoreturn', 'limits', 'float', 'iso646'].map(
    (h) => `${h}.h`,
  ),
);

export function linkError(
  text: string,
  byObject: ReadonlyMap<string, Part>,
  tree: SourceTree,
  undeclared: readonly Undeclared[],
): CompileError {
  const diagnostics: Diagnostic[] = [];
  const missing = new Map<string, MissingSymbol>();
  const nameOf = (object: string): string => tree.real(byObject.get(object)?.virtual ?? object);
  for (const problem of parseLinkErrors(text)) {
    if (problem.kind === 'undefined') {
      if (missing.has(problem.symbol)) continue;
      const use = firstUse(problem.symbol, byObject.get(problem.object), tree);
      missing.set(problem.symbol, use);
      if (undeclared.some(({ name }) => name === problem.symbol)) continue;
      const message = `'${problem.symbol}' is declared, but nothing defines it: the kernel API lacks it`;
      diagnostics.push({ file: use.file ?? '', line: use.line ?? 0, column: 0, severity: 'error', message });
    } else if (problem.kind === 'duplicate') {
      const [first, second] = problem.message.split('\n').map(nameOf);
      const message = `'${problem.symbol}' is defined here and in ${second ?? 'another file'}: rename it, or override that file`;
      diagnostics.push({ file: first ?? '', line: 0, column: 0, severity: 'error', message });
    } else {
      diagnostics.push({ file: '', line: 0, column: 0, severity: 'error', message: problem.message });
    }
  }
  for (const item of undeclared) {
    const { name, diagnostic } = item;
    diagnostics.push(tellUndeclared(item, tree, missing.has(name)));
    const known = missing.get(name);
    if (known && known.line === undefined) missing.set(name, { name, file: diagnostic.file, line: diagnostic.line });
  }
  if (diagnostics.length === 0) {
    diagnostics.push({
      file: '',
      line: 0,
      column: 0,
      severity: 'error',
      message: `wasm-ld gave no module: ${text.slice(0, 200)}`,
    });
  }
  return new CompileError(diagnostics, [...missing.values()]);
}

/** The linker names the object only: the first line of its source that has the symbol is where it is used. */
function firstUse(symbol: string, part: Part | undefined, tree: SourceTree): MissingSymbol {
  if (!part) return { name: symbol };
  const pattern = new RegExp(`\\b${symbol.replace(/[^\w]/g, '\\$&')}\\b`);
  const declaration = /^\s*extern\b|^\s*(?:\*|\/\/|\/\*)/;
  const lines = tree.text(part.virtual)?.split('\n') ?? [];
  const line = lines.findIndex((text) => pattern.test(text) && !declaration.test(text));
  return { name: symbol, file: tree.real(part.virtual), line: line < 0 ? undefined : line + 1 };
}

export function ownWarnings(parts: readonly Part[]): Diagnostic[] {
  const counts = (d: Diagnostic): boolean => d.severity === 'warning' && !d.file.startsWith(`${BUNDLED}/lib/`);
  return parts.filter((part) => part.own).flatMap((part) => part.diagnostics.filter(counts));
}

export function locate(diagnostic: Diagnostic, tree: SourceTree): Diagnostic {
  return diagnostic.file === '' ? diagnostic : { ...diagnostic, file: tree.real(diagnostic.file) };
}
