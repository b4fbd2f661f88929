// Where a stepped run stops first: a scenario's `stopAt` as sites of the compiled program. Pure.
import { posix } from 'node:path';
import { editDistance, nearest } from '../device';
import type { Program, Site } from '../toolchain';
import type { Scenario } from './types';

/** How Linux's drivers call the function behind ndo_start_xmit: start_xmit, virtnet_xmit, e1000_xmit_frame … */
const TRANSMIT = /(^|_)(start_)?xmit(_frame|_skb)?$/;
/** Candidates named when a function is not found. */
const NAMED = 12;

export type StopSites =
  | { readonly kind: 'found'; readonly sites: readonly number[] }
  /** nothing to stop at; `why` says what was looked for and what there is, of that field of `stopAt` */
  | { readonly kind: 'none'; readonly field: 'function' | 'file' | 'line'; readonly why: string };

/**
 * Sites of the first stop.
 * @param stopAt of the scenario; undefined: the driver's transmit function
 * @param ownFiles absolute paths of the driver's own files
 * @param driversRoot what paths of bundled files are relative to
 */
export function stopSites(
  program: Program,
  stopAt: Scenario['stopAt'],
  ownFiles: readonly string[],
  pathOf: (file: number) => string,
): StopSites {
  if (stopAt === null) return { kind: 'found', sites: [] };
  if (stopAt === undefined) return { kind: 'found', sites: transmitSites(program, ownFiles, pathOf) };
  return 'function' in stopAt
    ? functionSites(program, stopAt.function, pathOf)
    : lineSites(program, stopAt.file, stopAt.line, pathOf);
}

/**
 * The first line of the driver's transmit function. A driver whose function has an unusual name is stopped in whatever
 * function of its own runs first.
 */
function transmitSites(
  program: Program,
  ownFiles: readonly string[],
  pathOf: (file: number) => string,
): readonly number[] {
  const own = program.functions.filter((f) => ownFiles.includes(pathOf(f.file)));
  // of start_xmit and xmit_skb, both of which may be there, the first is what the stack calls
  const transmit =
    own.find((f) => /start_xmit$/.test(f.name)) ??
    own.findLast((f) => TRANSMIT.test(f.name) && entry(program, f.id) !== undefined);
  return (transmit === undefined ? own : [transmit]).flatMap((f) => entry(program, f.id)?.id ?? []);
}

function functionSites(program: Program, name: string, pathOf: (file: number) => string): StopSites {
  const found = program.functions.filter((f) => f.name === name).flatMap((f) => entry(program, f.id)?.id ?? []);
  if (found.length > 0) return { kind: 'found', sites: found };
  const called = program.functions.filter((f) => entry(program, f.id) !== undefined);
  const likely = nearest(name, called, (f) => f.name).filter((f) => isNear(name, f.name) || TRANSMIT.test(f.name));
  const names = [...new Set(likely.map((f) => `${f.name} (${pathOf(f.file)}:${f.line})`))].slice(0, NAMED);
  const candidates = names.length > 0 ? `; there are ${names.join(', ')}` : '';
  const why = `the driver has no function ${JSON.stringify(name)} that is ever called${candidates}`;
  return { kind: 'none', field: 'function', why };
}

const isNear = (a: string, b: string): boolean =>
  a.includes(b) || b.includes(a) || editDistance(a, b) <= Math.max(2, a.length / 3);

/** As a breakpoint: a line without code moves down to the next that has some; every copy of a static inline counts. */
function lineSites(program: Program, file: string, line: number, pathOf: (file: number) => string): StopSites {
  const wanted = file.replaceAll('\\', '/').replace(/^\.\//, '');
  const files = program.files.flatMap((_, i) => {
    const path = pathOf(i).replaceAll('\\', '/');
    return path === wanted || path.endsWith(`/${wanted}`) ? [i] : [];
  });
  if (files.length === 0) {
    const paths = [...new Set(program.sites.map((s) => s.file))].map((i) => pathOf(i));
    const likely = nearest(posix.basename(wanted), paths, (path) => posix.basename(path.replaceAll('\\', '/')));
    const why = `no file of the program ends in ${file}; there are ${likely.slice(0, NAMED).join(', ')}`;
    return { kind: 'none', field: 'file', why };
  }
  const sites = program.sites.filter((s) => files.includes(s.file) && s.line >= line);
  const next = sites.reduce((least, s) => Math.min(least, s.line), Infinity);
  if (next === Infinity) return { kind: 'none', field: 'line', why: `${file} has no code on or after line ${line}` };
  const first = new Map<number, Site>();
  for (const site of sites.filter((s) => s.line === next)) {
    const before = first.get(site.func);
    if (before === undefined || site.addr < before.addr) first.set(site.func, site);
  }
  return { kind: 'found', sites: [...first.values()].map((s) => s.id) };
}

/** The first site of a function; undefined for one without a line of its own. */
function entry(program: Program, func: number): Site | undefined {
  return program.sites
    .filter((s) => s.func === func)
    .reduce<Site | undefined>((least, s) => (least === undefined || s.addr < least.addr ? s : least), undefined);
}
