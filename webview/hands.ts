// The indices of both sides: which ring each counts through, who owns it, and where it can be watched.
import type { FieldPlace, PanelQueue } from '../src/panel/protocol';
import { placeInRing } from './format';

export type Track = 'desc' | 'avail' | 'used';

/** An index that names a slot of a ring. */
export interface Hand {
  readonly name: 'avail.idx' | 'last_avail_idx' | 'avail_event' | 'used.idx' | 'last_used_idx' | 'used_event';
  /** what fits beside the slot */
  readonly short: string;
  readonly track: 'avail' | 'used';
  /** free-running, modulo 65536 */
  readonly value: number;
  readonly author: 'driver' | 'device';
  /** one side's own variable, not a field of the ring */
  readonly private: boolean;
  /** where a notification is wanted, and not how far somebody has come */
  readonly event: boolean;
  readonly place?: FieldPlace;
  readonly title: string;
}

/** bytes of the head of both rings: flags and idx (spec 2.7.6, 2.7.8) */
const IDX_AT = 2;
const RING_AT = 4;

/** The indices whose values are known, those of the driver's side of the story last. @param physOffset hex, as in PanelState */
export function handsOf(queue: PanelQueue, physOffset: string): readonly Hand[] {
  const { layout, avail, used, progress } = queue.ring;
  const at = (part: string, offset: number): FieldPlace | undefined => placeInRing(part, offset, 2, physOffset);
  const all: readonly (Omit<Hand, 'value'> & { readonly value: number | undefined })[] = [
    {
      name: 'last_used_idx',
      short: 'last',
      track: 'used',
      value: progress.lastUsedIdx,
      author: 'driver',
      private: true,
      event: false,
      place: queue.places.lastUsedIdx,
      title: 'driver: next used entry it will read (its own variable)',
    },
    {
      name: 'used.idx',
      short: 'idx',
      track: 'used',
      value: used.idx,
      author: 'device',
      private: false,
      event: false,
      place: at(layout.used, IDX_AT),
      title: 'device: next used entry it will write (spec 2.7.8)',
    },
    {
      name: 'last_avail_idx',
      short: 'last',
      track: 'avail',
      value: progress.lastAvailIdx,
      author: 'device',
      private: true,
      event: false,
      title: 'device: next avail entry it will look at (its own variable)',
    },
    {
      name: 'avail.idx',
      short: 'idx',
      track: 'avail',
      value: avail.idx,
      author: 'driver',
      private: false,
      event: false,
      place: at(layout.avail, IDX_AT),
      title: 'driver: next avail entry it will expose (spec 2.7.6)',
    },
    {
      name: 'used_event',
      short: 'event',
      track: 'used',
      value: avail.usedEvent,
      author: 'driver',
      private: false,
      event: true,
      place: at(layout.avail, RING_AT + 2 * layout.size),
      title: 'the driver wants an interrupt when used.idx passes this entry (spec 2.7.7)',
    },
    {
      name: 'avail_event',
      short: 'event',
      track: 'avail',
      value: used.availEvent,
      author: 'device',
      private: false,
      event: true,
      place: at(layout.used, RING_AT + 8 * layout.size),
      title: 'the device wants a kick when avail.idx passes this entry (spec 2.7.10)',
    },
  ];
  return all.flatMap((hand) => (hand.value === undefined ? [] : [{ ...hand, value: hand.value }]));
}
