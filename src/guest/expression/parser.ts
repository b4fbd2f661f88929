// Parses a C expression by precedence. Assignments, increments and calls are parsed, so that they can be refused by name.
import { ExpressionError } from './error';
import { tokenize, type Span, type Token } from './lexer';
import type { BinaryOperator, Expression, TypeName, TypeNameBase, UnaryOperator } from './syntax';

/** True when a plain name is a type in the expression's scope: decides whether `(name) -1` is a cast or a subtraction. */
export type IsTypeName = (name: string) => boolean;

/** Deeper nesting than anyone writes would exhaust the stack. */
const MAX_DEPTH = 200;

/** Binary operators by precedence, loosest first. `@` has gdb's place: looser than +, tighter than <<. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['<<', '>>'],
  ['@'],
  ['+', '-'],
  ['*', '/', '%'],
];

const ASSIGNMENTS = new Set(['=', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '<<=', '>>=']);
const UNARY = new Set(['+', '-', '!', '~', '*', '&']);
const QUALIFIERS = new Set(['const', 'volatile', 'restrict', '_Atomic', '__restrict']);
const TYPE_WORDS = new Set([
  ...['void', 'char', 'short', 'int', 'long', 'signed', 'unsigned', 'float', 'double', '_Bool', 'bool'],
]);
const TAGS = new Set(['struct', 'union', 'enum']);

/** @throws ExpressionError with the place of the first thing that is not understood */
export function parseExpression(text: string, isTypeName: IsTypeName): Expression {
  const parser = new Parser(tokenize(text), text, isTypeName);
  return parser.whole();
}

