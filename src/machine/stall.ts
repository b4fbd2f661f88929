// At rest for good: who waits for whom, asked of diagnosis/.
import { stall, unanswered } from '../diagnosis';
import { findRingOverlay } from '../guest';
import { decodeSplit, type SplitLayout } from '../virtqueue';
import { debugInfoOf } from './debug-info';
import type { Machine } from './machine';
import { stopState } from './view';

/** What is stuck, now that nothing is due any more. */
export function stalls(machine: Machine): readonly { readonly text: string; readonly site: number | undefined }[] {
  const { ram } = machine.cpu;
  const offset = machine.setup.physOffset;
  const read = (addr: bigint, length: number): Uint8Array | undefined => {
    const at = Number(addr - offset);
    return at >= 0 && at + length <= ram.length ? ram.subarray(at, at + length) : undefined;
  };
  const rings = machine.host.device.queueViews().flatMap(({ name, index, layout, lastAvailIdx }) => {
    const tracker = machine.rings.tracker(index);
    if (layout === undefined || tracker === undefined) return [];
    const { owners, heads } = tracker;
    const decided = machine.rings.kickDecision(index);
    const progress = { ...decided, lastAvailIdx, lastUsedIdx: lastUsedIdx(machine, layout) };
    return [decodeSplit(read, layout, { name, index, progress, owners, heads })];
  });
  const stuck = stall(rings, stopState(machine, { kind: 'pause' }, 1, machine.stops.position)).map(
    ({ queue, kind, text }) => ({ text, site: machine.rings.lastSite(queue, kind) }),
  );
  // At the end of a run's time a loop is not stuck: it is not done.
  if (!machine.nothingEverDue) return stuck;
  return [...stuck, ...machine.traffic.unanswered().map((loop) => ({ text: unanswered(loop), site: undefined }))];
}

/** The driver's own progress, where its debug information tells: without it nobody can say that used buffers wait unread. */
function lastUsedIdx(machine: Machine, layout: SplitLayout): number | undefined {
  const { ram, view } = machine.cpu;
  const table = Number(layout.desc - machine.setup.physOffset);
  const place = findRingOverlay(debugInfoOf(machine.program), ram, table, layout.size)?.lastUsedIdx;
  return place?.size === 2 ? view.getUint16(place.address, true) : undefined;
}
