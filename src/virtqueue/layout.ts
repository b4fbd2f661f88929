// Where the fields of a split ring lie: layouts from sizes and addresses, and the name of the field at an address.
import {
  DESC_SIZE,
  LAB_RING_F_KICK_COUNT,
  USED_ELEM_SIZE,
  VIRTIO_F_IN_ORDER,
  VIRTIO_RING_F_EVENT_IDX,
  VIRTIO_RING_F_INDIRECT_DESC,
} from './constants';
import type { SplitLayout } from './state';

const hasFeature = (features: bigint, bit: number): boolean => ((features >> BigInt(bit)) & 1n) === 1n;

/**
 * A modern split ring: three parts, each where the driver put it (spec 2.7).
 * @param size entries
 * @param features negotiated feature bits, as a mask
 */
export function splitLayout(size: number, desc: bigint, avail: bigint, used: bigint, features: bigint): SplitLayout {
  return {
    format: 'split',
    size,
    desc,
    avail,
    used,
    eventIdx: hasFeature(features, VIRTIO_RING_F_EVENT_IDX),
    indirect: hasFeature(features, VIRTIO_RING_F_INDIRECT_DESC),
    ...(hasFeature(features, VIRTIO_F_IN_ORDER) ? { inOrder: true } : {}),
    ...(hasFeature(features, LAB_RING_F_KICK_COUNT) ? { kickCount: true } : {}),
  };
}

/**
 * A legacy split ring: one contiguous block, its used ring at the next multiple of `align` behind the available ring (spec 2.7.2).
 * The available ring counts 3 + size u16 as in the specification; Linux before 2.6.39 counted 2 + size, which for every size of
 * at least 4 and every align of at least 8 gives the same place.
 * @param base guest-physical address of the block
 * @param align bytes, a power of two: QueueAlign of virtio-mmio, 4096 for virtio-pci
 */
export function legacyLayout(size: number, base: bigint, align: number, features: bigint): SplitLayout {
  const avail = base + BigInt(DESC_SIZE * size);
  const step = BigInt(Math.max(1, Math.trunc(align) || 1));
  // Linux and QEMU align the address, not the offset; the two agree because the block itself is page aligned.
  const used = ((avail + BigInt(2 * (3 + size)) + step - 1n) / step) * step;
  return splitLayout(size, base, avail, used, features);
}

/** Bytes of the three parts, event fields counted only where they were negotiated (spec 2.7). */
export function partSizes(layout: Pick<SplitLayout, 'size' | 'eventIdx'>): {
  readonly desc: number;
  readonly avail: number;
  readonly used: number;
} {
  const event = layout.eventIdx ? 2 : 0;
  return {
    desc: DESC_SIZE * layout.size,
    avail: 4 + 2 * layout.size + event,
    used: 4 + USED_ELEM_SIZE * layout.size + event,
  };
}

export type FieldKind =
  | 'desc.addr'
  | 'desc.len'
  | 'desc.flags'
  | 'desc.next'
  | 'avail.flags'
  | 'avail.idx'
  | 'avail.ring'
  | 'avail.used_event'
  | 'used.flags'
  | 'used.idx'
  | 'used.ring.id'
  | 'used.ring.len'
  | 'used.avail_event';

/** One field of a ring, as found at an address. */
export interface RingField {
  /** as written in C: `desc[7].flags`, `used.ring[3].id` */
  readonly field: string;
  readonly kind: FieldKind;
  /** descriptor or ring slot; -1 for a field that is there once */
  readonly index: number;
  /** bytes from the field's start to the address asked for */
  readonly offset: number;
  /** bytes of the field */
  readonly size: number;
  /** guest-physical address of the field's first byte */
  readonly address: bigint;
}

const DESC_FIELDS = [
  { kind: 'desc.addr', at: 0, size: 8 },
  { kind: 'desc.len', at: 8, size: 4 },
  { kind: 'desc.flags', at: 12, size: 2 },
  { kind: 'desc.next', at: 14, size: 2 },
] as const;

