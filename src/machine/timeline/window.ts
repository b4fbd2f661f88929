// Answers about a timeline: a window of it, item by item or in columns; the position at a time; the next mark.
import type { Position } from '../types';
import { Cursor } from './cursor';
import type { Block, TimelineStore } from './store';
import type { MarkQuery, TimelineColumns, TimelineItems, TimelineQuery, TimelineWindow } from './types';

const COLUMNS = 4096;

/** @param endNs how far the run is recorded */
export function timelineWindow(store: TimelineStore, query: TimelineQuery, endNs: number): TimelineWindow {
  const { fromNs, toNs } = query;
  const cursor = new Cursor(store, fromNs);
  const before = store.series.map((_, series) => cursor.tally.value(series));
  const items = itemsOf(store, cursor, toNs, query.items);
  const content = items ?? columnsOf(store, cursor, before, query, endNs);
  return { fromNs, toNs, endNs, series: [...store.series], before, content };
}

/** The items from the cursor to `toNs`; undefined when there are more than `limit`, or some are told no more. */
function itemsOf(store: TimelineStore, cursor: Cursor, toNs: number, limit: number): TimelineItems | undefined {
  if (limit === 0) return undefined;
  const ns: number[] = [];
  const tick: number[] = [];
  const series: number[] = [];
  const value: number[] = [];
  let { block: at, item } = cursor.place;
  for (; at < store.blocks.length; at++, item = 0) {
    const block = store.blocks[at] as Block;
    if (block.firstNs >= toNs) break;
    if (block.items === undefined) return undefined;
    for (; item < block.count; item++) {
      const time = block.firstNs + (block.items.ns[item] as number);
      if (time >= toNs) break;
      if (ns.length === limit) return undefined;
      ns.push(time);
      tick.push(block.firstTick + (block.items.tick[item] as number));
      series.push(block.items.series[item] as number);
      value.push(block.items.value[item] as number);
    }
  }
  return { kind: 'items', ns, tick, series, value };
}

function columnsOf(
  store: TimelineStore,
  cursor: Cursor,
  before: readonly number[],
  { fromNs, toNs, columns }: TimelineQuery,
  endNs: number,
): TimelineColumns {
  const count = Math.max(1, Math.min(COLUMNS, Math.floor(columns)));
  const sums = store.series.map(() => new Array<number>(count).fill(0));
  const peaks = store.series.map(() => new Array<number>(count).fill(0));
  let past = cursor.sumsAt(fromNs);
  for (let column = 0; column < count; column++) {
    const edge = Math.min(endNs, fromNs + ((toNs - fromNs) * (column + 1)) / count);
    // what stands at the start of a column is in it
    const top = column === 0 ? [...before] : store.series.map((_, series) => cursor.tally.value(series));
    cursor.advance(edge, top);
    const now = cursor.sumsAt(edge);
    for (let series = 0; series < now.length; series++) {
      (sums[series] as number[])[column] = Math.max(0, (now[series] as number) - (past[series] as number));
      (peaks[series] as number[])[column] = top[series] ?? 0;
    }
    past = now;
    if (edge === endNs) break;
  }
  return {
    kind: 'columns',
    count,
    sums: sums.map((list) => (list.some((n) => n > 0) ? list : null)),
    peaks: peaks.map((list, series) => (list.some((n) => n > 1) && !store.isMark(series) ? list : null)),
  };
}

/**
 * The position at a time, as near as it can be told: the last item at or before it, and as many lines on as there is time for.
 * @param lineNs what a line costs
 * @param end the furthest position of the record
 */
export function placeAt(store: TimelineStore, ns: number, lineNs: number, end: number): Position {
  const at = store.blockAt(ns + 1);
  const block = store.blocks[at];
  if (block === undefined || block.firstNs > ns) return { tick: 0, sub: 0 };
  let [fromNs, fromTick] = [block.firstNs, block.firstTick];
  let next = store.blocks[at + 1]?.firstTick ?? end;
  for (let item = 0; block.items !== undefined && item < block.count; item++) {
    const time = block.firstNs + (block.items.ns[item] as number);
    const tick = block.firstTick + (block.items.tick[item] as number);
    if (time > ns) {
      next = tick;
      break;
    }
    [fromNs, fromTick] = [time, tick];
  }
  return { tick: Math.min(next, fromTick + Math.floor((ns - fromNs) / lineNs)), sub: 0 };
}

/** The position of the next mark, or of the previous one; undefined when there is none. Of a block that has lost its items: its start. */
export function nextMark(store: TimelineStore, { from, forward, what, queue }: MarkQuery): Position | undefined {
  const wanted = store.series.flatMap((series, id) =>
    series.kind === 'mark' && what.includes(series.what) && (queue === undefined || series.queue === queue) ? [id] : [],
  );
  const step = forward ? 1 : -1;
  for (let at = store.blockOfTick(from.tick + 1); at >= 0 && at < store.blocks.length; at += step) {
    const tick = markIn(store, at, wanted, (t) => (forward ? t > from.tick : t < from.tick), forward);
    if (tick !== undefined) return { tick, sub: 0 };
  }
  return undefined;
}

function markIn(
  store: TimelineStore,
  at: number,
  wanted: readonly number[],
  beyond: (tick: number) => boolean,
  forward: boolean,
): number | undefined {
  const block = store.blocks[at] as Block;
  if (block.items === undefined) {
    const end = store.blocks[at + 1]?.start;
    const has = wanted.some((id) => (end?.sums[id] ?? 0) > (block.start.sums[id] ?? 0));
    return has && beyond(block.firstTick) ? block.firstTick : undefined;
  }
  for (let i = 0; i < block.count; i++) {
    const item = forward ? i : block.count - 1 - i;
    const tick = block.firstTick + (block.items.tick[item] as number);
    if (wanted.includes(block.items.series[item] as number) && beyond(tick)) return tick;
  }
  return undefined;
}
