// Cuts a C expression into tokens.
import { ExpressionError } from './error';

export type Token =
  | { readonly kind: 'name'; readonly text: string; readonly start: number; readonly end: number }
  | ({ readonly kind: 'integer'; readonly value: bigint; readonly suffix: string; readonly decimal: boolean } & Span)
  | ({ readonly kind: 'float'; readonly value: number; readonly single: boolean } & Span)
  | ({ readonly kind: 'char'; readonly value: bigint } & Span)
  | ({ readonly kind: 'string'; readonly bytes: readonly number[] } & Span)
  | ({ readonly kind: 'symbol'; readonly text: string } & Span)
  | ({ readonly kind: 'end' } & Span);

export interface Span {
  /** offset of its first character */
  readonly start: number;
  /** offset behind its last */
  readonly end: number;
}

/** Longest first, so that the first one that fits is the right one. */
const SYMBOLS = [
  ...['<<=', '>>=', '...'],
  ...['->', '++', '--', '<<', '>>', '<=', '>=', '==', '!=', '&&', '||', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^='],
  ...[
    '+',
    '-',
    '*',
    '/',
    '%',
    '&',
    '|',
    '^',
    '~',
    '!',
    '<',
    '>',
    '=',
    '?',
    ':',
    ',',
    '.',
    '(',
    ')',
    '[',
    ']',
    '@',
    '{',
    '}',
  ],
];

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
  e: 27,
  '\\': 92,
  "'": 39,
  '"': 34,
  '?': 63,
};

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const FLOAT = /(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?[fFlL]?|\d+[eE][+-]?\d+[fFlL]?/y;
const INTEGER = /(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)([uUlL]*)/y;
const BAD_TAIL = /[A-Za-z0-9_.]+/y;

/** @throws ExpressionError at the first character that C has no use for */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && /\s/.test(text[at] as string)) at++;
    if (at >= text.length) {
      tokens.push({ kind: 'end', start: at, end: at });
      return tokens;
    }
    const token = readToken(text, at);
    tokens.push(token);
    at = token.end;
  }
}

function readToken(text: string, start: number): Token {
  const name = match(NAME, text, start);
  if (name) return { kind: 'name', text: name[0], start, end: start + name[0].length };
  const float = match(FLOAT, text, start);
  if (float) {
    const end = start + float[0].length;
    rejectTail(text, start, end);
    return { kind: 'float', value: parseFloat(float[0]), single: /[fF]$/.test(float[0]), start, end };
  }
  const integer = match(INTEGER, text, start);
  if (integer) return readInteger(text, start, integer);
  const first = text[start] as string;
  if (first === "'") return readCharacter(text, start);
  if (first === '"') return readString(text, start);
  const symbol = SYMBOLS.find((each) => text.startsWith(each, start));
  if (symbol) return { kind: 'symbol', text: symbol, start, end: start + symbol.length };
  throw new ExpressionError(`"${first}" has no place in a C expression`, start);
}

function readInteger(text: string, start: number, found: RegExpExecArray): Token {
  const end = start + found[0].length;
  rejectTail(text, start, end);
  const digits = found[1] as string;
  const suffix = (found[2] as string).toLowerCase();
  if (!/^(u?l{0,2}|l{1,2}u)$/.test(suffix)) {
    throw new ExpressionError(
      `"${found[0]}" is no number: the suffix "${found[2]}" is none of C's`,
      start,
      end - start,
    );
  }
  const octal = /^0\d/.test(digits);
  if (octal && /[89]/.test(digits)) {
    throw new ExpressionError(`"${digits}" is no octal number`, start, end - start);
  }
  const value = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  if (value >= 1n << 64n) throw new ExpressionError(`${digits} does not fit in 64 bits`, start, end - start);
  return { kind: 'integer', value, suffix, decimal: /^[1-9]/.test(digits), start, end };
}

function rejectTail(text: string, start: number, end: number): void {
  const tail = match(BAD_TAIL, text, end);
  if (tail) {
    const whole = text.slice(start, end + tail[0].length);
    throw new ExpressionError(`"${whole}" is no number`, start, whole.length);
  }
}

function readCharacter(text: string, start: number): Token {
  if (text[start + 1] === "'") throw new ExpressionError("'' holds no character", start, 2);
  const { value, end } = readEscaped(text, start + 1, start);
  if (text[end] !== "'") throw new ExpressionError("the closing ' is missing", start, end - start);
  // a plain char is signed in clang's wasm32
  return { kind: 'char', value: BigInt.asIntN(8, BigInt(value)), start, end: end + 1 };
}

function readString(text: string, start: number): Token {
  const bytes: number[] = [];
  let at = start + 1;
  while (text[at] !== '"') {
    const { value, end } = readEscaped(text, at, start);
    if (value > 0xff) bytes.push(...new TextEncoder().encode(String.fromCodePoint(value)));
    else bytes.push(value);
    at = end;
  }
  return { kind: 'string', bytes, start, end: at + 1 };
}

function readEscaped(text: string, at: number, start: number): { value: number; end: number } {
  const first = text.codePointAt(at);
  if (first === undefined) {
    throw new ExpressionError(`the closing ${text[start]} is missing`, start, Math.max(1, text.length - start));
  }
  if (first !== 0x5c) return { value: first, end: at + (first > 0xffff ? 2 : 1) };
  const hex = match(/\\x([0-9a-fA-F]{1,2})/y, text, at);
  if (hex) return { value: parseInt(hex[1] as string, 16), end: at + hex[0].length };
  const octal = match(/\\([0-7]{1,3})/y, text, at);
  if (octal) return { value: parseInt(octal[1] as string, 8) & 0xff, end: at + octal[0].length };
  const simple = SIMPLE_ESCAPES[text[at + 1] ?? ''];
  if (simple === undefined) throw new ExpressionError(`"${text.slice(at, at + 2)}" is no escape of C's`, at, 2);
  return { value: simple, end: at + 2 };
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
