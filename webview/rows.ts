// Which rows the descriptor table lists: all of them or those of one owner, with the indirect tables that are folded out.
import type { PanelQueue } from '../src/panel/protocol';
import type { OwnerFilter } from './state';

/** A direct descriptor, or an entry of the indirect table it points to. */
export interface DescriptorRow {
  readonly index: number;
  readonly entry?: number;
}

/** Rows by number: a list, or simply every descriptor in order. */
export interface DescriptorRows {
  readonly count: number;
  at(row: number): DescriptorRow;
  /** undefined: the identity */
  readonly list?: readonly DescriptorRow[];
}

const cache = new WeakMap<PanelQueue, { readonly key: string; readonly rows: DescriptorRows }>();

/** The rows to list; remembered per state, since every hover asks again. */
export function descriptorRows(queue: PanelQueue, filter: OwnerFilter, unfolded: readonly number[]): DescriptorRows {
  const key = `${filter} ${unfolded.join()}`;
  const known = cache.get(queue);
  if (known?.key === key) return known.rows;
  const rows = compute(queue, filter, unfolded);
  cache.set(queue, { key, rows });
  return rows;
}

function compute(queue: PanelQueue, filter: OwnerFilter, unfolded: readonly number[]): DescriptorRows {
  const { descriptors } = queue.ring;
  if (filter === 'all' && unfolded.length === 0) return { count: descriptors.length, at: (row) => ({ index: row }) };
  const open = new Set(unfolded);
  const list: DescriptorRow[] = [];
  for (const { index, owner, indirect } of descriptors) {
    if (filter === 'busy' ? owner === 'free' : filter !== 'all' && owner !== filter) continue;
    list.push({ index });
    if (indirect && open.has(index)) for (let entry = 0; entry < indirect.length; entry++) list.push({ index, entry });
  }
  return { count: list.length, at: (row) => list[row] ?? { index: 0 }, list };
}

/** The row of a descriptor; undefined when the filter hides it. */
export function rowOfDescriptor(rows: DescriptorRows, index: number): number | undefined {
  if (!rows.list) return index < rows.count ? index : undefined;
  const row = rows.list.findIndex((r) => r.index === index);
  return row < 0 ? undefined : row;
}
