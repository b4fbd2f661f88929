// Where the hands of the ring stand, and where their names do: in the corners, in an order in which no leader crosses another.
import type { Hand } from '../hands';
import { angleOf, type Scale } from './scale';
import { CX, CY, HEIGHT, point, RIM, TRACKS, WIDTH } from './shapes';

export interface PlacedHand {
  readonly hand: Hand;
  /** degrees */
  readonly angle: number;
  /** from its own track's inner edge outwards */
  readonly inner: number;
  readonly label?: Label;
}

export interface Label {
  readonly x: number;
  /** base line */
  readonly y: number;
  readonly anchor: 'start' | 'end';
  /** where the leader ends */
  readonly leader: readonly [x: number, y: number];
}

/** degrees between hands that name the same slot */
const APART = 3;
const ROW = 13;
/** a corner has no room for more */
const ROWS = 4;
const MARK = 13;

/** Estimated: the label's own width is known to the browser only. */
const textWidth = ({ name, value }: Hand): number => MARK + name.length * 5.4 + 6 + String(value).length * 6.4;

/** Places all hands; where a corner is full, those that only say when a notification is wanted stay without a name. */
export function placeHands(hands: readonly Hand[], scale: Scale): readonly PlacedHand[] {
  const placed = grouped(hands, (hand) => hand.value % scale.size).flatMap(([slot, same]) =>
    same.map((hand, i) => ({
      hand,
      angle: angleOf(scale, slot) + (i - (same.length - 1) / 2) * APART,
      inner: TRACKS[hand.track][0],
    })),
  );
  return grouped(placed, ({ angle }) => cornerOf(angle)).flatMap(([corner, inCorner]) => labelled(corner, inCorner));
}

function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): readonly (readonly [K, readonly T[]])[] {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups];
}

type Corner = 'top left' | 'top right' | 'bottom left' | 'bottom right';

function cornerOf(angle: number): Corner {
  const a = (angle + 360) % 360;
  return a < 90 ? 'top right' : a < 180 ? 'bottom right' : a < 270 ? 'bottom left' : 'top left';
}

function labelled(corner: Corner, hands: readonly PlacedHand[]): readonly PlacedHand[] {
  const top = corner.startsWith('top');
  const left = corner.endsWith('left');
  // the outermost row belongs to the hand nearest to the vertical
  const vertical = ({ angle }: PlacedHand): number => Math.abs(point(1, angle)[0] - CX);
  const named = [...hands]
    .sort((a, b) => Number(a.hand.event) - Number(b.hand.event))
    .slice(0, ROWS)
    .sort((a, b) => vertical(a) - vertical(b) || a.angle - b.angle);
  return hands.map((placed) => {
    const row = named.indexOf(placed);
    if (row < 0) return placed;
    const y = top ? 11 + row * ROW : HEIGHT - 5 - row * ROW;
    const x = left ? 0 : WIDTH;
    const edge = textWidth(placed.hand) + 3;
    const [tipX, tipY] = point(RIM + 6, placed.angle);
    // a hand beside its name is led to its middle, one over or under it to its near end
    const inside = left ? Math.min(edge, Math.max(30, tipX)) : Math.max(WIDTH - edge, Math.min(WIDTH - 30, tipX));
    const beside = Math.abs(tipX - CX) > Math.abs(tipY - CY);
    const leader = beside ? ([inside, top ? y + 4 : y - 11] as const) : ([left ? edge : WIDTH - edge, y - 4] as const);
    return { ...placed, label: { x, y, anchor: left ? 'start' : 'end', leader } };
  });
}
