// Launching: a launch configuration -> compiled driver -> machine. The shape of debug's Launcher, which this room does not know.
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { Inspector } from '../guest';
import { createMachine, runUnattended, type MachineHandle, type MachineOutput } from '../machine';
import { createToolchain, readDebugInfo, type Diagnostic, type Program, type Toolchain } from '../toolchain';
import type { DriverOverride } from './driver';
import { reportText } from './format';
import { findScenario } from './list';
import { loadScenario, parseScenario, type LoadedScenario } from './load';
import { prepareScenario, sourcePathOf, type PreparedScenario } from './prepare';
import { passed, reportOf } from './report';
import type { ModuleParameters } from './types';

/** What to launch: a scenario, a driver, or both. */
export interface LaunchRequest {
  /** path of a scenario file, or the id of a bundled one */
  readonly scenario?: string;
  /** the driver's C file or files */
  readonly program?: string | readonly string[];
  /** a bundled driver by name */
  readonly driver?: string;
  readonly lib?: string;
  readonly defines?: Readonly<Record<string, string>>;
  readonly kernel?: string;
  readonly params?: ModuleParameters;
  /** false: the machine runs to the first breakpoint */
  readonly stopOnEntry?: boolean;
}

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

export interface CompiledScenario {
  readonly program: Program;
  sourcePath(file: number): string | undefined;
  sourceText(file: number): Promise<string>;
}

export interface LaunchedScenario extends CompiledScenario {
  readonly machine: MachineHandle;
  readonly inspector: Inspector;
  readonly title: string;
}

export interface RunnableScenario extends CompiledScenario {
  run(
    signal: AbortSignal,
    onOutput: (output: MachineOutput) => void,
  ): Promise<{ readonly text: string; readonly passed: boolean }>;
}

/** Launches scenarios. `launch` and `prepare` throw ScenarioError, CompileError, or an Error whose message is for the user. */
export interface ScenarioLauncher {
  /** A machine to be debugged, before power-on. */
  launch(request: LaunchRequest, signal: AbortSignal, report: (text: string) => void): Promise<LaunchedScenario>;
  /** A run to its end, without stops. */
  prepare(request: LaunchRequest, signal: AbortSignal, report: (text: string) => void): Promise<RunnableScenario>;
  /** Starts the compiler ahead of need. */
  warmUp(): void;
  /** Ends the compiler. Machines go on. */
  dispose(): void;
}

/** Creates a launcher, with a toolchain of its own. */
export function createLauncher(options: LauncherOptions): ScenarioLauncher {
  return new Launcher(options);
}

class Launcher implements ScenarioLauncher {
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

  async launch(request: LaunchRequest, signal: AbortSignal, report: (text: string) => void): Promise<LaunchedScenario> {
    const { loaded, prepared } = await this.prepareRequest(request, signal, report, request.stopOnEntry !== false);
    const { program, setup } = prepared;
    report('Starting the machine');
    const debugInfo = readDebugInfo(program.wasm);
    const machine = await createMachine(setup, this.options.workerPath);
    return {
      ...this.compiled(program),
      machine,
      inspector: new Inspector(program, debugInfo, () => machine.ram),
      title: loaded.scenario.name,
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
      ...this.compiled(prepared.program),
      run: async (stop, onOutput) => {
        const result = await runUnattended(prepared.setup, { signal: stop, onOutput, workerPath });
        const done = reportOf(loaded.scenario, result);
        return { text: reportText(done), passed: passed(done) };
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
      patchedDir: this.options.cacheDir === undefined ? undefined : join(this.options.cacheDir, 'patched'),
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

  private compiled(program: Program): CompiledScenario {
    const sourcePath = (file: number): string | undefined => sourcePathOf(program, this.driversRoot, file);
    return {
      program,
      sourcePath,
      sourceText: (file) => {
        const path = sourcePath(file);
        if (path !== undefined) return readFile(path, 'utf8');
        return Promise.reject(new Error(`${program.files[file]?.path ?? `file ${file}`} is no longer on this disk`));
      },
    };
  }
}

function overrideOf({ program, driver, lib, defines, kernel, params }: LaunchRequest): DriverOverride {
  const files = typeof program === 'string' ? [program] : program;
  return { files, bundled: driver, lib, defines, kernel, params };
}
