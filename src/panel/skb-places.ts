// Where each pending skb is, in words: its chain, the slot of the ring that names it, or who holds it outside.
import type { SkbView } from '../machine';
import type { PanelQueue, PanelSkb, SlotState } from './protocol';

/** Slots of a queue's rings by state and head: a ring of 32768 may carry as many skbs. */
interface SlotIndex {
  avail(state: SlotState, head: number): number | undefined;
  used(state: SlotState, head: number): number | undefined;
}

export function composeSkbs(skbs: readonly SkbView[], queues: readonly PanelQueue[]): PanelSkb[] {
  const indices = new Map(queues.map((queue) => [queue.ring.name, indexOf(queue)]));
  const rings = new Map(queues.map(({ ring }) => [ring.name, ring]));
  return skbs.map((each) => {
    const { queue = '' } = each;
    const skb = withReclaimed(withPosted(each), rings.get(queue));
    return { ...skb, where: placeText(skb, indices.get(queue)) };
  });
}

/** The driver has read the used entry, or taken the chain apart: the skb is its own again, and not freed yet. */
function withReclaimed(skb: SkbView, ring: PanelQueue['ring'] | undefined): SkbView {
  const owner = skb.place === 'used' && skb.head !== undefined ? ring?.descriptors[skb.head]?.owner : undefined;
  const read = owner !== undefined && owner !== 'used' && owner !== 'unknown';
  return read ? { ...skb, place: 'reclaimed' } : skb;
}

/** A receive buffer that waits in the ring is no packet yet. */
function withPosted(skb: SkbView): SkbView {
  return skb.direction === 'rx' && skb.place === 'available' ? { ...skb, place: 'posted' } : skb;
}

function indexOf({ ring, availSlots, usedSlots }: PanelQueue): SlotIndex {
  const avail = bySlot(availSlots, (slot) => ring.avail.ring[slot]);
  const used = bySlot(usedSlots, (slot) => ring.used.ring[slot]?.id);
  return {
    avail: (state, head) => avail.get(`${state} ${head}`),
    used: (state, head) => used.get(`${state} ${head}`),
  };
}

function bySlot(states: readonly SlotState[], headAt: (slot: number) => number | undefined): Map<string, number> {
  const slots = new Map<string, number>();
  states.forEach((state, slot) => {
    if (state !== 'stale') slots.set(`${state} ${headAt(slot)}`, slot);
  });
  return slots;
}

function placeText({ place, head, direction }: SkbView, slots: SlotIndex | undefined): string {
  const chain = head === undefined ? '' : `head ${head}, `;
  const avail = (state: SlotState, otherwise: string): string => {
    const slot = head === undefined ? undefined : slots?.avail(state, head);
    return slot === undefined ? otherwise : `avail.ring[${slot}], ${otherwise}`;
  };
  switch (place) {
    case 'built':
      return 'built, not sent yet';
    case 'qdisc':
      return 'waits in the qdisc';
    case 'parked':
      return 'with the driver, not in the ring';
    case 'added':
      return `${chain}${avail('added', 'not exposed yet')}`;
    case 'available':
      return `${chain}${avail('available', 'waiting')}`;
    case 'host':
      return `${chain}taken by the device`;
    case 'used': {
      const slot = head === undefined ? undefined : slots?.used('used', head);
      return `${chain}${slot === undefined ? '' : `used.ring[${slot}], `}to be ${direction === 'rx' ? 'received' : 'freed'}`;
    }
    case 'reclaimed':
      return `reclaimed by the driver, not ${direction === 'rx' ? 'delivered' : 'freed'} yet`;
    case 'orphaned':
      return `${chain}orphaned: no longer charged to its socket`;
    case 'posted':
      return `${chain}${avail('available', 'empty receive buffer')}`;
    case 'merging':
      return 'being merged into one packet';
    case 'delivered':
      return 'delivered to the stack';
    case 'leaked':
      return 'leaked: nothing will free it';
  }
}
