// Two runs side by side, packet by packet: the n-th of one beside the n-th of the other, and where they first differ. Pure.
import type { Journey, PacketRun } from '../../machine';
import type { PartingMark } from './protocol';

/** What happened differs, or only how long it took. */
export type Difference =
  'missing' | 'kicks' | 'kicks suppressed' | 'exits' | 'interrupts' | 'order' | 'lines' | 'latency';

export interface ComparedPacket {
  readonly direction: 'tx' | 'rx';
  readonly n: number;
  readonly left?: Journey;
  readonly right?: Journey;
  readonly differences: readonly Difference[];
  /** where they part; undefined: they do not, as far as both are known */
  readonly mark?: PartingMark;
  /** one run is not recorded as far as the other is: nothing differs so far */
  readonly open: boolean;
}

export interface Comparison {
  readonly packets: readonly ComparedPacket[];
  /**
   * Index of the first packet for which something else happened; where the same happened for all, of the first that took another
   * time; undefined: none.
   */
  readonly first?: number;
}

/** Differences in time alone: two drivers are never the same to the line. */
const TIMING: ReadonlySet<Difference> = new Set<Difference>(['lines', 'latency']);

/** In the order in which packets begin in the left run; those that only the right one has stand last. */
export function align(left: PacketRun, right: PacketRun): Comparison {
  const key = ({ direction, n }: Journey): string => `${direction} ${n}`;
  const others = new Map(right.packets.map((packet) => [key(packet), packet]));
  const both = left.packets.map((packet) => {
    const other = others.get(key(packet));
    others.delete(key(packet));
    return other === undefined ? lone(packet, undefined, right) : compared(packet, other, left.ended, right.ended);
  });
  const packets = [...both, ...[...others.values()].map((packet) => lone(undefined, packet, left))];
  const differs = packets.findIndex(({ differences }) => differences.some((name) => !TIMING.has(name)));
  const first = differs >= 0 ? differs : packets.findIndex(({ differences }) => differences.length > 0);
  return { packets, ...(first < 0 ? {} : { first }) };
}

/** Whether what happened is the same, and only the time is not. */
export const timingOnly = ({ differences }: ComparedPacket): boolean =>
  differences.length > 0 && differences.every((name) => TIMING.has(name));

/** A packet of one run alone: the other one has not come to it yet, does not tell it, or never has it. */
function lone(left: Journey | undefined, right: Journey | undefined, other: PacketRun): ComparedPacket {
  const some = left ?? right;
  if (some === undefined) throw new Error('a packet of neither run');
  const { direction, n } = some;
  const all = other.ended && other.packets.length === other.totals.tx + other.totals.rx;
  return { direction, n, left, right, differences: all ? ['missing'] : [], open: !all };
}

function compared(left: Journey, right: Journey, leftEnded: boolean, rightEnded: boolean): ComparedPacket {
  const { direction, n } = left;
  const parting = partingOf(left, right, leftEnded, rightEnded);
  // before both runs have ended, a packet may yet get what it lacks
  const settled = (leftEnded && rightEnded) || parting !== undefined;
  const done = left.doneNs !== undefined && right.doneNs !== undefined;
  const differs = (name: Difference, of: (packet: Journey) => number | undefined, known: boolean): Difference[] =>
    !known || of(left) === of(right) ? [] : [name];
  const differences = [
    ...differs('kicks', (p) => p.kicks, settled),
    ...differs('kicks suppressed', (p) => p.kicksSuppressed, settled),
    ...differs('exits', (p) => p.exits, settled),
    ...differs('interrupts', (p) => p.interrupts, settled),
    ...(parting === undefined ? [] : (['order'] as const)),
    ...differs('lines', (p) => p.lines, settled),
    ...differs('latency', latencyNs, settled || done),
  ];
  const open = !settled && (!done || left.story.length !== right.story.length);
  const mark = parting === undefined ? timeMark(left, right) : ({ at: parting, is: 'event' } as const);
  return { direction, n, left, right, differences, open, ...(differences.length > 0 && mark && { mark }) };
}

/** ns from its beginning to its end; undefined while it is under way. */
export function latencyNs({ fromNs, doneNs }: Journey): number | undefined {
  return doneNs === undefined ? undefined : doneNs - fromNs;
}

/** A story that stops sooner than the other parts from it only when its run has ended. */
function partingOf(left: Journey, right: Journey, leftEnded: boolean, rightEnded: boolean): number | undefined {
  const common = Math.min(left.story.length, right.story.length);
  for (let i = 0; i < common; i++) if (left.story[i]?.what !== right.story[i]?.what) return i;
  if (left.story.length === right.story.length) return undefined;
  return (left.story.length < right.story.length ? leftEnded : rightEnded) ? common : undefined;
}

/** The event of two stories that are the same before which most of the difference in time arises. */
function timeMark({ story, fromNs }: Journey, right: Journey): PartingMark | undefined {
  let mark: PartingMark | undefined;
  let most = 0;
  let before = 0;
  story.forEach(({ ns }, at) => {
    const later = (right.story[at]?.ns ?? 0) - right.fromNs - (ns - fromNs);
    if (at < right.story.length && Math.abs(later - before) > most) {
      mark = { at, is: 'time' };
      most = Math.abs(later - before);
    }
    before = later;
  });
  return mark;
}
