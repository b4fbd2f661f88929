// Scenario and Report: what a saved scenario says, and what a run of it prints. The JSON contracts, version 1.
import type { TransportName } from '../device';
import type { ExitKind, Finding, PacketCost, PingTraffic, QueueCounters, StreamTraffic } from '../machine';

export interface Scenario {
  readonly version: 1;
  readonly name: string;
  readonly description: string;
  readonly driver: DriverChoice;
  readonly device: {
    /** how the driver reaches it: virtio-mmio, legacy virtio-pci with its interrupt pin, or lguest's page and hypercalls */
    readonly transport: TransportName;
    /** 1: legacy virtio-mmio, legacy ring; 2: modern */
    readonly version: 1 | 2;
    readonly queues: { readonly rx: number; readonly tx: number };
    /** what the device does against the specification */
    readonly misbehave?: {
      /** entries of every queue, in place of `queues`: any number from 2 to 32768 */
      readonly queueSize?: number;
    };
    /** names as in Linux: `VIRTIO_NET_F_MRG_RXBUF` */
    readonly features: readonly string[];
    readonly mac: string;
    readonly host: { readonly model: string; readonly parameters: Readonly<Record<string, number | boolean>> };
  };
  readonly traffic: readonly Traffic[];
  /** overrides of machine/costs.ts by name, ns */
  readonly costs: Readonly<Record<string, number>>;
  readonly faults: readonly Fault[];
  /** where a stepped run stops first; `null`: nowhere; absent: at the driver's transmit function, as its name tells */
  readonly stopAt?: { readonly function: string } | { readonly file: string; readonly line: number } | null;
  /** a place in the run that was saved: a stepped run begins there, in place of `stopAt` */
  readonly resume?: Resume;
  /** remove the driver at the end and look for leaks */
  readonly remove: boolean;
  readonly physOffset: string;
  /** the run ends when nothing is due any more, and at the latest at this virtual time */
  readonly limitNs: number;
  readonly expect: readonly Expectation[];
}

export type DriverChoice = (
  | { readonly bundled: string }
  | {
      /** C files, relative to the scenario file */
      readonly files: readonly string[];
      /** folder of overrides of drivers/lib, relative to the scenario file */
      readonly lib?: string;
      readonly defines?: Readonly<Record<string, string>>;
      /** version of the kernel API that the files are linked with; default 2.6.31 */
      readonly kernel?: string;
    }
) & {
  /** unified diffs of bundled sources, relative to the scenario file, applied in this order */
  readonly patches?: readonly string[];
  readonly params?: ModuleParameters;
};

/** Values of the driver's module_param() variables, by name. */
export type ModuleParameters = Readonly<Record<string, number | boolean | string>>;

export type Traffic =
  | PingTraffic
  | StreamTraffic
  | {
      /** the guest sends */
      readonly kind: 'tx';
      readonly atNs: number;
      readonly count: number;
      /** between two packets, or two bursts; 0: back to back */
      readonly intervalNs: number;
      /** Ethernet frame, bytes without FCS */
      readonly size: number;
      /** packets that are sent together; absent: 1 */
      readonly burst?: number;
    }
  | {
      readonly kind: 'rx';
      readonly atNs: number;
      readonly count: number;
      readonly intervalNs: number;
      readonly size: number;
    }
  | { readonly kind: 'pcap'; readonly file: string; readonly atNs: number; readonly backToBack: boolean };

export type Fault = {
  /** fail the n-th (from 1) allocation of this kind, and the `count - 1` that follow */
  readonly kind: 'kmalloc' | 'page' | 'skb';
  readonly nth: number;
  readonly count: number;
};

/** Where a session was saved, in two ways: exactly, and roughly should the first no longer hold. */
export interface Resume {
  readonly position: { readonly tick: number; readonly sub: number };
  /** what was written by hand on the way there; the places are positions */
  readonly edits: readonly {
    readonly tick: number;
    readonly sub: number;
    /** guest pointer, hex */
    readonly address: string;
    /** hex, in the order of memory */
    readonly bytes: string;
    readonly text: string;
  }[];
  /** of sources, costs and all else that a run is made of: `position` means something only while it is the same */
  readonly hash: string;
  /** of the machine there: tells whether it is the same place indeed */
  readonly state?: string;
  /** where the vCPU stood: the n-th time that it came to this line */
  readonly pass?: { readonly file: string; readonly line: number; readonly nth: number };
}

/** A dotted path into the report compared with a value: `queues.tx.kicks == 1`. */
export interface Expectation {
  readonly what: string;
  readonly is: '==' | '!=' | '<' | '<=' | '>' | '>=';
  readonly value: number | string;
}

export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface Report {
  readonly version: 1;
  readonly scenario: string;
  readonly virtualNs: number;
  readonly ticks: number;
  readonly lines: number;
  readonly exits: Readonly<Record<ExitKind, number>>;
  readonly queues: Readonly<Record<string, QueueCounters>>;
  readonly packets: {
    readonly tx: {
      readonly offered: number;
      readonly sent: number;
      readonly dropped: number;
      /** from the first one offered to the last one sent; 0 when none was */
      readonly spanNs: number;
      readonly latencyNs: Latency;
    };
    readonly rx: {
      readonly offered: number;
      readonly delivered: number;
      readonly dropped: number;
      /** from the first one offered to the last one delivered; 0 when none was */
      readonly spanNs: number;
      readonly latencyNs: Latency;
    };
  };
  readonly cost: PacketCost;
  readonly events: Readonly<Record<string, number>>;
  readonly findings: readonly Pick<Finding, 'id' | 'text' | 'where' | 'position'>[];
  readonly expectations: readonly {
    readonly what: string;
    readonly expected: string;
    readonly actual: string;
    readonly ok: boolean;
  }[];
}
