// SplitTracker: follows one live split ring from the writes to it: who owns each descriptor, and what each write meant. Hot path.
import { DESC_SIZE, USED_ELEM_SIZE } from './constants';
import { ADDED, AVAILABLE, BUILDING, FREE, NONE, Ownership, TAKEN, USED } from './ownership';
import { RingShadow } from './shadow';
import type { NumberMemory } from './shadow';
import type { Author, SplitLayout } from './state';
import { Saw } from './track-types';
import type { Bad, BadKind, TrackerCounters, TrackerSnapshot } from './track-types';

/** In slotHead, beside NONE: what the slot holds was reported as bad. */
const REPORTED = -2;

/**
 * Ownership from observed writes alone, without a look at any private variable:
 * a descriptor is `building` from the driver's first write to it other than to `next` (writes to `next` alone link the free list);
 * `added` with its whole chain when avail.ring names the head; `available` when avail.idx has passed that entry; `taken` while the
 * device side says so; `used` when used.idx has passed its used entry; and `free` again when the driver touches any descriptor of
 * the used chain (that one is then `building`, unless only `next` was written or it was cleared).
 * It keeps its own copy of the ring's bytes, so that stores told late, in a batch, still mean what they meant.
 * Whatever is written anywhere, no method throws.
 */
export class SplitTracker {
  /** owner of each descriptor, as index in OWNERS */
  readonly owners: Uint8Array;
  /** head of the chain each descriptor is in, -1 for none */
  readonly heads: Int32Array;

  /** Chains added by the last write: slot, head, and number of descriptors in the table. */
  readonly addSlots: Int32Array;
  readonly addHeads: Int32Array;
  readonly addLengths: Int32Array;
  addCount = 0;
  /** Slots of the used entries written by the last write. */
  readonly useSlots: Int32Array;
  useCount = 0;
  /** Indices moved by the last write. */
  exposedFrom = 0;
  exposedTo = 0;
  usedFrom = 0;
  usedTo = 0;
  /** What was wrong with the last write. */
  bads: readonly Bad[] = [];

  private readonly size: number;
  private readonly eventIdx: boolean;
  private readonly inOrder: boolean;
  private readonly tables: Uint8Array;
  private readonly shadow: RingShadow;
  private readonly chains: Ownership;
  /** head recorded for an avail.ring slot, NONE or REPORTED; and the slot that a head was added in */
  private readonly slotHead: Int32Array;
  private readonly slotOf: Int32Array;
  /** 1: the used entry written since used.idx last passed its slot was reported as bad */
  private readonly entryReported: Uint8Array;

  private avail = 0;
  private used = 0;
  private pending = 0;
  /** an added descriptor was changed: its chain is walked again when exposed */
  private dirty = false;
  /** nothing was added yet: writes are set-up */
  private virgin = true;
  private added = 0;
  private usedChains = 0;
  private bytes = 0;
  private maxOutstanding = 0;

  /** @param memory for the ring's present bytes, for `observe`, and for indirect tables */
  constructor(
    layout: SplitLayout,
    private readonly memory: NumberMemory,
  ) {
    const n = layout.size;
    this.size = n;
    this.eventIdx = layout.eventIdx;
    this.inOrder = layout.inOrder === true;
    // One block for all tables, so that a snapshot is one copy. Eight-byte members first, for their alignment.
    const slots = roundUp(Ownership.bytesEach * n);
    const buffer = new ArrayBuffer(slots + 9 * n + RingShadow.bytes(layout));
    this.tables = new Uint8Array(buffer);
    this.slotHead = new Int32Array(buffer, slots, n);
    this.slotOf = new Int32Array(buffer, slots + 4 * n, n);
    this.entryReported = new Uint8Array(buffer, slots + 8 * n, n);
    this.shadow = new RingShadow(layout, new Uint8Array(buffer, slots + 9 * n));
    this.chains = new Ownership(this.shadow, memory, buffer, 0);
    this.owners = this.chains.owners;
    this.heads = this.chains.heads;
    this.addSlots = new Int32Array(n);
    this.addHeads = new Int32Array(n);
    this.addLengths = new Int32Array(n);
    this.useSlots = new Int32Array(n);
    this.reset();
  }

