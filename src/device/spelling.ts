// How far a name that is not known is from those that are: for messages that say what may have been meant. Pure.

/** Letters to insert, delete or change to make one of the other. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Those whose names are most like this one first; in their own order where names are equally like it. */
export function nearest<T>(name: string, all: readonly T[], nameOf: (one: T) => string): readonly T[] {
  return all
    .map((one) => ({ one, distance: editDistance(name, nameOf(one)) }))
    .sort((a, b) => a.distance - b.distance)
    .map(({ one }) => one);
}
