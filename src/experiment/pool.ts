// Work side by side, a few at a time. Pure.

/**
 * Applies `work` to each item, at most `limit` at a time. After a failure nothing more is begun.
 * @returns the results in the order of the items
 */
export async function pooled<T, R>(items: readonly T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  const queue = [...items.entries()];
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) results[next[0]] = await work(next[1]);
  };
  try {
    await Promise.all(Array.from({ length: Math.min(Math.max(1, limit), items.length) }, lane));
  } finally {
    queue.length = 0;
  }
  return results;
}
