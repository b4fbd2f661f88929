// Completions for the console: names in scope, and members after `.` and `->`.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { FrameRef, Variable } from '../guest';
import type { Inspection } from '../guest';

/** What stands before the cursor: an expression and its operator, if a member is wanted, and the name begun. */
const BEFORE = /(?:([A-Za-z_][\w.[\]]*(?:->[\w.[\]]+)*?)(\.|->))?([A-Za-z_]\w*)?$/;

const MOST = 200;

/**
 * Completes the text up to `column` (1-based).
 * @param frame where names are looked up; the global scope without it
 */
export function completions(
  inspector: Inspection,
  text: string,
  column: number,
  frame: FrameRef | undefined,
): DebugProtocol.CompletionItem[] {
  const before = text.slice(0, column - 1);
  const [, base, operator, begun = ''] = BEFORE.exec(before) ?? [];
  const names = base === undefined ? inScope(inspector, frame) : members(inspector, base, operator === '->', frame);
  const unique = new Map(names.filter(({ name }) => name.startsWith(begun)).map((v) => [v.name, v]));
  return [...unique.values()]
    .filter(({ name }) => /^[A-Za-z_]\w*$/.test(name))
    .slice(0, MOST)
    .map(({ name, type }) => ({
      label: name,
      detail: type,
      type: base === undefined ? 'variable' : 'field',
      start: before.length - begun.length,
      length: begun.length,
    }));
}

function inScope(inspector: Inspection, frame: FrameRef | undefined): readonly Variable[] {
  return [...(frame === undefined ? [] : inspector.locals(frame)), ...inspector.globals()];
}

function members(
  inspector: Inspection,
  base: string,
  pointer: boolean,
  frame: FrameRef | undefined,
): readonly Variable[] {
  try {
    const value = inspector.evaluate(pointer ? `*(${base})` : base, frame);
    return value.namedCount > 0 ? value.children(0, 0) : [];
  } catch {
    // half an expression is not an error while it is typed
    return [];
  }
}
