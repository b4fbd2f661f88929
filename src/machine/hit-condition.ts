// DAP hit conditions: `5`, `== 5`, `>= 5`, `> 5`, `< 5`, `<= 5`, `% 3`.

const FORM = /^\s*(==|>=|<=|>|<|%)?\s*(\d+)\s*$/;

/**
 * Compiles a hit condition into a test on the number of passes so far, this one included.
 * A bare number N means: from the N-th pass on, as in VS Code's own debuggers.
 * @throws SyntaxError in words for the user
 */
export function compileHitCondition(text: string): (passes: number) => boolean {
  const match = FORM.exec(text);
  const count = Number(match?.[2]);
  if (match === null || !Number.isSafeInteger(count))
    throw new SyntaxError(`hit count "${text}": expected a number, or one of == >= > <= < % before a number`);
  switch (match[1]) {
    case '==':
      return (n) => n === count;
    case '>':
      return (n) => n > count;
    case '<':
      return (n) => n < count;
    case '<=':
      return (n) => n <= count;
    case '%':
      if (count === 0) throw new SyntaxError(`hit count "${text}": every 0th pass is none`);
      return (n) => n % count === 0;
    default:
      return (n) => n >= count;
  }
}

/** Undefined for no condition. @throws SyntaxError in words for the user */
export function hitTest(text: string | undefined): ((passes: number) => boolean) | undefined {
  return text === undefined || text.trim() === '' ? undefined : compileHitCondition(text);
}
