// Lines to sites: which places of the program a source line, a column or a function's name stands for. Pure.
import type { FunctionInfo, Program, Site } from '../toolchain';

export type Resolution =
  | { readonly kind: 'found'; readonly sites: readonly number[]; readonly at: Site }
  | { readonly kind: 'none'; readonly why: string };

const NOT_IN_DRIVER = 'this file is not part of the driver';
const NO_CODE_AFTER = 'no code on or after this line';
const NO_CODE_HERE =
  'no code here: the compiler left this function out because nothing calls it, or it is a declaration';

export class Lines {
  /** sites of a file in the order of lines, then of code */
  private readonly ofFile = new Map<number, Site[]>();

  constructor(private readonly program: Program) {
    for (const site of program.sites) {
      const list = this.ofFile.get(site.file);
      if (list === undefined) this.ofFile.set(site.file, [site]);
      else list.push(site);
    }
    for (const list of this.ofFile.values()) list.sort((a, b) => a.line - b.line || a.addr - b.addr);
  }

  /**
   * Resolves a breakpoint on a line. A line without code moves down to the next one that has some.
   * @param files indices in Program.files: a header may be known under several names
   * @param column 1-based; without it, or without code at it, the line counts
   * @param text reads the file's text; asked only when the next code is in another function
   */
  async resolve(
    files: readonly number[],
    line: number,
    column: number | undefined,
    text: () => Promise<string>,
  ): Promise<Resolution> {
    if (files.length === 0) return { kind: 'none', why: NOT_IN_DRIVER };
    const sites = files.flatMap((file) => this.ofFile.get(file) ?? []);
    const exact = column === undefined ? [] : sites.filter((s) => s.line === line && s.column === column);
    if (exact.length > 0) return found(exact);
    const next = Math.min(...sites.map((s) => s.line).filter((l) => l >= line));
    if (!Number.isFinite(next)) return { kind: 'none', why: NO_CODE_AFTER };
    const candidates = sites.filter((s) => s.line === next);
    const beyond = candidates.every((s) => (this.program.functions[s.func]?.line ?? 0) > line);
    if (beyond && braceDepth(await text(), line) > 0) return { kind: 'none', why: NO_CODE_HERE };
    return found(candidates);
  }

  /** Sites of a line range, each line and column once, in order. */
  locations(files: readonly number[], line: number, endLine: number): readonly Site[] {
    const seen = new Set<string>();
    return files
      .flatMap((file) => this.ofFile.get(file) ?? [])
      .filter((s) => s.line >= line && s.line <= endLine)
      .filter((s) => {
        const key = `${s.line}:${s.column}`;
        return !seen.has(key) && seen.add(key) !== undefined;
      })
      .sort((a, b) => a.line - b.line || a.column - b.column);
  }

  /** Resolves a function breakpoint: `name`, or `file.c:name` for one of several. Every function of that name is meant. */
  resolveFunction(name: string): Resolution {
    const [, path, bare] = /^(?:(.+):)?([^:]+)$/.exec(name.trim()) ?? [];
    const functions = this.program.functions.filter((f) => f.name === bare && this.isIn(f, path));
    if (functions.length === 0) return { kind: 'none', why: `the driver has no function "${name}"` };
    const wanted = new Set(functions.map((f) => f.id));
    const sites = this.program.sites.filter((s) => wanted.has(s.func));
    if (sites.length === 0) return { kind: 'none', why: `"${name}" has no line to stop at` };
    return found(sites);
  }

  private isIn(f: FunctionInfo, path: string | undefined): boolean {
    if (path === undefined) return true;
    const file = this.program.files[f.file]?.path ?? '';
    return file === path || file.endsWith(`/${path}`);
  }
}

/**
 * A line's code may begin at several sites; one stop a pass is wanted: the first of each function.
 * Every function counts, for a static inline in a header has a copy in each file that uses it.
 */
function found(sites: readonly Site[]): Resolution {
  const first = new Map<number, Site>();
  for (const site of sites) {
    const before = first.get(site.func);
    if (before === undefined || site.addr < before.addr) first.set(site.func, site);
  }
  const chosen = [...first.values()].sort((a, b) => a.id - b.id);
  const at = chosen[0];
  if (at === undefined) return { kind: 'none', why: NO_CODE_AFTER };
  return { kind: 'found', sites: chosen.map((s) => s.id), at };
}

/**
 * How many braces are open at the start of a line: above 0 it lies in a function's body or in a declaration.
 * Comments, strings and all branches of an `#if` but the last are skipped over.
 */
export function braceDepth(text: string, line: number): number {
  const before = text
    .split('\n')
    .slice(0, line - 1)
    .join('\n');
  const tokens = /\/\*[\s\S]*?(?:\*\/|$)|\/\/.*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|^[ \t]*#[ \t]*(\w+)|[{}]/gm;
  const branches: number[] = [];
  let depth = 0;
  for (const [token, directive] of before.matchAll(tokens)) {
    if (token === '{') depth++;
    else if (token === '}') depth--;
    else if (directive?.startsWith('if') === true) branches.push(depth);
    else if (directive === 'else' || directive?.startsWith('elif') === true) depth = branches.at(-1) ?? depth;
    else if (directive === 'endif') branches.pop();
  }
  return depth;
}
