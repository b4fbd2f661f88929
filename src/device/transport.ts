// How a driver reaches the device: registers, or memory and hypercalls. One state machine each; what an access causes is data.
import type { SplitLayout } from '../virtqueue';

/** virtio-mmio; legacy virtio-pci over I/O ports with its interrupt pin; lguest's page of devices. */
export const TRANSPORTS = ['mmio', 'pci', 'lguest'] as const;
export type TransportName = (typeof TRANSPORTS)[number];

/** What a device is, unchanged by any reset. */
export interface DeviceIdentity {
  /** 1: legacy interface and ring layout; 2: virtio 1.x, over virtio-mmio only */
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

/** What an access caused, for the machine to act on. A `violation` says which rule was broken; the access then did nothing, or what real devices do. */
export type TransportEffect =
  | { readonly kind: 'kick'; readonly queue: number }
  | { readonly kind: 'status'; readonly from: number; readonly to: number }
  | { readonly kind: 'features'; readonly accepted: bigint }
  | { readonly kind: 'ack'; readonly bits: number }
  | { readonly kind: 'queueReady'; readonly queue: number; readonly layout: SplitLayout }
  | { readonly kind: 'queueGone'; readonly queue: number }
  | { readonly kind: 'config'; readonly offset: number; readonly size: number }
  | { readonly kind: 'reset' }
  /** the host zeroes rings that are its own memory (lguest), once nobody follows them any more */
  | { readonly kind: 'clearRings' }
  | { readonly kind: 'violation'; readonly text: string };

/** The kind of VM exit that an access is. */
export type AccessKind = 'notify' | 'interruptStatus' | 'interruptAck' | 'config';

export interface Transport {
  readonly status: number;
  /** accepted so far, as far as the device knows */
  readonly driverFeatures: bigint;
  /** the cause of an interrupt as a register tells it; 0 without such a register */
  readonly interruptStatus: number;
  /** device-specific configuration */
  readonly config: readonly number[];
  /** pages at the end of RAM that are the host's, and no guest's allocator may give away */
  readonly reservedPages: number;
  /** Where a queue's ring lies; undefined while the driver does not use it. */
  layout(queue: number): SplitLayout | undefined;
  /** A driver's register read: offset and size in bytes. Never throws. */
  read(offset: number, size: number): { readonly value: number; readonly effects: readonly TransportEffect[] };
  /** A driver's register write. Never throws. */
  write(offset: number, size: number, value: number): readonly TransportEffect[];
  /** A driver's hypercall, with a guest-physical address. Never throws. */
  hypercall(number: number, argument: bigint): readonly TransportEffect[];
  readKind(offset: number): AccessKind;
  writeKind(offset: number): AccessKind;
  hypercallKind(argument: bigint): AccessKind;
  /** Does what the effect of this name asks for. */
  clearRings(): void;
  /** The device has an interrupt to give for a queue. False: the driver has not taken notice of the one before, and nothing changes. */
  raise(queue: number): boolean;
  /** Number of the interrupt line of a queue. */
  line(queue: number): number;
  /** Plain data. */
  snapshot(): unknown;
  restore(state: unknown): void;
}

export const hex = (n: number | bigint): string => `0x${n.toString(16)}`;
export const violation = (text: string): readonly TransportEffect[] => [{ kind: 'violation', text }];
export const NOTHING: readonly TransportEffect[] = [];
