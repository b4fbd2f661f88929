// Questions about C types: size, spelling, members by name through anonymous ones, and the types that arithmetic makes.
import type { BaseType, BitField, EnumType, FunctionType, Member, PointerType, StructType, Type } from '../toolchain';

/** Longer chains of typedefs or nested types than any program has: damaged debug information may hold cycles. */
const MAX_DEPTH = 64;

export const POINTER_SIZE = 4;

function base(name: string, size: number, encoding: BaseType['encoding']): BaseType {
  return { kind: 'base', name, size, encoding };
}

export const CHAR = base('char', 1, 'signedChar');
export const INT = base('int', 4, 'signed');
export const UINT = base('unsigned int', 4, 'unsigned');
/** `long` has 4 bytes on wasm32. */
export const LONG = base('long', 4, 'signed');
export const ULONG = base('unsigned long', 4, 'unsigned');
export const LONG_LONG = base('long long', 8, 'signed');
export const ULONG_LONG = base('unsigned long long', 8, 'unsigned');
export const FLOAT = base('float', 4, 'float');
export const DOUBLE = base('double', 8, 'float');
export const VOID: Type = { kind: 'void' };

export function pointerTo(to: Type): PointerType {
  return { kind: 'pointer', size: POINTER_SIZE, to };
}

/** The type without typedefs and qualifiers. */
export function strip(type: Type): Exclude<Type, { kind: 'typedef' | 'qualified' }> {
  let current = type;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    if (current.kind !== 'typedef' && current.kind !== 'qualified') return current;
    current = current.to;
  }
  return { kind: 'unknown', why: 'its typedefs form a circle' };
}

/** Bytes; of `void` and functions 1, as in GNU C; of a flexible array 0. */
export function sizeOf(type: Type, depth = 0): number {
  const bare = strip(type);
  switch (bare.kind) {
    case 'base':
    case 'pointer':
    case 'struct':
    case 'union':
    case 'enum':
      return bare.size;
    case 'array':
      return depth < MAX_DEPTH ? (bare.count ?? 0) * sizeOf(bare.of, depth + 1) : 0;
    case 'void':
    case 'function':
      return 1;
    case 'unknown':
      return 0;
  }
}

/** A type with a single value that fits a register: a number, a pointer, an enum. */
export type ScalarType = BaseType | PointerType | EnumType;

export function asScalar(type: Type): ScalarType | undefined {
  const bare = strip(type);
  return bare.kind === 'base' || bare.kind === 'pointer' || bare.kind === 'enum' ? bare : undefined;
}

export function asAggregate(type: Type): StructType | undefined {
  const bare = strip(type);
  return bare.kind === 'struct' || bare.kind === 'union' ? bare : undefined;
}

export function isFloat(type: Type): boolean {
  const bare = strip(type);
  return bare.kind === 'base' && bare.encoding === 'float';
}

export function isInteger(type: Type): boolean {
  const bare = strip(type);
  return bare.kind === 'enum' || (bare.kind === 'base' && bare.encoding !== 'float');
}

export function isSigned(type: ScalarType): boolean {
  if (type.kind === 'enum') return type.signed;
  return type.kind === 'base' && (type.encoding === 'signed' || type.encoding === 'signedChar');
}

/**
 * `char` as text, not as a small number: the type is spelled char, signed char or unsigned char. One behind a typedef (u8, s8, uint8_t)
 * is a number to whoever wrote it.
 */
export function isCharacter(type: Type): boolean {
  let current = type;
  for (let depth = 0; depth < MAX_DEPTH && current.kind === 'qualified'; depth++) current = current.to;
  return current.kind === 'base' && (current.encoding === 'signedChar' || current.encoding === 'unsignedChar');
}

/** A member found by name: where it lies in the aggregate, anonymous structs and unions on the way included. */
export interface FoundMember {
  readonly type: Type;
  readonly offset: number;
  readonly bitField?: BitField;
}

export function findMember(aggregate: StructType, name: string, depth = 0): FoundMember | undefined {
  for (const member of aggregate.members) {
    if (member.name === name) return member;
    const inner = member.name === undefined && depth < MAX_DEPTH ? asAggregate(member.type) : undefined;
    const found = inner && findMember(inner, name, depth + 1);
    if (found) return { ...found, offset: member.offset + found.offset };
  }
  return undefined;
}

/** All members with a name, those of anonymous structs and unions among them, with offsets from the start of the aggregate. */
export function namedMembers(aggregate: StructType, depth = 0): (Member & { readonly name: string })[] {
  return aggregate.members.flatMap((member) => {
    if (member.name !== undefined) return [{ ...member, name: member.name }];
    const inner = depth < MAX_DEPTH ? asAggregate(member.type) : undefined;
    return inner
      ? namedMembers(inner, depth + 1).map((found) => ({ ...found, offset: member.offset + found.offset }))
      : [];
  });
}

/** The type as C spells it: `const struct vring_desc *`, `int (*)(int, int)`, `char[16]`. */
export function typeName(type: Type): string {
  return declare(type, '', 0);
}

/** Spells a declaration from the inside out, as C does: `inner` is what is declared so far. */
function declare(type: Type, inner: string, depth: number): string {
  if (depth > MAX_DEPTH) return '…';
  switch (type.kind) {
    case 'pointer': {
      const target = type.to.kind === 'qualified' ? type.to.to : type.to;
      const star = `*${inner}`;
      return declare(type.to, target.kind === 'array' || target.kind === 'function' ? `(${star})` : star, depth + 1);
    }
    case 'array':
      return declare(type.of, `${inner}[${type.count ?? ''}]`, depth + 1);
    case 'function':
      return declare(type.returns, `${inner}(${parameterNames(type, depth)})`, depth + 1);
    case 'qualified':
      // of a pointer it stands behind the star: `char *const`
      return type.to.kind === 'pointer'
        ? declare(type.to, inner === '' ? type.qualifier : `${type.qualifier} ${inner}`, depth + 1)
        : `${type.qualifier} ${declare(type.to, inner, depth + 1)}`;
    default:
      return join(simpleName(type), inner);
  }
}

function join(name: string, inner: string): string {
  return inner === '' || inner.startsWith('[') ? name + inner : `${name} ${inner}`;
}

function parameterNames(type: FunctionType, depth: number): string {
  const names = type.parameters.map((parameter) => declare(parameter, '', depth + 1));
  if (type.variadic) names.push('...');
  return names.length > 0 ? names.join(', ') : 'void';
}

function simpleName(type: Type): string {
  switch (type.kind) {
    case 'void':
      return 'void';
    case 'base':
    case 'typedef':
      return type.name;
    case 'struct':
    case 'union':
    case 'enum':
      return `${type.kind} ${type.name ?? '{…}'}`;
    default:
      return '<unknown type>';
  }
}
