// Files of JSON with comments: a checked value out, or every problem with its place.
import { readFileSync, statSync } from 'node:fs';
import { parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import { nodeAt, Problems, type FieldPath } from './problems';
import { read, type RecordShape } from './shape';

/** bytes; the largest of the bundled files has a thousandth of it */
const MAX_FILE = 1 << 20;

/** A format of files. */
export interface DocumentFormat<T> {
  /** what one is called, as in `expected a scenario` */
  readonly noun: string;
  /** how its files are named: `*.virtio.json` */
  readonly pattern: string;
  readonly shape: RecordShape;
  /**
   * What shapes cannot say: rules between fields.
   * @param sound whether a top-level field has its shape: a rule over others is not asked
   */
  rules(value: T, sound: (field: string) => boolean): readonly RuleProblem[];
}

export interface RuleProblem {
  readonly path: FieldPath;
  readonly message: string;
}

/** A file's value, and where it came from. */
export interface LoadedDocument<T> {
  readonly value: T;
  /** absolute path: what the file's relative paths are relative to */
  readonly file: string;
  /** New problems of this file: for what only shows when its paths are followed. */
  problems(): DocumentProblems;
}

export interface DocumentProblems {
  /** @param path of the field that it is about */
  add(path: FieldPath, message: string): void;
  /** @throws ScenarioError when there are any */
  throwAny(): void;
}

/**
 * A file's text.
 * @param file absolute path
 * @throws ScenarioError when there is no such file, or one that cannot be of this format
 */
export function readDocument<T>(file: string, { noun, pattern }: DocumentFormat<T>): string {
  const problems = new Problems(file, '');
  try {
    const stat = statSync(file);
    if (!stat.isFile()) problems.at(0, [], `is no file; expected the path of a ${pattern} file`);
    else if (stat.size > MAX_FILE) problems.at(0, [], `has ${stat.size} bytes; expected ${noun} of at most 1 MiB`);
    else return readFileSync(file, 'utf8');
  } catch (error) {
    problems.at(0, [], `cannot be read: ${reason(error)}`);
  }
  problems.throwAny();
  throw new Error(`${file} was not read`);
}

/**
 * A file's value from its text.
 * @param file absolute path, for messages
 * @throws ScenarioError with all problems
 */
export function parseDocument<T>(text: string, file: string, format: DocumentFormat<T>): LoadedDocument<T> {
  const problems = new Problems(file, text);
  const root = parseJson(text, problems);
  problems.throwAny();
  if (root === undefined) throw new Error(`${file}: the parser gave neither a value nor an error`);
  const value = read(format.shape, root, [], problems) as T;
  // rules between fields are checked too where the fields themselves are in order, so that all is told at once
  const rules = format.rules(value, (field) => problems.isSound(field));
  const all = locating(problems, root);
  for (const { path, message } of rules) all.add(path, message);
  all.throwAny();
  return { value, file, problems: () => locating(new Problems(file, text), root) };
}

function locating(problems: Problems, root: Node): DocumentProblems {
  return {
    add: (path, message) => problems.at(nodeAt(root, path).offset, path, message, false),
    throwAny: () => problems.throwAny(),
  };
}

/** An error of the file system in words. */
export function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file; check the path';
  if (code === 'EISDIR') return 'it is a folder; expected a file';
  if (code === 'EACCES') return 'permission denied';
  return error instanceof Error ? error.message : String(error);
}

function parseJson(text: string, problems: Problems): Node | undefined {
  const errors: ParseError[] = [];
  let root: Node | undefined;
  try {
    root = parseTree(text, errors, { allowTrailingComma: true });
  } catch {
    // the parser is recursive
    problems.at(0, [], 'nested too deeply to be read');
    return undefined;
  }
  for (const { error, offset } of errors)
    problems.at(offset, [], `not valid JSON: ${words(printParseErrorCode(error))}`);
  if (root === undefined && errors.length === 0) problems.at(0, [], 'the file is empty; expected an object');
  return root;
}

/** `comma expected` for `CommaExpected` */
function words(code: string): string {
  return code
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/\bOf\b/g, 'of')
    .toLowerCase();
}
