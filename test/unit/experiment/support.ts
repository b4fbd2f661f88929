// Experiments for tests: loaded from text, and run with the machine's worker from its sources.
import { join } from 'node:path';
import { ScenarioError, type ScenarioProblem } from '../../../src/scenario';
import {
  loadExperiment,
  parseExperiment,
  runExperiment,
  type ExperimentOptions,
  type ExperimentResult,
  type LoadedExperiment,
} from '../../../src/experiment';
import { workerFile } from '../../support/worker';
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

export async function run(
  loaded: LoadedExperiment,
  options: Partial<ExperimentOptions> = {},
): Promise<ExperimentResult> {
  return runExperiment(loaded, { root, cacheDir, workerPath: await workerFile('headless'), ...options });
}
