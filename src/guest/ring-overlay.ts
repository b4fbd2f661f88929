// Finds the object in which a driver keeps its private side of a ring, by types and by the descriptor table's address alone.
import type { DebugInfo, StructType, Type } from '../toolchain';
import { asAggregate, asScalar, isInteger, namedMembers, sizeOf, strip } from './types';

/** A value in memory. */
export interface FieldPlace {
  /** guest pointer */
  readonly address: number;
  /** bytes */
  readonly size: number;
}

/** The driver's private values, each where it lies; absent when the driver has no such member. */
export interface RingOverlay {
  readonly lastUsedIdx?: FieldPlace;
  readonly numFree?: FieldPlace;
  readonly freeHead?: FieldPlace;
  readonly numAdded?: FieldPlace;
}

/** The names that Linux's virtio_ring.c gave them, which drivers elsewhere took over. */
const NAMES = {
  lastUsedIdx: 'last_used_idx',
  numFree: 'num_free',
  freeHead: 'free_head',
  numAdded: 'num_added',
} as const;

/** bytes of a descriptor (spec 2.7.5) */
const DESCRIPTOR_SIZE = 16;
const MAX_NESTING = 8;

/** What a struct type must look like in memory to be the ring object. */
interface Candidate {
  /** offsets of its pointers to descriptors */
  readonly pointers: readonly number[];
  /** offsets of the 32- or 16-bit members that may hold the queue's size */
  readonly sizes: readonly FieldPlace[];
  /** addresses are offsets in the object */
  readonly fields: RingOverlay;
  readonly size: number;
}

/**
 * @param descPointer guest pointer to the queue's descriptor table
 * @param size entries of the queue
 * @returns undefined when no struct, or more than one object, fits: nothing is guessed
 */
export function findRingOverlay(
  debugInfo: DebugInfo,
  memory: Uint8Array,
  descPointer: number,
  size: number,
): RingOverlay | undefined {
  const candidates = candidatesOf(debugInfo);
  if (candidates.length === 0 || descPointer === 0) return undefined;
  const remembered = places.get(memory.buffer)?.get(descPointer);
  if (remembered && isAt(remembered, memory, descPointer, size))
    return placeFields(remembered.candidate, remembered.start);
  const found = new Map<string, Found>();
  for (const at of wordsEqual(memory, descPointer)) {
    for (const candidate of candidates) {
      for (const offset of candidate.pointers) {
        const start = at - offset;
        if (start < 0 || !fits(candidate, memory, start, size)) continue;
        found.set(JSON.stringify(placeFields(candidate, start)), { candidate, start, pointer: offset });
      }
    }
  }
  const [only] = found.values();
  if (found.size !== 1 || !only) return undefined;
  const byPointer = places.get(memory.buffer) ?? new Map<number, Found>();
  places.set(memory.buffer, byPointer.set(descPointer, only));
  return placeFields(only.candidate, only.start);
}

/** An object that was found: of which shape, where, and which of its pointers led to it. */
interface Found {
  readonly candidate: Candidate;
  readonly start: number;
  readonly pointer: number;
}

/** Where the objects of a RAM were found last: the scan is over all of it, and a panel asks at every stop. */
const places = new WeakMap<ArrayBufferLike, Map<number, Found>>();

function isAt({ candidate, start, pointer }: Found, memory: Uint8Array, descPointer: number, size: number): boolean {
  return fits(candidate, memory, start, size) && readField(memory, start + pointer, 4) === descPointer;
}

/** Addresses of all aligned words with a value that is not 0; none has one that does not fit. */
function* wordsEqual(memory: Uint8Array, value: number): Generator<number> {
  if (value <= 0 || value > 0xffff_ffff) return;
  const bytes = Buffer.from(memory.buffer, memory.byteOffset, memory.length);
  const word = Buffer.alloc(4);
  word.writeUInt32LE(value);
  // RAM is mostly zeros, and a descriptor table's address ends in some: a search that begins with another byte runs over them
  const first = word.findIndex((byte) => byte !== 0);
  const rest = word.subarray(first);
  for (let at = bytes.indexOf(rest, first); at >= 0; at = bytes.indexOf(rest, at + 1)) {
    const start = at - first;
    if (start % 4 === 0 && word.equals(bytes.subarray(start, start + 4))) yield start;
  }
}

const known = new WeakMap<DebugInfo, readonly Candidate[]>();

