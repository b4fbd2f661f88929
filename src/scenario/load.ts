// Scenario files: JSON with comments in, a checked scenario out, or every problem with its place.
import { resolve } from 'node:path';
import { parseDocument, readDocument, type DocumentFormat, type DocumentProblems } from './document';
import { ruleProblems } from './rules';
import { SCENARIO } from './spec';
import type { Scenario } from './types';

/** A scenario, and where it came from. */
export interface LoadedScenario {
  readonly scenario: Scenario;
  /** absolute path of the file: what its relative paths are relative to */
  readonly file: string;
  /** New problems of this file: for what only shows when its paths are followed. */
  problems(): DocumentProblems;
}

const FORMAT: DocumentFormat<Scenario> = {
  noun: 'a scenario',
  pattern: '*.virtio.json',
  shape: SCENARIO,
  rules: ruleProblems,
};

/**
 * Reads a scenario file.
 * @throws ScenarioError with all problems
 */
export function loadScenario(path: string): LoadedScenario {
  const file = resolve(path);
  return parseScenario(readDocument(file, FORMAT), file);
}

/**
 * A scenario from its text.
 * @param file absolute path, for messages and for the paths in it
 * @throws ScenarioError with all problems
 */
export function parseScenario(text: string, file: string): LoadedScenario {
  const loaded = parseDocument(text, file, FORMAT);
  return { scenario: loaded.value, file, problems: () => loaded.problems() };
}
