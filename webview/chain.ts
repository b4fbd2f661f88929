// The chain under the pointer or selected: everything that belongs to it, in every table.
import type { PanelQueue, PanelState } from '../src/panel/protocol';
import type { Selection } from './state';

export interface Highlight {
  readonly head?: number;
  readonly descriptors: ReadonlySet<number>;
  readonly availSlots: ReadonlySet<number>;
  readonly usedSlots: ReadonlySet<number>;
  readonly skbs: ReadonlySet<number>;
}

const EMPTY: ReadonlySet<number> = new Set();
export const NO_HIGHLIGHT: Highlight = { descriptors: EMPTY, availSlots: EMPTY, usedSlots: EMPTY, skbs: EMPTY };

/** Head of the chain a descriptor is in: as tracked, else as the outstanding chains say. */
export function headOf(queue: PanelQueue, descriptor: number): number | undefined {
  const chain = queue.ring.descriptors[descriptor]?.chain;
  return chain ?? queue.ring.outstanding.find((c) => c.descriptors.includes(descriptor))?.head;
}

/** What belongs to a selection in the queue in view. */
export function highlight(panel: PanelState, queue: PanelQueue, selection: Selection | undefined): Highlight {
  if (!selection) return NO_HIGHLIGHT;
  const { head, skb } = selection;
  if (head === undefined || (selection.queue !== undefined && selection.queue !== queue.ring.name)) {
    return skb === undefined ? NO_HIGHLIGHT : { ...NO_HIGHLIGHT, skbs: new Set([skb]) };
  }
  return {
    head,
    descriptors: chainDescriptors(queue, head),
    availSlots: slots(queue.availSlots, (slot) => queue.ring.avail.ring[slot] === head),
    usedSlots: slots(queue.usedSlots, (slot) => queue.ring.used.ring[slot]?.id === head),
    skbs: new Set(panel.skbs.filter((s) => s.queue === queue.ring.name && s.head === head).map((s) => s.id)),
  };
}

function slots(states: PanelQueue['availSlots'], holds: (slot: number) => boolean): ReadonlySet<number> {
  const found = new Set<number>();
  states.forEach((state, slot) => {
    if (state !== 'stale' && holds(slot)) found.add(slot);
  });
  return found;
}

function chainDescriptors(queue: PanelQueue, head: number): ReadonlySet<number> {
  const tracked = queue.ring.descriptors.filter((d) => d.chain === head).map((d) => d.index);
  if (tracked.length > 0) return new Set(tracked);
  const walked = queue.ring.outstanding.find((c) => c.head === head)?.descriptors;
  return new Set(walked ?? [head]);
}
