// One slot of a track in words: what it holds, its bytes, the section of the spec, its chain, and what can be done with it.
import { ownersIn, type FieldPlace, type PanelQueue, type PanelState, type SlotState } from '../src/panel/protocol';
import type { Owner } from '../src/virtqueue';
import { headOf } from './chain';
import { fieldActions } from './field-actions';
import { descriptorFlags, placeInRing, STATES } from './format';
import type { Track } from './hands';
import type { RingSlot } from './ring/follow';
import type { MenuItem } from './state';

/** bytes of struct vring_desc, and its fields by offset and size (spec 2.7.5) */
const DESC_SIZE = 16;
const DESC_FIELDS = [
  ['addr', 0, 8],
  ['len', 8, 4],
  ['flags', 12, 2],
  ['next', 14, 2],
] as const;
/** bytes before the entries of both rings: flags and idx; and of an entry of each (spec 2.7.6, 2.7.8) */
const RING_AT = 4;
const AVAIL_SIZE = 2;
const USED_SIZE = 8;

const SECTION: Readonly<Record<Track, string>> = {
  desc: 'struct virtq_desc, spec 2.7.5',
  avail: 'struct virtq_avail, spec 2.7.6',
  used: 'struct virtq_used_elem, spec 2.7.8',
};

/** C-like name of a slot, as changes and breakpoints tell it. */
export const slotName = ({ track, slot }: RingSlot): string =>
  track === 'desc' ? `desc[${slot}]` : `${track}.ring[${slot}]`;

export const statesOf = (queue: PanelQueue, track: Track): readonly SlotState[] =>
  track === 'desc' ? ownersOf(queue) : track === 'avail' ? queue.availSlots : queue.usedSlots;

const owners = new WeakMap<PanelQueue, readonly Owner[]>();

/** Owner of each descriptor, in the order of the table. */
export function ownersOf(queue: PanelQueue): readonly Owner[] {
  let list = owners.get(queue);
  if (!list) owners.set(queue, (list = ownersIn(queue.ring.descriptors)));
  return list;
}

/** Head of the chain a slot is about; undefined for an entry that is left over from an earlier turn. */
export function headAt(queue: PanelQueue, { track, slot }: RingSlot): number | undefined {
  if (track === 'desc') return headOf(queue, slot) ?? slot;
  if ((statesOf(queue, track)[slot] ?? 'stale') === 'stale') return undefined;
  return track === 'avail' ? queue.ring.avail.ring[slot] : queue.ring.used.ring[slot]?.id;
}

export interface SlotWords {
  readonly name: string;
  readonly value: string;
  readonly state: SlotState;
  /** as they lie in guest memory */
  readonly bytes: string;
  readonly section: string;
}

export function slotWords(queue: PanelQueue, at: RingSlot): SlotWords {
  const { track, slot } = at;
  return {
    name: slotName(at),
    value: valueOf(queue, at),
    state: statesOf(queue, track)[slot] ?? 'stale',
    bytes: bytesOf(queue, at),
    section: SECTION[track],
  };
}

/** One line for a screen reader. */
export function slotLine(queue: PanelQueue, at: RingSlot): string {
  const { name, value, state } = slotWords(queue, at);
  return `${name} = ${value}, ${STATES[state].words}`;
}

function valueOf({ ring }: PanelQueue, { track, slot }: RingSlot): string {
  if (track === 'avail') return String(ring.avail.ring[slot] ?? '');
  if (track === 'used') {
    const entry = ring.used.ring[slot];
    return entry ? `{ id ${entry.id}, len ${entry.len} }` : '';
  }
  const d = ring.descriptors[slot];
  if (!d) return '';
  const next = d.flags & 1 ? `, next ${d.next}` : '';
  const table = d.indirect ? `, table of ${d.indirect.length}` : '';
  return `{ addr ${d.addr}, len ${d.len}, flags ${descriptorFlags(d.flags)}${next}${table} }`;
}

/** Little-endian bytes of a value, in hex. */
function le(value: bigint | number, bytes: number): string {
  const digits = BigInt(value)
    .toString(16)
    .padStart(2 * bytes, '0');
  return (digits.match(/../g) ?? []).reverse().join(' ');
}

function bytesOf({ ring }: PanelQueue, { track, slot }: RingSlot): string {
  if (track === 'avail') return le(ring.avail.ring[slot] ?? 0, 2);
  if (track === 'used') {
    const { id, len } = ring.used.ring[slot] ?? { id: 0, len: 0 };
    return `${le(id, 4)}  ${le(len, 4)}`;
  }
  const d = ring.descriptors[slot];
  return d ? `${le(BigInt(d.addr), 8)}  ${le(d.len, 4)}  ${le(d.flags, 2)}  ${le(d.next, 2)}` : '';
}

/** The slot, or part of it, as a guest pointer. */
function placeOf(panel: PanelState, { ring }: PanelQueue, { track, slot }: RingSlot, offset: number, size: number) {
  const [part, at] =
    track === 'desc'
      ? [ring.layout.desc, slot * DESC_SIZE]
      : track === 'avail'
        ? [ring.layout.avail, RING_AT + slot * AVAIL_SIZE]
        : [ring.layout.used, RING_AT + slot * USED_SIZE];
  return placeInRing(part, at + offset, size, panel.physOffset);
}

const WHOLE: Readonly<Record<Track, number>> = { desc: DESC_SIZE, avail: AVAIL_SIZE, used: USED_SIZE };
const FIELDS: Readonly<Record<Track, readonly (readonly [name: string, offset: number, size: number])[]>> = {
  desc: DESC_FIELDS,
  avail: [],
  used: [
    ['id', 0, 4],
    ['len', 4, 4],
  ],
};

/** Break on a write to the slot or a field of it, and who wrote it last. */
export function slotActions(panel: PanelState, queue: PanelQueue, at: RingSlot): MenuItem[] {
  const name = slotName(at);
  const place = (offset: number, size: number): FieldPlace | undefined => placeOf(panel, queue, at, offset, size);
  return [
    ...fieldActions(name, place(0, WHOLE[at.track])),
    ...FIELDS[at.track].flatMap(([field, offset, size]) =>
      fieldActions(`${name}.${field}`, place(offset, size)).slice(0, 1),
    ),
  ];
}
