// Slots of a ring to angles and back. A large ring has a lens: some slots with room for their contents, the rest close together.

/** A stretch of slots of one width. Angles in degrees, clockwise from the top. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
}

export interface Scale {
  readonly size: number;
  /** in order of slots and of angles; they meet */
  readonly pieces: readonly Piece[];
}

/** degrees left free at the top: the wrap, and the names of the tracks */
export const GAP = 26;
export const START = GAP / 2;
export const END = 360 - GAP / 2;
const ARC = END - START;

/** a ring of up to this many slots is drawn evenly */
export const EVEN = 32;
/** least part of the circle for the lens */
const LENS_SHARE = 0.6;
/** least slots in the lens */
export const LEAST_LENS = 4;

/** Slots in the lens as the panel opens it: a number of five digits needs more room. */
export const defaultSpan = (size: number): number => (size > 9999 ? 8 : 12);

/** A lens of so many slots around one; the ring's own size when it needs none. */
export interface Lens {
  readonly center: number;
  readonly span: number;
}

/** First slot of the lens: it reaches over the wrap where its center is near it. */
export const lensStart = (size: number, { center, span }: Lens): number =>
  (((center - Math.floor(span / 2)) % size) + size) % size;

/** Whether a slot is well within the lens: not one of its outer eighths, so that the next ones are in view too. */
export function inLens(size: number, lens: Lens, slot: number): boolean {
  if (size <= EVEN || lens.span >= size) return true;
  const margin = Math.floor(lens.span / 8);
  const offset = (((slot - lensStart(size, lens)) % size) + size) % size;
  return offset >= margin && offset < lens.span - margin;
}

/** Even up to 32 slots, else with the lens; three stretches at most. */
export function makeScale(size: number, lens: Lens): Scale {
  if (size <= EVEN || lens.span >= size) return { size, pieces: [{ from: 0, to: size, start: START, end: END }] };
  const share = Math.max(LENS_SHARE, lens.span / size);
  const wide = (ARC * share) / lens.span;
  const narrow = (ARC * (1 - share)) / (size - lens.span);
  const first = lensStart(size, lens);
  const wrapped = first + lens.span - size;
  // slots up to which one width holds
  const edges: readonly (readonly [number, number])[] =
    wrapped > 0
      ? [
          [wrapped, wide],
          [first, narrow],
          [size, wide],
        ]
      : [
          [first, narrow],
          [first + lens.span, wide],
          [size, narrow],
        ];
  const pieces: Piece[] = [];
  let from = 0;
  let start = START;
  for (const [to, width] of edges) {
    if (to <= from) continue;
    const end = to === size ? END : start + (to - from) * width;
    pieces.push({ from, to, start, end });
    [from, start] = [to, end];
  }
  return { size, pieces };
}

export const widthOf = ({ from, to, start, end }: Piece): number => (end - start) / (to - from);

/** Where a slot's leading edge is. A slot between two, as 3.5, is a place within its width. */
export function angleOf({ pieces, size }: Scale, slot: number): number {
  const piece = pieces.find((p) => slot < p.to) ?? pieces.at(-1);
  if (!piece) return START;
  return piece.start + (Math.min(slot, size) - piece.from) * widthOf(piece);
}

/** The slot at an angle; undefined in the gap. */
export function slotAt({ pieces, size }: Scale, angle: number): number | undefined {
  if (angle < START || angle >= END) return undefined;
  const piece = pieces.find((p) => angle < p.end);
  return piece && Math.min(size - 1, Math.floor(piece.from + (angle - piece.start) / widthOf(piece)));
}
