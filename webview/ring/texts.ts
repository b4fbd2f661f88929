// Numbers and letters in the cells of a track: upright where they are short, else along the circle, and none where there is no room.
import type { PanelQueue } from '../../src/panel/protocol';
import { STATES } from '../format';
import type { Track } from '../hands';
import type { Cell } from './arcs';
import { point, TRACKS } from './shapes';

export interface SlotText {
  /** one of its track: it is the same text at the next stop, whatever comes before it */
  readonly key: string;
  readonly x: string;
  readonly y: string;
  /** degrees */
  readonly turn: number;
  readonly text: string;
  /** class: how it stands out from what it is written on */
  readonly kind: string;
  readonly small: boolean;
}

/** width of a digit */
const DIGIT = 6.1;
const SMALL_DIGIT = 5.2;
/** distance of a text's base line from its middle */
const MIDDLE = 3.6;

/** class of an owner's letter, besides */
const LETTER = ' letter';

const KIND = {
  building: 'on-fill',
  taken: 'on-fill',
  added: 'on-fill',
  available: 'on-hatch',
  used: 'on-hatch',
  reclaimed: 'plain',
  unknown: 'plain',
  free: 'faint',
  stale: 'faint',
} as const;

/** What is written in a track's cells: a descriptor's number and letter, an entry's head. */
export function slotTexts(queue: PanelQueue, track: Track, cells: readonly Cell[]): readonly SlotText[] {
  const { avail, used } = queue.ring;
  const [inner, outer] = TRACKS[track];
  return cells.flatMap((cell): SlotText[] => {
    const { slot, state } = cell;
    if (track === 'desc') {
      const { letter } = STATES[state];
      const at = letter === '' ? (inner + outer) / 2 : outer - 11;
      const number = write(cell, at, String(slot), KIND[state]);
      return letter === '' ? number : [...number, ...write(cell, inner + 9, letter, KIND[state] + LETTER)];
    }
    const text = track === 'avail' ? avail.ring[slot] : used.ring[slot]?.id;
    return text === undefined ? [] : write(cell, (inner + outer) / 2, String(text), KIND[state]);
  });
}

function write({ slot, start, end }: Cell, radius: number, text: string, kind: string): SlotText[] {
  const angle = (start + end) / 2;
  const [x, y] = point(radius, angle);
  const room = ((end - start) * Math.PI * radius) / 180 - 2;
  const small = text.length * DIGIT > room;
  if (text.length * (small ? SMALL_DIGIT : DIGIT) > room + 1) return [];
  const base = { key: kind.endsWith(LETTER) ? `${slot}${LETTER}` : String(slot), text, kind, small };
  if (text.length <= 2) return [{ ...base, x: x.toFixed(1), y: (y + MIDDLE).toFixed(1), turn: 0 }];
  // in the lower half a text along the circle would stand on its head
  const lower = angle > 90 && angle < 270;
  const [bx, by] = point(radius + (lower ? MIDDLE : -MIDDLE), angle);
  return [{ ...base, x: bx.toFixed(1), y: by.toFixed(1), turn: Math.round((lower ? angle + 180 : angle) * 10) / 10 }];
}
