// Names: what an identifier or the name of a type stands for in an expression.
import type { EnumType, StructType, Type, VariableInfo } from '../../toolchain';
import { CHAR, DOUBLE, FLOAT, INT, LONG, LONG_LONG, pointerTo, UINT, ULONG, ULONG_LONG, VOID } from '../types';
import { ExpressionError } from './error';
import type { TypeName, TypeNameBase } from './syntax';

/** What an expression can name where it is evaluated. */
export interface Names {
  /** The variable that the compiler would mean. @throws Error when several statics are equally near */
  variable(name: string): VariableInfo | undefined;
  enumerator(name: string): { readonly type: EnumType; readonly value: bigint } | undefined;
  /** `pointer`: its index in the function table; undefined when its address is taken nowhere */
  function(name: string): { readonly type: Type; readonly pointer?: number } | undefined;
  typedef(name: string): Type | undefined;
  tagged(tag: 'struct' | 'union', name: string): StructType | undefined;
  tagged(tag: 'struct' | 'union' | 'enum', name: string): Type | undefined;
}

/** Spellings of the basic types, their words sorted. */
const BASIC: ReadonlyMap<string, Type> = new Map<string, Type>([
  ['void', VOID],
  ['char', CHAR],
  ['char signed', { kind: 'base', name: 'signed char', size: 1, encoding: 'signedChar' }],
  ['char unsigned', { kind: 'base', name: 'unsigned char', size: 1, encoding: 'unsignedChar' }],
  ['short', { kind: 'base', name: 'short', size: 2, encoding: 'signed' }],
  ['short unsigned', { kind: 'base', name: 'unsigned short', size: 2, encoding: 'unsigned' }],
  ['', INT],
  ['unsigned', UINT],
  ['long', LONG],
  ['long unsigned', ULONG],
  ['long long', LONG_LONG],
  ['long long unsigned', ULONG_LONG],
  ['float', FLOAT],
  ['double', DOUBLE],
  ['_Bool', { kind: 'base', name: '_Bool', size: 1, encoding: 'bool' }],
  ['bool', { kind: 'base', name: '_Bool', size: 1, encoding: 'bool' }],
]);

/** @throws ExpressionError when there is no such type */
export function resolveTypeName(name: TypeName, names: Names): Type {
  let type = resolveBase(name.base, name, names);
  for (let i = 0; i < name.pointers; i++) type = pointerTo(type);
  for (const count of [...name.counts].reverse()) type = { kind: 'array', of: type, count };
  return type;
}

function resolveBase(base: TypeNameBase, place: TypeName, names: Names): Type {
  switch (base.kind) {
    case 'words':
      return resolveWords(base.words, place);
    case 'tagged': {
      const type = names.tagged(base.tag, base.name);
      if (type) return type;
      throw unknown(`${base.tag} ${base.name}`, place);
    }
    case 'typedef': {
      const type = names.typedef(base.name);
      if (type) return type;
      throw unknown(base.name, place);
    }
  }
}

function resolveWords(words: readonly string[], place: TypeName): Type {
  // `short int` is `short`, `signed int` is `int`: these words add nothing, except to a char
  const redundant = words.includes('char') ? ['int'] : ['int', 'signed'];
  const significant = words.filter((word) => !redundant.includes(word));
  const type = BASIC.get([...significant].sort().join(' '));
  if (type) return type;
  throw new ExpressionError(`"${words.join(' ')}" is no type`, place.start, place.end - place.start);
}

function unknown(name: string, place: TypeName): ExpressionError {
  const why = `no type "${name}" is in the debug information (the compiler leaves out types that nothing uses)`;
  return new ExpressionError(why, place.start, place.end - place.start);
}
