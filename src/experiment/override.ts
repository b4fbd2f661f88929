// Overrides: fields of a scenario's text by path, changed so that all else stays where it was. Pure.
import { applyEdits, findNodeAtLocation, modify, parseTree } from 'jsonc-parser';
import type { Overrides } from './types';

/** `['traffic', 0, 'count']` for `traffic[0].count` */
export function fieldPath(text: string): (string | number)[] {
  return text.split(/[.[]/).map((part) => (part.endsWith(']') ? Number(part.slice(0, -1)) : part));
}

/**
 * The scenario's text with fields changed; lines stay what they were as far as they can.
 * @throws OverrideError for a field that nothing can hold
 */
export function withOverrides(text: string, overrides: Overrides): string {
  let changed = text;
  for (const [path, value] of Object.entries(overrides)) {
    const missing = missingEntry(changed, fieldPath(path));
    if (missing !== undefined) throw new OverrideError(path, missing);
    try {
      changed = applyEdits(changed, modify(changed, fieldPath(path), value, {}));
    } catch (error) {
      throw new OverrideError(path, error instanceof Error ? error.message : String(error));
    }
  }
  return changed;
}

/** A list's entry that is not there cannot have its fields set; one behind the last may be added whole. */
function missingEntry(text: string, path: readonly (string | number)[]): string | undefined {
  const tree = parseTree(text);
  for (const [i, part] of path.entries()) {
    if (typeof part !== 'number' || tree === undefined) continue;
    const list = findNodeAtLocation(tree, path.slice(0, i));
    const length = list?.type === 'array' ? (list.children?.length ?? 0) : undefined;
    if (length === undefined || part < length || (part === length && i === path.length - 1)) continue;
    return `found [${part}], and ${path.slice(0, i).join('.')} has ${length === 1 ? '1 entry' : `${length} entries`}, counted from [0]`;
  }
  return undefined;
}

export class OverrideError extends Error {
  /** @param path of the field that cannot be set */
  constructor(
    readonly path: string,
    why: string,
  ) {
    super(`the scenario has nothing that could hold this field (${why})`);
  }
}

/** Whether what is wrong at one field can come from setting another: one of them holds the other. */
export function concerns(override: string, problem: string): boolean {
  const inside = (inner: string, outer: string): boolean =>
    inner === outer || (inner.startsWith(outer) && /^[.[]/.test(inner.slice(outer.length)));
  return inside(problem, override) || inside(override, problem);
}