  /** Starts over with the bytes that are in memory, every descriptor free. Counters go on: they are the run's. */
  reset(): void {
    this.shadow.load(this.memory);
    this.chains.reset();
    this.slotHead.fill(NONE);
    this.slotOf.fill(NONE);
    this.entryReported.fill(0);
    this.avail = this.shadow.availIdx();
    this.used = this.shadow.usedIdx();
    this.pending = 0;
    this.dirty = false;
    this.virgin = true;
    this.begin();
  }

  get counters(): TrackerCounters {
    return { added: this.added, used: this.usedChains, bytes: this.bytes, maxOutstanding: this.maxOutstanding };
  }
  get availIdx(): number {
    return this.avail;
  }
  get usedIdx(): number {
    return this.used;
  }
  get availFlags(): number {
    return this.shadow.availFlags();
  }
  get usedFlags(): number {
    return this.shadow.usedFlags();
  }
  /** undefined without event index, as is availEvent */
  get usedEvent(): number | undefined {
    return this.eventIdx ? this.shadow.usedEvent() : undefined;
  }
  get availEvent(): number | undefined {
    return this.eventIdx ? this.shadow.availEvent() : undefined;
  }
  /** Chains in avail.ring that avail.idx has not passed. */
  get numAdded(): number {
    return this.pending;
  }
  /** Chains exposed and not used; above the queue size only after a bad index. */
  get outstanding(): number {
    return (this.avail - this.used) & 0xffff;
  }
  /** The entries of both rings for a free-running index. */
  availHead(index: number): number {
    return this.shadow.availHead((index & 0xffff) % this.size);
  }
  /** In order, an entry may stand for others that were not written: what was exposed at this index is what was used at it. */
  usedId(index: number): number {
    if (this.inOrder) return this.availHead(index);
    return this.shadow.usedId((index & 0xffff) % this.size);
  }
  usedLen(index: number): number {
    return this.shadow.usedLen((index & 0xffff) % this.size);
  }

  /** The device has read the chain: it holds it until used.idx has passed its entry. Nothing happens for a head that is not available. */
  take(head: number): void {
    if (this.chains.isHeadOf(head, AVAILABLE)) this.chains.give(head, TAKEN);
  }
  /** The device puts the chain back unused. */
  untake(head: number): void {
    if (this.chains.isHeadOf(head, TAKEN)) this.chains.give(head, AVAILABLE);
  }

  /**
   * A write has happened, and memory holds its bytes.
   * @param addr guest-physical, below 2^53; any part of the write may lie outside the ring
   * @param size bytes
   * @returns what it meant: bits of Saw
   */
  observe(author: Author, addr: number, size: number): number {
    if (size >= 1 && size <= 8)
      return this.observeStore(author, addr, size, this.word(addr, size), this.word(addr + 4, size - 4));
    this.begin();
    return this.inParts(author, addr, size, (gpa) => this.memory.u8(gpa));
  }

  /**
   * A store of 1 to 8 bytes has happened, and its value is known: `lo` the first four bytes, little endian, `hi` the others.
   * For stores told late, when memory may hold later bytes.
   */
  observeStore(author: Author, addr: number, size: number, lo: number, hi: number): number {
    this.begin();
    const { shadow } = this;
    const desc = addr - shadow.desc;
    if (desc >= 0 && desc + size <= shadow.descBytes) {
      return this.descStored(author, desc, size, shadow.put(desc, size, lo, hi));
    }
    const avail = addr - shadow.avail;
    if (avail >= 0 && avail + size <= shadow.availBytes) {
      return this.availStored(author, avail, size, shadow.put(shadow.availAt + avail, size, lo, hi));
    }
    const used = addr - shadow.used;
    if (used >= 0 && used + size <= shadow.usedBytes) {
      return this.usedStored(author, used, size, shadow.put(shadow.usedAt + used, size, lo, hi));
    }
    return this.straddling(author, addr, size, lo, hi);
  }

