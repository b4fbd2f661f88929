// Text of a single value: numbers in the wanted base, enumerators and functions by name, characters, strings.
import { isReadable } from './memory';
import { toBits, type Scalar } from './scalar';
import { isCharacter, strip, type ScalarType } from './types';
import type { EnumType, Type } from '../toolchain';
import { hex } from './variable';

/** gdb's and the editors' letters: hexadecimal, decimal, binary, character, string, octal. */
export type Format = 'x' | 'd' | 'b' | 'c' | 's' | 'o';

/** Longest string that is shown, in bytes. */
const MAX_STRING = 200;

/** What a value needs to be written by name. */
export interface ValueNames {
  readonly memory: Uint8Array;
  /** name of the function at an index of the function table */
  functionName(pointer: number): string | undefined;
}

/** @param type as declared; @param bits width of a bit-field */
export function formatScalar(
  value: Scalar,
  type: Type,
  scalar: ScalarType,
  names: ValueNames,
  format?: Format,
  bits?: number,
): string {
  if (typeof value === 'number') return formatFloat(value, scalar.size);
  if (scalar.kind === 'pointer') return formatPointer(Number(BigInt.asUintN(32, value)), scalar.to, names, format);
  if (format && format !== 's') return formatInteger(value, scalar, format, bits);
  if (scalar.kind === 'enum') return formatEnum(value, scalar);
  if (scalar.encoding === 'bool') return value === 0n ? 'false' : value === 1n ? 'true' : `true (${value})`;
  return isCharacter(type) ? formatCharacter(value) : String(value);
}

/** Bytes up to the first NUL as a C string constant; `…` follows when they go on. */
export function quote(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const shown = bytes.subarray(0, Math.min(end < 0 ? bytes.length : end, MAX_STRING));
  const cut = end < 0 ? bytes.length > MAX_STRING : end > MAX_STRING;
  return `"${[...shown].map((byte) => escape(byte, '"')).join('')}"${cut ? '…' : ''}`;
}

/** The string that a pointer leads to; undefined when its first byte cannot be read. */
export function stringAt(memory: Uint8Array, address: number): string | undefined {
  if (!isReadable(memory, address, 1)) return undefined;
  // one byte more than is shown, so that quote() sees whether the string goes on
  const text = quote(memory.slice(address, Math.min(memory.length, address + MAX_STRING + 1)));
  return text;
}

function formatPointer(address: number, target: Type, names: ValueNames, format?: Format): string {
  const number =
    format && format !== 's' && format !== 'x' ? formatInteger(BigInt(address), undefined, format) : hex(address);
  const bare = strip(target);
  if (bare.kind === 'function') {
    const name = address === 0 ? undefined : names.functionName(address);
    return name === undefined ? number : `${number} <${name}>`;
  }
  if (address === 0 || (!isCharacter(target) && format !== 's') || format === 'x') return number;
  return `${number} ${stringAt(names.memory, address) ?? `<cannot read ${hex(address)}>`}`;
}

function formatInteger(value: bigint, scalar: ScalarType | undefined, format: Format, bits?: number): string {
  const width = bits ?? (scalar?.size ?? 4) * 8;
  const unsigned = bits === undefined && scalar ? toBits(value, scalar) : BigInt.asUintN(width, value);
  switch (format) {
    case 'x':
      return hex(unsigned);
    case 'o':
      return unsigned === 0n ? '0' : `0${unsigned.toString(8)}`;
    case 'b':
      return `0b${unsigned.toString(2)}`;
    case 'c':
      return formatCharacter(BigInt.asIntN(8, value));
    default:
      return String(value);
  }
}

function formatEnum(value: bigint, type: EnumType): string {
  const exact = type.enumerators.find((each) => each.value === value);
  return exact ? `${exact.name} (${value})` : String(value);
}

function formatCharacter(value: bigint): string {
  return `${value} '${escape(Number(BigInt.asUintN(8, value)), "'")}'`;
}

function escape(byte: number, quoteMark: string): string {
  const simple: Readonly<Record<number, string>> = {
    7: 'a',
    8: 'b',
    9: 't',
    10: 'n',
    11: 'v',
    12: 'f',
    13: 'r',
    92: '\\',
  };
  const letter = simple[byte];
  if (letter !== undefined) return `\\${letter}`;
  const character = String.fromCharCode(byte);
  if (character === quoteMark) return `\\${character}`;
  return byte >= 32 && byte < 127 ? character : `\\${byte.toString(8).padStart(3, '0')}`;
}

/** The shortest decimal that reads back as the same float. */
function formatFloat(value: number, size: number): string {
  if (size !== 4) return String(value);
  for (let digits = 1; digits <= 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(value);
}

/** `(long) value,x`: the expression, and the format that its suffix asks for. */
export function splitFormat(text: string): { readonly expression: string; readonly format?: Format } {
  const found = /^(.*\S)\s*,\s*([xdbcso])\s*$/s.exec(text);
  return found ? { expression: found[1] as string, format: found[2] as Format } : { expression: text };
}
