// What to write to memory so that a C lvalue has a new value.
import {
  compileExpression,
  convertTo,
  ExpressionError,
  type Compiled,
  type Environment,
  type Names,
} from './expression';
import { tokenize } from './expression/lexer';
import { splitFormat } from './format';
import { bitFieldBytes, isReadable, readUnsigned, toBytes } from './memory';
import { toBits } from './scalar';
import { isCharacter, sizeOf, strip, typeName } from './types';
import { hex } from './variable';

/** Bytes to write, and how the event log says it. */
export interface Assignment {
  /** guest pointer */
  readonly address: number;
  readonly bytes: Uint8Array;
  /** `vq->num_free = 3` */
  readonly text: string;
}

/** @throws ExpressionError; of an error in `value`, the offset counts in `value` */
export function assignment(target: string, value: string, names: Names, environment: Environment): Assignment {
  const { expression } = splitFormat(target);
  const lvalue = compileExpression(expression, names, environment);
  if (!lvalue.place) {
    throw new ExpressionError(
      `"${expression.trim()}" has no place in memory, so nothing can be assigned to it`,
      0,
      expression.length,
    );
  }
  const address = lvalue.place.address(environment);
  const bytes = stringBytes(lvalue, value) ?? scalarBytes(lvalue, address, value, names, environment);
  if (!isReadable(environment.memory, address, bytes.length)) {
    throw new ExpressionError(`there is no RAM at ${hex(address)}`, 0, expression.length);
  }
  return { address, bytes, text: `${expression.trim()} = ${value.trim()}` };
}

function scalarBytes(
  lvalue: Compiled,
  address: number,
  text: string,
  names: Names,
  environment: Environment,
): Uint8Array {
  const { type, value } = convertTo(compileExpression(text, names, environment), lvalue.type, environment);
  const field = lvalue.place?.bitField;
  if (!field) return toBytes(toBits(value, type), type.size);
  const size = bitFieldBytes(field);
  const old = readUnsigned(environment.memory, address, size) ?? 0n;
  const mask = ((1n << BigInt(field.bits)) - 1n) << BigInt(field.shift);
  return toBytes((old & ~mask) | ((toBits(value, type) << BigInt(field.shift)) & mask), size);
}

/** A string constant for an array of characters, with its NUL where there is room; undefined for anything else. */
function stringBytes(lvalue: Compiled, value: string): Uint8Array | undefined {
  const array = strip(lvalue.type);
  if (array.kind !== 'array' || !isCharacter(array.of) || !value.trim().startsWith('"')) return undefined;
  const [token, end] = tokenize(value);
  if (token?.kind !== 'string' || end?.kind !== 'end') return undefined;
  const room = sizeOf(array);
  if (token.bytes.length > room) {
    throw new ExpressionError(
      `${token.bytes.length} characters do not fit in ${typeName(lvalue.type)}`,
      token.start,
      token.end - token.start,
    );
  }
  return Uint8Array.from(token.bytes.length < room ? [...token.bytes, 0] : token.bytes);
}
