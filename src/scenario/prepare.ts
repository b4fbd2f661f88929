// Scenario -> MachineSetup: the driver compiled, captures read, names turned into what the machine takes.
import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { parametersOf, hostModel } from '../device';
import type { MachineSetup } from '../machine';
import type { Diagnostic, Program, Toolchain } from '../toolchain';
import { driverSources, type DriverOverride, type DriverSources } from './driver';
import type { DocumentProblems } from './document';
import type { LoadedScenario } from './load';
import { moduleArguments } from './parameters';
import { beginningOf } from './resume';
import { featuresOf } from './rules';
import { stopSites } from './stop-sites';
import { machineTraffic, macBytes } from './traffic';

/** A scenario ready to run. */
export interface PreparedScenario {
  readonly setup: MachineSetup;
  readonly program: Program;
  readonly driver: DriverSources;
  /** what the user has to know of it before it runs */
  readonly notices: readonly string[];
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
  patchedDir?: string,
): ResolvedScenario {
  const problems = loaded.problems();
  const driver = driverSources(loaded, driversRoot, override, problems, patchedDir);
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
  const { driver, traffic } = resolveScenario(loaded, driversRoot, override, toolchain.patchedDir);
  const program = await toolchain.build({ ...driver, onWarnings }, signal);
  const problems = loaded.problems();
  const parameters = argumentsOf(driver, program, override, problems);
  const setup = setupOf(loaded, program, traffic, parameters);
  const stops = (): readonly number[] =>
    options.stop === false ? [] : firstStops(loaded, driver, program, driversRoot, problems);
  const { resume } = loaded.scenario;
  const beginning =
    resume === undefined
      ? { setup: { stopSites: stops() }, notices: [] }
      : beginningOf(resume, setup, (file) => programPath(program, driversRoot, file), stops);
  problems.throwAny();
  return { program, driver, setup: { ...setup, ...beginning.setup }, notices: beginning.notices };
}

/** Absolute path of a program's file on this disk. */
export function sourcePathOf(program: Program, driversRoot: string, file: number): string | undefined {
  const path = programPath(program, driversRoot, file);
  return path !== '' && existsSync(path) ? path : undefined;
}

/** Where a program's file came from, whether it is there still: absolute; empty for no file of the program. */
export function programPath(program: Program, driversRoot: string, file: number): string {
  const origin = program.files[file]?.origin;
  if (origin === undefined) return '';
  return origin.kind === 'bundled' ? join(driversRoot, origin.path) : origin.path;
}

/** The driver's parameters, checked against what it declares: that is known once it is compiled. */
function argumentsOf(
  { params }: DriverSources,
  program: Program,
  override: DriverOverride | undefined,
  problems: DocumentProblems,
): string {
  return moduleArguments(program, params, (name, why) => {
    if (override?.params !== undefined && Object.hasOwn(override.params, name))
      throw new Error(`params: ${name}: ${why}`);
    problems.add(['driver', 'params', name], why);
  });
}

function firstStops(
  loaded: LoadedScenario,
  driver: DriverSources,
  program: Program,
  driversRoot: string,
  problems: DocumentProblems,
): readonly number[] {
  const own = driver.files.map(({ path }) => driver.patched?.get(slashed(relative(driversRoot, path))) ?? path);
  const sourceOf = (file: number): string => programPath(program, driversRoot, file);
  const found = stopSites(program, loaded.scenario.stopAt, own, sourceOf);
  if (found.kind === 'found') return found.sites;
  if (driver.replaced) {
    // the scenario names a function of the driver that it was written for: this one has its own
    const default_ = stopSites(program, undefined, own, sourceOf);
    return default_.kind === 'found' ? default_.sites : [];
  }
  problems.add(['stopAt', found.field], found.why);
  return [];
}

const slashed = (path: string): string => path.split(sep).join('/');

/** The setup without where a run begins. */
function setupOf(
  { scenario }: LoadedScenario,
  program: Program,
  traffic: MachineSetup['traffic'],
  parameters: string,
): MachineSetup {
  const { device } = scenario;
  const size = device.misbehave?.queueSize;
  return {
    program,
    moduleArguments: parameters,
    device: {
      transport: device.transport,
      version: device.version,
      queues: size === undefined ? device.queues : { rx: size, tx: size },
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
    stopSites: [],
    remove: scenario.remove,
    physOffset: BigInt(scenario.physOffset),
    limitNs: scenario.limitNs,
  };
}
