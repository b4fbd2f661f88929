// What the machine is running for: to go on, to arrive at a position, or to find the last place before one.
import { comparePositions } from './position';
import type { Position, StopReason } from './types';

/** A step under way on the vCPU: the C hooks look for the stop, JavaScript only for what they cannot see. */
export interface Step {
  readonly kind: 'into' | 'over' | 'out' | 'host';
  readonly thread: number;
  /** of a host thread: stop at its actions that are in no more calls than this */
  readonly depth?: number;
  /** enter interrupts that arrive */
  readonly interrupts: boolean;
  /** stop at the entry of this function only */
  readonly target?: number;
}

export interface Found {
  readonly position: Position;
  readonly reason: StopReason;
  readonly thread: number;
}

export type Goal =
  /** headless: nothing stops the run */
  | { readonly kind: 'free' }
  | { readonly kind: 'run'; readonly step?: Step }
  | { readonly kind: 'goto'; readonly target: Position; readonly reason: StopReason; readonly thread: number }
  | {
      readonly kind: 'search';
      /** only what comes before this counts; the search ends here */
      readonly until: Position;
      readonly want: SearchFor;
      /** the last one so far */
      found?: Found;
    };

export type SearchFor =
  /** a place where the run would have stopped: breakpoints of all kinds */
  | { readonly kind: 'stops' }
  /** the start of a line at this call depth or above it */
  | { readonly kind: 'line'; readonly depth: number }
  /** an action of this host thread */
  | { readonly kind: 'host'; readonly thread: number }
  /** a write to this range */
  | { readonly kind: 'write'; readonly address: number; readonly size: number };

/** The position at which this goal ends the run, if there is one. */
export function goalEnd(goal: Goal): Position | undefined {
  if (goal.kind === 'goto') return goal.target;
  return goal.kind === 'search' ? goal.until : undefined;
}

/** Notes a place in a search; later ones replace earlier ones. */
export function note(goal: Goal & { kind: 'search' }, found: Found): void {
  if (comparePositions(found.position, goal.until) < 0) goal.found = found;
}

/** Thrown through the guest's frames when the machine is to be restored elsewhere: nothing in between may catch it. */
export class Unwind extends Error {
  constructor() {
    super('unwinding to restore another position');
    this.name = 'Unwind';
  }
}

/** Thrown by an import to end the run at the line that called: the guest did what ends a machine. */
export class GuestEnd extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'GuestEnd';
  }
}
