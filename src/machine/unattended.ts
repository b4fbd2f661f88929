// Headless runs in workers of their own, so that the calling thread stays free; and how such a run is given up.
import { join } from 'node:path';
import { Worker, type ResourceLimits } from 'node:worker_threads';
import type { Level } from './cpu';
import { MachineGone, type MachineOutput } from './handle';
import type { FromHeadless, HeadlessData, HeadlessRequest, HeadlessResult } from './messages';
import type { MachineSetup } from './setup';

export interface UnattendedOptions {
  readonly keepLog?: boolean;
  readonly level?: Level;
  readonly onOutput?: (output: MachineOutput) => void;
  /** aborted: the run is given up, and nothing of it is left */
  readonly signal?: AbortSignal;
}

/** Thrown by a run whose signal was aborted. */
export class RunCancelled extends Error {
  constructor(message = 'the run was cancelled') {
    super(message);
  }
}

/**
 * Limits of a headless run's worker. What such a run makes lives for one packet. V8's own young generation grows late, at some
 * hundred thousand packets, and makes a long run look like a leak; in one of 4 MiB garbage is collected every two hundred packets,
 * each time at some fixed cost. One of 16 MiB is full size by then, and a run spends a quarter of that.
 */
export const HEADLESS_LIMITS: ResourceLimits = { stackSizeMb: 32, maxYoungGenerationSizeMb: 16 };

/** A worker that runs one machine after another. */
interface Lane {
  readonly worker: Worker;
  /** hashes of the programs that it has: compiled, and optimized by the runs before */
  readonly programs: Set<string>;
}

/** Workers for headless runs, as many as runs are asked for at a time, kept from one run to the next. */
export class UnattendedRuns {
  private readonly idle: Lane[] = [];
  private readonly lanes = new Set<Lane>();

  /** @param workerPath the built worker; default: in the product, the one beside this file whose host models have no places */
  constructor(private readonly workerPath = join(__dirname, 'headless-worker.js')) {}

  /**
   * Runs a machine to its end in a worker.
   * @throws RunCancelled when the signal was aborted; MachineGone when the worker failed
   */
  async run(setup: MachineSetup, options: UnattendedOptions = {}): Promise<HeadlessResult> {
    const { signal } = options;
    if (signal?.aborted === true) throw new RunCancelled();
    const lane = this.idle.pop() ?? this.open();
    try {
      const result = await runOn(lane, setup, options);
      this.idle.push(lane);
      return result;
    } catch (error) {
      // one whose run was given up is busy still, and ends with its thread
      this.close(lane);
      throw error;
    }
  }

  /** Ends all workers; what still runs fails. */
  dispose(): void {
    for (const lane of this.lanes) this.close(lane);
    this.idle.length = 0;
  }

  private open(): Lane {
    const data: HeadlessData = { headless: true };
    const worker = new Worker(this.workerPath, { workerData: data, resourceLimits: HEADLESS_LIMITS });
    const lane = { worker, programs: new Set<string>() };
    this.lanes.add(lane);
    // one that fails between two runs is not asked again
    worker.on('error', () => undefined).on('exit', () => this.forget(lane));
    return lane;
  }

  private close(lane: Lane): void {
    this.forget(lane);
    void lane.worker.terminate();
  }

  private forget(lane: Lane): void {
    this.lanes.delete(lane);
    if (this.idle.includes(lane)) this.idle.splice(this.idle.indexOf(lane), 1);
  }
}

function runOn({ worker, programs }: Lane, setup: MachineSetup, options: UnattendedOptions): Promise<HeadlessResult> {
  const { program, ...rest } = setup;
  const request: HeadlessRequest = {
    setup: rest,
    program: programs.has(program.hash) ? program.hash : program,
    keepLog: options.keepLog ?? false,
    level: options.level,
  };
  programs.add(program.hash);
  return new Promise<HeadlessResult>((resolve, reject) => {
    const said = (message: FromHeadless): void => {
      if (message.type === 'output') options.onOutput?.(message.output);
      else settle(() => resolve(message.result));
    };
    const failed = (error: Error): void =>
      settle(() => reject(new MachineGone(`the machine's worker failed: ${error.message}`)));
    const ended = (code: number): void =>
      settle(() => reject(new MachineGone(`the machine's worker ended with code ${code}`)));
    const cancelled = (): void => settle(() => reject(new RunCancelled()));
    const settle = (end: () => void): void => {
      worker.off('message', said).off('error', failed).off('exit', ended);
      options.signal?.removeEventListener('abort', cancelled);
      end();
    };
    options.signal?.addEventListener('abort', cancelled, { once: true });
    worker.on('message', said).on('error', failed).on('exit', ended);
    worker.postMessage(request);
  });
}

/**
 * Runs one machine to its end in a worker that ends with it.
 * @param workerPath as of UnattendedRuns
 * @throws as UnattendedRuns.run
 */
export async function runUnattended(
  setup: MachineSetup,
  { workerPath, ...options }: UnattendedOptions & { readonly workerPath?: string } = {},
): Promise<HeadlessResult> {
  const runs = new UnattendedRuns(workerPath);
  try {
    return await runs.run(setup, options);
  } finally {
    runs.dispose();
  }
}