  snapshot(): TrackerSnapshot {
    return {
      ...this.counters,
      tables: this.tables.slice(),
      availIdx: this.avail,
      usedIdx: this.used,
      pending: this.pending,
      dirty: this.dirty,
      virgin: this.virgin,
    };
  }

  /** Goes back to a snapshot of a tracker of the same layout. */
  restore(s: TrackerSnapshot): void {
    this.tables.set(s.tables);
    this.avail = s.availIdx;
    this.used = s.usedIdx;
    this.pending = s.pending;
    this.dirty = s.dirty;
    this.virgin = s.virgin;
    this.added = s.added;
    this.usedChains = s.used;
    this.bytes = s.bytes;
    this.maxOutstanding = s.maxOutstanding;
    this.begin();
  }

  /** Up to four bytes of memory, little endian; 0 for none. */
  private word(gpa: number, size: number): number {
    let value = 0;
    for (let i = 0; i < size && i < 4; i++) value |= this.memory.u8(gpa + i) << (8 * i);
    return value;
  }

  private begin(): void {
    this.addCount = 0;
    this.useCount = 0;
    if (this.bads.length > 0) this.bads = [];
  }

  private bad(kind: BadKind, text: string): number {
    this.bads = [...this.bads, { kind, text }];
    return Saw.bad;
  }

  private wrongSide(part: string, writer: Author, owner: Author): number {
    return this.bad('wrong-side', `${part}: written by the ${writer}, expected to be written by the ${owner} only`);
  }

  /** A method of its own: a closure in observeStore would cost every store an allocation. */
  private straddling(author: Author, addr: number, size: number, lo: number, hi: number): number {
    return this.inParts(author, addr, size, (gpa) => {
      const i = gpa - addr;
      return i < 4 ? lo >>> (8 * i) : hi >>> (8 * (i - 4));
    });
  }

  /** A write that may begin or end outside a part of the ring, byte by byte. */
  private inParts(author: Author, addr: number, size: number, byteAt: (gpa: number) => number): number {
    const { shadow } = this;
    /** Takes the bytes that lie in one part; says where in the part they begin, how many they are, and whether any changed. */
    const take = (base: number, bytes: number, at: number): readonly [number, number, boolean] | undefined => {
      const from = Math.max(addr, base);
      const to = Math.min(addr + size, base + bytes);
      if (!(from < to)) return undefined;
      let changed = false;
      for (let gpa = from; gpa < to; gpa++) changed = shadow.put(at + gpa - base, 1, byteAt(gpa), 0) || changed;
      return [from - base, to - from, changed];
    };
    const desc = take(shadow.desc, shadow.descBytes, 0);
    const avail = take(shadow.avail, shadow.availBytes, shadow.availAt);
    const used = take(shadow.used, shadow.usedBytes, shadow.usedAt);
    return (
      (desc ? this.descStored(author, ...desc) : 0) |
      (avail ? this.availStored(author, ...avail) : 0) |
      (used ? this.usedStored(author, ...used) : 0)
    );
  }

  // ---- descriptor table

  /** Bytes [at, at + size) of the descriptor table were written; so for the other two parts below. */
  private descStored(author: Author, at: number, size: number, changed: boolean): number {
    let saw = author === 'device' && changed ? this.wrongSide('descriptor table', 'device', 'driver') : 0;
    const last = (at + size - 1) >>> 4;
    for (let i = at >>> 4; i <= last; i++) saw |= this.descTouched(i, at - i * DESC_SIZE >= 14, changed);
    return saw;
  }

