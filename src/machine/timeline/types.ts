// What a timeline is asked, and what it answers. Data only: crosses threads by structured clone.
import type { EventKind, Position } from '../types';

/** What the vCPU is in: exactly one of these is on top at any time, or the vCPU idles. */
export type VcpuContext = 'process' | 'softirq' | 'hardirq';

/** A value that stands until it changes. `of` says whose it is. */
export type LevelKind =
  /** 1 while the vCPU runs in the context `of` */
  | 'context'
  /** 1 while it is out of the guest, in a VM exit that was taken in the context `of` */
  | 'exit'
  /** 1 while the host thread `of` is at work, 0 while it rests */
  | 'host'
  /** ns from arming to expiry while the host timer `of` is armed, 0 otherwise */
  | 'timer'
  /** 1 while used.flags of the queue `of` has NO_NOTIFY */
  | 'noNotify'
  /** 1 while avail.flags of the queue `of` has NO_INTERRUPT */
  | 'noInterrupt'
  /** chains of the queue `of` that are exposed and not used yet */
  | 'outstanding'
  /** those of them that the device has taken */
  | 'taken'
  /**
   * those, and those that the device has used while the driver has neither freed nor received their skb: used, and not
   * reclaimed. Told by the API's calls, at both levels alike; a chain of pages alone counts until it is used.
   */
  | 'unreclaimed'
  /** 1 while the net device's transmit queue is stopped */
  | 'queueStopped';

/** One thing that is followed over time. */
export type Series =
  /** happens at a moment; the value of an item is the event's number in the log */
  | { readonly kind: 'mark'; readonly what: EventKind; readonly queue?: string }
  | { readonly kind: 'level'; readonly what: LevelKind; readonly of?: string };

export interface TimelineQuery {
  /** virtual ns, fromNs < toNs; the window is [fromNs, toNs) */
  readonly fromNs: number;
  readonly toNs: number;
  /** columns to sum up into, when there are too many items to tell them one by one; 1 to 4096 */
  readonly columns: number;
  /** items told one by one at most; 0: columns in any case */
  readonly items: number;
}

/** Every item of the window, in order; the four lists are of the same length. */
export interface TimelineItems {
  readonly kind: 'items';
  readonly ns: readonly number[];
  /** tick of the machine, to go there */
  readonly tick: readonly number[];
  /** index in `series` */
  readonly series: readonly number[];
  /** a mark: number of the event in the log; a level: its new value */
  readonly value: readonly number[];
}

/** The window summed up in columns of equal width. */
export interface TimelineColumns {
  readonly kind: 'columns';
  readonly count: number;
  /** by series, then by column: how many marks, or ns for which the level was not 0; null for a series that is 0 all along */
  readonly sums: readonly (readonly number[] | null)[];
  /** by series, then by column: the greatest value of a level; null for marks, and for levels that are only on or off */
  readonly peaks: readonly (readonly number[] | null)[];
}

export interface TimelineWindow {
  readonly fromNs: number;
  readonly toNs: number;
  /** how far the run is recorded, virtual ns: right of it nothing is known yet */
  readonly endNs: number;
  readonly series: readonly Series[];
  /** by series: the level's value just before the window; 0 for marks */
  readonly before: readonly number[];
  readonly content: TimelineItems | TimelineColumns;
}

/** The next or the previous mark of some kinds, seen from a position. */
export interface MarkQuery {
  readonly from: Position;
  readonly forward: boolean;
  readonly what: readonly EventKind[];
  /** of this queue only */
  readonly queue?: string;
}
