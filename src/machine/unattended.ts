// A headless run in a worker of its own, so that the calling thread stays free; and how such a run is given up.
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Level } from './cpu';
import { RunCancelled } from './headless';
import { MachineGone, type MachineOutput } from './handle';
import { CONTROL, type FromHeadless, type HeadlessData, type HeadlessResult } from './messages';
import type { MachineSetup } from './setup';

export interface UnattendedOptions {
  readonly keepLog?: boolean;
  readonly level?: Level;
  readonly onOutput?: (output: MachineOutput) => void;
  /** aborted: the run is given up, and nothing of it is left */
  readonly signal?: AbortSignal;
  /** the built worker; in the product the one beside this file whose host models have no places */
  readonly workerPath?: string;
}

/**
 * Runs a machine to its end in a worker.
 * @throws RunCancelled when the signal was aborted; MachineGone when the worker failed
 */
export function runUnattended(setup: MachineSetup, options: UnattendedOptions = {}): Promise<HeadlessResult> {
  const { signal } = options;
  if (signal?.aborted === true) return Promise.reject(new RunCancelled('the run was cancelled'));
  const control = new SharedArrayBuffer(4 * CONTROL.words);
  const data: HeadlessData = {
    headless: true,
    setup,
    control,
    keepLog: options.keepLog ?? false,
    level: options.level,
  };
  const path = options.workerPath ?? join(__dirname, 'headless-worker.js');
  const worker = new Worker(path, { workerData: data, resourceLimits: { stackSizeMb: 32 } });
  const cancel = (): void => {
    Atomics.store(new Int32Array(control), CONTROL.cancel, 1);
  };
  signal?.addEventListener('abort', cancel, { once: true });
  return new Promise<HeadlessResult>((resolve, reject) => {
    worker.on('message', (message: FromHeadless) => {
      if (message.type === 'output') options.onOutput?.(message.output);
      else if (message.type === 'result') resolve(message.result);
      else reject(new RunCancelled('the run was cancelled'));
    });
    worker.on('error', (error) => reject(new MachineGone(`the machine's worker failed: ${error.message}`)));
    worker.on('exit', (code) => reject(new MachineGone(`the machine's worker ended with code ${code}`)));
  }).finally(() => {
    signal?.removeEventListener('abort', cancel);
    void worker.terminate();
  });
}
