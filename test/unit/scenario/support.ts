// Scenarios for tests: loaded from text or by name, prepared and run with one toolchain for all.
import { join } from 'node:path';
import { after } from 'mocha';
import { runHeadless, type HeadlessOptions, type MachineSetup, type RunResult } from '../../../src/machine';
import {
  loadScenario,
  parseScenario,
  prepareScenario,
  ScenarioError,
  type DriverOverride,
  type LoadedScenario,
  type ScenarioProblem,
} from '../../../src/scenario';
import { createToolchain, type Toolchain } from '../../../src/toolchain';

export const root = join(__dirname, '../../..');
export const scenarios = join(root, 'scenarios');
export const driversRoot = join(root, 'drivers');
export const cacheDir = join(root, 'node_modules/.cache/virtio-lab');

let shared: Toolchain | undefined;
after(() => shared?.dispose());

export function toolchain(): Toolchain {
  return (shared ??= createToolchain({ root: driversRoot, cacheDir }));
}

export const bundled = (id: string): LoadedScenario => loadScenario(join(scenarios, `${id}.virtio.json`));

/** Parameters of the host qemu-timer, as they are by default. */
export const QEMU_TIMER = {
  txTimerNs: 150_000,
  promisc: true,
  notifyOnEmpty: true,
  rxRecheck: false,
  rxDelayNs: 0,
  rxSkip: 0,
  txNs: 0,
  txInterrupts: true,
  txInterruptAfter: 0,
  mb: false,
  storeBuffer: 0,
};

/** The least that is a scenario, and what a test says besides. */
export function scenarioText(fields: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ version: 1, name: 'test', driver: { bundled: 'virtio_net-2.6.31' }, ...fields });
}

/** A scenario beside the bundled ones, so that it finds their captures. */
export const scenario = (fields: Readonly<Record<string, unknown>> = {}): LoadedScenario =>
  parseScenario(scenarioText(fields), join(scenarios, 'test.virtio.json'));

/** The problems of a text that is no good scenario. */
export function problemsOf(text: string): readonly ScenarioProblem[] {
  try {
    parseScenario(text, '/x/test.virtio.json');
  } catch (error) {
    if (error instanceof ScenarioError) return error.problems;
    throw error;
  }
  return [];
}

export async function setupOf(
  loaded: LoadedScenario,
  options: { readonly stop?: boolean; readonly override?: DriverOverride } = {},
): Promise<MachineSetup> {
  return (await prepareScenario(loaded, { driversRoot, toolchain: toolchain(), stop: false, ...options })).setup;
}

export async function run(loaded: LoadedScenario, options: HeadlessOptions = {}): Promise<RunResult> {
  return runHeadless(await setupOf(loaded), options);
}
