// What the registers of a virtio-mmio device remember. Plain data.
import type { DeviceIdentity } from '../transport';

/** InterruptStatus bits (spec 4.2.2). */
export const INT_VRING = 1;
export const INT_CONFIG = 2;

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

export interface MmioRead {
  /** 32 bits at most; 0 where there is nothing to read */
  readonly value: number;
  readonly violation?: string;
}

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
export function freshRegisters(identity: DeviceIdentity): MmioState {
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