  private descTouched(i: number, nextOnly: boolean, changed: boolean): number {
    if (this.owners[i] === ADDED) {
      this.dirty ||= changed;
      return 0;
    }
    if (this.chains.isBound(i)) {
      if (!changed) return 0;
      const held = `its chain (head ${this.heads[i]}) is ${this.chains.nameOfOwner(i)}`;
      return this.bad(
        'exposed-write',
        `desc[${i}]: changed while ${held}, expected it unchanged until the device has used it`,
      );
    }
    this.chains.release(i);
    if (this.shadow.descIsClear(i)) this.owners[i] = FREE;
    else if (!nextOnly) this.owners[i] = BUILDING;
    return 0;
  }

  // ---- available ring

  private availStored(author: Author, at: number, size: number, changed: boolean): number {
    let saw = author === 'device' && changed ? this.wrongSide('avail', 'device', 'driver') : 0;
    const end = at + size;
    const ringEnd = 4 + 2 * this.size;
    if (end > 4 && at < ringEnd) {
      const last = (Math.min(end, ringEnd) - 5) >>> 1;
      for (let slot = at < 4 ? 0 : (at - 4) >>> 1; slot <= last; slot++) saw |= this.slotStored(slot, changed);
    }
    if (changed && (at < 2 || end > ringEnd)) saw |= Saw.callbacks;
    // The index last: a store that covers both exposes what it wrote.
    if (at < 4 && end > 2) saw |= this.availIdxStored();
    return saw;
  }

  private slotStored(slot: number, changed: boolean): number {
    const head = this.shadow.availHead(slot);
    const recorded = this.slotHead[slot] as number;
    if (this.isExposed(slot)) {
      if (!changed || recorded === head) return 0;
      return this.bad(
        'exposed-write',
        `avail.ring[${slot}]: changed to ${head} while exposed, expected it unchanged until used${this.whyOverwritten()}`,
      );
    }
    if (recorded >= 0 && recorded !== head && this.chains.isHeadOf(recorded, ADDED) && this.slotOf[recorded] === slot) {
      // Taken back before it was exposed: the driver may go on with it.
      this.chains.give(recorded, BUILDING);
      this.pending -= 1;
    }
    if (head >= this.size) return this.badHead(slot, head);
    if (this.owners[head] === FREE) {
      // Zeroing at set-up, or a driver that fills the entry before the descriptor: avail.idx will tell.
      this.slotHead[slot] = NONE;
      return 0;
    }
    if (!this.chains.isBound(head)) return this.add(slot, head);
    if (this.chains.isHeadOf(head, ADDED)) {
      const other = this.slotOf[head] as number;
      if (other === slot) return 0;
      if (this.shadow.availHead(other) !== head) {
        this.slotHead[other] = NONE;
        this.slotHead[slot] = head;
        this.slotOf[head] = slot;
        return 0;
      }
    }
    return this.doubleAdd(slot, head);
  }

  /** The slot is one of those between used.idx and avail.idx. */
  private isExposed(slot: number): boolean {
    const { outstanding, size } = this;
    if (!isPowerOfTwo(size)) return this.isExposedBeforeJump(slot);
    const ahead = (slot - (this.avail % size) + size) % size;
    return outstanding <= size && size - ahead <= outstanding;
  }

  /** The same where 65536 is no multiple of the size: the slots of entries in flight are in two pieces after the index has wrapped. */
  private isExposedBeforeJump(slot: number): boolean {
    const { outstanding, size } = this;
    for (let back = 1; back <= outstanding && outstanding <= size; back++)
      if (((this.avail - back) & 0xffff) % size === slot) return true;
    return false;
  }

  private whyOverwritten(): string {
    const { size } = this;
    if (isPowerOfTwo(size) || this.avail >= this.outstanding) return '';
    return `; the index has wrapped from 65535 to 0, and its slot has jumped from ${65535 % size} to 0: 65536 is no multiple of ${size}`;
  }