class Parser {
  private at = 0;
  private depth = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly text: string,
    private readonly isTypeName: IsTypeName,
  ) {}

  whole(): Expression {
    if (this.peek().kind === 'end') throw new ExpressionError('the expression is empty', 0);
    const expression = this.comma();
    if (this.peek().kind !== 'end') throw this.unexpected('an operator or the end');
    return expression;
  }

  private comma(): Expression {
    let left = this.assignment();
    while (this.accept(',')) {
      const right = this.assignment();
      left = binary(',', left, right);
    }
    return left;
  }

  private assignment(): Expression {
    const left = this.conditional();
    const token = this.peek();
    if (token.kind !== 'symbol' || !ASSIGNMENTS.has(token.text)) return left;
    this.at++;
    const right = this.nested(() => this.assignment());
    return { kind: 'assignment', operator: token.text, start: left.start, end: right.end };
  }

  private conditional(): Expression {
    const condition = this.level(0);
    if (!this.accept('?')) return condition;
    const then = this.nested(() => this.comma());
    this.expect(':');
    const otherwise = this.nested(() => this.conditional());
    return { kind: 'conditional', condition, then, otherwise, start: condition.start, end: otherwise.end };
  }

  private level(index: number): Expression {
    const operators = LEVELS[index];
    if (!operators) return this.unary();
    let left = this.level(index + 1);
    for (;;) {
      const token = this.peek();
      if (token.kind !== 'symbol' || !operators.includes(token.text)) return left;
      this.at++;
      const right = this.level(index + 1);
      left =
        token.text === '@'
          ? { kind: 'slice', first: left, count: right, start: left.start, end: right.end }
          : binary(token.text as BinaryOperator, left, right);
    }
  }

  private unary(): Expression {
    return this.nested(() => {
      const token = this.peek();
      if (token.kind === 'symbol' && (token.text === '++' || token.text === '--')) {
        this.at++;
        const operand = this.unary();
        return { kind: 'assignment', operator: token.text, start: token.start, end: operand.end };
      }
      if (token.kind === 'symbol' && UNARY.has(token.text)) {
        this.at++;
        const operand = this.unary();
        const operator = token.text as UnaryOperator;
        return { kind: 'unary', operator, operand, start: token.start, end: operand.end };
      }
      if (token.kind === 'name' && token.text === 'sizeof') return this.sizeof(token);
      if (this.isSymbol('(') && this.isTypeStart(1)) {
        this.at++;
        const type = this.typeName();
        this.expect(')');
        const operand = this.unary();
        return { kind: 'cast', type, operand, start: token.start, end: operand.end };
      }
      return this.postfix();
    });
  }

  private sizeof(token: Span): Expression {
    this.at++;
    if (this.isSymbol('(') && this.isTypeStart(1)) {
      this.at++;
      const of = this.typeName();
      const end = this.expect(')').end;
      return { kind: 'sizeof', of, start: token.start, end };
    }
    const of = this.unary();
    return { kind: 'sizeof', of, start: token.start, end: of.end };
  }

  private postfix(): Expression {
    let object = this.primary();
    for (;;) {
      const token = this.peek();
      if (token.kind !== 'symbol') return object;
      const { start } = object;
      if (token.text === '.' || token.text === '->') {
        this.at++;
        const member = this.peek();
        if (member.kind !== 'name') throw this.unexpected('the name of a member');
        this.at++;
        object = { kind: 'member', object, name: member.text, arrow: token.text === '->', start, end: member.end };
      } else if (token.text === '[') {
        this.at++;
        const index = this.comma();
        object = { kind: 'index', object, index, start, end: this.expect(']').end };
      } else if (token.text === '(') {
        object = { kind: 'call', callee: object, start, end: this.skipArguments() };
      } else if (token.text === '++' || token.text === '--') {
        this.at++;
        object = { kind: 'assignment', operator: token.text, start, end: token.end };
      } else return object;
    }
  }

  private primary(): Expression {
    const token = this.peek();
    switch (token.kind) {
      case 'integer':
      case 'float':
      case 'char':
      case 'string':
        this.at++;
        return token;
      case 'name':
        this.at++;
        return { kind: 'name', name: token.text, start: token.start, end: token.end };
      case 'symbol':
        if (token.text === '(') {
          this.at++;
          const inner = this.comma();
          const { end } = this.expect(')');
          return { ...inner, start: token.start, end };
        }
        break;
      case 'end':
        break;
    }
    throw this.unexpected('a value');
  }

  /** A call is refused whatever its arguments, which may be types (`container_of`): they are only skipped. */
  private skipArguments(): number {
    let open = 0;
    for (;;) {
      const token = this.peek();
      if (token.kind === 'end') throw this.unexpected('")"');
      this.at++;
      if (token.kind !== 'symbol') continue;
      if (token.text === '(') open++;
      else if (token.text === ')' && --open === 0) return token.end;
    }
  }

  private typeName(): TypeName {
    const { start } = this.peek();
    this.skipQualifiers();
    const base = this.typeNameBase();
    this.skipQualifiers();
    let pointers = 0;
    while (this.accept('*')) {
      pointers++;
      this.skipQualifiers();
    }
    if (this.isSymbol('(')) {
      const { start: at } = this.peek();
      throw new ExpressionError(
        'function types cannot be spelled here: cast to a pointer type such as void * instead',
        at,
      );
    }
    const counts: number[] = [];
    while (this.accept('[')) {
      const token = this.peek();
      if (token.kind !== 'integer') throw this.unexpected('a number of elements');
      this.at++;
      counts.push(Number(token.value));
      this.expect(']');
    }
    return { kind: 'type', base, pointers, counts, start, end: this.previousEnd() };
  }

  private typeNameBase(): TypeNameBase {
    const token = this.peek();
    if (token.kind !== 'name') throw this.unexpected('the name of a type');
    this.at++;
    if (TAGS.has(token.text)) {
      const name = this.peek();
      if (name.kind !== 'name') throw this.unexpected(`the name of the ${token.text}`);
      this.at++;
      return { kind: 'tagged', tag: token.text as 'struct' | 'union' | 'enum', name: name.text };
    }
    if (!TYPE_WORDS.has(token.text)) return { kind: 'typedef', name: token.text };
    const words = [token.text];
    for (;;) {
      this.skipQualifiers();
      const next = this.peek();
      if (next.kind !== 'name' || !TYPE_WORDS.has(next.text)) return { kind: 'words', words };
      words.push(next.text);
      this.at++;
    }
  }

  private skipQualifiers(): void {
    for (let token = this.peek(); token.kind === 'name' && QUALIFIERS.has(token.text); token = this.peek()) this.at++;
  }

  private isTypeStart(ahead: number): boolean {
    const token = this.tokens[this.at + ahead];
    if (token?.kind !== 'name') return false;
    return (
      TYPE_WORDS.has(token.text) || TAGS.has(token.text) || QUALIFIERS.has(token.text) || this.isTypeName(token.text)
    );
  }

  private nested<T>(parse: () => T): T {
    if (++this.depth > MAX_DEPTH) throw new ExpressionError('the expression is nested too deeply', this.peek().start);
    const result = parse();
    this.depth--;
    return result;
  }

  private peek(): Token {
    return this.tokens[this.at] as Token;
  }

  private previousEnd(): number {
    return this.tokens[this.at - 1]?.end ?? 0;
  }

  private isSymbol(text: string): boolean {
    const token = this.peek();
    return token.kind === 'symbol' && token.text === text;
  }

  private accept(text: string): boolean {
    if (!this.isSymbol(text)) return false;
    this.at++;
    return true;
  }

  private expect(text: string): Token {
    const token = this.peek();
    if (!this.accept(text)) throw this.unexpected(`"${text}"`);
    return token;
  }

  private unexpected(expected: string): ExpressionError {
    const token = this.peek();
    const found = token.kind === 'end' ? 'the end of the expression' : `"${this.text.slice(token.start, token.end)}"`;
    return new ExpressionError(
      `found ${found}, expected ${expected}`,
      token.start,
      Math.max(1, token.end - token.start),
    );
  }
}

function binary(operator: BinaryOperator, left: Expression, right: Expression): Expression {
  return { kind: 'binary', operator, left, right, start: left.start, end: right.end };
}
