// A copy of one ring's bytes as the observed writes left them: the tracker reads it, so that writes seen late still mean what they meant.
import { DESC_SIZE, USED_ELEM_SIZE } from './constants';
import { partSizes } from './layout';
import type { SplitLayout } from './state';

/** Guest memory in numbers, for code too hot for bigint. Addresses are guest-physical below 2^53; a byte outside RAM reads as 0. */
export interface NumberMemory {
  u8(gpa: number): number;
}

/** Offsets in the copy: the three parts one behind the other. */
export class RingShadow {
  readonly size: number;
  /** guest-physical address and bytes of each part, and where it begins in the copy */
  readonly desc: number;
  readonly avail: number;
  readonly used: number;
  readonly descBytes: number;
  readonly availBytes: number;
  readonly usedBytes: number;
  readonly availAt: number;
  readonly usedAt: number;
  private readonly view: DataView;

  /** Bytes that a copy of this ring needs. */
  static bytes(layout: SplitLayout): number {
    const sizes = partSizes(layout);
    return sizes.desc + sizes.avail + sizes.used;
  }

  constructor(
    layout: SplitLayout,
    readonly bytes: Uint8Array,
  ) {
    const sizes = partSizes(layout);
    this.size = layout.size;
    this.desc = Number(layout.desc);
    this.avail = Number(layout.avail);
    this.used = Number(layout.used);
    this.descBytes = sizes.desc;
    this.availBytes = sizes.avail;
    this.usedBytes = sizes.used;
    this.availAt = sizes.desc;
    this.usedAt = sizes.desc + sizes.avail;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Takes all three parts from memory. */
  load(memory: NumberMemory): void {
    for (let i = 0; i < this.descBytes; i++) this.bytes[i] = memory.u8(this.desc + i);
    for (let i = 0; i < this.availBytes; i++) this.bytes[this.availAt + i] = memory.u8(this.avail + i);
    for (let i = 0; i < this.usedBytes; i++) this.bytes[this.usedAt + i] = memory.u8(this.used + i);
  }

  /**
   * Stores `size` bytes (1 to 8, little endian: `lo` the first four, `hi` the rest) at `at` of the copy.
   * @returns whether any byte changed
   */
  put(at: number, size: number, lo: number, hi: number): boolean {
    const view = this.view;
    switch (size) {
      case 2: {
        const before = view.getUint16(at, true);
        view.setUint16(at, lo, true);
        return before !== (lo & 0xffff);
      }
      case 4: {
        const before = view.getInt32(at, true);
        view.setInt32(at, lo, true);
        return before !== (lo | 0);
      }
      case 8: {
        const before = view.getInt32(at, true) === (lo | 0) && view.getInt32(at + 4, true) === (hi | 0);
        view.setInt32(at, lo, true);
        view.setInt32(at + 4, hi, true);
        return !before;
      }
      default: {
        let changed = false;
        for (let i = 0; i < size; i++) {
          const byte = (i < 4 ? lo >>> (8 * i) : hi >>> (8 * (i - 4))) & 0xff;
          changed ||= this.bytes[at + i] !== byte;
          this.bytes[at + i] = byte;
        }
        return changed;
      }
    }
  }

  descAddrLow(i: number): number {
    return this.view.getUint32(i * DESC_SIZE, true);
  }
  descAddrHigh(i: number): number {
    return this.view.getUint32(i * DESC_SIZE + 4, true);
  }
  descLen(i: number): number {
    return this.view.getUint32(i * DESC_SIZE + 8, true);
  }
  descFlags(i: number): number {
    return this.view.getUint16(i * DESC_SIZE + 12, true);
  }
  descNext(i: number): number {
    return this.view.getUint16(i * DESC_SIZE + 14, true);
  }
  /** Nothing in it: as zeroed at set-up, whatever `next` says. */
  descIsClear(i: number): boolean {
    const at = i * DESC_SIZE;
    const { view } = this;
    return (
      view.getUint16(at + 12, true) === 0 &&
      view.getInt32(at + 8, true) === 0 &&
      view.getInt32(at, true) === 0 &&
      view.getInt32(at + 4, true) === 0
    );
  }
  availFlags(): number {
    return this.view.getUint16(this.availAt, true);
  }
  availIdx(): number {
    return this.view.getUint16(this.availAt + 2, true);
  }
  availHead(slot: number): number {
    return this.view.getUint16(this.availAt + 4 + 2 * slot, true);
  }
  /** Only with event index. */
  usedEvent(): number {
    return this.view.getUint16(this.availAt + 4 + 2 * this.size, true);
  }
  usedFlags(): number {
    return this.view.getUint16(this.usedAt, true);
  }
  usedIdx(): number {
    return this.view.getUint16(this.usedAt + 2, true);
  }
  usedId(slot: number): number {
    return this.view.getUint32(this.usedAt + 4 + USED_ELEM_SIZE * slot, true);
  }
  usedLen(slot: number): number {
    return this.view.getUint32(this.usedAt + 8 + USED_ELEM_SIZE * slot, true);
  }
  /** Only with event index. */
  availEvent(): number {
    return this.view.getUint16(this.usedAt + 4 + USED_ELEM_SIZE * this.size, true);
  }
}
