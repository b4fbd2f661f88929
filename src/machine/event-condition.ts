// Conditions on events: `queue == "tx" && to > 3`. A small language over an event's fields; no C, no side effects.
import type { Field, MachineEvent } from './types';

type Node =
  | { readonly kind: 'value'; readonly value: Field }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'not'; readonly of: Node }
  | { readonly kind: 'binary'; readonly op: string; readonly left: Node; readonly right: Node };

/** Binding strength of the operators, weakest first. */
const LEVELS: readonly (readonly string[])[] = [['||'], ['&&'], ['==', '!=', '<', '<=', '>', '>=']];

const TOKEN = /\s*(?:(0x[0-9a-fA-F]+|\d+)|"([^"]*)"|'([^']*)'|([A-Za-z_][\w.]*)|(\|\||&&|[=!<>]=|[<>!()]))/y;

type Token =
  { readonly kind: 'value'; readonly value: Field } | { readonly kind: 'name' | 'op'; readonly text: string };

/**
 * Compiles a condition.
 * Fields are `who`, `what`, `queue`, `time` (ns), `tick` and those of the event's detail; one that an event lacks equals nothing.
 * @throws SyntaxError in words for the user, naming the place
 */
export function compileEventCondition(text: string): (event: MachineEvent) => boolean {
  const parser = new Parser(tokens(text), text);
  const node = parser.binary(0);
  parser.end();
  return (event) => truthy(evaluate(node, event));
}

function tokens(text: string): Token[] {
  const list: Token[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new SyntaxError(`"${text}": cannot read "${text.slice(from).trim()}"`);
    const [, number, double, single, name, op] = match;
    if (number !== undefined) list.push({ kind: 'value', value: Number(number) });
    else if (double !== undefined || single !== undefined) list.push({ kind: 'value', value: double ?? single ?? '' });
    else if (name !== undefined) list.push({ kind: 'name', text: name });
    else list.push({ kind: 'op', text: op ?? '' });
  }
  return list;
}

class Parser {
  private at = 0;

  constructor(
    private readonly list: readonly Token[],
    private readonly text: string,
  ) {}

  binary(level: number): Node {
    const operators = LEVELS[level];
    if (operators === undefined) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const token = this.list[this.at];
      if (token?.kind !== 'op' || !operators.includes(token.text)) return left;
      this.at++;
      left = { kind: 'binary', op: token.text, left, right: this.binary(level + 1) };
    }
  }

  end(): void {
    if (this.at < this.list.length) throw new SyntaxError(`"${this.text}": something is left over at the end`);
  }

  private unary(): Node {
    const token = this.list[this.at++];
    if (token === undefined) throw new SyntaxError(`"${this.text}": ends where a field, number or "text" should stand`);
    if (token.kind === 'value') return token;
    if (token.kind === 'name') return { kind: 'field', name: token.text };
    if (token.text === '!') return { kind: 'not', of: this.unary() };
    if (token.text !== '(') throw new SyntaxError(`"${this.text}": "${token.text}" stands where a value should`);
    const inner = this.binary(0);
    const close = this.list[this.at++];
    if (close?.kind !== 'op' || close.text !== ')') throw new SyntaxError(`"${this.text}": ")" is missing`);
    return inner;
  }
}

function truthy(value: Field | undefined): boolean {
  return value !== undefined && value !== 0 && value !== '';
}

function fieldOf(event: MachineEvent, name: string): Field | undefined {
  switch (name) {
    case 'who':
      return event.who;
    case 'what':
      return event.what;
    case 'queue':
      return event.queue;
    case 'time':
      return event.timeNs;
    case 'tick':
      return event.position.tick;
    default:
      return Object.hasOwn(event.detail, name) ? event.detail[name] : undefined;
  }
}

function evaluate(node: Node, event: MachineEvent): Field | undefined {
  switch (node.kind) {
    case 'value':
      return node.value;
    case 'field':
      return fieldOf(event, node.name);
    case 'not':
      return truthy(evaluate(node.of, event)) ? 0 : 1;
    case 'binary': {
      const left = evaluate(node.left, event);
      if (node.op === '&&') return truthy(left) && truthy(evaluate(node.right, event)) ? 1 : 0;
      if (node.op === '||') return truthy(left) || truthy(evaluate(node.right, event)) ? 1 : 0;
      return compare(node.op, left, evaluate(node.right, event)) ? 1 : 0;
    }
  }
}

function compare(op: string, left: Field | undefined, right: Field | undefined): boolean {
  if (op === '==') return left === right;
  if (op === '!=') return left !== right;
  if (left === undefined || right === undefined || typeof left !== typeof right) return false;
  if (op === '<') return left < right;
  if (op === '<=') return left <= right;
  return op === '>' ? left > right : left >= right;
}
