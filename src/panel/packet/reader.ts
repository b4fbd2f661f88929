// Reads a packet's fields one after the other, and remembers where each one's bytes are.

/** A field of a packet. */
export interface PacketField {
  /** the header it is in: `IPv4` */
  readonly layer: string;
  readonly name: string;
  readonly value: string;
  /** its bytes: from the first of what was read */
  readonly offset: number;
  readonly length: number;
}

export class Reader {
  readonly fields: PacketField[] = [];
  private current = '';

  /** @param at offset of the next field */
  constructor(
    readonly bytes: Uint8Array,
    public at: number,
  ) {}

  /** The header that the next fields belong to. */
  layer(name: string): void {
    this.current = name;
  }

  /** Whether so many bytes are left. */
  has(count: number): boolean {
    return this.at + count <= this.bytes.length;
  }

  /** A number, first byte first or `little`-endian, shown as `show` says. @returns the number */
  field(name: string, size: 1 | 2 | 4, show: (value: number) => string = String, little = false): number {
    let value = 0;
    for (let i = 0; i < size; i++) {
      const at = this.at + (little ? size - 1 - i : i);
      value = value * 256 + (this.bytes[at] ?? 0);
    }
    this.add(name, size, show(value));
    return value;
  }

  mac(name: string): void {
    this.add(name, 6, this.hexBytes(6).join(':'));
  }

  ipv4(name: string): void {
    this.add(name, 4, [...this.bytes.subarray(this.at, this.at + 4)].join('.'));
  }

  ipv6(name: string): void {
    const words = Array.from({ length: 8 }, (_, i) =>
      (((this.bytes[this.at + 2 * i] ?? 0) << 8) | (this.bytes[this.at + 2 * i + 1] ?? 0)).toString(16),
    );
    this.add(name, 16, compressed(words));
  }

  /** What lies between the next field and an offset, when anything does. */
  options(end: number): void {
    this.rest('options', Math.min(end, this.bytes.length));
  }

  /** All up to an offset, when anything is left. */
  rest(name: string, end = this.bytes.length): void {
    const length = end - this.at;
    if (length > 0) this.add(name, length, `${length} ${length === 1 ? 'byte' : 'bytes'}`);
  }

  /** The header does not fit into what is there. */
  cutOff(): PacketField[] {
    const length = Math.max(0, this.bytes.length - this.at);
    this.add('cut off', length, length === 0 ? 'nothing left' : `${length} bytes left`);
    return this.fields;
  }

  private hexBytes(count: number): string[] {
    return Array.from(this.bytes.subarray(this.at, this.at + count), (byte) => byte.toString(16).padStart(2, '0'));
  }

  private add(name: string, length: number, value: string): void {
    this.fields.push({ layer: this.current, name, value, offset: this.at, length });
    this.at += length;
  }
}

/** The longest run of zero words left out (RFC 5952). */
function compressed(words: readonly string[]): string {
  let best = { from: 0, count: 0 };
  for (let from = 0; from < words.length; from++) {
    let count = 0;
    while (words[from + count] === '0') count++;
    if (count > best.count) best = { from, count };
  }
  if (best.count < 2) return words.join(':');
  return `${words.slice(0, best.from).join(':')}::${words.slice(best.from + best.count).join(':')}`;
}
