// Ids of breakpoints: the same breakpoint keeps its number however often the client sends its list.

export class Ids {
  private readonly byKey = new Map<string, number>();

  /** The id of what `key` names; a new one when it is new. */
  of(key: string): number {
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const id = this.byKey.size + 1;
    this.byKey.set(key, id);
    return id;
  }
}

/** Makes keys of a list unique, the n-th of several equal ones always the same: two breakpoints may be alike. */
export function unlike(keys: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return keys.map((key) => {
    const n = (seen.get(key) ?? 0) + 1;
    seen.set(key, n);
    return n === 1 ? key : `${key}#${n}`;
  });
}
