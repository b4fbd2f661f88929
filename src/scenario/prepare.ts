// Scenario -> MachineSetup: the driver compiled, captures read, names turned into what the machine takes.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parametersOf, hostModel } from '../device';
import type { MachineSetup } from '../machine';
import type { Diagnostic, Program, Toolchain } from '../toolchain';
import { driverSources, type DriverOverride, type DriverSources } from './driver';
import type { LoadedScenario } from './load';
import { featuresOf } from './rules';
import { stopSites } from './stop-sites';
import { machineTraffic, macBytes } from './traffic';

/** A scenario ready to run. */
export interface PreparedScenario {
  readonly setup: MachineSetup;
  readonly program: Program;
}

export interface PrepareOptions {
  /** the lab's drivers/ folder, absolute */
  readonly driversRoot: string;
  readonly toolchain: Toolchain;
  /** a driver in place of the scenario's */
  readonly override?: DriverOverride;
  /** false: never stop, and `stopAt` is not looked at */
  readonly stop?: boolean;
  readonly signal?: AbortSignal;
  readonly onWarnings?: (warnings: readonly Diagnostic[]) => void;
}

/** A scenario whose paths were followed: everything but the compilation. */
export interface ResolvedScenario {
  readonly loaded: LoadedScenario;
  readonly driver: DriverSources;
  readonly traffic: MachineSetup['traffic'];
}

/**
 * Follows the paths of a scenario: driver, library copies, captures.
 * @throws ScenarioError with everything that is not there or cannot be read
 */
export function resolveScenario(
  loaded: LoadedScenario,
  driversRoot: string,
  override: DriverOverride = {},
): ResolvedScenario {
  const problems = loaded.problems();
  const driver = driverSources(loaded, driversRoot, override, problems);
  const traffic = machineTraffic(loaded, problems);
  problems.throwAny();
  if (driver === undefined) throw new Error(`${loaded.file}: the driver has neither files nor a problem`);
  return { loaded, driver, traffic };
}

/**
 * Compiles a scenario's driver and makes the machine's setup.
 * @throws ScenarioError; CompileError when the driver does not compile or link; AbortError when the signal is aborted
 */
export async function prepareScenario(loaded: LoadedScenario, options: PrepareOptions): Promise<PreparedScenario> {
  const { driversRoot, toolchain, override, signal, onWarnings } = options;
  const { driver, traffic } = resolveScenario(loaded, driversRoot, override);
  const program = await toolchain.build({ ...driver, onWarnings }, signal);
  const sites = options.stop === false ? [] : firstStops(loaded, driver, program, driversRoot);
  return { program, setup: setupOf(loaded, program, traffic, sites) };
}

/** Absolute path of a program's file on this disk. */
export function sourcePathOf(program: Program, driversRoot: string, file: number): string | undefined {
  const origin = program.files[file]?.origin;
  if (origin === undefined) return undefined;
  const path = origin.kind === 'disk' ? origin.path : join(driversRoot, origin.path);
  return existsSync(path) ? path : undefined;
}

function firstStops(
  loaded: LoadedScenario,
  driver: DriverSources,
  program: Program,
  driversRoot: string,
): readonly number[] {
  const own = driver.files.map(({ path }) => path);
  const pathOf = (file: number): string => {
    const origin = program.files[file]?.origin;
    if (origin === undefined) return '';
    return origin.kind === 'disk' ? origin.path : join(driversRoot, origin.path);
  };
  const found = stopSites(program, loaded.scenario.stopAt, own, pathOf);
  if (found.kind === 'found') return found.sites;
  if (driver.replaced) {
    // the scenario names a function of the driver that it was written for: this one has its own
    const default_ = stopSites(program, undefined, own, pathOf);
    return default_.kind === 'found' ? default_.sites : [];
  }
  const problems = loaded.problems();
  problems.add(['stopAt'], found.why);
  problems.throwAny();
  return [];
}

function setupOf(
  { scenario }: LoadedScenario,
  program: Program,
  traffic: MachineSetup['traffic'],
  sites: readonly number[],
): MachineSetup {
  const { device } = scenario;
  return {
    program,
    device: {
      version: device.version,
      queues: device.queues,
      features: featuresOf(device),
      mac: macBytes(device.mac),
      host: {
        model: device.host.model,
        parameters: parametersOf(hostModel(device.host.model), device.host.parameters),
      },
    },
    traffic,
    costs: scenario.costs,
    faults: scenario.faults,
    stopSites: sites,
    remove: scenario.remove,
    physOffset: BigInt(scenario.physOffset),
    limitNs: scenario.limitNs,
  };
}
