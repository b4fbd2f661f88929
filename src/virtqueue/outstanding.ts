// Which heads the device holds, and in what order they were exposed: from the tracker's table, or from the bytes of both rings alone.
import { OWNERS } from './state';
import type { UsedElement } from './state';

const AVAILABLE = OWNERS.indexOf('available');
const TAKEN = OWNERS.indexOf('taken');

export interface OutstandingHeads {
  /** in order of exposure, as far as known */
  readonly heads: readonly number[];
  /** set when the bytes do not tell; `heads` is then what an in-order device would leave */
  readonly doubt?: string;
}

/** Heads that a tracker knows to be with the device; the order comes from the available ring, entries lost from it come first. */
export function trackedOutstanding(
  owners: Uint8Array,
  heads: Int32Array,
  availIdx: number,
  ring: readonly number[],
): readonly number[] {
  const size = ring.length;
  const missing = new Set<number>();
  for (let i = 0; i < Math.min(size, owners.length); i++) {
    if ((owners[i] === AVAILABLE || owners[i] === TAKEN) && heads[i] === i) missing.add(i);
  }
  const newestFirst: number[] = [];
  for (let back = 1; back <= size && missing.size > 0; back++) {
    const head = ring[(availIdx - back + 65536) % size] ?? -1;
    if (missing.delete(head)) newestFirst.push(head);
  }
  return [...missing, ...newestFirst.reverse()];
}

/**
 * Heads outstanding, from bytes alone. A device that uses buffers in order leaves avail.ring[used.idx .. avail.idx).
 * One that does not is found out by comparing the entries that both rings still hold: position p of used.ring was written when at
 * least p + 1 buffers were exposed, and position a of avail.ring when more than a - size were used. That decides most heads; the
 * number outstanding often decides the rest.
 */
export function decodedOutstanding(
  availIdx: number,
  usedIdx: number,
  avail: readonly number[],
  used: readonly UsedElement[],
): OutstandingHeads {
  const size = avail.length;
  const count = (availIdx - usedIdx) & 0xffff;
  if (size === 0 || count > size) return { heads: [] };
  const slot = (position: number): number => (position + 2 * 65536) % size;
  const inOrder = Array.from({ length: count }, (_, i) => avail[slot(usedIdx + i)] ?? 0);
  // Positions are counted from used.idx = 0: exposed ones end at `count`, used ones at 0.
  let ordered = true;
  for (let p = count - size; p < 0 && ordered; p++) ordered = avail[slot(usedIdx + p)] === used[slot(usedIdx + p)]?.id;
  if (ordered) return { heads: inOrder };

  const lastUsed = new Map<number, number>();
  for (let p = -size; p < 0; p++) lastUsed.set(used[slot(usedIdx + p)]?.id ?? -1, p);
  const lastExposed = new Map<number, number>();
  for (let p = count - size; p < count; p++) {
    const head = avail[slot(usedIdx + p)] ?? 0;
    lastExposed.delete(head);
    lastExposed.set(head, p);
  }
  const sure: number[] = [];
  const open: number[] = [];
  for (const [head, a] of lastExposed) {
    const v = lastUsed.get(head);
    if (v === undefined || v < a + 1 - size) sure.push(head);
    else if (v < a) open.push(head);
  }
  if (sure.length === count) return { heads: sure };
  if (sure.length + open.length === count) {
    const all = new Set([...sure, ...open]);
    return { heads: [...lastExposed.keys()].filter((head) => all.has(head)) };
  }
  const doubt = `used.ring: the device uses buffers out of order, and the bytes alone do not tell which ${count} are outstanding`;
  return { heads: inOrder, doubt };
}
