// Which expressions of C have their values told beside them: those of the function that runs, up to the line that it stands on. Pure.
import { hoverExpression } from '../../guest';

export interface InlineExpression {
  /** line and columns from 0; `end` is behind the last character */
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** a name alone: the debugger has it among its variables */
  readonly name: boolean;
}

/** Lines above the one it stands on that are still of interest. */
const ABOVE = 12;
const NOT_VALUES = new Set(
  (
    'auto break case char const continue default do double else enum extern float for goto if inline int long register ' +
    'return short signed sizeof static struct switch typedef typeof union unsigned void volatile while bool true false NULL ' +
    'u8 u16 u32 u64 s8 s16 s32 s64 size_t __u8 __u16 __u32 __u64 gfp_t dma_addr_t'
  ).split(' '),
);

/**
 * @param lines of the document
 * @param at the line that it stands on, from 0
 */
export function inlineExpressions(lines: readonly string[], at: number): readonly InlineExpression[] {
  const found: InlineExpression[] = [];
  const first = Math.max(functionStart(lines, at), at - ABOVE);
  for (let line = first; line <= at; line++) {
    const code = withoutText(lines[line] ?? '');
    // members cost an evaluation each: only where it stands
    found.push(...inLine(code, line, line === at));
  }
  return unique(found);
}

/** The line of the brace that opens the function: in Linux's style it stands alone in the first column. */
function functionStart(lines: readonly string[], at: number): number {
  for (let line = at; line >= 0; line--) if (/^\{/.test(lines[line] ?? '')) return line;
  return at;
}

/** Comments and literals as blanks of the same length. */
function withoutText(line: string): string {
  return line.replace(/\/\*.*?(\*\/|$)|\/\/.*|^\s*\*.*|"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/g, (text) =>
    ' '.repeat(text.length),
  );
}

function inLine(code: string, line: number, members: boolean): InlineExpression[] {
  const found: InlineExpression[] = [];
  for (const { 0: word, index } of code.matchAll(/[A-Za-z_]\w*/g)) {
    const behind = code.slice(index + word.length);
    const before = code.slice(0, index);
    if (NOT_VALUES.has(word) || /^[A-Z][A-Z0-9_]*$/.test(word) || /^\s*\(/.test(behind)) continue;
    // a tag, a label that is gone to, a member of an initializer
    if (/\b(struct|union|enum|goto)\s+$/.test(before) || /(^|[{,]\s*)\.$/.test(before)) continue;
    const member = /(->|\.)\s*$/.test(before);
    if (!member) found.push({ line, start: index, end: index + word.length, text: word, name: true });
    else if (members) {
      const whole = hoverExpression(code, index);
      if (whole !== undefined) {
        const text = code.slice(whole.start, whole.end);
        if (!/[()]/.test(text)) found.push({ line, ...whole, text, name: false });
      }
    }
  }
  return found;
}

/** Of the same text in the same line the first only. */
function unique(all: readonly InlineExpression[]): InlineExpression[] {
  const seen = new Set<string>();
  return all.filter(({ line, text }) => {
    const key = `${line} ${text}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}
