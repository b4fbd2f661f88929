// The messages between the ring panel's host side and its page. JSON only: addresses are hex strings. Rings cross in bytes (ring-bytes.ts).
import type { Clause, Wait } from '../diagnosis';
import type {
  Change,
  Context,
  EventKind,
  Finding,
  QueueCounters,
  SkbView,
  StopState,
  Thread,
  TimelineQuery,
  TimelineWindow,
} from '../machine';
import type { Author, Basis, Owner, Progress, RingState } from '../virtqueue';
import type { SkbBytes } from './packet/read-skb';

export type { Clause, Party, Wait } from '../diagnosis';
export type { Series, TimelineColumns, TimelineItems, TimelineQuery, TimelineWindow } from '../machine';
export { OWNERS, type Basis } from '../virtqueue';
export type { PacketField } from './packet/reader';
export type { SkbBytes } from './packet/read-skb';

// The page imports this file alone: the guards of the messages come with them.
export { countOwners, ownersIn } from './ring-bytes';
export { checkFromPanel, checkToPanel, type Checked } from './validate';

/** RingState with bigint addresses as hex strings. */
export type Wire<T> = T extends bigint
  ? string
  : T extends readonly (infer U)[]
    ? readonly Wire<U>[]
    : T extends object
      ? { readonly [K in keyof T]: Wire<T[K]> }
      : T;

/** A place in source, resolved for the page: the label is shown, the rest goes back when it is clicked. */
export interface SourceLink {
  readonly label: string;
  readonly path: string;
  readonly line: number;
}

/** A field in guest RAM that a data breakpoint can watch: guest pointer and bytes. */
export interface FieldPlace {
  readonly address: number;
  readonly size: number;
}

/** What an entry of the avail or used ring is now: an owner, or left over from an earlier turn of the ring. */
export type SlotState = Owner | 'stale';

/** A chain that the device has not used yet. Its descriptors are told by number: they are in the table already. */
export interface PanelChain {
  readonly head: number;
  readonly descriptors: readonly number[];
  readonly error?: string;
}

/** Chains in order of exposure. A large ring has thousands: one is looked for among them, and no list of them is made. */
export interface PanelChains {
  find(wanted: (chain: PanelChain) => boolean): PanelChain | undefined;
}

export type PanelRing = Omit<Wire<RingState>, 'outstanding'> & { readonly outstanding: PanelChains };

/** Whether a notification now would be sent, why, and what decides it; without a basis where the queue is not set up. */
export interface PanelVerdict {
  readonly sent: boolean;
  /** a clause for a sentence, without a full stop */
  readonly why: string;
  readonly basis?: Basis;
  /** the last write to the field that decides, where it is among the recent ones */
  readonly written?: PanelWrite;
}

/** Who wrote a field last, and when. */
export interface PanelWrite {
  readonly author: Author;
  readonly timeNs: number;
  readonly position: { readonly tick: number; readonly sub: number };
  readonly source?: SourceLink;
}

export interface PanelQueue {
  readonly ring: PanelRing;
  readonly ready: boolean;
  readonly legacy: boolean;
  /** the state of each slot of avail.ring and used.ring, in slot order */
  readonly availSlots: readonly SlotState[];
  readonly usedSlots: readonly SlotState[];
  /** where the driver's private indices lie; a value without a place cannot be watched */
  readonly places: { readonly [K in keyof Progress]?: FieldPlace };
  readonly counters: QueueCounters;
  readonly notifications: { readonly kick: PanelVerdict; readonly interrupt: PanelVerdict };
  /** one sentence: why nothing moves, or who has to act next */
  readonly sentence: string;
  /** its parts, with what each was derived from; empty when it is not made of any */
  readonly clauses: readonly Clause[];
  readonly waits?: Wait;
}

/** An skb and, in words, where it is: `head 4, avail.ring[0]`. */
export type PanelSkb = SkbView & { readonly where: string };

export type PanelThread =
  | {
      readonly id: number;
      readonly kind: 'vcpu';
      readonly name: string;
      readonly context: Context;
      readonly irqsOff: boolean;
      /** innermost function; absent when the vCPU idles */
      readonly at?: string;
      readonly source?: SourceLink;
      /** labels of the interrupts on its stack, innermost first */
      readonly interrupts: readonly string[];
      /** name of the host thread that serves the VM exit the vCPU is in */
      readonly blockedBy?: string;
    }
  /** as the machine tells it, its frames by their lines in the shipped source of its model */
  | (Omit<Extract<Thread, { readonly kind: 'host' }>, 'frames' | 'action'> & {
      readonly frames: readonly PanelFrame[];
    });

