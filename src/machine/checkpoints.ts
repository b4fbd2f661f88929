// Checkpoints: copies of RAM, page by page and shared where equal, with the rest of the machine's state beside them.

const PAGE = 4096;

export interface Checkpoint<State> {
  readonly tick: number;
  /** one entry a page of RAM; an entry is shared with the checkpoint before it when the page did not change */
  readonly pages: readonly Uint8Array[];
  readonly state: State;
  /** bytes this checkpoint holds that the one before it does not */
  readonly cost: number;
}

/**
 * Takes, finds and thins checkpoints of one machine.
 * The list is ordered by tick. Its memory stays under `limit` bytes: when it grows past that, checkpoints are thinned,
 * the old ones more than the recent ones, and the first is never dropped.
 */
export class CheckpointStore<State> {
  private list: Checkpoint<State>[] = [];

  /**
   * @param ram the guest's RAM
   * @param skip pages that are no driver's pages (the hook runtime's): neither copied nor restored
   * @param limit bytes
   */
  constructor(
    private readonly ram: Uint8Array,
    private readonly skip: { readonly from: number; readonly to: number },
    private readonly limit: number,
  ) {}

  get size(): number {
    return this.list.length;
  }

  get bytes(): number {
    return this.list.reduce((sum, c) => sum + c.cost, 0);
  }

  /** Copies RAM and keeps it with `state`. There must be none at this very tick yet. */
  take(tick: number, state: State): void {
    const place = this.list.findLastIndex((c) => c.tick < tick) + 1;
    const before = this.list[place - 1];
    const pages: Uint8Array[] = [];
    let cost = 0;
    for (let page = 0; page * PAGE < this.ram.length; page++) {
      const now = this.ram.subarray(page * PAGE, (page + 1) * PAGE);
      const then = before?.pages[page];
      if (then !== undefined && (this.skipped(page) || equalBytes(now, then))) pages.push(then);
      else {
        pages.push(now.slice());
        cost += PAGE;
      }
    }
    this.list.splice(place, 0, { tick, pages, state, cost });
    while (this.bytes > this.limit && this.list.length > 2) this.thin();
  }

  /** The last checkpoint at or before `tick`. */
  at(tick: number): Checkpoint<State> | undefined {
    let low = 0;
    let high = this.list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const c = this.list[middle];
      if (c !== undefined && c.tick <= tick) low = middle + 1;
      else high = middle;
    }
    return this.list[low - 1];
  }

  /** Writes a checkpoint's pages back into RAM. */
  restoreRam(checkpoint: Checkpoint<State>): void {
    checkpoint.pages.forEach((bytes, page) => {
      if (!this.skipped(page)) this.ram.set(bytes, page * PAGE);
    });
  }

  /** Drops every checkpoint after `tick`: what they held will not happen any more. */
  dropAfter(tick: number): void {
    while ((this.list[this.list.length - 1]?.tick ?? -1) > tick) this.list.pop();
  }

  /** The first checkpoint gets another state: its RAM stays. */
  replaceFirst(state: State): void {
    const first = this.list[0];
    if (first !== undefined) this.list[0] = { ...first, state };
  }

  private skipped(page: number): boolean {
    return page >= this.skip.from && page < this.skip.to;
  }

  /** Drops every second one of the older half. Pages are shared forward, so what is kept takes over what it shared. */
  private thin(): void {
    const half = (this.list.length + 1) >> 1;
    const kept = this.list.filter((_, i) => i === 0 || i >= half || i % 2 === 0);
    this.list = kept.map((c, i) => ({ ...c, cost: this.costAfter(c, kept[i - 1]) }));
  }

  private costAfter(c: Checkpoint<State>, before: Checkpoint<State> | undefined): number {
    return c.pages.reduce((sum, page, i) => sum + (before?.pages[i] === page ? 0 : PAGE), 0);
  }
}

/** Equality by 32-bit words: both are whole pages, aligned. */
function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  const x = new Int32Array(a.buffer, a.byteOffset, a.length >> 2);
  const y = new Int32Array(b.buffer, b.byteOffset, b.length >> 2);
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return false;
  return true;
}
