// Turns typed memory into Variables: summaries, members, elements, what pointers lead to.
import type { BitField, Member, StructType, Type, TypeIndex } from '../toolchain';
import { formatScalar, quote, stringAt, type Format, type ValueNames } from './format';
import { bitFieldBytes, isReadable, readBytes } from './memory';
import { readScalar, type Scalar } from './scalar';
import { asAggregate, asScalar, isCharacter, sizeOf, strip, typeName } from './types';
import { hex, makeVariable, type Variable, type VariableSpec } from './variable';

/** What values are looked at through. */
export interface Look extends ValueNames {
  readonly types: TypeIndex;
  readonly format?: Format;
  /** Readable views of structs, by the struct's name. */
  readonly formatters: ReadonlyMap<string, Formatter>;
}

/** A readable view of one struct of the kernel API. The struct as it is stays available beside it. */
export interface Formatter {
  /** One line on its state; undefined for the usual list of members. */
  summary?(subject: FormatSubject): string | undefined;
  view(subject: FormatSubject): Pick<VariableSpec, 'named' | 'indexedCount' | 'element'>;
}

/** A struct in memory that a formatter is asked about. */
export interface FormatSubject {
  readonly look: Look;
  readonly evaluateName?: string;
  readonly address: number;
  readonly aggregate: StructType;
  /** `virtio_device.vqs`: the member that it is */
  readonly owner?: string;
}

/** A value to show: of a type, at a place or known by itself. */
export interface Subject {
  readonly name: string;
  readonly evaluateName?: string;
  readonly type: Type;
  readonly at: ValueAt;
  /** `virtio_device.vqs`: tells what a list holds */
  readonly owner?: string;
}

export type ValueAt =
  | { readonly kind: 'place'; readonly address: number; readonly bitField?: BitField }
  | { readonly kind: 'scalar'; readonly value: Scalar };

const NO_FORMATTERS: ReadonlyMap<string, Formatter> = new Map();

/** Elements shown of a flexible array, whose length no type knows. */
const FLEXIBLE_SHOWN = 8;
/** Characters after which a summary is cut. */
const SUMMARY_LENGTH = 80;

export function show(look: Look, subject: Subject): Variable {
  return makeVariable(describe(look, subject));
}

function describe(look: Look, subject: Subject): VariableSpec {
  const { type, at, name, evaluateName } = subject;
  const common = {
    name,
    evaluateName,
    type: typeName(type),
    address: at.kind === 'place' ? at.address : undefined,
    size: at.kind === 'place' && at.bitField ? bitFieldBytes(at.bitField) : sizeOf(type),
  };
  const bare = strip(type);
  if (bare.kind === 'unknown') return { ...common, value: `<${bare.why}>` };
  const scalar = asScalar(type);
  if (scalar) {
    const value = at.kind === 'scalar' ? at.value : readScalar(look.memory, at.address, scalar, at.bitField);
    if (value === undefined) return { ...common, value: cannotRead(common.address ?? 0) };
    const bits = at.kind === 'place' ? at.bitField?.bits : undefined;
    const settable = at.kind === 'place';
    const text = formatScalar(value, type, scalar, look, look.format, bits);
    if (scalar.kind !== 'pointer') {
      const memoryReference = common.address === undefined ? undefined : hex(common.address);
      return { ...common, value: text, settable, memoryReference };
    }
    return showPointer(look, subject, { ...common, value: text, settable }, Number(value), scalar.to);
  }
  if (bare.kind === 'function' || bare.kind === 'void') {
    const pointer = at.kind === 'scalar' ? Number(at.value) : at.address;
    const known = bare.kind === 'function' ? look.functionName(pointer) : undefined;
    return { ...common, value: known === undefined ? hex(pointer) : `<${known}>` };
  }
  if (at.kind === 'scalar') return { ...common, value: '<no place in memory>' };
  const memoryReference = hex(at.address);
  if (bare.kind === 'array') return showArray(look, subject, { ...common, memoryReference }, at.address, bare);
  if (bare.kind !== 'struct' && bare.kind !== 'union') return { ...common, value: '<unknown type>' };
  return showAggregate(look, subject, { ...common, memoryReference }, at.address, bare);
}

