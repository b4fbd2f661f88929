// Positions: how they compare.
import type { Position } from './types';

export const START: Position = { tick: 0, sub: 0 };

/** Negative when `a` comes before `b`, 0 when they are the same place, positive after. */
export function comparePositions(a: Position, b: Position): number {
  return a.tick - b.tick || a.sub - b.sub;
}
