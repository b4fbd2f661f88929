// struct vring: its three parts as arrays of the queue's size, flags and indices in words.
import { field, memberVariable } from './fields';
import { asAggregate, findMember, sizeOf, strip } from '../types';
import { memberOf, show, type FormatSubject, type Formatter } from '../values';
import { makeVariable, type Variable } from '../variable';
import type { StructType, Type } from '../../toolchain';

/** The largest queue (spec 2.7): more is a struct that nobody filled in. */
const MAX_SIZE = 32768;

/** Flags of a descriptor (spec 2.7.5), of the available ring (2.7.6) and of the used ring (2.7.8). */
const DESC_FLAGS: readonly [number, string][] = [
  [1, 'NEXT'],
  [2, 'WRITE'],
  [4, 'INDIRECT'],
];
const AVAIL_FLAGS: readonly [number, string][] = [[1, 'NO_INTERRUPT']];
const USED_FLAGS: readonly [number, string][] = [[1, 'NO_NOTIFY']];

export const vringView: Formatter = {
  summary({ look, aggregate, address }) {
    const size = field(look.memory, aggregate, address, 'num');
    const avail = field(look.memory, aggregate, address, 'avail');
    const used = field(look.memory, aggregate, address, 'used');
    if (size === undefined || avail === undefined || used === undefined) return undefined;
    const index = (part: string, at: number): string => {
      const type = target(aggregate, part);
      const value = type && field(look.memory, type, at, 'idx');
      return value === undefined ? '?' : String(value);
    };
    return `{${size} entries, avail.idx ${index('avail', avail)}, used.idx ${index('used', used)}}`;
  },
  view(subject) {
    const named = (): Variable[] => [
      ...memberVariable(subject, 'num'),
      ...descriptors(subject),
      ...ring(subject, 'avail', AVAIL_FLAGS),
      ...ring(subject, 'used', USED_FLAGS),
    ];
    return { named };
  },
};

/** `NEXT|WRITE`; bits without a name in hexadecimal, `0` for none. */
function flagNames(value: number, names: readonly [number, string][]): string {
  const words = names.filter(([bit]) => value & bit).map(([, name]) => name);
  const rest = names.reduce((left, [bit]) => left & ~bit, value);
  if (rest !== 0) words.push(`0x${rest.toString(16)}`);
  return words.length > 0 ? words.join('|') : '0';
}

function target(aggregate: StructType, member: string): StructType | undefined {
  const pointer = findMember(aggregate, member);
  const bare = pointer && strip(pointer.type);
  return bare?.kind === 'pointer' ? asAggregate(bare.to) : undefined;
}

function entryCount({ look, aggregate, address }: FormatSubject): number | undefined {
  const size = field(look.memory, aggregate, address, 'num');
  return size !== undefined && size > 0 && size <= MAX_SIZE ? size : undefined;
}

function nameOf(subject: FormatSubject, member: string): string | undefined {
  return subject.evaluateName === undefined ? undefined : memberOf(subject.evaluateName, member);
}

function descriptors(subject: FormatSubject): readonly Variable[] {
  const { look, aggregate, address } = subject;
  const at = field(look.memory, aggregate, address, 'desc');
  const type = target(aggregate, 'desc');
  const count = entryCount(subject);
  if (at === undefined || !type || count === undefined) return memberVariable(subject, 'desc');
  const evaluateName = nameOf(subject, 'desc');
  const [pointer] = memberVariable(subject, 'desc');
  return [
    makeVariable({
      name: 'desc',
      evaluateName,
      type: `struct vring_desc[${count}]`,
      value: pointer?.value ?? '',
      address: pointer?.address,
      size: pointer?.size,
      memoryReference: pointer?.memoryReference,
      settable: pointer?.settable,
      indexedCount: count,
      element: (index) => descriptor(subject, type, at + index * sizeOf(type), index, evaluateName),
    }),
  ];
}

function descriptor(
  { look }: FormatSubject,
  type: StructType,
  address: number,
  index: number,
  evaluateName: string | undefined,
): Variable {
  const variable = show(look, {
    name: `[${index}]`,
    evaluateName: evaluateName === undefined ? undefined : `${evaluateName}[${index}]`,
    type,
    at: { kind: 'place', address },
  });
  const [length, flags, next] = ['len', 'flags', 'next'].map((name) => field(look.memory, type, address, name));
  const [first] = variable.children().filter(({ name }) => name === 'addr');
  if (length === undefined || flags === undefined || next === undefined || !first) return variable;
  const guestPhysical = /^\d+$/.test(first.value) ? `0x${BigInt(first.value).toString(16)}` : first.value;
  const parts = [`addr ${guestPhysical}`, `len ${length}`, flagNames(flags, DESC_FLAGS)];
  if (flags & 1) parts.push(`next ${next}`);
  return { ...variable, value: `{${parts.join(', ')}}` };
}

function ring(subject: FormatSubject, member: string, flags: readonly [number, string][]): readonly Variable[] {
  const { look, aggregate, address } = subject;
  const at = field(look.memory, aggregate, address, member);
  const type = target(aggregate, member);
  const count = entryCount(subject);
  const [pointer] = memberVariable(subject, member);
  if (!pointer || at === undefined || !type || count === undefined) return pointer ? [pointer] : [];
  const part: FormatSubject = {
    look,
    address: at,
    aggregate: type,
    evaluateName: dereferenced(nameOf(subject, member)),
  };
  const flagBits = field(look.memory, type, at, 'flags');
  const index = field(look.memory, type, at, 'idx');
  if (flagBits === undefined || index === undefined) return [pointer];
  const named = (): Variable[] => [
    ...memberVariable(part, 'flags', flagNames(flagBits, flags)),
    ...memberVariable(part, 'idx'),
    ...entries(part, count),
  ];
  const value = `${pointer.value} {flags ${flagNames(flagBits, flags)}, idx ${index}}`;
  return [makeVariable({ ...pointer, value, named, indexedCount: 0 })];
}

function dereferenced(evaluateName: string | undefined): string | undefined {
  return evaluateName === undefined ? undefined : `*${evaluateName}`;
}

/** `ring[]`: a flexible array, whose length is the queue's. */
function entries(part: FormatSubject, count: number): readonly Variable[] {
  const member = findMember(part.aggregate, 'ring');
  const array = member && strip(member.type);
  if (!member || array?.kind !== 'array') return [];
  const type: Type = { kind: 'array', of: array.of, count };
  const evaluateName = part.evaluateName === undefined ? undefined : memberOf(part.evaluateName, 'ring');
  const address = part.address + member.offset;
  return [show(part.look, { name: 'ring', evaluateName, type, at: { kind: 'place', address } })];
}
