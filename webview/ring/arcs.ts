// One track of the ring as arcs: a cell a slot where there is room for its contents, elsewhere runs and shares of equal state.
import type { SlotState } from '../../src/panel/protocol';
import { type Piece, type Scale, widthOf } from './scale';

/** A slot with room for its contents. Angles in degrees. */
export interface Cell {
  readonly slot: number;
  readonly start: number;
  readonly end: number;
  readonly state: SlotState;
}

/** Slots of one state side by side, or their share of a stretch; from 0 at the track's inner edge to 1 at its outer. */
export interface Arc {
  readonly start: number;
  readonly end: number;
  readonly inner: number;
  readonly outer: number;
  readonly state: SlotState;
}

export interface TrackArcs {
  readonly cells: readonly Cell[];
  readonly arcs: readonly Arc[];
}

/** degrees a slot needs for its number and letter */
const ROOM = 6;
/** degrees: narrower slots share a bin */
const BIN = 1.5;
/** least share of a bin that a state gets: one taken slot among a hundred is never lost */
const LEAST = 0.3;

/** The order of states in a mixed bin, from the inside out: what is in hand stands at the wide edge. */
const ORDER: readonly SlotState[] = [
  'stale',
  'free',
  'unknown',
  'available',
  'reclaimed',
  'used',
  'added',
  'building',
  'taken',
];

/** All of a track. `states` by slot. */
export function trackArcs(scale: Scale, states: readonly SlotState[]): TrackArcs {
  const cells: Cell[] = [];
  const arcs: Arc[] = [];
  for (const piece of scale.pieces) {
    if (widthOf(piece) >= ROOM) addCells(cells, piece, states);
    else addArcs(arcs, piece, states);
  }
  return { cells, arcs };
}

function addCells(cells: Cell[], piece: Piece, states: readonly SlotState[]): void {
  const width = widthOf(piece);
  for (let slot = piece.from; slot < piece.to; slot++) {
    const start = piece.start + (slot - piece.from) * width;
    cells.push({ slot, start, end: start + width, state: states[slot] ?? 'stale' });
  }
}

function addArcs(arcs: Arc[], piece: Piece, states: readonly SlotState[]): void {
  const width = widthOf(piece);
  const perBin = Math.max(1, Math.ceil(BIN / width));
  /** the run of one state that is not in `arcs` yet */
  let run: { start: number; state: SlotState } | undefined;
  const flush = (end: number): void => {
    if (run) arcs.push({ start: run.start, end, inner: 0, outer: 1, state: run.state });
    run = undefined;
  };
  for (let from = piece.from; from < piece.to; from += perBin) {
    const to = Math.min(from + perBin, piece.to);
    const start = piece.start + (from - piece.from) * width;
    const only = onlyState(states, from, to);
    if (only === undefined) {
      flush(start);
      addShares(arcs, start, start + (to - from) * width, states, from, to);
    } else if (run?.state !== only) {
      flush(start);
      run = { start, state: only };
    }
  }
  flush(piece.end);
}

function onlyState(states: readonly SlotState[], from: number, to: number): SlotState | undefined {
  const first = states[from] ?? 'stale';
  for (let slot = from + 1; slot < to; slot++) if ((states[slot] ?? 'stale') !== first) return undefined;
  return first;
}

/** How a mixed bin is divided: each state by its count, and none so thin that it cannot be seen. */
function addShares(
  arcs: Arc[],
  start: number,
  end: number,
  states: readonly SlotState[],
  from: number,
  to: number,
): void {
  const counts = new Map<SlotState, number>();
  for (let slot = from; slot < to; slot++) {
    const state = states[slot] ?? 'stale';
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  const present = ORDER.filter((state) => counts.has(state));
  const raised = present.map((state) => Math.max(LEAST, (counts.get(state) ?? 0) / (to - from)));
  const sum = raised.reduce((a, b) => a + b, 0);
  let inner = 0;
  present.forEach((state, i) => {
    const outer = i === present.length - 1 ? 1 : inner + (raised[i] ?? 0) / sum;
    arcs.push({ start, end, inner, outer, state });
    inner = outer;
  });
}
