// Running an experiment: its rows side by side on all cores, in workers that go from one to the next. The result does not depend on which ends first.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { RunCancelled, UnattendedRuns, type MachineSetup } from '../machine';
import { passed, prepareScenario, reportOf, type Report } from '../scenario';
import { createToolchain, type Toolchain } from '../toolchain';
import type { LoadedExperiment } from './load';
import { plan, type PlannedRow, type Size } from './plan';
import { pooled } from './pool';
import { resultOf, type Outcome } from './result';
import type { ExperimentResult } from './types';

export interface ExperimentOptions {
  /** folder that holds drivers/ and dist/, absolute */
  readonly root: string;
  /** folder for what is compiled; without it that is kept in memory only */
  readonly cacheDir?: string;
  /** the machine's built worker; default: beside the product's own file */
  readonly workerPath?: string;
  /** default: full */
  readonly size?: Size;
  /** machines at a time; default: as many as there are cores */
  readonly parallel?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ExperimentProgress) => void;
}

export interface ExperimentProgress {
  readonly done: number;
  readonly total: number;
  /** name of the row that was begun or ended last */
  readonly row: string;
}

/** Packets of an item of traffic in the run that looks at every memory access: a few hundred tell what each of them touches. */
const MEASURED_PACKETS = 500;

/**
 * Runs an experiment.
 * @throws ScenarioError for scenarios that are not right; CompileError for a driver that does not compile; RunCancelled
 * when the signal was aborted
 */
export async function runExperiment(
  experiment: LoadedExperiment,
  options: ExperimentOptions,
): Promise<ExperimentResult> {
  const { root, cacheDir, size = 'full', parallel = availableParallelism() } = options;
  const rows = plan(experiment, size);
  const toolchain = createToolchain({ root: join(root, 'drivers'), cacheDir });
  const runs = new UnattendedRuns(options.workerPath);
  // the first row that cannot be run at all ends the others
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  let done = 0;
  const progress = (row: string): void => options.onProgress?.({ done, total: rows.length, row });
  try {
    const outcomes = await pooled(rows, parallel, async (row) => {
      progress(row.name);
      const outcome = await runRow(row, toolchain, runs, { root, signal });
      done++;
      progress(row.name);
      return outcome;
    });
    return resultOf(experiment.value, outcomes, size);
  } catch (error) {
    failed.abort();
    if (options.signal?.aborted === true) throw new RunCancelled('the experiment was cancelled');
    throw error;
  } finally {
    runs.dispose();
    toolchain.dispose();
  }
}

async function runRow(
  row: PlannedRow,
  toolchain: Toolchain,
  runs: UnattendedRuns,
  { root, signal }: { readonly root: string; readonly signal: AbortSignal },
): Promise<Outcome> {
  const { setup } = await prepareScenario(row.loaded, {
    driversRoot: join(root, 'drivers'),
    toolchain,
    stop: false,
    signal,
  });
  try {
    const report = judged(row, await runs.run(setup, { signal }));
    const measured = judged(row, await runs.run(shortened(setup), { signal, level: 'measure' }));
    return { row, reports: { run: report, measured }, ok: passed(report) };
  } catch (error) {
    if (error instanceof RunCancelled) throw error;
    return { row, error: error instanceof Error ? error.message : String(error), ok: false };
  }
}

function shortened(setup: MachineSetup): MachineSetup {
  const traffic = setup.traffic.map((item) =>
    item.kind === 'frames' ? item : { ...item, count: Math.min(item.count, MEASURED_PACKETS) },
  );
  return { ...setup, traffic };
}

/** The report with what the scenario promises; of one with changed fields, what it promises of findings. */
function judged({ loaded, changed }: PlannedRow, result: Parameters<typeof reportOf>[1]): Report {
  const { name, expect } = loaded.scenario;
  return reportOf({ name, expect: changed ? expect.filter(({ what }) => /^findings\b/.test(what)) : expect }, result);
}