  private badHead(slot: number, head: number): number {
    this.slotHead[slot] = REPORTED;
    return this.bad('range', `avail.ring[${slot}]: found head ${head}, expected below ${this.size} (queue size)`);
  }

  private doubleAdd(slot: number, head: number): number {
    this.slotHead[slot] = REPORTED;
    const found = `found head ${head}, which is ${this.chains.nameOfOwner(head)} already (chain of head ${this.heads[head]})`;
    return this.bad('double-add', `avail.ring[${slot}]: ${found}, expected a chain that is the driver's`);
  }

  /** avail.ring[slot] names a chain that is the driver's: it is added from now on. */
  private add(slot: number, head: number): number {
    this.virgin = false;
    this.slotHead[slot] = head;
    this.slotOf[head] = slot;
    const saw = this.walk(head);
    this.pending += 1;
    this.added += 1;
    if (this.addCount < this.size) {
      this.addSlots[this.addCount] = slot;
      this.addHeads[this.addCount] = head;
      this.addLengths[this.addCount] = this.chains.length(head);
      this.addCount += 1;
    }
    return Saw.add | saw;
  }

  private walk(head: number): number {
    const fault = this.chains.walk(head);
    return fault === undefined ? 0 : this.bad(fault.kind, fault.text);
  }

  private availIdxStored(): number {
    const from = this.avail;
    const to = this.shadow.availIdx();
    const step = (to - from) & 0xffff;
    if (step === 0) return 0;
    const after = (to - this.used) & 0xffff;
    this.avail = to;
    // Set-up: what the memory held before was no index.
    if (this.virgin && (to === 0 || after > this.size)) return 0;
    this.exposedFrom = from;
    this.exposedTo = to;
    if (after > this.size || step > this.size) return Saw.expose | this.availJump(from, to, step, after);
    let saw: number = Saw.expose;
    for (let n = 0; n < step; n++) saw |= this.expose(((from + n) & 0xffff) % this.size);
    if (this.pending === 0) this.dirty = false;
    this.maxOutstanding = Math.max(this.maxOutstanding, after);
    return saw;
  }

  private availJump(from: number, to: number, step: number, after: number): number {
    const found = step >= 0x8000 ? `${65536 - step} back` : `${after} ahead of used.idx ${this.used}`;
    const expected = `forward, and at most ${this.size} (queue size) ahead of used.idx`;
    return this.bad('avail-jump', `avail.idx: moved from ${from} to ${to}, ${found}, expected ${expected}`);
  }

  private expose(slot: number): number {
    const head = this.shadow.availHead(slot);
    const reported = this.slotHead[slot] === REPORTED;
    let saw = 0;
    if (head >= this.size) return reported ? 0 : this.badHead(slot, head);
    if (this.chains.isHeadOf(head, ADDED) && this.slotOf[head] === slot) {
      if (this.dirty) {
        this.chains.give(head, BUILDING);
        saw = this.walk(head);
      }
    } else {
      if (this.chains.isBound(head)) return reported ? 0 : this.doubleAdd(slot, head);
      saw = this.add(slot, head);
    }
    this.pending -= 1;
    this.chains.give(head, AVAILABLE);
    return saw;
  }

  // ---- used ring

  private usedStored(author: Author, at: number, size: number, changed: boolean): number {
    if (author === 'driver' && this.virgin) {
      // Zeroing at set-up, the one time the driver writes here (spec 2.7.10.1).
      this.used = this.shadow.usedIdx();
      return 0;
    }
    let saw = author === 'driver' && changed ? this.wrongSide('used', 'driver', 'device') : 0;
    const end = at + size;
    const ringEnd = 4 + USED_ELEM_SIZE * this.size;
    if (end > 4 && at < ringEnd) {
      const last = (Math.min(end, ringEnd) - 5) >>> 3;
      for (let slot = at < 4 ? 0 : (at - 4) >>> 3; slot <= last; slot++) {
        // An entry is complete with its len: QEMU and lguest write id first when they write the two apart.
        const len = 8 + USED_ELEM_SIZE * slot;
        if (at < len + 4 && end > len) saw |= this.entryStored(slot);
      }
    }
    if (changed && (at < 2 || end > ringEnd)) saw |= Saw.notify;
    if (at < 4 && end > 2) saw |= this.usedIdxStored();
    return saw;
  }

