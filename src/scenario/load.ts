// Scenario files: JSON with comments in, a checked Scenario out, or every problem with its place.
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import { ruleProblems } from './rules';
import { nodeAt, Problems, type FieldPath } from './problems';
import { read } from './shape';
import { SCENARIO } from './spec';
import type { Scenario } from './types';

/** bytes; the largest of the bundled ones has a thousandth of it */
const MAX_FILE = 1 << 20;

/** A scenario, and where it came from. */
export interface LoadedScenario {
  readonly scenario: Scenario;
  /** absolute path of the file: what its relative paths are relative to */
  readonly file: string;
  /** New problems of this file: for what only shows when its paths are followed. */
  problems(): ScenarioProblems;
}

export interface ScenarioProblems {
  /** @param path of the field that it is about */
  add(path: FieldPath, message: string): void;
  /** @throws ScenarioError when there are any */
  throwAny(): void;
}

/**
 * Reads a scenario file.
 * @throws ScenarioError with all problems
 */
export function loadScenario(path: string): LoadedScenario {
  const file = resolve(path);
  return parseScenario(readText(file), file);
}

/**
 * A scenario from its text.
 * @param file absolute path, for messages and for the paths in it
 * @throws ScenarioError with all problems
 */
export function parseScenario(text: string, file: string): LoadedScenario {
  const problems = new Problems(file, text);
  const root = parseJson(text, problems);
  problems.throwAny();
  if (root === undefined) throw new Error(`${file}: the parser gave neither a value nor an error`);
  const value = read(SCENARIO, root, [], problems);
  // rules between fields are checked too where the fields themselves are in order, so that all is told at once
  const rules = ruleProblems(value as Scenario, (field) => problems.isSound(field));
  const all = locating(problems, root);
  for (const { path, message } of rules) all.add(path, message);
  all.throwAny();
  return { scenario: value as Scenario, file, problems: () => locating(new Problems(file, text), root) };
}

function locating(problems: Problems, root: Node): ScenarioProblems {
  return {
    add: (path, message) => problems.at(nodeAt(root, path).offset, path, message),
    throwAny: () => problems.throwAny(),
  };
}

function readText(file: string): string {
  const problems = new Problems(file, '');
  try {
    const stat = statSync(file);
    if (!stat.isFile()) problems.at(0, [], 'is no file; expected the path of a *.virtio.json file');
    else if (stat.size > MAX_FILE) problems.at(0, [], `has ${stat.size} bytes; expected a scenario of at most 1 MiB`);
    else return readFileSync(file, 'utf8');
  } catch (error) {
    problems.at(0, [], `cannot be read: ${reason(error)}`);
  }
  problems.throwAny();
  throw new Error(`${file} was not read`);
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
