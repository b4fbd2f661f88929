// The items of a timeline in bounded memory: blocks with sums at their starts; those of long ago keep only the sums.
import type { Series } from './types';
import { type Tally, type TallyState } from './tally';

/** Items a block holds. */
const BLOCK = 256;
/** Time and ticks within a block are told in 32 bits. */
const SPAN = 0xffff_ffff;
/** Blocks that keep their items: four million items, 60 MB. */
const DETAILED = 16_384;
/** Blocks that keep only their sums; when there are more, the older half is merged in pairs. */
const COARSE = 8192;

export interface Items {
  readonly ns: Uint32Array;
  readonly tick: Uint32Array;
  readonly series: Uint16Array;
  readonly value: Int32Array;
}

export interface Block {
  /** number of its first item */
  readonly first: number;
  readonly firstNs: number;
  readonly firstTick: number;
  /** just before its first item */
  readonly start: TallyState;
  /** greatest value of each level from its start to its end */
  peaks: number[];
  /** times and ticks since firstNs and firstTick; undefined: too long ago */
  items: Items | undefined;
  /** items in it; 0 when `items` is undefined */
  count: number;
}

/** Limits on what is kept; smaller ones in tests. */
export interface Limits {
  readonly detailed: number;
  readonly coarse: number;
}

export class TimelineStore {
  readonly series: Series[] = [];
  /** number of the item that each series came with */
  private readonly seriesFrom: number[] = [];
  blocks: Block[] = [];
  /** items so far */
  length = 0;
  lastNs = 0;
  lastTick = 0;
  /** the first of `blocks` that has its items */
  private detailedFrom = 0;

  constructor(private readonly limits: Limits = { detailed: DETAILED, coarse: COARSE }) {}

  readonly isMark = (series: number): boolean => this.series[series]?.kind === 'mark';

  addSeries(series: Series, item: number): number {
    this.series.push(series);
    this.seriesFrom.push(item);
    return this.series.length - 1;
  }

  /** Series that existed before this item. */
  seriesAt(item: number): number {
    let count = this.series.length;
    while (count > 0 && (this.seriesFrom[count - 1] as number) >= item) count--;
    return count;
  }

  /**
   * Adds an item at the end.
   * @param before the tally without it
   */
  append(ns: number, tick: number, series: number, value: number, before: Tally): void {
    let block = this.blocks[this.blocks.length - 1];
    if (
      block?.items === undefined ||
      block.count === BLOCK ||
      ns - block.firstNs > SPAN ||
      tick - block.firstTick > SPAN
    )
      block = this.open(ns, tick, before);
    const { items, count } = block;
    if (items === undefined) return;
    items.ns[count] = ns - block.firstNs;
    items.tick[count] = tick - block.firstTick;
    items.series[count] = series;
    items.value[count] = value;
    block.count++;
    this.length++;
    this.lastNs = ns;
    this.lastTick = tick;
    this.raise(block, series, value);
  }

  /**
   * Drops every item from number `length` on: what they told will not happen.
   * @param now the tally there
   */
  cut(length: number, ns: number, tick: number, now: Tally): void {
    if (length >= this.length) return;
    this.series.length = this.seriesFrom.length = this.seriesAt(length);
    this.blocks = this.blocks.slice(0, this.blockOfItem(length - 1) + 1);
    this.detailedFrom = Math.min(this.detailedFrom, this.blocks.length);
    this.length = length;
    this.lastNs = ns;
    this.lastTick = tick;
    const last = this.blocks[this.blocks.length - 1];
    if (last === undefined) return;
    // the last block always has its items: what comes is added to it
    if (last.items === undefined) this.open(ns, tick, now);
    else {
      last.count = length - last.first;
      last.peaks = [...last.start.values];
      for (let i = 0; i < last.count; i++)
        this.raise(last, last.items.series[i] as number, last.items.value[i] as number);
    }
  }

  /** The last block that starts at or before virtual time `ns`, 0 when none does. */
  blockAt(ns: number): number {
    return this.lastBlock((block) => block.firstNs < ns);
  }

  blockOfTick(tick: number): number {
    return this.lastBlock((block) => block.firstTick < tick);
  }

  private blockOfItem(item: number): number {
    return item < 0 ? -1 : this.lastBlock((block) => block.first <= item);
  }

  private lastBlock(before: (block: Block) => boolean): number {
    let low = 0;
    let high = this.blocks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(this.blocks[middle] as Block)) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  private open(ns: number, tick: number, before: Tally): Block {
    const start = before.state(ns, this.seriesAt(this.length));
    const block: Block = {
      first: this.length,
      firstNs: ns,
      firstTick: tick,
      start,
      peaks: [...start.values],
      items: {
        ns: new Uint32Array(BLOCK),
        tick: new Uint32Array(BLOCK),
        series: new Uint16Array(BLOCK),
        value: new Int32Array(BLOCK),
      },
      count: 0,
    };
    this.blocks.push(block);
    if (this.blocks.length - this.detailedFrom > this.limits.detailed) this.forget();
    return block;
  }

  /** The oldest block with items loses them. */
  private forget(): void {
    const block = this.blocks[this.detailedFrom];
    if (block === undefined) return;
    block.items = undefined;
    block.count = 0;
    this.detailedFrom++;
    if (this.detailedFrom > this.limits.coarse) this.merge();
  }

  private merge(): void {
    const half = this.detailedFrom >> 1;
    const merged: Block[] = [];
    for (let i = 0; i < half; i += 2) {
      const [one, two] = [this.blocks[i] as Block, i + 1 < half ? this.blocks[i + 1] : undefined];
      if (two !== undefined)
        two.peaks.forEach((peak, series) => (one.peaks[series] = Math.max(one.peaks[series] ?? 0, peak)));
      merged.push(one);
    }
    this.blocks = [...merged, ...this.blocks.slice(half)];
    this.detailedFrom -= half - merged.length;
  }

  private raise(block: Block, series: number, value: number): void {
    while (block.peaks.length <= series) block.peaks.push(0);
    if (!this.isMark(series) && value > (block.peaks[series] as number)) block.peaks[series] = value;
  }
}