  private entryStored(slot: number): number {
    if (this.useCount < this.size) {
      this.useSlots[this.useCount] = slot;
      this.useCount += 1;
    }
    const good = this.chains.isOutstanding(this.shadow.usedId(slot));
    this.entryReported[slot] = good ? 0 : 1;
    return Saw.use | (good ? this.checkLength(slot) : this.badEntry(slot));
  }

  /** Spec 2.7.8: len is what the device wrote. Devices of 2009 count what they read of a chain with nothing to write to. */
  private checkLength(slot: number): number {
    const id = this.shadow.usedId(slot);
    const len = this.shadow.usedLen(slot);
    const most = this.chains.capacity(id);
    if (len <= most) return 0;
    return this.bad('used-len', `used.ring[${slot}].len: found ${len}, expected at most ${most}, all of chain ${id}`);
  }

  /** @param more further entries of which the same is true, passed by the same move of used.idx */
  private badEntry(slot: number, more = 0): number {
    const id = this.shadow.usedId(slot);
    const name = `used.ring[${slot}].id: found ${id}`;
    const others = more === 0 ? '' : `; and ${more} more that used.idx has passed`;
    if (id >= this.size) return this.bad('range', `${name}, expected below ${this.size} (queue size)${others}`);
    const state =
      this.heads[id] === id || this.heads[id] === NONE
        ? this.chains.nameOfOwner(id)
        : `in the chain of head ${this.heads[id]}`;
    return this.bad(
      'not-outstanding',
      `${name}, which is ${state}, expected the head of an outstanding chain${others}`,
    );
  }

  private usedIdxStored(): number {
    const from = this.used;
    const to = this.shadow.usedIdx();
    const step = (to - from) & 0xffff;
    if (step === 0) return 0;
    const { outstanding } = this;
    this.usedFrom = from;
    this.usedTo = to;
    this.used = to;
    let saw: number = Saw.usedIdx;
    if (step > outstanding) {
      const found = step >= 0x8000 ? `${65536 - step} back` : `${step} forward with ${outstanding} outstanding`;
      saw |= this.bad(
        'used-jump',
        `used.idx: moved from ${from} to ${to}, ${found}, expected forward, not past avail.idx ${this.avail}`,
      );
    }
    if (step <= this.size) saw |= this.useAll(from, step);
    return saw;
  }

  /** used.idx has passed these entries. Those that name nothing outstanding are one mistake, that of the index. */
  private useAll(from: number, count: number): number {
    let stray = 0;
    let first = 0;
    for (let n = 0; n < count; n++) {
      const slot = ((from + n) & 0xffff) % this.size;
      if (this.use(slot, this.usedId(from + n))) continue;
      if (stray === 0) first = slot;
      stray += 1;
    }
    return stray === 0 ? 0 : this.badEntry(first, stray - 1);
  }

  /** used.idx has passed this entry: the chain is the driver's again. False when there is none, and nobody was told. */
  private use(slot: number, id: number): boolean {
    const reported = this.entryReported[slot] === 1;
    this.entryReported[slot] = 0;
    if (!this.chains.isOutstanding(id)) return reported;
    this.usedChains += 1;
    this.bytes += this.chains.bytes(id, this.shadow.usedLen(slot));
    this.chains.give(id, USED);
    return true;
  }
}

const isPowerOfTwo = (n: number): boolean => (n & (n - 1)) === 0;

/** To a multiple of 8. */
const roundUp = (n: number): number => (n + 7) & ~7;
