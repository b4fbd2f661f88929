// Which functions a source line calls: read from the code of the uninstrumented module, for "step into target".
import { callsBetween, type Program } from '../toolchain';

/** Functions with debug information that the statement at `site` calls directly, in order, each once. */
export function callsOnLine(program: Program, site: number): number[] {
  const at = program.sites[site];
  const func = at && program.functions[at.func];
  if (at === undefined || func === undefined) return [];
  const calls: number[] = [];
  const own = program.sites.filter((s) => s.func === at.func).sort((a, b) => a.addr - b.addr);
  own.forEach((s, i) => {
    if (s.line !== at.line || s.file !== at.file) return;
    calls.push(...callsBetween(program, s.addr, own[i + 1]?.addr ?? func.high));
  });
  return [...new Set(calls)];
}
