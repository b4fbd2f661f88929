// A bounds-checked reader over one section of debug information. Every read either succeeds or throws DwarfError.

/** Debug information that cannot be read. The message names the section, the offset, what was found and what was expected. */
export class DwarfError extends Error {
  override readonly name = 'DwarfError';
}

const decoder = new TextDecoder();

/** Reads little-endian values one after another from a section, between `position` and `end`. */
export class Cursor {
  private readonly view: DataView;

  /**
   * @param section name for messages, `.debug_info`
   * @param bytes the whole section
   * @param position offset of the first byte to read
   * @param end offset after the last byte that may be read
   */
  constructor(
    readonly section: string,
    readonly bytes: Uint8Array,
    public position = 0,
    public end = bytes.length,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (position < 0 || position > end || end > bytes.length) {
      this.fail(`offset 0x${position.toString(16)} points outside the section (0x${bytes.length.toString(16)} bytes)`);
    }
  }

  /** Throws: names the section and the present offset. */
  fail(why: string): never {
    throw new DwarfError(`debug information: ${this.section} at 0x${this.position.toString(16)}: ${why}`);
  }

  get atEnd(): boolean {
    return this.position >= this.end;
  }

  u8(): number {
    return this.view.getUint8(this.take(1));
  }

  s8(): number {
    return this.view.getInt8(this.take(1));
  }

  u16(): number {
    return this.view.getUint16(this.take(2), true);
  }

  u24(): number {
    const at = this.take(3);
    return this.view.getUint16(at, true) | (this.view.getUint8(at + 2) << 16);
  }

  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  u64(): bigint {
    return this.view.getBigUint64(this.take(8), true);
  }

  /** An unsigned LEB128 as a number; values above 2^53 lose their low bits (see `uleb64`). */
  uleb(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
      if (scale > 2 ** 63) this.fail('found a LEB128 number of more than 10 bytes');
    }
  }

  /** A signed LEB128 as a number; values beyond +-2^53 lose their low bits (see `sleb64`). */
  sleb(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return byte & 0x40 ? value - scale : value;
      if (scale > 2 ** 63) this.fail('found a LEB128 number of more than 10 bytes');
    }
  }

  uleb64(): bigint {
    return this.leb64(false);
  }

  sleb64(): bigint {
    return this.leb64(true);
  }

  /** Moves over one LEB128 number of either sign. */
  skipLeb(): void {
    while (this.u8() >= 0x80);
  }

  /** A NUL-terminated string. */
  string(): string {
    const start = this.position;
    const stop = this.bytes.indexOf(0, start);
    if (stop < 0 || stop >= this.end) this.fail('found a string without its terminating NUL');
    this.position = stop + 1;
    // copied, not viewed: TextDecoder refuses memory that is shared between threads
    return decoder.decode(this.bytes.slice(start, stop));
  }

  /** A view of the next `length` bytes. */
  block(length: number): Uint8Array {
    const at = this.take(length);
    return this.bytes.subarray(at, at + length);
  }

  skip(length: number): void {
    this.take(length);
  }

  private leb64(signed: boolean): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        return signed
          ? BigInt.asIntN(64, byte & 0x40 ? value - (1n << (shift + 7n)) : value)
          : BigInt.asUintN(64, value);
      }
    }
    return this.fail('found a LEB128 number of more than 10 bytes');
  }

  private take(length: number): number {
    const at = this.position;
    if (at + length > this.end) {
      this.fail(`expected ${length} more bytes, found ${this.end - at} before the end`);
    }
    this.position = at + length;
    return at;
  }
}
