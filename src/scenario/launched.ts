// What launching yields: a machine to be debugged, or a run to be made. debug's sessions are given it, whoever makes it.
import type { Inspection } from '../guest';
import type { MachineHandle, MachineOutput } from '../machine';
import type { Program } from '../toolchain';
import type { ModuleParameters } from './types';

/** What to launch: a scenario, a driver, or both. */
export interface LaunchRequest {
  /** path of a scenario file, or the id of a bundled one */
  readonly scenario?: string;
  /** the driver's C file or files, in place of the driver that the scenario names */
  readonly program?: string | readonly string[];
  /** a bundled driver, in place of the one that the scenario names; not together with `program` */
  readonly driver?: string;
  /** folder of copies of files of drivers/lib */
  readonly lib?: string;
  readonly defines?: Readonly<Record<string, string>>;
  /** version of the kernel API that `program` is linked with */
  readonly kernel?: string;
  readonly params?: ModuleParameters;
  /** stop first where the scenario says; otherwise at the first breakpoint. Default true */
  readonly stopOnEntry?: boolean;
}

/** A compiled driver, and where its sources are. */
export interface Compiled {
  readonly program: Program;
  /** Absolute path of a file of the program (index in Program.files); undefined when it is not on this disk. */
  sourcePath(file: number): string | undefined;
  /** Text of a file of the program that is not on this disk. */
  sourceText(file: number): Promise<string>;
  /** what the user has to know of this run before it begins, a sentence each */
  readonly notices: readonly string[];
}

/** A machine to be debugged, before power-on. */
export interface Launched extends Compiled {
  readonly machine: MachineHandle;
  readonly inspector: Inspection;
  /** the scenario's name */
  readonly title: string;
  /** folder of the host models' sources, absolute: the files that HostFrame and HostBreakpoint name */
  readonly hostSources: string;
  /**
   * The text of a scenario that returns to where the machine stands now.
   * @param file absolute path of the file that it is for: paths in it are relative to that
   * @throws Error when the machine runs or has not stopped yet; the message is for the user
   */
  save(file: string, name: string): Promise<string>;
}

/** A run to be made without debugging. */
export interface Prepared extends Compiled {
  /**
   * Runs to the end and makes the report, as text for the console. Does not block this thread.
   * @param signal aborted when the user stops the run: it is given up, and leaves nothing behind
   * @returns `passed`: every expectation of the scenario holds
   */
  run(
    signal: AbortSignal,
    onOutput: (output: MachineOutput) => void,
  ): Promise<{ readonly text: string; readonly passed: boolean }>;
}

/**
 * Compiles drivers and builds machines.
 * Both methods: `signal` is aborted when the user gives up; the promise then rejects, and nothing is left behind. `report` takes
 * progress in words. They throw CompileError when the C does not compile or link; any other error's message is for the user.
 * An error with `showUser: false` has been shown already, in a better place than a message: the session says nothing more.
 */
export interface Launcher {
  /** A machine to be debugged, before power-on. */
  launch(request: LaunchRequest, signal: AbortSignal, report: (text: string) => void): Promise<Launched>;
  /** A run to its end, without stops. */
  prepare(request: LaunchRequest, signal: AbortSignal, report: (text: string) => void): Promise<Prepared>;
}
