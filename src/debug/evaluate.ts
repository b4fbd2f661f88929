// Evaluating: expressions for hovers, watches and the console, and assignments, which become edits.
import type { FrameRef, Variable } from '../guest';
import { messageOf, RequestError } from './errors';
import type { Inspection } from '../guest';
import type { StackRef } from './stack';

export interface Assignment {
  readonly target: string;
  readonly value: string;
}

/**
 * Splits `target = value`; `target += value` and its like become `target = (target) + (value)`.
 * Undefined when the text has no assignment outside strings, brackets and parentheses.
 */
export function splitAssignment(text: string): Assignment | undefined {
  const tokens = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[([{]|[)\]}]|[=!<>]=|(<<|>>|[-+*/%&|^])?=|<<|>>/g;
  let depth = 0;
  for (const match of text.matchAll(tokens)) {
    const [token, operator] = match;
    if ('([{'.includes(token)) depth++;
    else if (')]}'.includes(token)) depth--;
    else if (depth === 0 && token.endsWith('=') && !/^[=!<>]=$/.test(token)) {
      const target = text.slice(0, match.index).trim();
      const value = text.slice(match.index + token.length).trim();
      if (target === '' || value === '') return undefined;
      return { target, value: operator === undefined ? value : `(${target}) ${operator} (${value})` };
    }
  }
  return undefined;
}

/** The driver frame in which a client's expression holds; undefined for the global scope. */
export function scopeOf(ref: StackRef | undefined): FrameRef | undefined {
  return ref?.kind === 'driver' ? ref.frame : undefined;
}

/** @throws RequestError with the inspector's words */
export function evaluate(inspector: Inspection, text: string, frame: FrameRef | undefined): Variable {
  try {
    return inspector.evaluate(text, frame);
  } catch (error) {
    throw new RequestError(messageOf(error));
  }
}

/** What to write for an assignment. @throws RequestError with the inspector's words, shown to the user */
export function assignment(inspector: Inspection, { target, value }: Assignment, frame: FrameRef | undefined) {
  try {
    return inspector.assign(target, value, frame);
  } catch (error) {
    throw new RequestError(messageOf(error), { showUser: true });
  }
}