type Common = Pick<Variable, 'name' | 'evaluateName' | 'type' | 'address' | 'size' | 'memoryReference'>;

function showPointer(
  look: Look,
  subject: Subject,
  common: Common & { readonly value: string; readonly settable: boolean },
  pointer: number,
  target: Type,
): VariableSpec {
  const memoryReference = pointer === 0 ? undefined : hex(pointer);
  const leaf = { ...common, memoryReference };
  const bare = strip(target);
  if (bare.kind === 'function' || bare.kind === 'void' || bare.kind === 'unknown') return leaf;
  if (asAggregate(target)?.incomplete || !isReadable(look.memory, pointer, Math.max(1, sizeOf(target)))) return leaf;
  const evaluateName = subject.evaluateName === undefined ? undefined : `*${subject.evaluateName}`;
  const object = {
    name: evaluateName ?? '*',
    evaluateName,
    type: target,
    at: { kind: 'place', address: pointer },
  } as const;
  const aggregate = asAggregate(target);
  if (!aggregate) return { ...common, memoryReference, named: () => [show(look, object)] };
  // a pointer to a struct opens onto its members at once; its readable summary stands behind the address
  const inside = describe(look, object);
  const formatter = look.formatters.get(aggregate.name ?? '');
  const summary = formatter?.summary?.({ look, address: pointer, aggregate, evaluateName });
  const { named, indexedCount, element } = inside;
  const value = summary === undefined ? common.value : `${common.value} ${summary}`;
  return { ...common, value, memoryReference, named, indexedCount, element };
}

function showArray(
  look: Look,
  subject: Subject,
  common: Common,
  address: number,
  array: { readonly of: Type; readonly count?: number },
): VariableSpec {
  const elementSize = sizeOf(array.of);
  const count = array.count ?? FLEXIBLE_SHOWN;
  if (count > 0 && !isReadable(look.memory, address, Math.max(1, elementSize))) {
    return { ...common, value: cannotRead(address) };
  }
  const element = (index: number): Variable =>
    show(look, {
      name: `[${index}]`,
      evaluateName: subject.evaluateName === undefined ? undefined : `${postfix(subject.evaluateName)}[${index}]`,
      type: array.of,
      at: { kind: 'place', address: address + index * elementSize },
    });
  return {
    ...common,
    value: summariseArray(look, address, array),
    indexedCount: elementSize === 0 ? 0 : count,
    element,
  };
}

function summariseArray(look: Look, address: number, array: { readonly of: Type; readonly count?: number }): string {
  const { of, count } = array;
  if (count === undefined) return `[] (length not known, first ${FLEXIBLE_SHOWN} listed)`;
  const text = isCharacter(of) || (look.format === 's' && sizeOf(of) === 1);
  if (text && look.format !== 'x') {
    const bytes = readBytes(look.memory, address, Math.min(count, look.memory.length - address));
    if (bytes) return quote(bytes);
  }
  const scalar = asScalar(of);
  if (!scalar) return `[${count}]`;
  const size = sizeOf(of);
  const shown: string[] = [];
  for (let index = 0, length = 0; index < count && length < SUMMARY_LENGTH; index++) {
    const value = readScalar(look.memory, address + index * size, scalar);
    if (value === undefined) break;
    const item = formatScalar(value, of, scalar, look, look.format);
    shown.push(item);
    length += item.length + 2;
  }
  if (shown.length < count) shown.push('…');
  return `[${count}] {${shown.join(', ')}}`;
}

