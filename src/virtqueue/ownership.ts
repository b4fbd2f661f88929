// Ownership: which chain each descriptor is in, and whose it is. The part of the tracker that knows chains and no ring.
import { DESC_SIZE, VRING_DESC_F_INDIRECT, VRING_DESC_F_NEXT, VRING_DESC_F_WRITE } from './constants';
import type { NumberMemory, RingShadow } from './shadow';
import { OWNERS } from './state';

export const FREE = OWNERS.indexOf('free');
export const BUILDING = OWNERS.indexOf('building');
export const ADDED = OWNERS.indexOf('added');
export const AVAILABLE = OWNERS.indexOf('available');
export const TAKEN = OWNERS.indexOf('taken');
export const USED = OWNERS.indexOf('used');

/** No head, no next: the end of a chain. */
export const NONE = -1;
/** An indirect table is read up to this many entries when its bytes are counted. */
const MAX_TABLE = 1024;

/** Why a walk stopped before the chain's end, in words that name field, found, expected. */
export interface WalkFault {
  readonly kind: 'chain' | 'double-add';
  readonly text: string;
}

/** A table over the descriptors of one ring. All arrays lie in a block the caller gives, so that one copy saves them. */
export class Ownership {
  /** bytes of state for each descriptor */
  static readonly bytesEach = 25;
  readonly owners: Uint8Array;
  /** head of the chain each descriptor is in, NONE outside chains */
  readonly heads: Int32Array;
  /** next descriptor of the chain as it was walked, NONE at its end; no chain of links has a loop */
  private readonly links: Int32Array;
  /** bytes the device may read, and write, by head */
  private readonly readable: Float64Array;
  private readonly writable: Float64Array;

  /** @param at offset in `buffer`, a multiple of 8 */
  constructor(
    private readonly shadow: RingShadow,
    private readonly memory: NumberMemory,
    buffer: ArrayBuffer,
    at: number,
  ) {
    const n = shadow.size;
    this.readable = new Float64Array(buffer, at, n);
    this.writable = new Float64Array(buffer, at + 8 * n, n);
    this.heads = new Int32Array(buffer, at + 16 * n, n);
    this.links = new Int32Array(buffer, at + 20 * n, n);
    this.owners = new Uint8Array(buffer, at + 24 * n, n);
  }

  reset(): void {
    this.owners.fill(FREE);
    this.heads.fill(NONE);
    this.links.fill(NONE);
    this.readable.fill(0);
    this.writable.fill(0);
  }

  isHeadOf(head: number, owner: number): boolean {
    return this.owners[head] === owner && this.heads[head] === head;
  }
  /** With the device: exposed, and not used. */
  isOutstanding(head: number): boolean {
    return this.isHeadOf(head, AVAILABLE) || this.isHeadOf(head, TAKEN);
  }
  /** In a chain that is in the available ring: may be in no other. */
  isBound(i: number): boolean {
    const owner = this.owners[i];
    return owner === ADDED || owner === AVAILABLE || owner === TAKEN;
  }
  nameOfOwner(i: number): string {
    return OWNERS[this.owners[i] as number] ?? 'unknown';
  }
  /** Descriptors of the table in the chain of `head`. */
  length(head: number): number {
    let length = 0;
    for (let i = head; i !== NONE; i = this.links[i] as number) length += 1;
    return length;
  }
  /** Bytes that crossed when a chain came back with `len`: what the device could read, and what it says it wrote. */
  bytes(head: number, len: number): number {
    return (this.readable[head] as number) + Math.min(len, this.writable[head] as number);
  }

  /** The most bytes that a used entry of this chain may speak of: the device-writable ones, or all when there are none. Infinity: unknown. */
  capacity(head: number): number {
    const writable = this.writable[head] as number;
    return writable > 0 ? writable : (this.readable[head] as number);
  }

  /** Gives the whole chain of `head` to `owner`; free and building descriptors are in no chain. */
  give(head: number, owner: number): void {
    const apart = owner === FREE || owner === BUILDING;
    for (let i = head; i !== NONE;) {
      const next = this.links[i] as number;
      this.owners[i] = owner;
      if (apart) {
        this.heads[i] = NONE;
        this.links[i] = NONE;
      }
      i = next;
    }
  }

  /** The driver has touched a descriptor of a used chain: it has read the used entry, and all of the chain is free. */
  release(i: number): void {
    if (this.owners[i] === USED) this.give(this.heads[i] as number, FREE);
  }

  /** Records the chain of `head` as the bytes have it now, all of it `added`. `head` itself must not be bound. */
  walk(head: number): WalkFault | undefined {
    const { shadow } = this;
    this.readable[head] = 0;
    this.writable[head] = 0;
    let before = NONE;
    for (let i = head; ;) {
      if (this.isBound(i)) return this.meets(before, i, head);
      this.release(i);
      this.owners[i] = ADDED;
      this.heads[i] = head;
      this.links[i] = NONE;
      if (before !== NONE) this.links[before] = i;
      const flags = shadow.descFlags(i);
      if ((flags & VRING_DESC_F_INDIRECT) !== 0) {
        this.countTable(head, i);
        return undefined;
      }
      this.count(head, shadow.descLen(i), flags);
      if ((flags & VRING_DESC_F_NEXT) === 0) return undefined;
      before = i;
      i = shadow.descNext(i);
      if (i >= shadow.size) {
        return { kind: 'chain', text: `desc[${before}].next: found ${i}, expected below ${shadow.size} (queue size)` };
      }
    }
  }

  private meets(before: number, i: number, head: number): WalkFault {
    const other = this.heads[i];
    return other === head
      ? {
          kind: 'chain',
          text: `desc[${before}].next: found ${i}, which is in this chain already (a loop), expected one in no chain`,
        }
      : {
          kind: 'double-add',
          text: `desc[${before}].next: found ${i}, which is in the chain of head ${other} already`,
        };
  }

  private count(head: number, len: number, flags: number): void {
    const which = (flags & VRING_DESC_F_WRITE) !== 0 ? this.writable : this.readable;
    which[head] = (which[head] as number) + len;
  }

  /** The table lies outside the ring: as memory has it now. */
  private countTable(head: number, i: number): void {
    const { shadow } = this;
    const base = shadow.descAddrHigh(i) * 2 ** 32 + shadow.descAddrLow(i);
    if (base >= 2 ** 53 - 2 ** 32) {
      this.writable[head] = Infinity;
      return;
    }
    const entries = Math.min(Math.floor(shadow.descLen(i) / DESC_SIZE), MAX_TABLE);
    for (let n = 0, entry = 0; n < entries && entry < entries; n++) {
      const at = base + entry * DESC_SIZE;
      const flags = this.u16(at + 12);
      this.count(head, this.u16(at + 8) + this.u16(at + 10) * 65536, flags);
      if ((flags & VRING_DESC_F_NEXT) === 0) return;
      entry = this.u16(at + 14);
    }
    // Longer than anybody looks, or with no end.
    this.writable[head] = Infinity;
  }

  private u16(gpa: number): number {
    return this.memory.u8(gpa) | (this.memory.u8(gpa + 1) << 8);
  }
}
