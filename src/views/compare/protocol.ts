// The messages between the compare tab's host side and its page. JSON only.
import type { EventKind, TimelineWindow } from '../../machine';
import type { Again } from '../../messages';

// The page imports this file alone: the guards of the messages come with them.
export { checkFromCompare, checkKept, checkToCompare, type Checked } from './validate';

export type Side = 'left' | 'right';

/** What a run did, for one packet or for all. */
export interface Measures {
  readonly kicks: number;
  readonly kicksSuppressed: number;
  readonly exits: number;
  readonly interrupts: number;
  /** of the driver and of the kernel API */
  readonly lines: number;
  /** ns; absent: under way, or of none */
  readonly latencyNs?: number;
}

/** One run's share of a packet. */
export interface PacketCells extends Measures {
  /** where it begins */
  readonly tick: number;
}

export interface CompareRow {
  /** `tx 3` */
  readonly label: string;
  readonly left?: PacketCells;
  readonly right?: PacketCells;
  /** what differs, in words; empty: nothing */
  readonly difference: string;
  /** the runs have not both come as far: its numbers are of different stretches of it */
  readonly open?: boolean;
}

export interface Totals extends Measures {
  readonly tx: number;
  readonly rx: number;
}

export interface CompareState {
  readonly version: 1;
  /** the names of the runs */
  readonly left: string;
  readonly right: string;
  readonly rows: readonly CompareRow[];
  /** over all packets of each run; the latency is the mean */
  readonly totals: { readonly left: Totals; readonly right: Totals };
  /** the run is recorded up to its end: what has not happened never does */
  readonly ended: { readonly left: boolean; readonly right: boolean };
  /** index of the first row that differs */
  readonly first?: number;
  /** what the reader has to know of the table */
  readonly notes: readonly string[];
}

/** Something that happened at a packet's ring. */
export interface Moment {
  readonly what: EventKind;
  /** since the packet began */
  readonly ns: number;
  readonly tick: number;
}

/** A packet in one run. Every time is ns since the packet began there. */
export interface PacketSide {
  readonly window: TimelineWindow;
  readonly story: readonly Moment[];
  /** when it left on the wire, or was delivered */
  readonly doneNs?: number;
  /** where the machine stands */
  readonly atNs: number;
}

/** An event of both stories, by its number. */
export interface PartingMark {
  readonly at: number;
  /** event: something else happens there; time: the same happens, and most of the difference in time arises before it */
  readonly is: 'event' | 'time';
}

/** One packet of both runs, on one axis of time. */
export interface PacketView {
  /** index of its row */
  readonly row: number;
  readonly left?: PacketSide;
  readonly right?: PacketSide;
  /** where the runs part; absent: they do not */
  readonly mark?: PartingMark;
}

/** A part of a row's packet in both runs, ns since it began: of what is told in columns, a closer look. */
export interface Detail {
  readonly row: number;
  readonly fromNs: number;
  readonly toNs: number;
  readonly left?: TimelineWindow;
  readonly right?: TimelineWindow;
}

/** What the page keeps over a reload of the window. */
export interface Kept {
  readonly version: 1;
  readonly state: CompareState;
  readonly packet?: PacketView;
  readonly again: { readonly left: Again; readonly right: Again };
}

export type ToCompare =
  | { readonly type: 'comparison'; readonly state: CompareState; readonly again: Kept['again'] }
  | { readonly type: 'packet'; readonly packet: PacketView }
  | ({ readonly type: 'detail' } & Detail)
  /** the sessions are over, or cannot be compared: what is shown stays, and the text says of when it is */
  | { readonly type: 'over'; readonly text: string };

export type FromCompare =
  /** the page draws; `row`: the packet that it shows */
  | { readonly type: 'ready'; readonly row?: number }
  /** shows a row's packet; absent: the first that differs */
  | { readonly type: 'choose'; readonly row?: number }
  /** a session goes to a time, ns since a row's packet began in it */
  | { readonly type: 'goToTime'; readonly row: number; readonly side: Side; readonly ns: number }
  /** wants the timelines of a part of a row's packet, ns since it began */
  | { readonly type: 'look'; readonly row: number; readonly fromNs: number; readonly toNs: number }
  /** each session named goes to its tick */
  | { readonly type: 'goTo'; readonly left?: number; readonly right?: number }
  | { readonly type: 'showRings' }
  | { readonly type: 'runBoth' }
  /** starts both sessions anew */
  | { readonly type: 'again' };
