// Scenarios and experiments as tests: files found, run side by side, each with the cases that it is made of.
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { RunCancelled, UnattendedRuns } from '../machine';
import { loadScenario, passed, prepareScenario, reportOf, SCENARIO_SUFFIX, type Report } from '../scenario';
import { createToolchain, type Toolchain } from '../toolchain';
import { EXPERIMENT_SUFFIX } from './list';
import { loadExperiment } from './load';
import { pooled } from './pool';
import { runExperiment, type ExperimentOptions } from './run';
import type { ExperimentResult } from './types';

/** One thing that was expected. */
export interface TestCase {
  readonly name: string;
  readonly ok: boolean;
  /** what is the case instead; empty when it holds */
  readonly message: string;
}

export interface FileResult {
  /** absolute path */
  readonly file: string;
  /** the scenario's or the experiment's name; the file's, when it could not be read */
  readonly name: string;
  readonly cases: readonly TestCase[];
  /** why it could not be run: a file that is not right, or a driver that does not compile */
  readonly error?: unknown;
}

export type SuiteOptions = Omit<ExperimentOptions, 'onProgress'> & {
  /** told of each file when it has ended, in whatever order that is */
  readonly onResult?: (result: FileResult) => void;
};

const IGNORED = /^(\.|node_modules$)/;

/** The scenarios and experiments in a folder and the folders below, sorted; hidden folders and node_modules left out. */
export function testFilesIn(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !IGNORED.test(name));
  const files = entries.filter((e) => e.isFile() && isTestFile(e.name)).map(({ name }) => join(folder, name));
  const below = entries.filter((e) => e.isDirectory()).flatMap(({ name }) => testFilesIn(join(folder, name)));
  return [...files, ...below].sort();
}

export const isTestFile = (path: string): boolean => path.endsWith(SCENARIO_SUFFIX) || path.endsWith(EXPERIMENT_SUFFIX);

/**
 * Runs files as tests. One that cannot be run is a result too; the others go on.
 * @returns the results in the order of the files
 * @throws RunCancelled when the signal was aborted
 */
export async function runSuite(files: readonly string[], options: SuiteOptions): Promise<readonly FileResult[]> {
  const { root, cacheDir, parallel = availableParallelism(), onResult } = options;
  const toolchain = createToolchain({ root: join(root, 'drivers'), cacheDir });
  const runs = new UnattendedRuns(options.workerPath);
  const results = new Map<string, FileResult>();
  const attempt = async (file: string, work: () => Promise<Omit<FileResult, 'file'>>): Promise<void> => {
    let result: FileResult;
    try {
      options.signal?.throwIfAborted();
      result = { file, ...(await work()) };
    } catch (error) {
      if (options.signal?.aborted === true) throw new RunCancelled('the tests were cancelled');
      result = { file, name: file, cases: [], error };
    }
    results.set(file, result);
    onResult?.(result);
  };
  const isExperiment = (file: string): boolean => file.endsWith(EXPERIMENT_SUFFIX);
  try {
    const scenarios = files.filter((file) => !isExperiment(file));
    await pooled(scenarios, parallel, (file) => attempt(file, () => scenarioCases(file, toolchain, runs, options)));
    // an experiment fills all cores by itself
    for (const file of files.filter(isExperiment)) await attempt(file, () => experimentCases(file, options));
  } finally {
    runs.dispose();
    toolchain.dispose();
  }
  return files.flatMap((file) => results.get(file) ?? []);
}

async function scenarioCases(
  file: string,
  toolchain: Toolchain,
  runs: UnattendedRuns,
  { root, signal }: SuiteOptions,
): Promise<Omit<FileResult, 'file'>> {
  const loaded = loadScenario(file);
  const driversRoot = join(root, 'drivers');
  const { setup } = await prepareScenario(loaded, { driversRoot, toolchain, stop: false, signal });
  const report = reportOf(loaded.scenario, await runs.run(setup, { signal }));
  return { name: loaded.scenario.name, cases: casesOf(report) };
}

/** What a report was held to: its scenario's expectations, and that nothing else was found. */
function casesOf(report: Report): TestCase[] {
  const { expectations, findings } = report;
  const cases = expectations.map(({ what, expected, actual, ok }) => ({
    name: `${what} ${expected}`,
    ok,
    message: ok ? '' : `it is ${actual}`,
  }));
  const others = passed({ ...report, expectations: expectations.map((e) => ({ ...e, ok: true })) });
  const found = findings.map(({ text, where, id }) => `${where === undefined ? '' : `${where}: `}${text} [${id}]`);
  return [
    ...cases,
    ...(others && cases.length > 0 ? [] : [{ name: 'nothing is found', ok: others, message: found.join('\n') }]),
  ];
}

async function experimentCases(file: string, options: SuiteOptions): Promise<Omit<FileResult, 'file'>> {
  const loaded = loadExperiment(file);
  const result = await runExperiment(loaded, options);
  return { name: loaded.value.name, cases: [...rowCases(result), ...acrossCases(result)] };
}

function rowCases({ rows }: ExperimentResult): TestCase[] {
  return rows.flatMap(({ name, report, error }) =>
    report === null
      ? [{ name, ok: false, message: error ?? 'it was not run' }]
      : casesOf(report).map((each) => ({ ...each, name: `${name}: ${each.name}` })),
  );
}

function acrossCases({ expectations }: ExperimentResult): TestCase[] {
  return expectations.map(({ what, why, actual, ok }) => ({
    name: what,
    ok,
    message: ok ? '' : `it is ${actual}${why === '' ? '' : ` (${why})`}`,
  }));
}
