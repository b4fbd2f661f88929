// What is wrong with a scenario: problems with their places in the file, all told at once.
import type { Node } from 'jsonc-parser';

/** A path into the file's JSON: `['traffic', 0, 'size']`. */
export type FieldPath = readonly (string | number)[];

export interface ScenarioProblem {
  readonly file: string;
  /** 1-based */
  readonly line: number;
  /** 1-based */
  readonly column: number;
  /** `traffic[0].size`; empty for the file as a whole */
  readonly path: string;
  /** what was found, what is expected, and what to do */
  readonly message: string;
  /** the file's JSON schema says so too: an editor that knows it has told */
  readonly bySchema: boolean;
}

/** Problems shown in an error's message; the rest is counted. */
const SHOWN = 20;

/** A scenario that cannot be run. The message has a line for each problem: `file:line:column: field: text`. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';

  constructor(readonly problems: readonly ScenarioProblem[]) {
    const shown = problems.slice(0, SHOWN).map(problemLine);
    const more = problems.length - shown.length;
    super([...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'));
  }
}

/** `file:line:column: traffic[0].size: found 3, expected …` */
export function problemLine({ file, line, column, path, message }: ScenarioProblem): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
}

/** `traffic[0].size` */
export function pathText(path: FieldPath): string {
  return path
    .map((part, i) => {
      if (typeof part === 'number') return `[${part}]`;
      if (!/^[A-Za-z_$][\w$]*$/.test(part)) return `[${JSON.stringify(part)}]`;
      return i === 0 ? part : `.${part}`;
    })
    .join('');
}

/** Gathers problems of one file, and knows where its fields are. */
export class Problems {
  private readonly list: ScenarioProblem[] = [];
  private readonly unsound = new Set<string | number>();
  private lineStarts: readonly number[] | undefined;

  constructor(
    readonly file: string,
    private readonly text: string,
  ) {}

  /** Whether nothing is wrong in a top-level field so far. */
  isSound(field: string): boolean {
    return !this.unsound.has(field) && !this.unsound.has('');
  }

  /**
   * @param offset in the text, of what the problem is about
   * @param bySchema the file's JSON schema says so too
   */
  at(offset: number, path: FieldPath, message: string, bySchema = true): void {
    this.unsound.add(path[0] ?? '');
    this.list.push({ file: this.file, ...this.place(offset), path: pathText(path), message, bySchema });
  }

  /** @throws ScenarioError when there are any, in the order of the file */
  throwAny(): void {
    if (this.list.length > 0)
      throw new ScenarioError([...this.list].sort((a, b) => a.line - b.line || a.column - b.column));
  }

  private place(offset: number): { readonly line: number; readonly column: number } {
    const starts = (this.lineStarts ??= startsOf(this.text));
    let line = starts.length;
    while (line > 1 && (starts[line - 1] ?? 0) > offset) line--;
    return { line, column: offset - (starts[line - 1] ?? 0) + 1 };
  }
}

function startsOf(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** The node of a field, or, where the field is left to its default, of what would hold it. */
export function nodeAt(root: Node, path: FieldPath): Node {
  let node = root;
  for (const part of path) {
    const child =
      typeof part === 'number'
        ? node.children?.[part]
        : node.children?.find((property) => property.children?.[0]?.value === part)?.children?.[1];
    if (child === undefined) return node;
    node = child;
  }
  return node;
}
