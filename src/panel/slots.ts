// What each entry of the avail and used rings is now: the bytes stay after their turn, so an entry may be left over.
import type { Owner, RingState } from '../virtqueue';
import type { SlotState } from './protocol';

const wrap = (n: number): number => n & 0xffff;

/** Owners by head of chain, as tracked. A head that is out of range has none. */
function ownerOf(ring: RingState, head: number): Owner | undefined {
  return ring.descriptors[head]?.owner;
}

/**
 * The state of every slot of avail.ring. An entry counts only in its latest turn: an older entry with the same head is
 * left over, whatever its descriptor is now.
 */
export function availSlots(ring: RingState): SlotState[] {
  const { idx, ring: heads } = ring.avail;
  const size = heads.length; // the size that was decoded: layout.size is what the driver wrote into a register
  const { lastAvailIdx, numAdded } = ring.progress;
  const states = new Array<SlotState>(size).fill('stale');
  // not exposed yet: the driver's private count says how many, else the owners of the next entries do
  const added = new Set<number>();
  for (let k = 0; k < Math.min(numAdded ?? size, size); k++) {
    const slot = wrap(idx + k) % size;
    const head = heads[slot] ?? 0;
    if (numAdded === undefined && (ownerOf(ring, head) !== 'added' || added.has(head))) break;
    states[slot] = 'added';
    added.add(head);
  }
  const seen = new Set<number>(added);
  const waiting = lastAvailIdx === undefined ? undefined : Math.min(wrap(idx - lastAvailIdx), size);
  for (let back = 1; back <= size - added.size; back++) {
    const slot = wrap(idx - back) % size;
    const head = heads[slot] ?? 0;
    const owner = ownerOf(ring, head);
    const first = !seen.has(head);
    seen.add(head);
    if (waiting !== undefined && back <= waiting) states[slot] = 'available';
    else if (first && (owner === 'taken' || (waiting === undefined && owner === 'available'))) states[slot] = owner;
    else if (first && waiting === undefined && owner === 'unknown' && outstandingHeads(ring).has(head)) {
      states[slot] = 'unknown';
    }
  }
  return states;
}

const headsOf = new WeakMap<RingState, ReadonlySet<number>>();

function outstandingHeads(ring: RingState): ReadonlySet<number> {
  let heads = headsOf.get(ring);
  if (!heads) headsOf.set(ring, (heads = new Set(ring.outstanding.map((chain) => chain.head))));
  return heads;
}

/** The state of every slot of used.ring: `used` until the driver has read it, where anybody can tell. */
export function usedSlots(ring: RingState): SlotState[] {
  const { idx, ring: entries } = ring.used;
  const size = entries.length;
  const { lastUsedIdx } = ring.progress;
  const states = new Array<SlotState>(size).fill('stale');
  const unread = lastUsedIdx === undefined ? undefined : Math.min(wrap(idx - lastUsedIdx), size);
  const seen = new Set<number>();
  for (let back = 1; back <= size; back++) {
    const slot = wrap(idx - back) % size;
    const id = entries[slot]?.id ?? 0;
    const owner = ownerOf(ring, id);
    const first = !seen.has(id);
    seen.add(id);
    if (unread !== undefined && back <= unread) states[slot] = 'used';
    else if (first && (owner === 'reclaimed' || (unread === undefined && owner === 'used'))) states[slot] = owner;
  }
  return states;
}

/**
 * Owners with the driver's private last_used_idx laid over: a used chain whose entry the driver has read is its own
 * again. `reclaimed` if that happened since the previous stop, else `free`.
 * @param previous last_used_idx at the previous stop; undefined: unknown, nothing counts as just reclaimed
 */
export function reclaimedOwners(ring: RingState, previous: number | undefined): ReadonlyMap<number, Owner> {
  const size = ring.used.ring.length;
  const { lastUsedIdx } = ring.progress;
  const owners = new Map<number, Owner>();
  if (lastUsedIdx === undefined) return owners;
  const unread = wrap(ring.used.idx - lastUsedIdx);
  if (unread > size) return owners; // not an index of this ring: nothing can be told from it
  const since = previous === undefined ? 0 : wrap(lastUsedIdx - previous);
  const recent = since <= size ? since : 0; // a step back: the index went the other way
  const decided = new Set<number>();
  for (let back = 1; back <= size; back++) {
    const id = ring.used.ring[wrap(ring.used.idx - back) % size]?.id;
    if (id === undefined || decided.has(id)) continue;
    decided.add(id);
    if (back > unread) owners.set(id, back <= unread + recent ? 'reclaimed' : 'free');
  }
  return owners;
}
