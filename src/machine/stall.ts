// At rest for good: who waits for whom, asked of diagnosis/.
import { stall } from '../diagnosis';
import { decodeSplit } from '../virtqueue';
import type { Machine } from './machine';
import { stopState } from './view';

/** What is stuck, now that nothing is due any more. */
export function stalls(machine: Machine): readonly string[] {
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
    return [decodeSplit(read, layout, { name, index, progress: { lastAvailIdx }, owners, heads })];
  });
  return stall(rings, stopState(machine, { kind: 'pause' }, 1, machine.position)).map(({ text }) => text);
}
