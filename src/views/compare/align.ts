// Two runs side by side, packet by packet: the n-th of one beside the n-th of the other, and where they first differ. Pure.
import type { Journey } from './journey';

export type Difference = 'missing' | 'kicks' | 'kicks suppressed' | 'exits' | 'interrupts' | 'latency' | 'order';

export interface ComparedPacket {
  readonly direction: 'tx' | 'rx';
  readonly n: number;
  readonly left?: Journey;
  readonly right?: Journey;
  readonly differences: readonly Difference[];
  /** what happened first at one ring and not at the other: `kick, then kickSuppressed` */
  readonly parting?: { readonly after: string; readonly left: string; readonly right: string };
}

export interface Comparison {
  readonly packets: readonly ComparedPacket[];
  /** index of the first packet that both runs have and treat differently; undefined: none */
  readonly first?: number;
}

/** In the order in which packets begin in the left run; those that only the right one has stand last. */
export function align(left: readonly Journey[], right: readonly Journey[]): Comparison {
  const key = ({ direction, n }: Journey): string => `${direction} ${n}`;
  const others = new Map(right.map((packet) => [key(packet), packet]));
  const both = left.map((packet) => {
    const other = others.get(key(packet));
    others.delete(key(packet));
    return compared(packet, other);
  });
  const packets = [...both, ...[...others.values()].map((packet) => compared(undefined, packet))];
  const first = packets.findIndex(({ differences }) => differences.length > 0);
  return { packets, ...(first < 0 ? {} : { first }) };
}

function compared(left: Journey | undefined, right: Journey | undefined): ComparedPacket {
  const some = left ?? right;
  if (some === undefined) throw new Error('a packet of neither run');
  const { direction, n } = some;
  if (left === undefined || right === undefined) return { direction, n, left, right, differences: ['missing'] };
  const parting = partingOf(left.story, right.story);
  const differs = (name: Difference, of: (packet: Journey) => number | undefined): Difference[] =>
    of(left) === of(right) ? [] : [name];
  return {
    direction,
    n,
    left,
    right,
    differences: [
      ...differs('kicks', (p) => p.kicks),
      ...differs('kicks suppressed', (p) => p.kicksSuppressed),
      ...differs('exits', (p) => p.exits),
      ...differs('interrupts', (p) => p.interrupts),
      ...differs('latency', latencyNs),
      ...(parting === undefined ? [] : (['order'] as const)),
    ],
    ...(parting && { parting }),
  };
}

/** ns from its beginning to its end; undefined while it is under way. */
export function latencyNs({ fromNs, doneNs }: Journey): number | undefined {
  return doneNs === undefined ? undefined : doneNs - fromNs;
}

function partingOf(left: readonly string[], right: readonly string[]): ComparedPacket['parting'] {
  for (let i = 0; i < Math.max(left.length, right.length); i++)
    if (left[i] !== right[i])
      return { after: left[i - 1] ?? 'the beginning', left: left[i] ?? 'nothing', right: right[i] ?? 'nothing' };
  return undefined;
}
