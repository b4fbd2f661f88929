// What a diagnosis is made from: decoded rings, and the little of a stop that it needs. A machine's StopState fits by its shape.
import type { RingState } from '../virtqueue';

export type DiagnosisThread =
  | {
      readonly id: number;
      readonly kind: 'vcpu';
      readonly name: string;
      readonly context: 'idle' | 'process' | 'softirq' | 'hardirq';
      readonly irqsOff: boolean;
      /** id of the host thread that serves the VM exit the vCPU is in */
      readonly blockedBy?: number;
    }
  | {
      readonly id: number;
      readonly kind: 'host';
      readonly name: string;
      readonly status: 'rest' | 'ready' | 'running' | 'sleeping' | 'dead';
      readonly waitsFor: string;
      /** ns since power-on */
      readonly wakeNs?: number;
      /** the next action, in words */
      readonly next?: string;
    };

/** The whole of the stop that is the same for all queues. */
export interface DiagnosisStop {
  /** ns since power-on */
  readonly timeNs: number;
  readonly threads: readonly DiagnosisThread[];
  readonly device: {
    /** virtio device status register */
    readonly status: number;
    readonly irqPending: boolean;
    readonly timers: readonly { readonly name: string; readonly queue: string; readonly dueNs: number }[];
    /** frames that wait at the tap for the device to receive them */
    readonly tapFrames: number;
  };
  readonly netdev: { readonly queueStopped: boolean; readonly qdiscLength: number };
  readonly skbs?: readonly { readonly id: number; readonly place: string; readonly direction: 'tx' | 'rx' }[];
}

/** One queue at a stop. */
export interface DiagnosisInput extends DiagnosisStop {
  readonly ring: RingState;
  readonly counters?: { readonly added: number };
}
