// GuestMemory: the device's one checked door to the guest's RAM, by guest-physical address.

/**
 * What the machine wants to know of the device's writes. Pages are those of the guest's pointers, 4 KiB each; a page whose byte
 * in `pages` is 0 is written without a call, so that copying a frame costs no more than the copy.
 */
export interface MemoryWatch {
  readonly pages: Uint8Array;
  /** Before a write that touches a marked page. Throws (a DmaFault) to refuse it: then nothing is written. */
  beforeWrite(pointer: number, size: number): void;
  /** After a write of 2 or 4 bytes that touches a marked page. */
  wrote(pointer: number, size: 2 | 4, before: number, after: number): void;
  /** After any other write that touches a marked page: the old bytes. */
  wroteBytes(pointer: number, before: Uint8Array): void;
  /** Of every write, to marked pages and others: for a run that measures. */
  readonly any?: ((pointer: number, size: number) => void) | undefined;
}

/** The device was sent to an address that it cannot access. The machine turns it into a finding. */
export class DmaFault extends Error {
  /** what the access was for, said by who began it: `desc[3] of chain 2, queue tx` */
  context = '';

  /**
   * @param addr guest-physical address
   * @param size bytes of the access
   * @param write whether the device wanted to write
   * @param why the sentence without its context
   */
  constructor(
    readonly addr: bigint,
    readonly size: number,
    readonly write: boolean,
    readonly why: string,
  ) {
    super(why);
    this.name = 'DmaFault';
  }

  /** Says what the access was for; the innermost context wins. */
  inContext(context: string): this {
    if (this.context === '') {
      this.context = context;
      this.message = `${context}: ${this.why}`;
    }
    return this;
  }
}

/** An address so high that no number names it exactly is no RAM either: RAM ends below 2^53. */
const HIGH_LIMIT = 1 << 21;
const PAGE_SHIFT = 12;
/** Pointers below are the NULL page: no driver has anything there. */
const FIRST_POINTER = 1 << PAGE_SHIFT;

/** Up to here bytes are copied one by one, which costs less than making a view of them; a whole array needs none. */
const FEW = 256;

/** Copies `size` bytes from `at` on to `toAt` of another array. */
export function copyBytes(from: Uint8Array, at: number, to: Uint8Array, toAt: number, size: number): void {
  if (size === from.length) to.set(from, toAt);
  else if (size > FEW) to.set(from.subarray(at, at + size), toAt);
  else for (let i = 0; i < size; i++) to[toAt + i] = from[at + i] as number;
}

const hex = (n: bigint | number): string => `0x${n.toString(16)}`;

export class GuestMemory {
  /** guest-physical address of RAM's first byte */
  readonly base: number;
  private readonly view: DataView;

  /**
   * @param ram the guest's RAM; its first byte is pointer 0
   * @param physOffset guest-physical = pointer + physOffset; RAM must end below 2^53
   */
  constructor(
    readonly ram: Uint8Array,
    physOffset: bigint,
    private readonly watch: MemoryWatch,
  ) {
    if (physOffset < 0n || physOffset + BigInt(ram.length) > 1n << 53n) {
      throw new RangeError(`physOffset ${hex(physOffset)}: RAM must lie between 0 and 2^53`);
    }
    this.base = Number(physOffset);
    this.view = new DataView(ram.buffer, ram.byteOffset, ram.byteLength);
  }

  /** Pointer of a range that is RAM as a whole; throws a DmaFault otherwise. */
  pointer(addr: number, size: number, write: boolean): number {
    const pointer = addr - this.base;
    if (pointer < FIRST_POINTER || pointer + size > this.ram.length) throw this.fault(BigInt(addr), size, write);
    return pointer;
  }

  readU16(addr: number): number {
    return this.view.getUint16(this.pointer(addr, 2, false), true);
  }

  readU32(addr: number): number {
    return this.view.getUint32(this.pointer(addr, 4, false), true);
  }

  /** A 64-bit little-endian address field as a number; throws a DmaFault about *the address it holds* when no number can name it. */
  readAddress(addr: number, size: number, write: boolean): number {
    const at = this.pointer(addr, 8, false);
    const low = this.view.getUint32(at, true);
    const high = this.view.getUint32(at + 4, true);
    if (high >= HIGH_LIMIT) throw this.fault((BigInt(high) << 32n) | BigInt(low), size, write);
    return high * 2 ** 32 + low;
  }

  /** A copy. No bytes can be read from anywhere. */
  readBytes(addr: number, size: number): Uint8Array {
    if (size === 0) return new Uint8Array(0);
    const at = this.pointer(addr, size, false);
    return this.ram.slice(at, at + size);
  }

  /** Copies into `target` from `offset` on. */
  copyOut(addr: number, size: number, target: Uint8Array, offset: number): void {
    copyBytes(this.ram, this.pointer(addr, size, false), target, offset, size);
  }

  writeU16(addr: number, value: number): void {
    const at = this.pointer(addr, 2, true);
    this.watch.any?.(at, 2);
    if (!this.marked(at, 2)) {
      this.view.setUint16(at, value, true);
      return;
    }
    const before = this.view.getUint16(at, true);
    this.watch.beforeWrite(at, 2);
    this.view.setUint16(at, value, true);
    this.watch.wrote(at, 2, before, value & 0xffff);
  }

  writeU32(addr: number, value: number): void {
    const at = this.pointer(addr, 4, true);
    this.watch.any?.(at, 4);
    if (!this.marked(at, 4)) {
      this.view.setUint32(at, value, true);
      return;
    }
    const before = this.view.getUint32(at, true);
    this.watch.beforeWrite(at, 4);
    this.view.setUint32(at, value, true);
    this.watch.wrote(at, 4, before, value >>> 0);
  }

  writeBytes(addr: number, bytes: Uint8Array): void {
    this.writeFrom(addr, bytes, 0, bytes.length);
  }

  /** One write of `size` of the bytes, from `offset` on. */
  writeFrom(addr: number, bytes: Uint8Array, offset: number, size: number): void {
    if (size === 0) return;
    const at = this.pointer(addr, size, true);
    this.watch.any?.(at, size);
    if (!this.marked(at, size)) {
      copyBytes(bytes, offset, this.ram, at, size);
      return;
    }
    const before = this.ram.slice(at, at + size);
    this.watch.beforeWrite(at, size);
    copyBytes(bytes, offset, this.ram, at, size);
    this.watch.wroteBytes(at, before);
  }

  /** The fault that an access would be; for callers that check before they go. */
  fault(addr: bigint, size: number, write: boolean): DmaFault {
    const base = BigInt(this.base);
    const length = BigInt(this.ram.length);
    const first = BigInt(FIRST_POINTER);
    const what = `guest-physical ${hex(addr)}${size > 1 ? ` (${size} bytes)` : ''}`;
    const ram = `RAM is ${hex(base)}..${hex(base + length)}`;
    const why =
      addr >= base && addr < base + first
        ? `${what} is in the NULL page: it is virt_to_phys() of a pointer below ${hex(first)}`
        : addr >= base && addr < base + length
          ? `${what} runs over the end of RAM (${ram})`
          : addr >= first && addr < length
            ? `${what} is no RAM (${ram}); it is a valid pointer: was virt_to_phys() forgotten?`
            : `${what} is no RAM (${ram})`;
    return new DmaFault(addr, size, write, why);
  }

  private marked(pointer: number, size: number): boolean {
    const last = (pointer + size - 1) >>> PAGE_SHIFT;
    for (let page = pointer >>> PAGE_SHIFT; page <= last; page++) if (this.watch.pages[page] !== 0) return true;
    return false;
  }
}
