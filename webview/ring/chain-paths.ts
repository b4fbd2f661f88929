// The way of a chain through the drawn ring: from the avail entry to the head it names, and from descriptor to descriptor.
import type { PanelQueue } from '../../src/panel/protocol';
import type { Highlight } from '../chain';
import type { Track } from '../hands';
import { angleOf, type Scale } from './scale';
import { BETWEEN, INSIDE, link, TRACKS } from './shapes';

/** a chain of more links than this is outlined, and drawn so far */
const MOST = 64;

export function chainPaths(
  queue: PanelQueue,
  { head, availSlots }: Highlight,
  scales: Readonly<Record<Track, Scale>>,
): readonly string[] {
  if (head === undefined || head >= scales.desc.size) return [];
  const middle = (track: Track, slot: number): number => angleOf(scales[track], slot + 0.5);
  const entries = [...availSlots].map((slot) =>
    link(TRACKS.avail[0], middle('avail', slot), BETWEEN, middle('desc', head), TRACKS.desc[1]),
  );
  const links: string[] = [];
  for (let at = head; links.length < MOST;) {
    const next = nextOf(queue, at);
    if (next === undefined) break;
    links.push(link(TRACKS.desc[0], middle('desc', at), INSIDE, middle('desc', next), TRACKS.desc[0]));
    at = next;
  }
  return [...entries, ...links];
}

/** The descriptor that one names as its next; undefined at the end of the chain, and where the number is none of the table. */
function nextOf({ ring }: PanelQueue, at: number): number | undefined {
  const d = ring.descriptors[at];
  return d && d.flags & 1 && d.next < ring.descriptors.length ? d.next : undefined;
}
