// Walking a descriptor chain as the device does: from guest memory, with every way a driver can get it wrong.
import { DESC_SIZE, VRING_DESC_F_INDIRECT, VRING_DESC_F_NEXT, VRING_DESC_F_WRITE } from '../virtqueue';
import type { Segment, TakenChain } from './host';
import { DmaFault, type GuestMemory } from './memory';

/** The driver broke the ring so that the device cannot go on; the texts use the words of QEMU's own messages where it has one. */
export class DeviceError extends Error {
  constructor(
    readonly queue: string,
    readonly text: string,
  ) {
    super(`queue ${queue}: ${text}`);
    this.name = 'DeviceError';
  }
}

/** A descriptor table of a queue in memory. Addresses are guest-physical. */
export interface ChainSource {
  readonly name: string;
  readonly size: number;
  readonly desc: number;
  /** VIRTIO_RING_F_INDIRECT_DESC was negotiated */
  readonly indirect: boolean;
}

/**
 * Follows the chain that begins at `head`.
 * Throws a DeviceError for a chain that has no end or no sense, and a DmaFault, with the descriptor as its context, for a buffer that is not RAM.
 * `violation` hears of rules broken that a device of 2009 lives with.
 */
export function walkChain(
  memory: GuestMemory,
  queue: ChainSource,
  head: number,
  violation: (text: string) => void,
): TakenChain {
  if (head >= queue.size)
    throw new DeviceError(
      queue.name,
      `Guest says index ${head} is available: there are ${queue.size} descriptors (spec 2.7.6)`,
    );
  const segments: Segment[] = [];
  let table = queue.desc;
  let entries = queue.size;
  let index = head;
  let inTable = false;
  try {
    for (let walked = 1; ; walked++) {
      const at = table + DESC_SIZE * index;
      const flags = memory.readU16(at + 12);
      const len = memory.readU32(at + 8);
      if ((flags & VRING_DESC_F_INDIRECT) !== 0) {
        checkIndirect(queue, placeOf(queue, head, index, inTable), inTable, len, flags, violation);
        table = memory.readAddress(at, len, false);
        memory.pointer(table, len, false);
        entries = Math.min(len / DESC_SIZE, MAX_INDIRECT);
        index = 0;
        inTable = true;
        walked = 0;
        continue;
      }
      const write = (flags & VRING_DESC_F_WRITE) !== 0;
      const addr = memory.readAddress(at, len, write);
      if (len > 0) memory.pointer(addr, len, write);
      if (!write && segments.length > 0 && segments[segments.length - 1]?.write === true)
        violation(
          `${placeOf(queue, head, index, inTable)}: device-readable behind a device-writable one (spec 2.7.4.2)`,
        );
      segments.push({ addr, len, write });
      if ((flags & VRING_DESC_F_NEXT) === 0) return { head, descriptors: segments.length, segments };
      if (walked >= entries)
        throw new DeviceError(
          queue.name,
          `Looped descriptor: ${placeOf(queue, head, index, inTable)} goes on after ${walked} (spec 2.7.5.2)`,
        );
      const next = memory.readU16(at + 14);
      if (next >= entries)
        throw new DeviceError(
          queue.name,
          `Desc next is ${next}: ${placeOf(queue, head, index, inTable)}, where there are ${entries} (spec 2.7.5)`,
        );
      index = next;
    }
  } catch (error) {
    throw error instanceof DmaFault ? error.inContext(placeOf(queue, head, index, inTable)) : error;
  }
}

/** A descriptor in words. Takes what it needs: a function of walkChain's own would cost every chain its variables. */
const placeOf = ({ name }: ChainSource, head: number, index: number, inTable: boolean): string =>
  `desc[${index}]${inTable ? ' of the indirect table' : ''} of chain ${head}, queue ${name}`;

/** VIRTQUEUE_MAX_SIZE of QEMU: the longest indirect chain that is followed. */
const MAX_INDIRECT = 1024;

function checkIndirect(
  queue: ChainSource,
  here: string,
  inTable: boolean,
  len: number,
  flags: number,
  violation: (text: string) => void,
): void {
  if (inTable)
    throw new DeviceError(queue.name, `${here}: an indirect table within an indirect table (spec 2.7.5.3.1)`);
  if (len === 0 || len % DESC_SIZE !== 0)
    throw new DeviceError(
      queue.name,
      `Invalid size for indirect buffer table: ${here} has len ${len}, expected a multiple of ${DESC_SIZE} (spec 2.7.5.3)`,
    );
  if (!queue.indirect)
    violation(`${here}: INDIRECT, but VIRTIO_RING_F_INDIRECT_DESC was not negotiated (spec 2.7.5.3.1)`);
  if ((flags & VRING_DESC_F_NEXT) !== 0) violation(`${here}: INDIRECT and NEXT together (spec 2.7.5.3.1)`);
}
