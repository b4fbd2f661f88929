// Goes through a timeline's store from the left, and knows the tally wherever it stands.
import type { Block, TimelineStore } from './store';
import { Tally } from './tally';

export class Cursor {
  readonly tally: Tally;
  private at: number;
  private item = 0;

  /** Stands before the first item at or after virtual time `ns`. */
  constructor(
    private readonly store: TimelineStore,
    ns: number,
  ) {
    this.tally = new Tally(store.isMark);
    this.at = store.blockAt(ns);
    this.enter();
    this.advance(ns);
  }

  /**
   * Goes on to the first item at or after `ns`.
   * @param peaks raised to the greatest value of each level on the way
   */
  advance(ns: number, peaks?: number[]): void {
    const { blocks } = this.store;
    let to = this.at;
    for (let next = blocks[to + 1]; next !== undefined && next.firstNs < ns; next = blocks[to + 1]) to++;
    if (to > this.at) {
      // blocks that are passed whole are not looked into
      if (peaks !== undefined) {
        this.finish(peaks);
        for (let at = this.at + 1; at < to; at++) raise(peaks, blocks[at]?.peaks ?? []);
      }
      this.at = to;
      this.enter();
    }
    const { block } = this;
    if (block === undefined) return;
    if (block.items !== undefined) this.scan(block, ns, peaks);
    else if (peaks !== undefined) raise(peaks, block.peaks);
  }

  /** What each series has summed up until `ns`, to which the cursor was advanced. Within a block that has lost its items: in proportion. */
  sumsAt(ns: number): number[] {
    const { block, store } = this;
    const count = store.series.length;
    const next = store.blocks[this.at + 1];
    if (block === undefined || block.items !== undefined || next === undefined)
      return Array.from({ length: count }, (_, series) => this.tally.sumAt(ns, series));
    const share = Math.min(1, Math.max(0, (ns - block.firstNs) / (next.firstNs - block.firstNs || 1)));
    return Array.from({ length: count }, (_, series) => {
      const from = block.start.sums[series] ?? 0;
      return Math.floor(from + share * ((next.start.sums[series] ?? 0) - from));
    });
  }

  /** The item it stands before: number of its block, and in the block. */
  get place(): { readonly block: number; readonly item: number } {
    return { block: this.at, item: this.item };
  }

  private get block(): Block | undefined {
    return this.store.blocks[this.at];
  }

  /** The rest of the block it stands in. */
  private finish(peaks: number[]): void {
    const { block } = this;
    if (block === undefined) return;
    if (this.item === 0) raise(peaks, block.peaks);
    else this.scan(block, Infinity, peaks);
  }

  private enter(): void {
    const { block } = this;
    this.item = 0;
    if (block !== undefined) this.tally.load(block.start, block.firstNs);
  }

  private scan(block: Block, ns: number, peaks: number[] | undefined): void {
    const { items, count, firstNs } = block;
    if (items === undefined) return;
    for (; this.item < count; this.item++) {
      const at = firstNs + (items.ns[this.item] as number);
      if (at >= ns) return;
      const series = items.series[this.item] as number;
      const value = items.value[this.item] as number;
      this.tally.apply(at, series, value);
      if (peaks !== undefined && !this.store.isMark(series) && value > (peaks[series] ?? 0)) peaks[series] = value;
    }
  }
}

function raise(peaks: number[], by: readonly number[]): void {
  by.forEach((peak, series) => {
    if (peak > (peaks[series] ?? 0)) peaks[series] = peak;
  });
}
