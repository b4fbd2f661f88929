// What the registers of a virtio-mmio device remember, and what a write to one can cause. Plain data.
import type { SplitLayout } from '../../virtqueue';

/** Device status bits (spec 2.1). */
export const ACKNOWLEDGE = 1;
export const DRIVER = 2;
export const DRIVER_OK = 4;
export const FEATURES_OK = 8;
export const NEEDS_RESET = 64;
export const FAILED = 128;
export const STATUS_BITS = ACKNOWLEDGE | DRIVER | DRIVER_OK | FEATURES_OK | NEEDS_RESET | FAILED;

/** InterruptStatus bits (spec 4.2.2). */
export const INT_VRING = 1;
export const INT_CONFIG = 2;

/** What a device is, unchanged by any reset. */
export interface MmioIdentity {
  readonly version: 1 | 2;
  readonly deviceId: number;
  readonly vendorId: number;
  /** offered */
  readonly features: bigint;
  /** in order of their index */
  readonly queues: readonly { readonly name: string; readonly sizeMax: number }[];
  /** device-specific configuration as the driver finds it at power-on */
  readonly config: readonly number[];
  /** bytes of it that a legacy driver may write, from 0 on (net: the MAC); a modern driver may write none (spec 5.1.4.2) */
  readonly writableConfig: number;
}

/** Registers of one queue. All are what the driver wrote last, except `ready`. */
export interface QueueRegisters {
  size: number;
  align: number;
  pfn: number;
  ready: boolean;
  descLow: number;
  descHigh: number;
  driverLow: number;
  driverHigh: number;
  deviceLow: number;
  deviceHigh: number;
}

/** All that the registers remember: plain data. */
export interface MmioState {
  status: number;
  deviceFeaturesSel: number;
  driverFeaturesSel: number;
  driverFeatures: bigint;
  guestPageSize: number;
  queueSel: number;
  interruptStatus: number;
  configGeneration: number;
  config: number[];
  queues: QueueRegisters[];
}

/** What a write caused, for the machine to act on. A `violation` says which rule was broken; the access then did nothing, or what real devices do. */
export type MmioEffect =
  | { readonly kind: 'kick'; readonly queue: number }
  | { readonly kind: 'status'; readonly from: number; readonly to: number }
  | { readonly kind: 'features'; readonly accepted: bigint }
  | { readonly kind: 'ack'; readonly bits: number }
  | { readonly kind: 'queueReady'; readonly queue: number; readonly layout: SplitLayout }
  | { readonly kind: 'queueGone'; readonly queue: number }
  | { readonly kind: 'config'; readonly offset: number; readonly size: number }
  | { readonly kind: 'reset' }
  | { readonly kind: 'violation'; readonly text: string };

export interface MmioRead {
  /** 32 bits at most; 0 where there is nothing to read */
  readonly value: number;
  readonly violation?: string;
}

export const NOTHING: readonly MmioEffect[] = [];
export const hex = (n: number | bigint): string => `0x${n.toString(16)}`;
export const violation = (text: string): readonly MmioEffect[] => [{ kind: 'violation', text }];
/** of a register's 32 bits */
export const isPowerOfTwo = (n: number): boolean => n > 0 && (n & (n - 1)) === 0;

export const freshQueue = (): QueueRegisters => ({
  size: 0,
  align: 0,
  pfn: 0,
  ready: false,
  descLow: 0,
  descHigh: 0,
  driverLow: 0,
  driverHigh: 0,
  deviceLow: 0,
  deviceHigh: 0,
});

/** The state at power-on, and after a reset. */
export function freshRegisters(identity: MmioIdentity): MmioState {
  return {
    status: 0,
    deviceFeaturesSel: 0,
    driverFeaturesSel: 0,
    driverFeatures: 0n,
    guestPageSize: 0,
    queueSel: 0,
    interruptStatus: 0,
    configGeneration: 0,
    config: [...identity.config],
    queues: identity.queues.map(freshQueue),
  };
}
