// Shared by this folder's tests: a ring and a stop in rest, and changes to them.
import type { Descriptor, Owner, RingState } from '../../../src/virtqueue';
import type { DiagnosisInput, DiagnosisThread } from '../../../src/diagnosis';

type Vcpu = Extract<DiagnosisThread, { kind: 'vcpu' }>;
type Host = Extract<DiagnosisThread, { kind: 'host' }>;

export const SIZE = 8;

export interface RingSpec {
  readonly name?: string;
  readonly availIdx?: number;
  readonly usedIdx?: number;
  readonly availFlags?: number;
  readonly usedFlags?: number;
  readonly usedEvent?: number;
  readonly availEvent?: number;
  readonly progress?: RingState['progress'];
  /** owner of each descriptor, one to a chain */
  readonly owners?: Readonly<Record<number, Owner>>;
  readonly problems?: readonly string[];
  /** the buffers of outstanding chains are device-writable */
  readonly writable?: boolean;
}

export function ring(spec: RingSpec = {}): RingState {
  const { availIdx = 0, usedIdx = 0, name = 'tx' } = spec;
  const outstanding = Math.min(SIZE, (availIdx - usedIdx) & 0xffff);
  const descriptors = Array.from({ length: SIZE }, (_, index): Descriptor => {
    const owner = spec.owners?.[index] ?? (spec.owners ? 'free' : 'unknown');
    const base = { index, addr: 0n, len: 100, flags: spec.writable ? 2 : 0, next: 0, owner };
    return owner === 'free' || owner === 'building' ? base : { ...base, chain: index };
  });
  return {
    version: 1,
    name,
    index: name === 'rx' ? 0 : 1,
    layout: {
      format: 'split',
      size: SIZE,
      desc: 0n,
      avail: 0n,
      used: 0n,
      eventIdx: spec.availEvent !== undefined,
      indirect: false,
    },
    descriptors,
    avail: {
      flags: spec.availFlags ?? 0,
      idx: availIdx,
      ring: new Array<number>(SIZE).fill(0),
      usedEvent: spec.usedEvent,
    },
    used: {
      flags: spec.usedFlags ?? 0,
      idx: usedIdx,
      ring: new Array(SIZE).fill({ id: 0, len: 0 }),
      availEvent: spec.availEvent,
    },
    progress: spec.progress ?? {},
    outstanding: descriptors.slice(0, outstanding).map((d) => ({ head: d.index, descriptors: [d] })),
    problems: spec.problems ?? [],
  };
}

export interface StopSpec extends Partial<Omit<DiagnosisInput, 'ring' | 'threads' | 'device'>> {
  readonly vcpu?: Partial<Omit<Vcpu, 'kind'>>;
  readonly host?: Partial<Omit<Host, 'kind'>>;
  readonly device?: Partial<DiagnosisInput['device']>;
}

/** DRIVER_OK, vCPU idle, host at rest, nothing armed; but for what `spec` says. */
export function stop(spec: StopSpec = {}): Omit<DiagnosisInput, 'ring'> {
  const { vcpu, host, device, ...rest } = spec;
  return {
    timeNs: 1_000_000,
    threads: [
      { id: 1, kind: 'vcpu', name: 'vCPU 0', context: 'idle', irqsOff: false, ...vcpu },
      { id: 2, kind: 'host', name: 'QEMU main loop', status: 'rest', waitsFor: 'its timer or a frame', ...host },
    ],
    device: { status: 7, irqPending: false, tapFrames: 0, timers: [], ...device },
    netdev: { queueStopped: false, qdiscLength: 0 },
    ...rest,
  };
}
