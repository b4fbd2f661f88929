// What a tracker says of a write, counts, and remembers.

/** What a write meant; several bits when it covers several fields. Details are in the tracker's fields until the next write. */
export const Saw = {
  nothing: 0,
  /** heads were written to avail.ring: addSlots, addHeads, addLengths, addCount */
  add: 1,
  /** avail.idx moved: exposedFrom, exposedTo */
  expose: 2,
  /** avail.flags or used_event changed: availFlags, usedEvent */
  callbacks: 4,
  /** used.flags or avail_event changed: usedFlags, availEvent */
  notify: 8,
  /** used.ring entries were written: useSlots, useCount */
  use: 16,
  /** used.idx moved: usedFrom, usedTo */
  usedIdx: 32,
  /** something that must not be: bads */
  bad: 64,
} as const;

export type BadKind =
  /** a head or an id that is no descriptor */
  | 'range'
  /** a descriptor made available while it is in another chain, or available already (spec 2.7.13.2) */
  | 'double-add'
  /** a chain that loops or leaves the table (2.7.5.2) */
  | 'chain'
  /** avail.idx ahead of used.idx by more than the queue size, or back (2.7.6.1) */
  | 'avail-jump'
  /** a used entry for what the device does not hold (2.7.8) */
  | 'not-outstanding'
  /** a used entry whose len is more than its chain holds (2.7.8) */
  | 'used-len'
  /** used.idx past avail.idx, or back */
  | 'used-jump'
  /** the driver changed what it had exposed and not got back (3.3.1) */
  | 'exposed-write'
  /** a part written by the side that only reads it (2.7.5.1, 2.7.6, 2.7.8) */
  | 'wrong-side';

export interface Bad {
  readonly kind: BadKind;
  /** names field, found, expected */
  readonly text: string;
}

export interface TrackerCounters {
  /** chains added, and chains used */
  readonly added: number;
  readonly used: number;
  /** bytes of used chains: all of the device-readable ones, and of the device-writable ones what used.len says */
  readonly bytes: number;
  /** chains exposed and not used, at most */
  readonly maxOutstanding: number;
}

/** Everything a tracker remembers: plain data, for a checkpoint. */
export interface TrackerSnapshot extends TrackerCounters {
  readonly tables: Uint8Array;
  readonly availIdx: number;
  readonly usedIdx: number;
  readonly pending: number;
  readonly dirty: boolean;
  readonly virgin: boolean;
}
