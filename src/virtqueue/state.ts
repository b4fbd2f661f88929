// RingState: what one virtqueue holds, as decoded from guest memory. Data only; JSON-safe but for bigint addresses.

/** Who wrote a value: the two sides of the ring, the person at the debugger, or the lab's machine (frames copied in). */
export type Author = 'driver' | 'device' | 'debugger' | 'machine';

/** Where a descriptor stands, seen from the observed writes alone. `unknown` for a decoded snapshot without history. */
export type Owner = 'free' | 'building' | 'added' | 'available' | 'taken' | 'used' | 'reclaimed' | 'unknown';

/** The owners in the order of their byte codes in a tracker's table. */
export const OWNERS: readonly Owner[] = [
  'free',
  'building',
  'added',
  'available',
  'taken',
  'used',
  'reclaimed',
  'unknown',
];

/** Where a split ring lies in guest-physical memory, and how many entries it has. */
export interface SplitLayout {
  readonly format: 'split';
  /** Number of descriptors, a power of two, at most 32768 (spec 2.7). */
  readonly size: number;
  /** Guest-physical addresses of the three parts. */
  readonly desc: bigint;
  readonly avail: bigint;
  readonly used: bigint;
  /** VIRTIO_RING_F_EVENT_IDX was negotiated: used_event and avail_event exist (spec 2.7.7, 2.7.8). */
  readonly eventIdx: boolean;
  /** VIRTIO_F_IN_ORDER was negotiated: one used entry may stand for all buffers up to the one it names (spec 2.7.9). */
  readonly inOrder?: boolean;
  /** LAB_RING_F_KICK_COUNT was negotiated: flags of both sides count kicks above their lowest bit. */
  readonly kickCount?: boolean;
  /** VIRTIO_RING_F_INDIRECT_DESC was negotiated. */
  readonly indirect: boolean;
}

/** One entry of a descriptor table, direct or indirect (spec 2.7.5). */
export interface Descriptor {
  readonly index: number;
  readonly addr: bigint;
  /** bytes */
  readonly len: number;
  readonly flags: number;
  readonly next: number;
  readonly owner: Owner;
  /** Head of the chain this descriptor was last seen in, if it is in one now. */
  readonly chain?: number;
  /** The table it points to, when flags has INDIRECT and the table could be read. */
  readonly indirect?: readonly Descriptor[];
}

/** A chain followed from its head; `error` says why the walk stopped early, and then `descriptors` is what was reached. */
export interface Chain {
  readonly head: number;
  readonly descriptors: readonly Descriptor[];
  readonly error?: string;
}

export interface AvailRing {
  readonly flags: number;
  /** free-running, modulo 65536 */
  readonly idx: number;
  readonly ring: readonly number[];
  /** present only with event index */
  readonly usedEvent?: number;
}

export interface UsedElement {
  readonly id: number;
  readonly len: number;
}

export interface UsedRing {
  readonly flags: number;
  readonly idx: number;
  readonly ring: readonly UsedElement[];
  readonly availEvent?: number;
}

/** Private values of the two sides: not in the ring, so each is absent when nobody can tell. All modulo 65536 where indices. */
export interface Progress {
  /** Device: next avail entry it will look at. */
  readonly lastAvailIdx?: number;
  /** Driver: avail.idx when it last decided about a kick: sent it, or read that none is wanted. */
  readonly kickedIdx?: number;
  /** Driver: whether that decision was a kick. */
  readonly kickSent?: boolean;
  /** Driver: next used entry it will look at. */
  readonly lastUsedIdx?: number;
  /** Driver: buffers added but not yet exposed. */
  readonly numAdded?: number;
  readonly numFree?: number;
  readonly freeHead?: number;
}

/** One field that changed, for the panel's list and for "who last wrote this". */
export interface RingChange {
  /** C-like name: `avail.idx`, `used.ring[3].id`, `desc[7].flags`. */
  readonly field: string;
  readonly before: string;
  readonly after: string;
  readonly author: Author;
}

export interface RingState {
  readonly version: 1;
  readonly name: string;
  readonly index: number;
  readonly layout: SplitLayout;
  readonly descriptors: readonly Descriptor[];
  readonly avail: AvailRing;
  readonly used: UsedRing;
  readonly progress: Progress;
  /** Chains exposed by the driver and not used by the device, in order of exposure. */
  readonly outstanding: readonly Chain[];
  /** What is wrong with the bytes: BAD index jumps, heads out of range, loops … in words that name field, found, expected. */
  readonly problems: readonly string[];
}

/** Reads guest memory by guest-physical address: a copy or a view of exactly `length` bytes, undefined if any of them is outside RAM. */
export type ReadMemory = (addr: bigint, length: number) => Uint8Array | undefined;
