// The syntax tree of a C expression. Every node knows its place in the text, for messages.
import type { Span } from './lexer';

export type UnaryOperator = '+' | '-' | '!' | '~' | '*' | '&';

export type BinaryOperator =
  | '*'
  | '/'
  | '%'
  | '+'
  | '-'
  | '<<'
  | '>>'
  | '<'
  | '>'
  | '<='
  | '>='
  | '=='
  | '!='
  | '&'
  | '^'
  | '|'
  | '&&'
  | '||'
  | ',';

export type Expression =
  | ({ readonly kind: 'integer'; readonly value: bigint; readonly suffix: string; readonly decimal: boolean } & Span)
  | ({ readonly kind: 'float'; readonly value: number; readonly single: boolean } & Span)
  | ({ readonly kind: 'char'; readonly value: bigint } & Span)
  | ({ readonly kind: 'string'; readonly bytes: readonly number[] } & Span)
  | ({ readonly kind: 'name'; readonly name: string } & Span)
  | ({ readonly kind: 'unary'; readonly operator: UnaryOperator; readonly operand: Expression } & Span)
  | ({
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    } & Span)
  | ({
      readonly kind: 'conditional';
      readonly condition: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
    } & Span)
  | ({ readonly kind: 'member'; readonly object: Expression; readonly name: string; readonly arrow: boolean } & Span)
  | ({ readonly kind: 'index'; readonly object: Expression; readonly index: Expression } & Span)
  | ({ readonly kind: 'cast'; readonly type: TypeName; readonly operand: Expression } & Span)
  | ({ readonly kind: 'sizeof'; readonly of: TypeName | Expression } & Span)
  /** `first @ count`: an array of `count` elements (gdb's artificial array) */
  | ({ readonly kind: 'slice'; readonly first: Expression; readonly count: Expression } & Span)
  /** what has side effects, and is refused by name */
  | ({ readonly kind: 'call'; readonly callee: Expression } & Span)
  | ({ readonly kind: 'assignment'; readonly operator: string } & Span);

/** `const struct foo *[4]`: a name, then how the type is made from it. */
export type TypeName = {
  readonly kind: 'type';
  readonly base: TypeNameBase;
  readonly pointers: number;
  /** dimensions, outermost first */
  readonly counts: readonly number[];
} & Span;

export type TypeNameBase =
  | { readonly kind: 'tagged'; readonly tag: 'struct' | 'union' | 'enum'; readonly name: string }
  | { readonly kind: 'typedef'; readonly name: string }
  /** words of a basic type in any order: `unsigned`, `long`, `long` */
  | { readonly kind: 'words'; readonly words: readonly string[] };
