// What the compare tab shows of two aligned runs. Pure.
import type { Journey, PacketRun } from '../../machine';
import { grouped } from '../words';
import { type ComparedPacket, type Comparison, latencyNs, timingOnly } from './align';
import type { CompareState, PacketCells, Totals } from './protocol';

/** Packets that the tab lists. */
export const SHOWN = 2000;

export interface NamedRun {
  readonly name: string;
  readonly run: PacketRun;
}

/** The tab's: of several, each says what it compares. A scenario with another driver is named after itself. */
export function titleOf(left: string, right: string): string {
  return `Compare: ${left} / ${right.startsWith(`${left} `) ? right.slice(left.length + 1) : right}`;
}

export function compareState({ packets, first }: Comparison, left: NamedRun, right: NamedRun): CompareState {
  const shown = packets.slice(0, SHOWN);
  return {
    version: 1,
    left: left.name,
    right: right.name,
    rows: shown.map((packet) => ({
      label: `${packet.direction} ${packet.n}`,
      ...(packet.left && { left: cells(packet.left) }),
      ...(packet.right && { right: cells(packet.right) }),
      difference: differenceText(packet),
      ...(packet.open && { open: true }),
    })),
    totals: { left: totals(left.run), right: totals(right.run) },
    ended: { left: left.run.ended, right: right.run.ended },
    ...(first === undefined || first >= SHOWN ? {} : { first }),
    notes: [left, right].flatMap(notesOf),
  };
}

function cells(packet: Journey): PacketCells {
  const { kicks, kicksSuppressed, exits, interrupts, lines, tick } = packet;
  const ns = latencyNs(packet);
  return { kicks, kicksSuppressed, exits, interrupts, lines, tick, ...(ns === undefined ? {} : { latencyNs: ns }) };
}

function totals({ totals: all }: PacketRun): Totals {
  const { kicks, kicksSuppressed, exits, interrupts, lines, tx, rx, done, latencyNs: sum } = all;
  const mean = done === 0 ? {} : { latencyNs: Math.round(sum / done) };
  return { kicks, kicksSuppressed, exits, interrupts, lines, tx, rx, ...mean };
}

function notesOf({ name, run: { totals: all, packets, whole, ended } }: NamedRun): string[] {
  const count = all.tx + all.rx;
  return [
    ...(whole
      ? []
      : [`${name}: the record of its packets was full at packet ${grouped(count)}; later ones are not told.`]),
    ...(count > packets.length
      ? [`${name}: the first ${grouped(packets.length)} of ${grouped(count)} packets are listed; the sums are of all.`]
      : []),
    ...(ended || !whole ? [] : [`${name} is recorded up to where it has been, before its end.`]),
  ];
}

function differenceText(packet: ComparedPacket): string {
  const { left, right, differences, mark, open } = packet;
  if (differences.includes('missing')) return left === undefined ? 'only in B' : 'only in A';
  if (timingOnly(packet)) return `only ${differences.join(' and ')}`;
  if (differences.length === 0) return open ? 'not run as far yet' : '';
  // the numbers stand in the table
  if (mark?.is !== 'event') return differences.filter((name) => name !== 'lines' && name !== 'latency').join(', ');
  const of = (packet: Journey | undefined, at: number): string => packet?.story[at]?.what ?? 'nothing';
  const after = mark.at === 0 ? 'at the beginning' : `after ${of(left, mark.at - 1)}`;
  return `${after}: ${of(left, mark.at)} / ${of(right, mark.at)}`;
}
