// Findings: what went wrong in a run, numbered, with the line it happened at.
import type { Program, SourceOrigin } from '../toolchain';
import type { Finding, FindingKind, Position } from './types';

/** LAB_FINDING_* of lab/machine.h. */
export const GUEST_FINDINGS: readonly FindingKind[] = [
  'warn',
  'double-free',
  'use-after-free',
  'overrun',
  'leak',
  'bad-free',
  'api',
  'reported',
];

/** LAB_DIE_* of lab/machine.h. */
export const GUEST_ENDS: readonly FindingKind[] = ['bug', 'deadlock', 'bug'];

/** More than this many of a kind are not told: who breaks a rule breaks it at every packet. */
const LIMIT = 20;

export class Findings {
  private list: Finding[] = [];
  /** Findings with their lines, also of places that were left: a replay that passes there at run level knows none. */
  private readonly placed = new Map<string, Finding>();

  constructor(private readonly program: Program) {}

  /**
   * Adds one; undefined when the same was found before, or too many of its kind were. What is the same must not depend on the site,
   * which only the debug level knows.
   * @param site where the driver was; when it was nowhere (a leak is found after removal), the finding is at the last of `related`
   */
  add(
    kind: FindingKind,
    text: string,
    position: Position,
    timeNs: number,
    site: number | undefined,
    related: Finding['related'] = [],
  ): Finding | undefined {
    const same = this.list.filter((f) => f.kind === kind);
    if (same.length >= LIMIT || same.some((f) => f.text === text)) return undefined;
    const id = `${kind}-${same.length + 1}`;
    const place = site ?? related.findLast((r) => r.site !== undefined)?.site;
    const key = `${position.tick} ${kind} ${text}`;
    const known = place === undefined ? this.placed.get(key) : undefined;
    const finding: Finding = known
      ? { ...known, id }
      : {
          id,
          kind,
          text,
          position,
          timeNs,
          ...(place === undefined ? {} : { site: place, where: whereText(this.program, place) }),
          ...(related.length === 0 ? {} : { related: related.map((r) => this.withWhere(r)) }),
        };
    if (place !== undefined) this.placed.set(key, finding);
    this.list.push(finding);
    return finding;
  }

  private withWhere(place: NonNullable<Finding['related']>[number]): NonNullable<Finding['related']>[number] {
    return place.site === undefined
      ? place
      : { ...place, text: `${place.text} at ${whereText(this.program, place.site)}` };
  }

  get all(): readonly Finding[] {
    return this.list;
  }

  snapshot(): readonly Finding[] {
    return [...this.list];
  }

  restore(list: readonly Finding[]): void {
    this.list = [...list];
  }
}

/** `drivers/lib/net/core/dev.c:212 in dev_queue_xmit`: a site in words. */
export function whereText(program: Program, site: number): string {
  const at = program.sites[site];
  const file = at && program.files[at.file];
  if (at === undefined || file === undefined) return `site ${site}`;
  return `${originText(file.origin)}:${at.line} in ${program.functions[at.func]?.name ?? '?'}`;
}

/** A patched copy is told by its original's name: where the copy lies differs from machine to machine. */
function originText(origin: SourceOrigin): string {
  switch (origin.kind) {
    case 'bundled':
      return `drivers/${origin.path}`;
    case 'patched':
      return `drivers/${origin.of} (patched)`;
    case 'disk':
      return origin.path;
  }
}

/** Whether a site is in the driver itself, and not in the lab's kernel API. */
export function isDriverSite(program: Program, site: number): boolean {
  const origin = program.files[program.sites[site]?.file ?? -1]?.origin;
  if (origin === undefined) return false;
  const bundled = origin.kind === 'patched' ? origin.of : origin.kind === 'bundled' ? origin.path : '';
  return !bundled.startsWith('lib/');
}
