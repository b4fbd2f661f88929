// What all hosts know of a split ring: its flags, its free-running indices, and how many heads a driver may expose.
import type { DeviceFacts, HostAction, HostModel } from '../host';

export const VRING_AVAIL_F_NO_INTERRUPT = 1;
export const VRING_USED_F_NO_NOTIFY = 1;

/** A model's function: yields actions, and returns a value of its own. */
export type Step<T> = Generator<HostAction, T, unknown>;

/** Indices run freely modulo 65536. */
export const u16 = (n: number): number => n & 0xffff;

/** Parameter of every host that has a store buffer: machine/host-side.ts performs its stores by way of it. */
export const storeBuffer: HostModel['parameters'] = {
  storeBuffer: {
    default: 0,
    description: 'actions until a store of a host thread is visible to the guest; 0: at once, and no barrier is missed',
  },
};

/** The emulator gives up: QEMU's exit(1), the launcher's errx(). */
export const die = (queue: string, why: string): HostAction => ({ do: 'die', queue, why });

/** More heads than the ring has entries: every host of 2009 ends there. Undefined when all is well. */
export function checkHeads(queue: string, size: number, last: number, idx: number): HostAction | undefined {
  const heads = u16(idx - last);
  if (heads <= size) return undefined;
  return die(
    queue,
    `Guest moved used index from ${last} to ${idx}: ${heads} heads, and there are ${size} entries (spec 2.7.13)`,
  );
}

/** A struct virtio_net_hdr that says nothing. */
export function blankHeader({ headerLength }: Pick<DeviceFacts, 'headerLength'>): number[] {
  const header: number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  while (header.length < headerLength) header.push(0);
  return header;
}

/** The header of a received packet without offloads that takes so many buffers: num_buffers says so, where the header has it (spec 5.1.6.4). */
export function receiveHeader(facts: Pick<DeviceFacts, 'headerLength'>, buffers: number): number[] {
  if (facts.headerLength === 12) return [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, buffers & 0xff, buffers >> 8];
  return blankHeader(facts);
}
