// Facts about one queue that sentences are made of: derived from ring, owners and registers, undefined where nobody can tell.
import {
  addedChains,
  notifications,
  VIRTIO_CONFIG_S_DRIVER_OK,
  VIRTIO_CONFIG_S_FAILED,
  VIRTIO_CONFIG_S_NEEDS_RESET,
  VRING_DESC_F_WRITE,
  type Descriptor,
  type RingState,
  type Verdict,
} from '../virtqueue';
import type { DiagnosisInput, DiagnosisStop, DiagnosisThread } from './input';

export type HostThread = Extract<DiagnosisThread, { kind: 'host' }>;
export type Vcpu = Extract<DiagnosisThread, { kind: 'vcpu' }>;

export interface QueueFacts {
  /** The device writes into this queue's buffers: a receive queue. */
  readonly receive: boolean;
  /** exposed and not used: held by the device, and not yet looked at by it */
  readonly taken: number;
  readonly untaken: number;
  /** in avail.ring, not exposed */
  readonly added: number;
  readonly building: boolean;
  /** used and not read by the driver; undefined without the driver's private index */
  readonly unread: number | undefined;
  /** used chains whose descriptors the driver has not touched since: read or not */
  readonly usedChains: number;
  /** no descriptor is left for another buffer; false where nobody can tell */
  readonly full: boolean;
  /** Would the driver kick, if it decided now? */
  readonly kick: Verdict;
  /** Does the device wait for a kick for what it has not looked at, whatever the driver has decided about it? */
  readonly owed: Verdict;
  /** What the driver has decided about all that it has exposed; undefined while it has not, or where nobody can tell. */
  readonly decided: 'kicked' | 'not to kick' | undefined;
  /** Would an interrupt be due for what the driver has not read? NOTIFY_ON_EMPTY apart. */
  readonly callbacks: Verdict;
}

export type Setup = 'driver-ok' | 'setting-up' | 'failed' | 'needs-reset';

/** Where device and driver are in the device's life (spec 2.1). */
export function setup(status: number): Setup {
  if ((status & VIRTIO_CONFIG_S_FAILED) !== 0) return 'failed';
  if ((status & VIRTIO_CONFIG_S_NEEDS_RESET) !== 0) return 'needs-reset';
  return (status & VIRTIO_CONFIG_S_DRIVER_OK) !== 0 ? 'driver-ok' : 'setting-up';
}

export const vcpuOf = (stop: DiagnosisStop): Vcpu | undefined => stop.threads.find((t): t is Vcpu => t.kind === 'vcpu');
export const hostsOf = (stop: DiagnosisStop): readonly HostThread[] =>
  stop.threads.filter((t): t is HostThread => t.kind === 'host');

export function queueFacts({ ring }: Pick<DiagnosisInput, 'ring'>): QueueFacts {
  const { untaken, taken } = outstanding(ring);
  const unread = unreadEntries(ring);
  // What one side has not looked at is what the other's notification was, or will be, about.
  const notified = notifications(ring, {
    kickedIdx: unseenIdx(ring, untaken),
    signalledIdx: (ring.used.idx - (unread ?? 0)) & 0xffff,
  });
  return {
    receive: isReceive(ring),
    taken,
    untaken,
    added: addedChains(ring),
    building: ring.descriptors.some((d) => d.owner === 'building'),
    unread,
    usedChains: ring.descriptors.filter((d) => d.owner === 'used' && d.chain === d.index).length,
    full: isFull(ring),
    kick: kickVerdict(ring),
    owed: notified.kick,
    decided: decision(ring),
    callbacks: notified.interrupt,
  };
}

/** Whether the driver would kick, if it decided now. Every view of a queue shows this one. */
export function kickVerdict(ring: RingState): Verdict {
  const { kickedIdx = unseenIdx(ring, outstanding(ring).untaken) } = ring.progress;
  return notifications(ring, { kickedIdx }).kick;
}

function decision({ avail, progress: { kickedIdx, kickSent } }: RingState): QueueFacts['decided'] {
  if (kickedIdx !== avail.idx || kickSent === undefined) return undefined;
  return kickSent ? 'kicked' : 'not to kick';
}

/** avail.idx up to which the device has looked. */
const unseenIdx = (ring: RingState, untaken: number): number => (ring.avail.idx - untaken) & 0xffff;

function outstanding(ring: RingState): { readonly untaken: number; readonly taken: number } {
  const all = (ring.avail.idx - ring.used.idx) & 0xffff;
  if (all > ring.layout.size) return { untaken: 0, taken: 0 };
  const held = ring.descriptors.filter((d) => d.owner === 'taken' && d.chain === d.index).length;
  if (held > 0) return { untaken: Math.max(0, all - held), taken: held };
  const seen = ring.progress.lastAvailIdx;
  const ahead = seen === undefined ? all : (ring.avail.idx - seen) & 0xffff;
  const untaken = Math.min(all, ahead);
  return { untaken, taken: all - untaken };
}

function unreadEntries(ring: RingState): number | undefined {
  const { lastUsedIdx } = ring.progress;
  if (lastUsedIdx === undefined) return undefined;
  const n = (ring.used.idx - lastUsedIdx) & 0xffff;
  return n <= ring.layout.size ? n : undefined;
}

/** From the buffers that are with the device; from the queue's name when there are none. */
function isReceive(ring: RingState): boolean {
  const leaves = ring.outstanding.flatMap((chain) => chain.descriptors.flatMap((d) => d.indirect ?? [d]));
  if (leaves.length === 0) return ring.name.startsWith('rx');
  return leaves.every((d) => (d.flags & VRING_DESC_F_WRITE) !== 0);
}

const BOUND: ReadonlySet<Descriptor['owner']> = new Set(['added', 'available', 'taken']);

function isFull(ring: RingState): boolean {
  if (ring.progress.numFree !== undefined) return ring.progress.numFree === 0;
  return ring.descriptors.length > 0 && ring.descriptors.every((d) => BOUND.has(d.owner));
}
