// Shared by this folder's tests: a seeded generator, and a small guest memory with a ring in it.
import { DESC_SIZE, VRING_DESC_F_NEXT, type ReadMemory, type SplitLayout } from '../../../src/virtqueue';

/** xorshift32: the same numbers for the same seed. */
export class Random {
  private state: number;
  constructor(seed: number) {
    this.state = seed >>> 0 || 1;
  }
  next(): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) / 0x1_0000_0000;
  }
  /** 0 .. n-1 */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }
  pick<T>(of: readonly T[]): T {
    return of[this.below(of.length)] as T;
  }
  bytes(into: Uint8Array): void {
    for (let i = 0; i < into.length; i++) into[i] = this.below(256);
  }
}

/** Guest RAM from guest-physical `base`, and the fields of one split ring in it. */
export class Guest {
  readonly ram: Uint8Array;
  readonly view: DataView;

  constructor(
    readonly layout: SplitLayout,
    readonly base = layout.desc,
    bytes = 0x10000,
  ) {
    this.ram = new Uint8Array(bytes);
    this.view = new DataView(this.ram.buffer);
  }

  readonly read: ReadMemory = (addr, length) => {
    const at = addr - this.base;
    if (at < 0n || at + BigInt(length) > BigInt(this.ram.length)) return undefined;
    return this.ram.subarray(Number(at), Number(at) + length);
  };

  at(gpa: bigint, offset = 0): number {
    return Number(gpa - this.base) + offset;
  }
  desc(i: number, d: { addr?: bigint; len?: number; flags?: number; next?: number }, table = this.layout.desc): void {
    const at = this.at(table, i * DESC_SIZE);
    this.view.setBigUint64(at, d.addr ?? 0n, true);
    this.view.setUint32(at + 8, d.len ?? 0, true);
    this.view.setUint16(at + 12, d.flags ?? 0, true);
    this.view.setUint16(at + 14, d.next ?? 0, true);
  }
  /** Direct chain through the given descriptors, 100 bytes each, with `flags` beside NEXT. */
  chain(indices: readonly number[], flags = 0): void {
    indices.forEach((i, n) => {
      const next = indices[n + 1];
      const more = next === undefined ? 0 : VRING_DESC_F_NEXT;
      this.desc(i, { addr: this.base + 0x8000n + BigInt(i * 256), len: 100, flags: flags | more, next: next ?? 0 });
    });
  }
  setAvail(f: { flags?: number; idx?: number; ring?: Readonly<Record<number, number>>; usedEvent?: number }): void {
    const at = this.at(this.layout.avail);
    if (f.flags !== undefined) this.view.setUint16(at, f.flags, true);
    if (f.idx !== undefined) this.view.setUint16(at + 2, f.idx, true);
    for (const [slot, head] of Object.entries(f.ring ?? {})) this.view.setUint16(at + 4 + 2 * Number(slot), head, true);
    if (f.usedEvent !== undefined) this.view.setUint16(at + 4 + 2 * this.layout.size, f.usedEvent, true);
  }
  setUsed(f: {
    flags?: number;
    idx?: number;
    ring?: Readonly<Record<number, readonly [number, number]>>;
    availEvent?: number;
  }): void {
    const at = this.at(this.layout.used);
    if (f.flags !== undefined) this.view.setUint16(at, f.flags, true);
    if (f.idx !== undefined) this.view.setUint16(at + 2, f.idx, true);
    for (const [slot, [id, len]] of Object.entries(f.ring ?? {})) {
      this.view.setUint32(at + 4 + 8 * Number(slot), id, true);
      this.view.setUint32(at + 8 + 8 * Number(slot), len, true);
    }
    if (f.availEvent !== undefined) this.view.setUint16(at + 4 + 8 * this.layout.size, f.availEvent, true);
  }
}
