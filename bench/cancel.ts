// How long an experiment takes to end once it is given up: while its machines run, and while its driver is still compiled.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/lib/project.mjs';
import { parseExperiment, runExperiment, type ExperimentOptions } from '../src/experiment';
import { RunCancelled } from '../src/machine';
import { OUT } from './bundle';
import { Skip, type Part } from './part';

const TIMES = 10;
/** a machine is well in its run by then, or a cold compiler in its work */
const LATER_MS = 1000;
const WORKER = join(root, 'dist/headless-worker.js');

const LONG = JSON.stringify({
  version: 1,
  name: 'hours',
  packets: 'tx',
  variants: [
    {
      name: 'hours',
      scenario: 'scenarios/tx-burst.virtio.json',
      set: { 'traffic[0].count': 100_000_000, 'traffic[0].intervalNs': 100 },
    },
  ],
});

export const cancel: Part = {
  name: 'cancel',
  title: 'giving up an experiment',
  async measure() {
    if (!existsSync(WORKER)) throw new Skip('needs dist/: npm run build');
    const running: number[] = [];
    const compiling: number[] = [];
    for (let i = 0; i < TIMES; i++) {
      running.push(await giveUp({ cacheDir: join(OUT, 'cache') }));
      compiling.push(await giveUp({}));
    }
    const promise = '< 200';
    return [
      { name: 'given up while it runs', values: running, unit: 'ms', promise },
      { name: 'given up, nothing compiled before', values: compiling, unit: 'ms', promise },
    ];
  },
};

/** @returns ms from the cancel to the end */
async function giveUp(options: Pick<ExperimentOptions, 'cacheDir'>): Promise<number> {
  const controller = new AbortController();
  const later = new Promise<number>((resolve) => {
    setTimeout(() => {
      resolve(performance.now());
      controller.abort();
    }, LATER_MS);
  });
  const loaded = parseExperiment(LONG, join(root, 'hours.virtio-experiment.json'));
  const { signal } = controller;
  const end = await runExperiment(loaded, { root, workerPath: WORKER, signal, ...options }).catch((e: unknown) => e);
  if (!(end instanceof RunCancelled)) throw new Error(`the experiment was not given up: ${String(end)}`);
  return performance.now() - (await later);
}
