// Expressions over the variables of a host thread: TypeScript's operators on plain values, without calls and assignments.
//
// Names are those of the model's source: its variables at the place, the thread's state by its members' names, and `state` and
// `action` (what it does next) as a whole. Nothing can be changed, and nothing but these values can be reached.
import type { HostScope, HostValue, HostValues } from '../device';

/** Of an expression, its value in a scope. @throws TypeError for a member of what has none */
export type HostExpression = (scope: HostScope) => HostValue;

type Token = { readonly kind: 'number' | 'string' | 'name' | 'operator' | 'end'; readonly text: string };

const TOKEN =
  /\s*(?:(0[xX][\da-fA-F]+|\d+(?:\.\d+)?)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([A-Za-z_$][\w$]*)|(===|!==|==|!=|<=|>=|&&|\|\||\?\?|<<|>>|[-+*/%&|^~!<>()[\].?:])|(\S))/y;

/** Binary operators by how tightly they bind, loosest first; `?:` is looser than all. */
const BINARY: readonly (readonly string[])[] = [
  ['??'],
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!=', '===', '!=='],
  ['<', '<=', '>', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];

const LITERALS: ReadonlyMap<string, HostValue> = new Map<string, HostValue>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['undefined', undefined],
]);

/**
 * Compiles an expression.
 * @param known whether a name means something at the place; every name is taken without it
 * @throws SyntaxError in words for the user
 */
export function compileHostExpression(text: string, known: (name: string) => boolean = () => true): HostExpression {
  return new Parser(text, known).whole();
}

/** The value of a bare name: a variable of the place, else a member of the state. */
function lookUp(name: string, { locals, state, action }: HostScope): HostValue {
  if (Object.hasOwn(locals, name)) return locals[name];
  if (Object.hasOwn(state, name)) return state[name];
  return name === 'state' ? state : name === 'action' ? action : undefined;
}

class Parser {
  private readonly tokens: Token[];
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly known: (name: string) => boolean,
  ) {
    this.tokens = tokensOf(text);
  }

  whole(): HostExpression {
    const expression = this.conditional();
    if (this.next.kind !== 'end') throw this.unexpected();
    return expression;
  }

  private get next(): Token {
    return this.tokens[this.at] ?? { kind: 'end', text: '' };
  }

  private take(...operators: readonly string[]): string | undefined {
    const { kind, text } = this.next;
    if (kind !== 'operator' || !operators.includes(text)) return undefined;
    this.at++;
    return text;
  }

  private expect(operator: string): void {
    if (this.take(operator) === undefined) throw this.unexpected(operator);
  }

  private unexpected(expected = 'an operand or operator'): SyntaxError {
    const { kind, text } = this.next;
    const found = kind === 'end' ? 'it ends' : `found ${text}`;
    return new SyntaxError(`"${this.text}": expected ${expected}, ${found}`);
  }

  private conditional(): HostExpression {
    const test = this.binary(0);
    if (this.take('?') === undefined) return test;
    const yes = this.conditional();
    this.expect(':');
    const no = this.conditional();
    return (scope) => (isTrue(test(scope)) ? yes(scope) : no(scope));
  }

  private binary(level: number): HostExpression {
    const operators = BINARY[level];
    if (operators === undefined) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const operator = this.take(...operators);
      if (operator === undefined) return left;
      left = combine(operator, left, this.binary(level + 1));
    }
  }

  private unary(): HostExpression {
    const operator = this.take('!', '-', '+', '~');
    if (operator === undefined) return this.postfix();
    const operand = this.unary();
    if (operator === '!') return (scope) => !isTrue(operand(scope));
    if (operator === '~') return (scope) => Number(~whole(operand(scope)));
    return operator === '-' ? (scope) => -number(operand(scope)) : (scope) => number(operand(scope));
  }

  private postfix(): HostExpression {
    let value = this.primary();
    for (;;) {
      const of = value;
      if (this.take('.') !== undefined) {
        const { kind, text } = this.next;
        if (kind !== 'name') throw this.unexpected('the name of a member');
        this.at++;
        value = (scope) => member(of(scope), text);
      } else if (this.take('[') !== undefined) {
        const index = this.conditional();
        this.expect(']');
        value = (scope) => member(of(scope), showHostValue(index(scope)));
      } else return value;
    }
  }

  private primary(): HostExpression {
    const { kind, text } = this.next;
    if (this.take('(') !== undefined) {
      const inner = this.conditional();
      this.expect(')');
      return inner;
    }
    if (kind !== 'number' && kind !== 'string' && kind !== 'name') throw this.unexpected('an operand');
    this.at++;
    if (kind === 'number') return constant(Number(text));
    if (kind === 'string') return constant(text.slice(1, -1).replace(/\\(.)/g, '$1'));
    if (LITERALS.has(text)) return constant(LITERALS.get(text));
    if (!this.known(text)) throw new SyntaxError(`"${this.text}": there is no variable ${text} at this line`);
    return (scope) => lookUp(text, scope);
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const [, digits, quoted, name, operator, other] = match;
    if (other !== undefined)
      throw new SyntaxError(
        other === '='
          ? `"${text}": a host's variables can only be read; compare with ===`
          : `"${text}": ${other} is no operator here`,
      );
    if (digits !== undefined) tokens.push({ kind: 'number', text: digits });
    else if (quoted !== undefined) tokens.push({ kind: 'string', text: quoted });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else if (operator !== undefined) tokens.push({ kind: 'operator', text: operator });
  }
  return tokens;
}

