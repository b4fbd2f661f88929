// C's arithmetic on wasm32: integer promotion, the usual arithmetic conversions, and what each operator computes.
import type { Type } from '../../toolchain';
import { convert, isTrue, type Scalar } from '../scalar';
import {
  asScalar,
  DOUBLE,
  FLOAT,
  INT,
  isFloat,
  isSigned,
  LONG,
  LONG_LONG,
  UINT,
  ULONG,
  ULONG_LONG,
  type ScalarType,
} from '../types';
import type { BinaryOperator } from './syntax';

export type ArithmeticOperator = Exclude<BinaryOperator, '&&' | '||' | ','>;

/** Thrown by an operator that has no result; the caller knows the place in the text. */
export class ArithmeticError extends Error {}

/**
 * C's integer promotion (C11 6.3.1.1): what is narrower than int becomes int, which holds all its values.
 * @param bits width of a bit-field, which counts instead of its declared type's
 */
export function promote(type: ScalarType, bits?: number): ScalarType {
  if (isFloat(type)) return type;
  if (type.kind === 'enum') return type.signed ? INT : UINT;
  const width = bits ?? type.size * 8;
  if (width < 32 || (width === 32 && isSigned(type) && bits !== undefined)) return INT;
  return type;
}

/** C's usual arithmetic conversions (C11 6.3.1.8) of two promoted types. */
export function commonType(left: ScalarType, right: ScalarType): ScalarType {
  if (isFloat(left) || isFloat(right)) {
    return (isFloat(left) && left.size === 8) || (isFloat(right) && right.size === 8) ? DOUBLE : FLOAT;
  }
  const size = Math.max(left.size, right.size);
  const unsigned = [left, right].some((type) => type.size === size && !isSigned(type));
  if (size === 8) return unsigned ? ULONG_LONG : LONG_LONG;
  // int and long have one size here and differ in rank alone: only the name of the result tells them apart
  const long = [left, right].some((type) => type.kind === 'base' && type.name.includes('long'));
  if (long) return unsigned ? ULONG : LONG;
  return unsigned ? UINT : INT;
}

/** Operators whose result is 0 or 1, an int. */
export function isComparison(operator: BinaryOperator): boolean {
  return ['<', '>', '<=', '>=', '==', '!='].includes(operator);
}

/** Operators that C defines for integers only. */
export function needsIntegers(operator: BinaryOperator): boolean {
  return ['%', '<<', '>>', '&', '|', '^'].includes(operator);
}

/**
 * The operation on two values that have the type already (of a shift: the left one has).
 * The result wraps to the type's width, as clang's wasm32 code does.
 */
export function operation(operator: ArithmeticOperator, type: ScalarType): (left: Scalar, right: Scalar) => Scalar {
  if (isComparison(operator)) return comparison(operator);
  return isFloat(type) ? floatOperation(operator, type) : integerOperation(operator, type);
}

function comparison(operator: ArithmeticOperator): (left: Scalar, right: Scalar) => Scalar {
  switch (operator) {
    case '<':
      return (left, right) => (left < right ? 1n : 0n);
    case '>':
      return (left, right) => (left > right ? 1n : 0n);
    case '<=':
      return (left, right) => (left <= right ? 1n : 0n);
    case '>=':
      return (left, right) => (left >= right ? 1n : 0n);
    case '==':
      return (left, right) => (left === right ? 1n : 0n);
    default:
      return (left, right) => (left === right ? 0n : 1n);
  }
}

function floatOperation(operator: ArithmeticOperator, type: ScalarType): (left: Scalar, right: Scalar) => Scalar {
  const compute = (left: number, right: number): number => {
    switch (operator) {
      case '+':
        return left + right;
      case '-':
        return left - right;
      case '*':
        return left * right;
      default:
        return left / right;
    }
  };
  return (left, right) => convert(compute(Number(left), Number(right)), type);
}

function integerOperation(operator: ArithmeticOperator, type: ScalarType): (left: Scalar, right: Scalar) => Scalar {
  const bits = type.size * 8;
  const wrap = isSigned(type)
    ? (value: bigint): bigint => BigInt.asIntN(bits, value)
    : (value: bigint): bigint => BigInt.asUintN(bits, value);
  const on =
    (compute: (left: bigint, right: bigint) => bigint) =>
    (left: Scalar, right: Scalar): Scalar =>
      wrap(compute(left as bigint, right as bigint));
  switch (operator) {
    case '+':
      return on((left, right) => left + right);
    case '-':
      return on((left, right) => left - right);
    case '*':
      return on((left, right) => left * right);
    case '/':
      return on((left, right) => left / nonZero(right));
    case '%':
      return on((left, right) => left % nonZero(right));
    case '&':
      return on((left, right) => left & right);
    case '|':
      return on((left, right) => left | right);
    case '^':
      return on((left, right) => left ^ right);
    case '<<':
      return on((left, right) => left << shiftCount(right, bits));
    default:
      return on((left, right) => left >> shiftCount(right, bits));
  }
}

function nonZero(divisor: bigint): bigint {
  if (divisor === 0n) throw new ArithmeticError('division by zero');
  return divisor;
}

function shiftCount(count: bigint, bits: number): bigint {
  if (count < 0n || count >= BigInt(bits)) {
    throw new ArithmeticError(`a ${bits}-bit value cannot be shifted by ${count}: C leaves that undefined`);
  }
  return count;
}

/** The result of a prefix operator other than `*` and `&`; undefined when the type does not allow it. */
export function prefixOperation(
  operator: '+' | '-' | '!' | '~',
  type: ScalarType,
): { readonly type: ScalarType; readonly compute: (value: Scalar) => Scalar } | undefined {
  if (operator === '!') return { type: INT, compute: (value) => (isTrue(value) ? 0n : 1n) };
  if (type.kind === 'pointer') return undefined;
  switch (operator) {
    case '+':
      return { type, compute: (value) => value };
    case '-':
      return { type, compute: (value) => convert(-value, type) };
    case '~':
      return isFloat(type) ? undefined : { type, compute: (value) => convert(~(value as bigint), type) };
  }
}

/** The type of an integer constant (C11 6.4.4.1): the first that holds it, of those that its suffix and base allow. */
export function literalType(value: bigint, suffix: string, decimal: boolean): ScalarType {
  const unsigned = suffix.includes('u');
  const long = suffix.includes('l');
  const longLong = suffix.includes('ll');
  const candidates: readonly [ScalarType, boolean][] = [
    [INT, !unsigned && !long],
    [UINT, !long && (unsigned || !decimal)],
    [LONG, !unsigned && !longLong],
    [ULONG, !longLong && (unsigned || !decimal)],
    [LONG_LONG, !unsigned],
    [ULONG_LONG, true],
  ];
  for (const [type, allowed] of candidates) {
    const limit = 1n << BigInt(type.size * 8 - (isSigned(type) ? 1 : 0));
    if (allowed && value < limit) return type;
  }
  return ULONG_LONG;
}

/** The scalar that a value of the type is in arithmetic: arrays and functions become pointers elsewhere. */
export function arithmeticType(type: Type, bits?: number): ScalarType | undefined {
  const scalar = asScalar(type);
  return scalar && promote(scalar, bits);
}