function showAggregate(
  look: Look,
  subject: Subject,
  common: Common,
  address: number,
  aggregate: StructType,
): VariableSpec {
  if (aggregate.incomplete) return { ...common, value: '<only declared in this driver>' };
  if (aggregate.size > 0 && !isReadable(look.memory, address, aggregate.size)) {
    return { ...common, value: cannotRead(address) };
  }
  const { evaluateName, owner } = subject;
  const plain = (view: Look): VariableSpec => ({
    ...common,
    value: summarise(view, aggregate, address),
    named: () => showMembers(view, evaluateName, aggregate, address),
  });
  const formatter = look.formatters.get(aggregate.name ?? '');
  if (!formatter) return plain(look);
  const asked = { look, evaluateName, address, aggregate, owner };
  const view = formatter.view(asked);
  const raw = { ...plain({ ...look, formatters: NO_FORMATTERS }), name: '[raw]' };
  return {
    ...common,
    ...view,
    value: formatter.summary?.(asked) ?? raw.value,
    named: () => [...(view.named?.() ?? []), makeVariable(raw)],
  };
}

/** The members of a struct as variables; those of an anonymous union or struct stand among them. */
function showMembers(
  look: Look,
  evaluateName: string | undefined,
  aggregate: StructType,
  address: number,
): readonly Variable[] {
  return aggregate.members.flatMap((member) => showMember(look, evaluateName, aggregate, address, member));
}

function showMember(
  look: Look,
  evaluateName: string | undefined,
  aggregate: StructType,
  address: number,
  member: Member,
): readonly Variable[] {
  const inner = member.name === undefined ? asAggregate(member.type) : undefined;
  if (inner && inner !== aggregate) return showMembers(look, evaluateName, inner, address + member.offset);
  if (member.name === undefined) return [];
  return [
    show(look, {
      name: member.name,
      evaluateName: evaluateName === undefined ? undefined : memberOf(evaluateName, member.name),
      type: member.type,
      at: { kind: 'place', address: address + member.offset, bitField: member.bitField },
      owner: aggregate.name === undefined ? undefined : `${aggregate.name}.${member.name}`,
    }),
  ];
}

/** `{num = 256, desc = 0x8000, …}`: the first scalar members, as many as fit. */
function summarise(look: Look, aggregate: StructType, address: number, depth = 0): string {
  const items: string[] = [];
  let length = 0;
  for (const member of aggregate.members) {
    if (length >= SUMMARY_LENGTH) {
      items.push('…');
      break;
    }
    const item = summariseMember(look, member, address, depth);
    items.push(item);
    length += item.length + 2;
  }
  return `{${items.join(', ')}}`;
}

function summariseMember(look: Look, member: Member, address: number, depth: number): string {
  const at = address + member.offset;
  const scalar = asScalar(member.type);
  const aggregate = asAggregate(member.type);
  if (member.name === undefined) return aggregate && depth < 4 ? summarise(look, aggregate, at, depth + 1) : '{…}';
  const prefix = `${member.name} = `;
  if (aggregate) return `${prefix}{…}`;
  if (!scalar) {
    const bare = strip(member.type);
    return bare.kind === 'array' && isCharacter(bare.of) && bare.count !== undefined
      ? prefix + (stringAt(look.memory, at) ?? '…')
      : `${prefix}[…]`;
  }
  const value = readScalar(look.memory, at, scalar, member.bitField);
  return (
    prefix +
    (value === undefined ? '?' : formatScalar(value, member.type, scalar, look, look.format, member.bitField?.bits))
  );
}

/** `object.name`, or `pointer->name` when the object is a dereferenced pointer. */
export function memberOf(evaluateName: string, name: string): string {
  const pointer = /^\*([A-Za-z_][\w.[\]]*(?:->[\w.[\]]+)*)$/.exec(evaluateName);
  return pointer ? `${pointer[1]}->${name}` : `${postfix(evaluateName)}.${name}`;
}

/** The expression, in parentheses unless a postfix operator may follow it as it is. */
export function postfix(expression: string): string {
  return /^[A-Za-z_][\w.[\]]*(?:->[\w.[\]]+)*$/.test(expression) ? expression : `(${expression})`;
}

export function cannotRead(address: number): string {
  return `<cannot read ${hex(address)}>`;
}
