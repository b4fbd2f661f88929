// Where the lens of a large ring stands: it goes with what has just changed, and stays where that is in view already.
import type { PanelQueue, PanelState } from '../../src/panel/protocol';
import { freshChanges } from '../changed';
import type { Track } from '../hands';
import { defaultSpan, inLens, LEAST_LENS } from './scale';

/** A slot of one of the three tracks. */
export interface RingSlot {
  readonly track: Track;
  readonly slot: number;
}

/** What the reader sees of the drawn ring. */
export interface RingUi {
  /** the keyboard's slot */
  readonly active: RingSlot;
  /** slot in the middle of the lens: of both rings, which count by index, and of the descriptors, which do not */
  readonly center: { readonly rings: number; readonly desc: number };
  /** slots in the lens; absent: as many as have room */
  readonly span?: number;
}

export const initialRing: RingUi = { active: { track: 'desc', slot: 0 }, center: { rings: 0, desc: 0 } };

export const spanOf = ({ span }: RingUi, size: number): number => span ?? defaultSpan(size);

const wrap = (n: number, size: number): number => ((n % size) + size) % size;

/** The same ring with a slot in its lens, or unchanged when it is there. */
export function reveal(ring: RingUi, size: number, { track, slot }: RingSlot): RingUi {
  if (size === 0) return ring;
  const part = track === 'desc' ? 'desc' : 'rings';
  const lens = { center: ring.center[part], span: spanOf(ring, size) };
  if (inLens(size, lens, slot)) return ring;
  // what follows is what happens next: it gets the larger half
  return { ...ring, center: { ...ring.center, [part]: wrap(slot + Math.floor(lens.span / 8), size) } };
}

/** Wider or narrower, by factors of two, about a slot. */
export function zoom(ring: RingUi, size: number, factor: 0.5 | 2, around: RingSlot): RingUi {
  const span = Math.min(size, Math.max(LEAST_LENS, Math.round(spanOf(ring, size) * factor)));
  if (span === spanOf(ring, size)) return ring;
  return reveal({ ...ring, span: span === defaultSpan(size) ? undefined : span }, size, around);
}

/** Where both sides stand: the entry that was exposed last, and its descriptor. */
export function atIndices(ring: RingUi, queue: PanelQueue): RingUi {
  const { avail, layout } = queue.ring;
  const size = avail.ring.length;
  if (size === 0) return ring;
  const slot = wrap(avail.idx - 1, size);
  const head = avail.ring[slot] ?? 0;
  const next = { ...ring, center: { rings: slot, desc: Math.min(head, layout.size - 1) } };
  return { ...next, active: { track: 'desc', slot: next.center.desc } };
}

/** Brings what changed last into the lens, and the chain that it is about. */
export function followRing(ring: RingUi, panel: PanelState, queue: PanelQueue, before: PanelQueue | undefined): RingUi {
  const size = queue.ring.avail.ring.length;
  if (size === 0) return ring;
  const entry = lastEntry(panel, queue) ?? movedHand(queue, before);
  const desc = lastDescriptor(panel, queue) ?? (entry && headIn(queue, entry));
  let next = entry ? reveal(ring, size, entry) : ring;
  if (desc !== undefined && desc < size) next = reveal(next, size, { track: 'desc', slot: desc });
  return next;
}

function lastEntry(panel: PanelState, queue: PanelQueue): RingSlot | undefined {
  const size = queue.ring.avail.ring.length;
  for (const change of freshChanges(panel).toReversed()) {
    if (change.queue !== queue.ring.name) continue;
    const match = /^(avail|used)\.(?:ring\[(\d+)\]|idx$)/.exec(change.field);
    if (!match) continue;
    const track = match[1] === 'avail' ? 'avail' : 'used';
    return { track, slot: match[2] === undefined ? wrap(Number(change.after) - 1, size) : Number(match[2]) };
  }
  return undefined;
}

/** Private indices change without a store to the ring. */
function movedHand(queue: PanelQueue, before: PanelQueue | undefined): RingSlot | undefined {
  const size = queue.ring.avail.ring.length;
  const { lastUsedIdx, lastAvailIdx } = queue.ring.progress;
  const was = before?.ring.progress;
  if (was === undefined) return undefined;
  if (lastUsedIdx !== undefined && lastUsedIdx !== was.lastUsedIdx)
    return { track: 'used', slot: wrap(lastUsedIdx - 1, size) };
  if (lastAvailIdx !== undefined && lastAvailIdx !== was.lastAvailIdx)
    return { track: 'avail', slot: wrap(lastAvailIdx - 1, size) };
  return undefined;
}

function lastDescriptor(panel: PanelState, queue: PanelQueue): number | undefined {
  for (const change of freshChanges(panel).toReversed()) {
    const match = change.queue === queue.ring.name ? /^desc\[(\d+)\]/.exec(change.field) : null;
    if (match) return Number(match[1]);
  }
  return undefined;
}

const headIn = ({ ring }: PanelQueue, { track, slot }: RingSlot): number | undefined =>
  track === 'avail' ? ring.avail.ring[slot] : ring.used.ring[slot]?.id;
