// Overrides: fields of a scenario's text by path, changed so that all else stays where it was. Pure.
import { applyEdits, modify } from 'jsonc-parser';
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
    try {
      changed = applyEdits(changed, modify(changed, fieldPath(path), value, {}));
    } catch (error) {
      throw new OverrideError(path, error instanceof Error ? error.message : String(error));
    }
  }
  return changed;
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
