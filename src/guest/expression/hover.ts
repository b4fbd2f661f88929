// Which expression the pointer rests on: the whole path up to the name under it, as it stands in the line.

const WORD = /[A-Za-z_]\w*/g;

/** Words that are no value, whatever stands around them. */
const KEYWORDS = new Set([
  ...['if', 'else', 'for', 'while', 'do', 'switch', 'case', 'default', 'return', 'break', 'continue', 'goto', 'sizeof'],
  ...['struct', 'union', 'enum', 'typedef', 'static', 'extern', 'inline', 'const', 'volatile', 'register', 'auto'],
  ...['void', 'char', 'short', 'int', 'long', 'signed', 'unsigned', 'float', 'double', '_Bool', 'restrict'],
]);

/**
 * Finds the expression to evaluate for a hover: on `len` in `desc[head].len + 2` it is `desc[head].len`, on `head` it is `head`.
 * @param line of source text
 * @param column 0-based
 * @returns offsets in the line, or undefined where there is no variable
 */
export function hoverExpression(line: string, column: number): { start: number; end: number } | undefined {
  const code = blankOut(line);
  for (const { 0: word, index } of code.matchAll(WORD)) {
    const end = index + word.length;
    if (column < index || column > end) continue;
    if (KEYWORDS.has(word) || /^\s*\(/.test(code.slice(end)) || /\d/.test(code[index - 1] ?? '')) return undefined;
    const start = pathStart(code, index);
    return start === undefined ? undefined : { start, end };
  }
  return undefined;
}

/** Replaces strings, characters and comments by spaces of the same length. */
function blankOut(line: string): string {
  return line.replace(/"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|\/\/.*|\/\*.*?(?:\*\/|$)/g, (text) =>
    ' '.repeat(text.length),
  );
}

/** Goes left over `.`, `->` and what they apply to: names, indices, parentheses. Undefined when a call is among them. */
function pathStart(code: string, wordStart: number): number | undefined {
  let start = wordStart;
  for (;;) {
    const operator = /(?:->|\.)\s*$/.exec(code.slice(0, start));
    if (!operator) return start;
    const object = objectStart(code, operator.index);
    if (object === undefined) return undefined;
    start = object;
  }
}

/** Where the operand that ends before `end` begins; undefined when it is none that can be evaluated (a call). */
function objectStart(code: string, end: number): number | undefined {
  let at = code.slice(0, end).trimEnd().length;
  for (;;) {
    const last = code[at - 1];
    if (last === ']' || last === ')') {
      const open = matching(code, at - 1);
      if (open === undefined) return undefined;
      const before = code.slice(0, open).trimEnd();
      if (last === ')') return /[\w)\]]$/.test(before) ? undefined : open;
      at = before.length;
      continue;
    }
    const word = /[A-Za-z_]\w*$/.exec(code.slice(0, at));
    return word && !KEYWORDS.has(word[0]) ? word.index : undefined;
  }
}

function matching(code: string, close: number): number | undefined {
  let depth = 0;
  for (let at = close; at >= 0; at--) {
    if (code[at] === ')' || code[at] === ']') depth++;
    else if ((code[at] === '(' || code[at] === '[') && --depth === 0) return at;
  }
  return undefined;
}
