// The fields of a split ring's three parts by their bytes: names, places and sizes (spec 2.7.5, 2.7.6, 2.7.8).

export type Part = 'desc' | 'avail' | 'used';

export const PARTS: readonly Part[] = ['desc', 'avail', 'used'];

/** What the ring's layout says about its bytes. */
export interface RingShape {
  /** entries */
  readonly size: number;
  readonly eventIdx: boolean;
}

export interface ByteField {
  /** as in the list of changes: `desc[3].len`, `avail.idx`, `used.ring[2].id` */
  readonly name: string;
  /** bytes from the start of the part */
  readonly offset: number;
  readonly size: number;
}

/** Bytes of a part. */
export function partSize(part: Part, { size, eventIdx }: RingShape): number {
  const event = eventIdx ? 2 : 0;
  if (part === 'desc') return 16 * size;
  return part === 'avail' ? 4 + 2 * size + event : 4 + 8 * size + event;
}

/** The field that a byte of a part belongs to. @param offset within the part */
export function fieldAtByte(part: Part, offset: number, { size }: RingShape): ByteField {
  if (part === 'desc') return inDescriptor(offset);
  if (offset < 2) return { name: `${part}.flags`, offset: 0, size: 2 };
  if (offset < 4) return { name: `${part}.idx`, offset: 2, size: 2 };
  const entry = part === 'avail' ? 2 : 8;
  const slot = Math.floor((offset - 4) / entry);
  const at = 4 + slot * entry;
  if (slot >= size) return { name: part === 'avail' ? 'avail.used_event' : 'used.avail_event', offset: at, size: 2 };
  if (part === 'avail') return { name: `avail.ring[${slot}]`, offset: at, size: 2 };
  return offset < at + 4
    ? { name: `used.ring[${slot}].id`, offset: at, size: 4 }
    : { name: `used.ring[${slot}].len`, offset: at + 4, size: 4 };
}

const DESCRIPTOR = [
  ['addr', 0, 8],
  ['len', 8, 4],
  ['flags', 12, 2],
  ['next', 14, 2],
] as const;

function inDescriptor(offset: number): ByteField {
  const index = offset >> 4;
  const [name, at, size] = DESCRIPTOR.findLast(([, from]) => (offset & 15) >= from) ?? DESCRIPTOR[0];
  return { name: `desc[${index}].${name}`, offset: 16 * index + at, size };
}
