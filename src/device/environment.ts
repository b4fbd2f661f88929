// What a NetDevice is made of and where it stands: its setup, the machine around it, the events it reports.
import type { TransportName } from './transport';

/** What the device says of itself in the machine's log: names and fields as in machine/types.ts, EventKind. */
export type DeviceEvent =
  | 'kick'
  | 'notify'
  | 'take'
  | 'sent'
  | 'arrive'
  | 'drop'
  | 'use'
  | 'usedIdx'
  | 'interrupt'
  | 'interruptSuppressed'
  | 'timerArm'
  | 'timerCancel'
  | 'status'
  | 'features'
  | 'queueReady';

/** Those that mean nothing to the machine besides its log. */
export type PlainEvent = 'take' | 'use' | 'usedIdx' | 'notify' | 'sent' | 'arrive' | 'interrupt';

/** The machine, as far as the device needs it. */
export interface DeviceEnv {
  /**
   * An interrupt for a queue, on a line. `edge`: the line was low, and rises now; otherwise the driver has not acknowledged the one
   * before (InterruptStatus, ISR), and nothing changes on the line. Returns whether an earlier interrupt is still pending: then the two are one.
   */
  raise(queue: string, line: number, edge: boolean): boolean;
  /** A timer armed again while it runs starts anew. */
  armTimer(name: string, queue: string, ns: number): void;
  /** Also forgets an expiry that nobody was woken for yet. */
  cancelTimer(name: string): void;
  /** A thread of the host calls another one. */
  signal(name: string): void;
  /** Somebody reads the frames that leave: they are copied out of the guest's memory. */
  readonly wireIsRead: boolean;
  /** A frame of so many bytes leaves. They are there until the next one does: who keeps them makes a copy. Undefined where nobody reads them. */
  wire(bytes: number, frame: Uint8Array | undefined): void;
  /** The next frame that waits at the tap; it stays there. */
  peekFrame(): Uint8Array | undefined;
  /** The next frame that waits at the tap, taken off it. */
  nextFrame(): Uint8Array | undefined;
  event(what: DeviceEvent, queue: string | undefined, detail: Readonly<Record<string, string | number>>): void;
  /** Where nobody reads events of these kinds they are counted here, and their details are not made. */
  readonly counts?: Record<PlainEvent, number> | undefined;
  /** The driver broke a rule that the device lives with. */
  violation(text: string): void;
}

export interface NetDeviceSetup {
  /** default: mmio */
  readonly transport?: TransportName;
  readonly version: 1 | 2;
  /** entries at most; a device that keeps to the specification offers powers of two */
  readonly queues: { readonly rx: number; readonly tx: number };
  /** offered, those of the host included */
  readonly features: bigint;
  /** six bytes */
  readonly mac: readonly number[];
}