/** A function of a host model, innermost first, at the line that is next or that called. */
export interface PanelFrame {
  readonly function: string;
  readonly source?: SourceLink;
}

/** `reason` of a stop that is only a place the reader went to. */
export const MOVED = 'Moved to this position';

export interface PanelState {
  readonly version: 1;
  readonly title: string;
  readonly reason: string;
  readonly position: { readonly tick: number; readonly sub: number };
  readonly timeNs: number;
  /** guest-physical = guest pointer + physOffset; hex */
  readonly physOffset: string;
  readonly queues: readonly PanelQueue[];
  readonly skbs: readonly PanelSkb[];
  /** what `changes` are: stores since the previous stop, or, where this stop is not later than that, the last ones before it */
  readonly changesSince: 'previous' | 'history';
  /** how many of `changes`, the first ones, are from before the previous stop */
  readonly older: number;
  /** stores, in order of time; one that left the value as it was, since the previous stop only, has the same `before` and `after` */
  readonly changes: readonly (Omit<Change, 'host'> & { readonly source?: SourceLink })[];
  readonly threads: readonly PanelThread[];
  /** with status bits and feature bits by name */
  readonly device: StopState['device'] & {
    readonly statusNames: readonly string[];
    readonly featureNames: readonly string[];
  };
  readonly netdev: StopState['netdev'];
  readonly exits: StopState['exits'];
  readonly findings: readonly (Finding & { readonly source?: SourceLink })[];
  /** furthest tick reached: the run goes on from here without new history while position is left of it */
  readonly furthest: number;
}

/** An event of the log in full, for who points at it. */
export interface PanelEvent {
  /** its number in the log */
  readonly seq: number;
  /** `driver kick tx forced=0` */
  readonly text: string;
  readonly source?: SourceLink;
}

/** A window that the page asked for is told by the name it was asked with. */
export type WindowName = 'view' | 'overview';

/** What the reader has chosen on a page, as webview/ saves and restores it; a page takes over what it understands. */
export type Choices = Readonly<Record<string, string | number | boolean>>;

export type ToPanel =
  | { readonly type: 'state'; readonly state: PanelState }
  | { readonly type: 'timeline'; readonly name: WindowName; readonly window: TimelineWindow }
  /** those of the wanted events that the log still has */
  | { readonly type: 'events'; readonly events: readonly PanelEvent[] }
  /** bytes of guest RAM as they are now, hex; fewer than asked for at the end of RAM */
  | { readonly type: 'memory'; readonly address: number; readonly bytes: string }
  | { readonly type: 'running' }
  /** answers `readSkb`: at a stop, for an skb that is pending there */
  | { readonly type: 'skbBytes'; readonly bytes: SkbBytes }
  /** what was chosen on another page, or before a reload: for a page that has no choices of its own */
  | { readonly type: 'choices'; readonly choices: Choices }
  /** no machine runs; `again`: the name of what may be run again */
  | { readonly type: 'empty'; readonly text: string; readonly again?: string }
  | { readonly type: 'error'; readonly text: string };

export type FromPanel =
  | { readonly type: 'ready' }
  /** the session that ran last is to be started again */
  | { readonly type: 'runAgain' }
  | { readonly type: 'choices'; readonly choices: Choices }
  | { readonly type: 'openSource'; readonly path: string; readonly line: number }
  | { readonly type: 'goTo'; readonly tick: number; readonly sub: number }
  /** to the place at a virtual time, or near it */
  | { readonly type: 'goToTime'; readonly ns: number }
  /** to the next event of some kinds, or to the one before */
  | { readonly type: 'goToMark'; readonly what: readonly EventKind[]; readonly forward: boolean }
  | { readonly type: 'timeline'; readonly name: WindowName; readonly query: TimelineQuery }
  /** events [from, to) of the log in full */
  | { readonly type: 'events'; readonly from: number; readonly to: number }
  /** bytes of guest RAM: guest pointer and size */
  | { readonly type: 'memory'; readonly address: number; readonly size: number }
  /** the same in the editor's own view of memory */
  | { readonly type: 'openMemory'; readonly address: number; readonly label: string }
  /** stop when this range is written: guest pointer and bytes */
  | { readonly type: 'breakOnWrite'; readonly address: number; readonly size: number; readonly label: string }
  /** the bytes of a pending skb, decoded */
  | { readonly type: 'readSkb'; readonly id: number }
  | { readonly type: 'lastWriter'; readonly address: number; readonly size: number; readonly label: string }
  | { readonly type: 'nextWriter'; readonly address: number; readonly size: number; readonly label: string };
