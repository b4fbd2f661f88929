// Log messages with {expressions} in them, as log points have.
import { ExpressionError } from './expression';

/**
 * @param compile turns one expression into a function of a place (a frame base, or a host's variables); what it throws for bad text is passed on with the place
 *   moved to the message's
 * @returns the message for a place; an expression that fails then shows as `<why>`
 */
export function compileTemplate<Place>(
  text: string,
  compile: (expression: string) => (place: Place) => string,
): (place: Place) => string {
  const parts = split(text).map((part): ((place: Place) => string) => {
    if (part.kind === 'text') return () => part.text;
    const evaluate = compileAt(part.text, part.offset, compile);
    return (place) => {
      try {
        return evaluate(place);
      } catch (error) {
        if (error instanceof ExpressionError || error instanceof TypeError) return `<${error.message}>`;
        throw error;
      }
    };
  });
  return (place) => parts.map((part) => part(place)).join('');
}

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'expression'; readonly text: string; readonly offset: number };

/** `\{` and `\}` are braces; an expression ends at the first closing one, for C expressions have none. */
function split(text: string): Part[] {
  const parts: Part[] = [];
  let plain = '';
  for (let at = 0; at < text.length; at++) {
    const two = text.slice(at, at + 2);
    if (two === '\\{' || two === '\\}') {
      plain += two[1];
      at++;
    } else if (text[at] === '{') {
      const end = text.indexOf('}', at);
      if (end < 0) throw new ExpressionError('the closing } is missing', at, text.length - at);
      parts.push({ kind: 'text', text: plain }, { kind: 'expression', text: text.slice(at + 1, end), offset: at + 1 });
      plain = '';
      at = end;
    } else plain += text[at];
  }
  parts.push({ kind: 'text', text: plain });
  return parts;
}

function compileAt<Place>(
  text: string,
  offset: number,
  compile: (expression: string) => (place: Place) => string,
): (place: Place) => string {
  try {
    return compile(text);
  } catch (error) {
    if (error instanceof ExpressionError) throw new ExpressionError(error.message, error.offset + offset, error.length);
    throw error;
  }
}
