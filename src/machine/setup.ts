// MachineSetup: everything a machine needs to run; plain data, resolved from a scenario by scenario/.
import type { TransportName } from '../device';
import type { Program } from '../toolchain';
import type { PlacedEdit } from './handle';
import type { Position } from './types';

export interface MachineSetup {
  readonly program: Program;
  /** the driver's module parameters, as insmod takes them: `napi_weight=64 csum=0`; at most 1023 bytes */
  readonly moduleArguments?: string;
  readonly device: DeviceSetup;
  readonly traffic: readonly MachineTraffic[];
  /** overrides of costs.ts, ns by name */
  readonly costs: Readonly<Record<string, number>>;
  readonly faults: readonly {
    readonly kind: 'kmalloc' | 'page' | 'skb';
    readonly nth: number;
    readonly count: number;
  }[];
  /** sites of the first stop; empty: run on */
  readonly stopSites: readonly number[];
  /** the pass of `stopSites` at which it stops, counted from 1; default: the first */
  readonly stopPass?: number;
  /** where a stepped run begins, in place of `stopSites`, and the edits made on the way there or, in a run to the end, anywhere */
  readonly resume?: ResumedPlace;
  /** remove the driver when the traffic is done and nothing is due any more */
  readonly remove: boolean;
  readonly physOffset: bigint;
  /** virtual ns after which the run ends */
  readonly limitNs: number;
}

export interface ResumedPlace {
  readonly position: Position;
  /** in order of position */
  readonly edits: readonly PlacedEdit[];
  /** MachineHandle.hash() there */
  readonly state?: string;
}

export interface Fault {
  readonly kind: 'kmalloc' | 'page' | 'skb';
  /** the first of them that fails, counted from 1 */
  readonly nth: number;
  readonly count: number;
}

export interface DeviceSetup {
  /** how the driver reaches it; default: mmio */
  readonly transport?: TransportName;
  readonly version: 1 | 2;
  readonly queues: { readonly rx: number; readonly tx: number };
  readonly features: bigint;
  /** six bytes */
  readonly mac: readonly number[];
  readonly host: { readonly model: string; readonly parameters: Readonly<Record<string, number | boolean>> };
}

/** Echo requests, each sent when the reply to the one before has come. */
export interface PingTraffic {
  readonly kind: 'ping';
  /** who asks: an application in the guest, or the peer on the wire; the other answers */
  readonly from: 'guest' | 'host';
  readonly count: number;
  /** bytes of Ethernet frame without FCS, at least LEAST_ECHO_FRAME */
  readonly size: number;
  readonly atNs: number;
  /** a request is not sent sooner than this after the one before */
  readonly intervalNs: number;
  /** from a frame's arrival at the peer until the peer's next one is at the tap */
  readonly peerNs: number;
}

/** TCP segments within a window, acknowledged. */
export interface StreamTraffic {
  readonly kind: 'stream';
  /** who sends the data */
  readonly from: 'guest' | 'host';
  /** segments */
  readonly count: number;
  /** bytes of a segment's Ethernet frame, at least LEAST_DATA_FRAME */
  readonly size: number;
  /** segments sent and not acknowledged at most; at least `ackEvery` */
  readonly window: number;
  /** an ACK for every so many segments in order, and for the last one */
  readonly ackEvery: number;
  /** bytes of an ACK's Ethernet frame, at least LEAST_ACK_FRAME */
  readonly ackSize: number;
  readonly atNs: number;
  /** from a frame's arrival at the peer until the peer's answer is at the tap */
  readonly peerNs: number;
}

export type MachineTraffic =
  | PingTraffic
  | StreamTraffic
  | {
      readonly kind: 'tx';
      readonly atNs: number;
      readonly count: number;
      /** from one burst to the next */
      readonly intervalNs: number;
      /** bytes of Ethernet frame without FCS, at least 14 */
      readonly size: number;
      /** packets that gather in the qdisc before it is run; default: 1 */
      readonly burst?: number;
    }
  | {
      readonly kind: 'rx';
      readonly atNs: number;
      readonly count: number;
      readonly intervalNs: number;
      readonly size: number;
    }
  | {
      readonly kind: 'frames';
      /** in order of time */
      readonly frames: readonly {
        readonly atNs: number;
        readonly direction: 'tx' | 'rx';
        readonly bytes: Uint8Array;
      }[];
    };