/** The field that holds the byte at `gpa`; undefined outside the three parts. Constant time. */
export function fieldAt(layout: SplitLayout, gpa: bigint): RingField | undefined {
  const sizes = partSizes(layout);
  const inPart = (base: bigint, bytes: number): number | undefined =>
    gpa >= base && gpa < base + BigInt(bytes) ? Number(gpa - base) : undefined;
  const desc = inPart(layout.desc, sizes.desc);
  if (desc !== undefined) return descField(layout, desc);
  const avail = inPart(layout.avail, sizes.avail);
  if (avail !== undefined) return availField(layout, avail);
  const used = inPart(layout.used, sizes.used);
  if (used !== undefined) return usedField(layout, used);
  return undefined;
}

/** Every field that `length` bytes from `gpa` touch, in order of address within each part; stops at the parts' ends. */
export function fieldsIn(layout: SplitLayout, gpa: bigint, length: number): readonly RingField[] {
  const sizes = partSizes(layout);
  const end = gpa + BigInt(Math.max(0, length));
  const found: RingField[] = [];
  for (const [base, bytes] of [
    [layout.desc, sizes.desc],
    [layout.avail, sizes.avail],
    [layout.used, sizes.used],
  ] as const) {
    const stop = end < base + BigInt(bytes) ? end : base + BigInt(bytes);
    let at = gpa > base ? gpa : base;
    while (at < stop) {
      const field = fieldAt(layout, at);
      if (field === undefined) break;
      found.push(field);
      at = field.address + BigInt(field.size);
    }
  }
  return found;
}

function descField(layout: SplitLayout, at: number): RingField {
  const index = Math.floor(at / DESC_SIZE);
  const within = at % DESC_SIZE;
  const f = DESC_FIELDS[within < 8 ? 0 : within < 12 ? 1 : within < 14 ? 2 : 3];
  return {
    field: `desc[${index}].${f.kind.slice('desc.'.length)}`,
    kind: f.kind,
    index,
    offset: within - f.at,
    size: f.size,
    address: layout.desc + BigInt(index * DESC_SIZE + f.at),
  };
}

function availField(layout: SplitLayout, at: number): RingField {
  const slot = Math.floor(at / 2) - 2;
  const address = layout.avail + BigInt(at - (at % 2));
  const rest = { offset: at % 2, size: 2, address };
  if (slot === -2) return { field: 'avail.flags', kind: 'avail.flags', index: -1, ...rest };
  if (slot === -1) return { field: 'avail.idx', kind: 'avail.idx', index: -1, ...rest };
  if (slot === layout.size) return { field: 'avail.used_event', kind: 'avail.used_event', index: -1, ...rest };
  return { field: `avail.ring[${slot}]`, kind: 'avail.ring', index: slot, ...rest };
}

function usedField(layout: SplitLayout, at: number): RingField {
  const ringEnd = 4 + USED_ELEM_SIZE * layout.size;
  if (at < 4 || at >= ringEnd) {
    const rest = { index: -1, offset: at % 2, size: 2, address: layout.used + BigInt(at - (at % 2)) };
    if (at >= ringEnd) return { field: 'used.avail_event', kind: 'used.avail_event', ...rest };
    if (at < 2) return { field: 'used.flags', kind: 'used.flags', ...rest };
    return { field: 'used.idx', kind: 'used.idx', ...rest };
  }
  const index = Math.floor((at - 4) / USED_ELEM_SIZE);
  const member = (at - 4) % USED_ELEM_SIZE < 4 ? 'id' : 'len';
  return {
    field: `used.ring[${index}].${member}`,
    kind: `used.ring.${member}`,
    index,
    offset: at % 4,
    size: 4,
    address: layout.used + BigInt(at - (at % 4)),
  };
}
