// What the compare tab shows of two aligned runs. Pure.
import { virtualTime } from '../words';
import { type ComparedPacket, type Comparison, latencyNs } from './align';
import type { Journey } from './journey';
import type { CompareState, PacketCells } from './protocol';

/** Rows that the tab lists. */
export const SHOWN = 2000;

/** @param left and right: what the runs are called */
export function compareState(
  { packets, first }: Comparison,
  left: string,
  right: string,
  notes: readonly string[] = [],
): CompareState {
  const shown = packets.slice(0, SHOWN);
  const cut = packets.length > SHOWN ? [`The first ${SHOWN} of ${packets.length} packets.`] : [];
  return {
    left,
    right,
    rows: shown.map((packet) => ({
      label: `${packet.direction} ${packet.n}`,
      left: packet.left && cells(packet.left),
      right: packet.right && cells(packet.right),
      difference: differenceText(packet),
    })),
    ...(first === undefined || first >= SHOWN ? {} : { first }),
    notes: [...notes, ...cut],
  };
}

function cells(packet: Journey): PacketCells {
  const { kicks, kicksSuppressed, exits, interrupts } = packet;
  const ns = latencyNs(packet);
  return { kicks, kicksSuppressed, exits, interrupts, latency: ns === undefined ? 'under way' : virtualTime(ns) };
}

function differenceText({ left, differences, parting }: ComparedPacket): string {
  if (differences.includes('missing')) return left === undefined ? 'only on the right' : 'only on the left';
  const counts = differences.filter((name) => name !== 'order').join(', ');
  if (parting === undefined) return counts;
  const order = `after ${parting.after}: ${parting.left} / ${parting.right}`;
  return counts === '' ? order : `${counts}; ${order}`;
}
