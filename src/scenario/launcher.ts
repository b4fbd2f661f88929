// Launching: a launch configuration -> compiled driver -> machine.
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { Inspector } from '../guest';
import { createMachine, runUnattended, type MachineOutput } from '../machine';
import { createToolchain, readDebugInfo, type Diagnostic, type Toolchain } from '../toolchain';
import type { DriverOverride } from './driver';
import { reportText } from './format';
import type { Compiled, Launched, Launcher, LaunchRequest, Prepared } from './launched';
import { findScenario } from './list';
import { loadScenario, parseScenario, type LoadedScenario } from './load';
import { prepareScenario, programPath, resolveScenario, sourcePathOf, type PreparedScenario } from './prepare';
import { passed, reportOf } from './report';
import type { Report } from './types';
import { savedScenario, type SavedSession } from './save';

export interface LauncherOptions {
  /** folder that holds drivers/, scenarios/ and dist/, absolute */
  readonly root: string;
  /** folder for what is compiled; without it that is kept in memory only */
  readonly cacheDir?: string;
  /** the machine's built worker; default: beside the product's own file */
  readonly workerPath?: string;
  /** told of the compiler's warnings about the driver's own files after each build */
  readonly onWarnings?: (warnings: readonly Diagnostic[]) => void;
}

/** What a run came to. */
export interface ScenarioOutcome {
  /** the report in words */
  readonly text: string;
  readonly passed: boolean;
  readonly report: Report;
  /** where each of the report's findings is: index in Program.sites */
  readonly findingSites: readonly (number | undefined)[];
}

/** A run to its end that also tells what it came to. */
export interface RunnableScenario extends Prepared {
  run(signal: AbortSignal, onOutput: (output: MachineOutput) => void): Promise<ScenarioOutcome>;
}

/** Launches scenarios. `launch`, `prepare` and `check` throw ScenarioError, CompileError, or an Error whose message is for the user. */
export interface ScenarioLauncher extends Launcher {
  prepare(request: LaunchRequest, signal: AbortSignal, report: (text: string) => void): Promise<RunnableScenario>;
  /**
   * Checks a scenario file for all that `launch` would refuse. Nothing is started.
   * @param file absolute path
   * @param compile false: nothing is compiled, and names of the driver's functions and parameters are not looked for
   */
  check(file: string, compile: boolean, signal: AbortSignal): Promise<void>;
  /** Starts the compiler ahead of need. */
  warmUp(): void;
  /** Ends the compiler. Machines go on. */
  dispose(): void;
}

/** Creates a launcher, with a toolchain of its own. */
export function createLauncher(options: LauncherOptions): ScenarioLauncher {
  return new LabLauncher(options);
}

class LabLauncher implements ScenarioLauncher {
  private readonly driversRoot: string;
  private readonly toolchain: Toolchain;

  constructor(private readonly options: LauncherOptions) {
    this.driversRoot = join(options.root, 'drivers');
    this.toolchain = createToolchain({ root: this.driversRoot, cacheDir: options.cacheDir });
  }

  warmUp(): void {
    this.toolchain.warmUp();
  }

  dispose(): void {
    this.toolchain.dispose();
  }

  async check(file: string, compile: boolean, signal: AbortSignal): Promise<void> {
    const loaded = loadScenario(file);
    const { driversRoot, toolchain } = this;
    if (compile) await prepareScenario(loaded, { driversRoot, toolchain, signal });
    else resolveScenario(loaded, driversRoot, {}, toolchain.patchedDir);
  }

  async launch(request: LaunchRequest, signal: AbortSignal, report: (text: string) => void): Promise<Launched> {
    const { loaded, prepared } = await this.prepareRequest(request, signal, report, request.stopOnEntry !== false);
    const { program, setup } = prepared;
    report('Starting the machine');
    const debugInfo = readDebugInfo(program.wasm);
    const machine = await createMachine(setup, this.options.workerPath);
    const session: SavedSession = {
      loaded,
      driver: prepared.driver,
      bundled: bundledName(loaded, request),
      setup,
      machine,
      pathOf: (file) => programPath(program, this.driversRoot, file),
    };
    return {
      ...this.compiled(prepared),
      machine,
      inspector: new Inspector(program, debugInfo, () => machine.ram),
      title: loaded.scenario.name,
      hostSources: join(this.options.root, 'dist/hosts'),
      save: (file, name) => savedScenario(session, file, name),
    };
  }

  async prepare(
    request: LaunchRequest,
    signal: AbortSignal,
    report: (text: string) => void,
  ): Promise<RunnableScenario> {
    const { loaded, prepared } = await this.prepareRequest(request, signal, report, false);
    const { workerPath } = this.options;
    return {
      ...this.compiled(prepared),
      run: async (stop, onOutput) => {
        const result = await runUnattended(prepared.setup, { signal: stop, onOutput, workerPath });
        const done = reportOf(loaded.scenario, result);
        return {
          text: reportText(done),
          passed: passed(done),
          report: done,
          findingSites: result.findings.map(({ site }) => site),
        };
      },
    };
  }

  private async prepareRequest(
    request: LaunchRequest,
    signal: AbortSignal,
    report: (text: string) => void,
    stop: boolean,
  ): Promise<{ readonly loaded: LoadedScenario; readonly prepared: PreparedScenario }> {
    signal.throwIfAborted();
    const loaded = this.scenarioOf(request);
    report(`Compiling the driver of “${loaded.scenario.name}”`);
    const prepared = await prepareScenario(loaded, {
      driversRoot: this.driversRoot,
      toolchain: this.toolchain,
      override: overrideOf(request),
      stop,
      signal,
      onWarnings: this.options.onWarnings,
    });
    return { loaded, prepared };
  }

  /** The scenario, or, when only a driver is given, one with the defaults: a single packet is sent. */
  private scenarioOf(request: LaunchRequest): LoadedScenario {
    if (request.scenario !== undefined)
      return loadScenario(findScenario(request.scenario, join(this.options.root, 'scenarios')));
    const { files, bundled } = overrideOf(request);
    const first = files?.[0];
    if (first === undefined && bundled === undefined) throw new Error('nothing to run: give a scenario or a driver');
    const driver = first === undefined ? { bundled } : { files: [basename(first)] };
    const name = first === undefined ? String(bundled) : basename(first);
    return parseScenario(JSON.stringify({ version: 1, name, driver }), resolve(first ?? 'scenario.virtio.json'));
  }

  private compiled({ program, notices }: PreparedScenario): Compiled {
    const sourcePath = (file: number): string | undefined => sourcePathOf(program, this.driversRoot, file);
    return {
      program,
      notices,
      sourcePath,
      sourceText: (file) => {
        const path = sourcePath(file);
        if (path !== undefined) return readFile(path, 'utf8');
        return Promise.reject(new Error(`${program.files[file]?.path ?? `file ${file}`} is no longer on this disk`));
      },
    };
  }
}

/** The bundled driver that runs, when nothing of it is replaced by the launch. */
function bundledName({ scenario }: LoadedScenario, request: LaunchRequest): string | undefined {
  if (request.program !== undefined || request.lib !== undefined || request.defines !== undefined) return undefined;
  return request.driver ?? ('bundled' in scenario.driver ? scenario.driver.bundled : undefined);
}

function overrideOf({ program, driver, lib, defines, kernel, params }: LaunchRequest): DriverOverride {
  const files = typeof program === 'string' ? [program] : program;
  return { files, bundled: driver, lib, defines, kernel, params };
}
