// The lanes of the timeline, from what has been recorded: which there are, their names and heights.
import type { Series, TimelineWindow } from '../../src/panel/protocol';

export type Lane =
  | { readonly kind: 'context'; readonly of: string }
  | { readonly kind: 'host'; readonly of: string }
  /** notifications of one side: those sent, those suppressed, and the level that suppresses them */
  | { readonly kind: 'notices'; readonly side: 'driver' | 'device'; readonly queue: string }
  | { readonly kind: 'timer'; readonly of: string }
  | { readonly kind: 'depth'; readonly queue: string }
  /** stops, findings, and what else is rare */
  | { readonly kind: 'places' };

export interface PlacedLane {
  readonly lane: Lane;
  readonly label: string;
  /** what is to be seen there, for a tooltip */
  readonly title: string;
  /** px from the top of the plot */
  readonly y: number;
  readonly height: number;
}

/** px: the axis above the lanes */
export const AXIS = 20;
const HEIGHTS: Readonly<Record<Lane['kind'], number>> = {
  context: 13,
  host: 14,
  notices: 15,
  timer: 14,
  depth: 38,
  places: 13,
};
const GAP = 3;

const CONTEXTS = ['process', 'softirq', 'hardirq'];

/**
 * All lanes that the run has something for, the same for every window of it.
 * @param wanted lanes that have a place
 */
export function lanesOf(
  windows: readonly (TimelineWindow | undefined)[],
  wanted: (lane: Lane) => boolean = () => true,
): readonly PlacedLane[] {
  const all = windows.flatMap((window) => window?.series ?? []);
  const values = (of: (s: Series) => string | undefined): string[] => [...new Set(all.flatMap((s) => of(s) ?? []))];
  const level = (what: string): string[] => values((s) => (s.kind === 'level' && s.what === what ? s.of : undefined));
  const mark = (...what: string[]): string[] =>
    values((s) => (s.kind === 'mark' && what.includes(s.what) ? s.queue : undefined)).sort(txFirst);
  const lanes: Lane[] = [
    ...CONTEXTS.map((of) => ({ kind: 'context', of }) as const),
    ...level('host').map((of) => ({ kind: 'host', of }) as const),
    ...mark('kick', 'kickSuppressed').map((queue) => ({ kind: 'notices', side: 'driver', queue }) as const),
    ...mark('interrupt', 'interruptSuppressed').map((queue) => ({ kind: 'notices', side: 'device', queue }) as const),
    ...level('timer').map((of) => ({ kind: 'timer', of }) as const),
    ...level('outstanding')
      .sort(txFirst)
      .map((queue) => ({ kind: 'depth', queue }) as const),
    { kind: 'places' },
  ];
  let y = AXIS;
  return lanes.filter(wanted).map((lane) => {
    const height = HEIGHTS[lane.kind];
    const placed = { lane, ...words(lane), y, height };
    y += height + GAP;
    return placed;
  });
}

/** px of all lanes and the axis */
export const heightOf = (lanes: readonly PlacedLane[]): number => {
  const last = lanes[lanes.length - 1];
  return last === undefined ? AXIS : last.y + last.height + GAP;
};

const txFirst = (a: string, b: string): number => (a === 'tx' ? -1 : b === 'tx' ? 1 : a.localeCompare(b));

function words(lane: Lane): { label: string; title: string } {
  switch (lane.kind) {
    case 'context':
      return {
        label: lane.of,
        title: `vCPU 0 in ${lane.of} context; hatched: out of the guest, in a VM exit`,
      };
    case 'host':
      return { label: lane.of, title: `${lane.of} at work, from leaving its rest until it rests again` };
    case 'notices':
      return lane.side === 'driver'
        ? {
            label: `kicks ${lane.queue}`,
            title: `Filled: the driver kicked ${lane.queue}. Hollow: suppressed. Band: NO_NOTIFY is set`,
          }
        : {
            label: `interrupts ${lane.queue}`,
            title: `Filled: the device interrupted for ${lane.queue}. Hollow: suppressed. Band: NO_INTERRUPT is set`,
          };
    case 'timer':
      return {
        label: lane.of,
        title: `${lane.of} armed, until it fires or (×) is deleted; dots lead to when it was due`,
      };
    case 'depth':
      return {
        label: `depth ${lane.queue}`,
        title: `Chains of ${lane.queue}: solid taken by the device, hatched in its colour available, hatched in the driver’s used and their skbs not freed or received yet`,
      };
    case 'places':
      return { label: 'stops, findings', title: 'Where the run has stopped, and what was found' };
  }
}
