// Reading and writing of the byte-level encodings of a wasm module: LEB128 numbers, names, byte runs.

/** A wasm module that is malformed, or that uses something the lab cannot instrument. The message says where. */
export class WasmError extends Error {
  override readonly name = 'WasmError';
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** A cursor over bytes; every read is bounded and throws WasmError past the end. */
export class ByteReader {
  /** offset of the next byte, from the start of `bytes` */
  pos: number;

  constructor(
    readonly bytes: Uint8Array,
    pos = 0,
    readonly end = bytes.length,
  ) {
    this.pos = pos;
  }

  get done(): boolean {
    return this.pos >= this.end;
  }

  u8(): number {
    if (this.pos >= this.end) throw this.cut('a byte');
    return this.bytes[this.pos++]!;
  }

  u32le(): number {
    const [a, b, c, d] = this.take(4) as unknown as [number, number, number, number];
    return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
  }

  /** Unsigned LEB128 of at most 32 bits. */
  u32(): number {
    let byte = this.u8();
    if (byte < 0x80) return byte;
    const start = this.pos - 1;
    let value = byte & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      byte = this.u8();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0xffffffff) break;
        return value;
      }
    }
    throw new WasmError(`offset ${start}: expected an unsigned LEB128 number of 32 bits, found a longer one`);
  }

  /** Signed LEB128 of at most 64 bits; exact for values a number holds. */
  signed(): bigint {
    const start = this.pos;
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, byte & 0x40 ? value | (-1n << (shift + 7n)) : value);
    }
    throw new WasmError(`offset ${start}: expected a signed LEB128 number of 64 bits, found a longer one`);
  }

  /** Moves past a LEB128 number of either sign without decoding it. */
  skipLeb(): void {
    const start = this.pos;
    while (this.u8() & 0x80) {
      if (this.pos - start >= 10) throw new WasmError(`offset ${start}: LEB128 number of over 10 bytes`);
    }
  }

  take(count: number): Uint8Array {
    if (count > this.end - this.pos) throw this.cut(`${count} bytes`);
    return this.bytes.subarray(this.pos, (this.pos += count));
  }

  name(): string {
    const start = this.pos;
    try {
      return decoder.decode(this.take(this.u32()));
    } catch (error) {
      if (error instanceof WasmError) throw error;
      throw new WasmError(`offset ${start}: name is not UTF-8`);
    }
  }

  private cut(what: string): WasmError {
    return new WasmError(`offset ${this.pos}: expected ${what}, found the end of the section or file`);
  }
}

/** A growing run of bytes. */
export class ByteWriter {
  private buffer: Uint8Array;
  private used = 0;

  constructor(capacity = 256) {
    this.buffer = new Uint8Array(capacity);
  }

  get length(): number {
    return this.used;
  }

  /** The bytes written so far: a view, valid until the next write. */
  view(): Uint8Array {
    return this.buffer.subarray(0, this.used);
  }

  u8(value: number): this {
    if (this.used === this.buffer.length) this.grow(1);
    this.buffer[this.used++] = value;
    return this;
  }

  /** Unsigned LEB128. */
  u32(value: number): this {
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.u8((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    return this.u8(rest);
  }

  /** Signed LEB128 of the 32-bit number with these bits. */
  s32(value: number): this {
    let rest = value | 0;
    for (;;) {
      const byte = rest & 0x7f;
      rest >>= 7;
      if ((rest === 0 && !(byte & 0x40)) || (rest === -1 && byte & 0x40)) return this.u8(byte);
      this.u8(byte | 0x80);
    }
  }

  raw(bytes: Uint8Array): this {
    if (this.used + bytes.length > this.buffer.length) this.grow(bytes.length);
    this.buffer.set(bytes, this.used);
    this.used += bytes.length;
    return this;
  }

  /** Forgets what was written and keeps the room. */
  clear(): this {
    this.used = 0;
    return this;
  }

  private grow(room: number): void {
    const next = new Uint8Array(Math.max(this.buffer.length * 2, this.used + room));
    next.set(this.view());
    this.buffer = next;
  }
}