function candidatesOf(debugInfo: DebugInfo): readonly Candidate[] {
  const cached = known.get(debugInfo);
  if (cached) return cached;
  const list = debugInfo.types
    .aggregates()
    .map(candidateOf)
    .filter((candidate) => candidate !== undefined);
  const unique = [...new Map(list.map((candidate) => [JSON.stringify(candidate), candidate])).values()];
  known.set(debugInfo, unique);
  return unique;
}

type Placed = ReturnType<typeof namedMembers>[number];

/** A struct that has a free-list head or a last-used index of its own, and a pointer to descriptors somewhere in it. */
function candidateOf(type: StructType): Candidate | undefined {
  if (type.kind !== 'struct') return undefined;
  const own = namedMembers(type);
  const fields: { -readonly [K in keyof RingOverlay]: RingOverlay[K] } = {};
  const take = (members: readonly Placed[], start: number): void => {
    for (const [key, name] of Object.entries(NAMES)) {
      const member = members.find((each) => each.name === name);
      if (member && !member.bitField && isInteger(member.type)) {
        fields[key as keyof RingOverlay] ??= { address: start + member.offset, size: sizeOf(member.type) };
      }
    }
  };
  take(own, 0);
  if (Object.keys(fields).length === 0) return undefined;
  // Since Linux 3.3 num_free is in the struct virtqueue that the object begins with: drivers read it.
  for (const member of own) {
    const inner = asAggregate(member.type);
    if (inner) take(namedMembers(inner), member.offset);
  }
  const pointers: number[] = [];
  const sizes: FieldPlace[] = [];
  collect(type, 0, 0, pointers, sizes);
  return pointers.length === 0 ? undefined : { pointers, sizes, fields, size: type.size };
}

/** Goes through members by value, also of members that are structs. */
function collect(type: StructType, start: number, depth: number, pointers: number[], sizes: FieldPlace[]): void {
  for (const member of namedMembers(type)) {
    const offset = start + member.offset;
    const inner = asAggregate(member.type);
    if (inner && depth < MAX_NESTING) collect(inner, offset, depth + 1, pointers, sizes);
    else if (isDescriptorPointer(member.type)) pointers.push(offset);
    else if (asScalar(member.type)?.kind === 'base' && !member.bitField) {
      const bytes = sizeOf(member.type);
      if ((bytes === 2 || bytes === 4) && /^(num|size|vring_size|len|entries|nr)/.test(member.name)) {
        sizes.push({ address: offset, size: bytes });
      }
    }
  }
}

/** A descriptor has 16 bytes: a 64-bit address, a 32-bit length, 16-bit flags and the 16-bit index of the next (spec 2.7.5). */
function isDescriptorPointer(type: Type): boolean {
  const pointer = strip(type);
  const target = pointer.kind === 'pointer' ? asAggregate(pointer.to) : undefined;
  if (!target || target.incomplete || target.size !== DESCRIPTOR_SIZE) return false;
  const shape = namedMembers(target).map((member) => `${member.offset}:${sizeOf(member.type)}`);
  return shape.join(' ') === '0:8 8:4 12:2 14:2';
}

/** The object's values must be possible ones for a queue of this size: memory that was freed holds old pointers too. */
function fits(candidate: Candidate, memory: Uint8Array, start: number, size: number): boolean {
  if (start + candidate.size > memory.length) return false;
  const { numFree, freeHead, numAdded } = candidate.fields;
  const read = (field: FieldPlace): number => readField(memory, start + field.address, field.size);
  if (candidate.sizes.length > 0 && !candidate.sizes.some((field) => read(field) === size)) return false;
  if (numFree && read(numFree) > size) return false;
  if (freeHead && numFree && read(numFree) > 0 && read(freeHead) >= size) return false;
  // an empty list ends in whatever `next` says, which has 16 bits: anything larger is another kind of member
  if (freeHead && read(freeHead) > 0xffff) return false;
  return !(numAdded && read(numAdded) > 0xffff);
}

function placeFields({ fields }: Candidate, start: number): RingOverlay {
  const place = (field: FieldPlace | undefined): FieldPlace | undefined =>
    field && { ...field, address: start + field.address };
  return {
    lastUsedIdx: place(fields.lastUsedIdx),
    numFree: place(fields.numFree),
    freeHead: place(fields.freeHead),
    numAdded: place(fields.numAdded),
  };
}

function readField(memory: Uint8Array, address: number, size: number): number {
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value * 256 + (memory[address + i] as number);
  return value;
}
