// What an expression compiles to: a type, a way to load the value, and the place in memory if it has one.
import type { BitField, Type, VariableInfo } from '../../toolchain';
import { readWord } from '../memory';
import { fromBits, readScalar, type Scalar } from '../scalar';
import { asAggregate, asScalar, pointerTo, POINTER_SIZE, sizeOf, strip, typeName } from '../types';
import { ExpressionError } from './error';
import type { Span } from './lexer';

/** What an expression is evaluated over. */
export interface Environment {
  readonly memory: Uint8Array;
  /** frame base of the frame that its names belong to */
  readonly base: number;
}

/** A place in memory that an expression denotes (C's lvalue). */
export interface Place {
  readonly address: (environment: Environment) => number;
  readonly bitField?: BitField;
}

export interface Compiled {
  readonly type: Type;
  /** Its value; an array yields the address of its first element. Throws ExpressionError for what is no scalar or not readable. */
  readonly load: (environment: Environment) => Scalar;
  readonly place?: Place;
  readonly span: Span;
}

export function failure(span: Span, message: string): ExpressionError {
  return new ExpressionError(message, span.start, Math.max(1, span.end - span.start));
}

export function constant(span: Span, type: Type, value: Scalar): Compiled {
  return { type, span, load: () => value };
}

export function fromVariable(span: Span, variable: VariableInfo): Compiled {
  const { location, type, name } = variable;
  switch (location.kind) {
    case 'none':
      throw failure(span, `"${name}" cannot be read: ${location.why}`);
    case 'constant': {
      const scalar = asScalar(type);
      if (!scalar) throw failure(span, `"${name}" cannot be read: the compiler kept it nowhere in memory`);
      return constant(span, type, fromBits(location.value, scalar, scalar.size * 8));
    }
    case 'static':
      return fromPlace(span, type, { address: () => location.address });
    case 'frame':
      return fromPlace(span, type, { address: frameAddress(span, location) });
  }
}

function frameAddress(
  span: Span,
  location: { readonly offset: number; readonly deref: boolean },
): (environment: Environment) => number {
  if (!location.deref) return ({ base }) => (base + location.offset) >>> 0;
  return ({ memory, base }) => {
    const at = (base + location.offset) >>> 0;
    return readWord(memory, at) ?? unreadable(span, at, POINTER_SIZE);
  };
}

/** What lies at a place: a scalar is loaded, an array or function stands for its address, an aggregate has no value. */
export function fromPlace(span: Span, type: Type, place: Place): Compiled {
  const bare = strip(type);
  switch (bare.kind) {
    case 'base':
    case 'pointer':
    case 'enum':
      return {
        type,
        span,
        place,
        load: (environment) => {
          const address = place.address(environment);
          return readScalar(environment.memory, address, bare, place.bitField) ?? unreadable(span, address, bare.size);
        },
      };
    case 'array':
    case 'function':
      return { type, span, place, load: (environment) => BigInt(place.address(environment)) };
    default:
      return {
        type,
        span,
        place,
        load: () => {
          throw failure(span, `a ${typeName(type)} is no single value`);
        },
      };
  }
}

function unreadable(span: Span, address: number, size: number): never {
  throw failure(span, `cannot read ${size} ${size === 1 ? 'byte' : 'bytes'} at 0x${address.toString(16)}`);
}

/** An array as the pointer to its first element, a function as a pointer to it. */
export function decay(value: Compiled): Compiled {
  const bare = strip(value.type);
  if (bare.kind === 'array') return { type: pointerTo(bare.of), span: value.span, load: value.load };
  if (bare.kind === 'function') return { type: pointerTo(bare), span: value.span, load: value.load };
  return value;
}

export function pointee(type: Type): Type | undefined {
  const bare = strip(type);
  return bare.kind === 'pointer' ? bare.to : undefined;
}

export function isPointerLike(value: Compiled): boolean {
  return pointee(decay(value).type) !== undefined;
}

export function elementSize(span: Span, target: Type): bigint {
  const aggregate = asAggregate(target);
  if (aggregate?.incomplete) {
    throw failure(span, `the size of ${typeName(aggregate)} is not known: it is only declared in this driver`);
  }
  return BigInt(Math.max(1, sizeOf(target)));
}

export function scalarLoader(value: Compiled): (environment: Environment) => Scalar {
  const decayed = decay(value);
  if (!asScalar(decayed.type)) throw failure(value.span, `a ${typeName(value.type)} is no single value`);
  return decayed.load;
}

export function addressOf(span: Span, operand: Compiled): Compiled {
  const { place } = operand;
  if (strip(operand.type).kind === 'function') return { ...operand, type: pointerTo(operand.type), span };
  if (!place) throw failure(span, 'only what lies in memory has an address');
  if (place.bitField) throw failure(span, 'a bit-field has no address');
  return { type: pointerTo(operand.type), span, load: (environment) => BigInt(place.address(environment)) };
}
