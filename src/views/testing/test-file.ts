// A scenario file as tests: its expectations, each with its lines in the file. Read leniently, so that a file being written has tests too.
import { type Node, parseTree } from 'jsonc-parser';

/** Lines from 0, both included. */
export interface Lines {
  readonly first: number;
  readonly last: number;
}

export interface TestPlaces {
  /** of the scenario's name, or the file's first line */
  readonly lines: Lines;
  /** in the order of the file: the report's */
  readonly expectations: readonly { readonly label: string; readonly lines: Lines }[];
  /** some expectation is about findings: otherwise none may be found */
  readonly expectsFindings: boolean;
}

const START: Lines = { first: 0, last: 0 };

/** @param text of the file */
export function testPlaces(text: string): TestPlaces {
  const root = treeOf(text);
  const linesOf = lineFinder(text);
  const name = member(root, 'name');
  const expectations = (member(root, 'expect')?.children ?? []).map((node) => ({
    label: expectationLabel(node),
    lines: linesOf(node),
  }));
  return {
    lines: name === undefined ? START : linesOf(name),
    expectations,
    expectsFindings: expectations.some(({ label }) => /^findings\b/.test(label)),
  };
}

/** `queues.tx.kicks == 1`, as a report tells it. */
function expectationLabel(node: Node): string {
  const value = (name: string): string | undefined => {
    const found: unknown = member(node, name)?.value;
    return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined;
  };
  const what = value('what');
  return what === undefined ? 'an expectation' : `${what} ${value('is') ?? '=='} ${value('value') ?? '?'}`;
}

function treeOf(text: string): Node | undefined {
  try {
    return parseTree(text, [], { allowTrailingComma: true });
  } catch {
    // the parser is recursive, and this is nested too deeply
    return undefined;
  }
}

function member(node: Node | undefined, name: string): Node | undefined {
  const properties = node?.type === 'object' ? (node.children ?? []) : [];
  return properties.find((property) => property.children?.[0]?.value === name)?.children?.[1];
}

function lineFinder(text: string): (node: Node) => Lines {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const lineOf = (offset: number): number => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low;
  };
  return ({ offset, length }) => ({ first: lineOf(offset), last: lineOf(offset + Math.max(0, length - 1)) });
}