const constant =
  (value: HostValue): HostExpression =>
  () =>
    value;

function combine(operator: string, left: HostExpression, right: HostExpression): HostExpression {
  switch (operator) {
    case '??':
      return (scope) => left(scope) ?? right(scope);
    case '||':
      return (scope) => {
        const value = left(scope);
        return isTrue(value) ? value : right(scope);
      };
    case '&&':
      return (scope) => {
        const value = left(scope);
        return isTrue(value) ? right(scope) : value;
      };
    // two values are the same here when they have type and value in common
    case '==':
    case '===':
      return (scope) => left(scope) === right(scope);
    case '!=':
    case '!==':
      return (scope) => left(scope) !== right(scope);
    case '+':
      return (scope) => {
        const [a, b] = [left(scope), right(scope)];
        return typeof a === 'string' || typeof b === 'string'
          ? showHostValue(a) + showHostValue(b)
          : number(a) + number(b);
      };
    default: {
      const apply = NUMERIC[operator];
      if (apply === undefined) throw new SyntaxError(`there is no operator ${operator}`);
      return (scope) => apply(number(left(scope)), number(right(scope)));
    }
  }
}

/** Bits beyond 31 count as well: feature bits are looked at. */
const NUMERIC: Readonly<Record<string, (a: number, b: number) => HostValue>> = {
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '&': (a, b) => Number(whole(a) & whole(b)),
  '|': (a, b) => Number(whole(a) | whole(b)),
  '^': (a, b) => Number(whole(a) ^ whole(b)),
  '<<': (a, b) => Number(whole(a) << BigInt(Math.min(63, Math.max(0, b)))),
  '>>': (a, b) => Number(whole(a) >> BigInt(Math.min(63, Math.max(0, b)))),
};

function number(value: HostValue): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  throw new TypeError(`${showHostValue(value)} is no number`);
}

function whole(value: HostValue): bigint {
  const n = number(value);
  if (!Number.isInteger(n)) throw new TypeError(`${n} is no integer`);
  return BigInt(n);
}

function member(of: HostValue, name: string): HostValue {
  if (of === null || of === undefined) throw new TypeError(`${String(of)} has no member ${name}`);
  if (typeof of !== 'object' && typeof of !== 'string') return undefined;
  // own ones only: nothing of JavaScript's is reached
  return Object.hasOwn(of as object, name) ? (of as HostValues)[name] : undefined;
}

/** As in TypeScript: 0, the empty string, false, null and undefined are not. */
export const isTrue = (value: HostValue): boolean => Boolean(value);

/** A value as the debugger shows it; a string bare, as it is within a message. */
export function showHostValue(value: HostValue): string {
  if (typeof value === 'string') return value;
  if (value === null || typeof value !== 'object') return String(value);
  const inner = (v: HostValue): string => (typeof v === 'string' ? JSON.stringify(v) : showHostValue(v));
  if (isList(value)) return `[${value.map(inner).join(', ')}]`;
  const members = Object.entries(value).map(([name, v]) => `${name}: ${inner(v)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

const isList = (value: HostValue): value is readonly HostValue[] => Array.isArray(value);
