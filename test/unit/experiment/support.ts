// Experiments for tests: loaded from text, and run with the machine's worker built once.
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { ScenarioError, type ScenarioProblem } from '../../../src/scenario';
import {
  loadExperiment,
  parseExperiment,
  runExperiment,
  type ExperimentOptions,
  type ExperimentResult,
  type LoadedExperiment,
} from '../../../src/experiment';
import { cacheDir, root } from '../scenario/support';

export const experiments = join(root, 'experiments');

/** The least that is an experiment, and what a test says besides. */
export function experimentText(fields: Readonly<Record<string, unknown>> = {}): string {
  const variants = [{ name: 'a', scenario: '../scenarios/tx-one-packet.virtio.json' }];
  return JSON.stringify({ version: 1, name: 'test', packets: 'tx', variants, ...fields });
}

/** An experiment beside the bundled ones, so that it finds their scenarios. */
export const experiment = (fields: Readonly<Record<string, unknown>> = {}): LoadedExperiment =>
  parseExperiment(experimentText(fields), join(experiments, 'test.virtio-experiment.json'));

export const bundledExperiment = (id: string): LoadedExperiment =>
  loadExperiment(join(experiments, `${id}.virtio-experiment.json`));

/** What is wrong with something, as `path: message`. */
export async function problemsOf(attempt: () => unknown): Promise<readonly string[]> {
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return error.problems.map(({ path, message }: ScenarioProblem) => `${path}: ${message}`);
  }
  return [];
}

let worker: string | undefined;

/** The machine's worker, bundled as in the product. */
export function workerPath(): string {
  if (worker !== undefined) return worker;
  worker = join(cacheDir, 'experiment-test-worker.js');
  buildSync({
    entryPoints: [join(root, 'src/machine/worker.ts')],
    outfile: worker,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    mainFields: ['module', 'main'],
    logLevel: 'warning',
    logOverride: { 'empty-import-meta': 'silent' },
  });
  return worker;
}

export function run(loaded: LoadedExperiment, options: Partial<ExperimentOptions> = {}): Promise<ExperimentResult> {
  return runExperiment(loaded, { root, cacheDir, workerPath: workerPath(), ...options });
}
