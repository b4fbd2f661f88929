// Launching: what launch.json may say, what a Launcher makes of it, and how a driver that does not compile is told.
import type { MachineHandle, MachineOutput } from '../machine';
import { CompileError, type Program } from '../toolchain';
import { messageOf, RequestError } from './errors';
import type { Inspection } from './inspection';

/** Attributes of a launch configuration; the schema in package.json (`debuggers.configurationAttributes`) says the same. */
export interface LaunchArguments {
  /** path of a `*.virtio.json` file, or the name of a bundled scenario */
  readonly scenario?: string;
  /** the driver's C file or files, in place of the driver that the scenario names */
  readonly program?: string | readonly string[];
  /** a bundled driver, in place of the one that the scenario names; not together with `program` */
  readonly driver?: string;
  /** folder of copies of files of drivers/lib */
  readonly lib?: string;
  readonly defines?: Readonly<Record<string, string>>;
  /** version of the kernel API that `program` is linked with; default: that of the scenario's driver */
  readonly kernel?: string;
  /** module parameters of the driver, by name */
  readonly params?: Readonly<Record<string, number | boolean | string>>;
  /** stop first where the scenario says; otherwise at the first breakpoint. Default true */
  readonly stopOnEntry?: boolean;
  /** step into also enters an interrupt that arrives. Default false */
  readonly stepIntoInterrupts?: boolean;
  /** run to the end without stopping, and print the report (Ctrl+F5; set by the client) */
  readonly noDebug?: boolean;
}

/** A compiled driver, and where its sources are. */
export interface Compiled {
  readonly program: Program;
  /** Absolute path of a file of the program (index in Program.files); undefined when it is not on this disk. */
  sourcePath(file: number): string | undefined;
  /** Text of a file of the program that is not on this disk. */
  sourceText(file: number): Promise<string>;
}

/** A machine to be debugged, before power-on. */
export interface Launched extends Compiled {
  readonly machine: MachineHandle;
  readonly inspector: Inspection;
  /** the scenario's name */
  readonly title: string;
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
 * Compiles drivers and builds machines. Implemented outside this room, and injected.
 * Both methods: `signal` is aborted when the user gives up; the promise then rejects, and nothing is left behind. `report` takes
 * progress in words. They throw CompileError when the C does not compile or link; any other error's message is for the user.
 * An error with `showUser: false` has been shown already, in a better place than a message: the session says nothing more.
 */
export interface Launcher {
  launch(args: LaunchArguments, signal: AbortSignal, report: (text: string) => void): Promise<Launched>;
  prepare(args: LaunchArguments, signal: AbortSignal, report: (text: string) => void): Promise<Prepared>;
}

type Check = (value: unknown) => boolean;

const text: Check = (v) => typeof v === 'string' && v !== '';
const flag: Check = (v) => typeof v === 'boolean';
const texts: Check = (v) => Array.isArray(v) && v.length > 0 && v.every(text);
const mapOf =
  (check: Check): Check =>
  (v) =>
    typeof v === 'object' && v !== null && !Array.isArray(v) && Object.values(v).every(check);

const ATTRIBUTES: Readonly<Record<keyof LaunchArguments, readonly [Check, string]>> = {
  scenario: [text, 'a path or a name'],
  program: [(v) => text(v) || texts(v), 'a path, or a list of paths'],
  driver: [text, 'the name of a bundled driver'],
  lib: [text, 'a folder'],
  defines: [mapOf((v) => typeof v === 'string'), 'an object of strings, as { "DEBUG": "1" }'],
  kernel: [text, 'a version of the kernel API, as "2.6.31"'],
  params: [
    mapOf((v) => ['number', 'boolean', 'string'].includes(typeof v)),
    'an object of numbers, true or false, and texts, as { "napi_weight": 64 }',
  ],
  stopOnEntry: [flag, 'true or false'],
  stepIntoInterrupts: [flag, 'true or false'],
  noDebug: [flag, 'true or false'],
};

/** Attributes that every client adds for itself, and `__…`, which VS Code keeps for its own. */
const CLIENTS_OWN = new Set([
  'type',
  'request',
  'name',
  'presentation',
  'preLaunchTask',
  'postDebugTask',
  'internalConsoleOptions',
  'debugServer',
  'serverReadyAction',
  'suppressMultipleSessionWarning',
  'trace',
]);

/**
 * Checks the arguments of a launch request.
 * @throws RequestError naming the attribute, what was found, and what is expected
 */
export function parseLaunchArguments(raw: unknown): LaunchArguments {
  if (typeof raw !== 'object' || raw === null) throw refused('the launch configuration is no object');
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(raw)) {
    if (CLIENTS_OWN.has(name) || name.startsWith('__') || value === undefined) continue;
    if (!isAttribute(name))
      throw refused(`\`${name}\` is no attribute; there are ${Object.keys(ATTRIBUTES).sort().join(', ')}`);
    const [check, expected] = ATTRIBUTES[name];
    if (!check(value)) throw refused(`\`${name}\` is ${JSON.stringify(value)}; expected ${expected}`);
    result[name] = value;
  }
  const args = result as LaunchArguments;
  if (args.program !== undefined && args.driver !== undefined)
    throw refused('`program` and `driver` both name a driver; keep one of them');
  if (args.scenario === undefined && args.program === undefined && args.driver === undefined)
    throw refused('nothing to run: `scenario` is missing; give the path of a *.virtio.json file or the name of one');
  return args;
}

function isAttribute(name: string): name is keyof LaunchArguments {
  return Object.hasOwn(ATTRIBUTES, name);
}

function refused(why: string): RequestError {
  return new RequestError(`launch: ${why}.`, { showUser: true });
}

/** The launch request's answer to a driver that does not compile, and one console line for each diagnostic. */
export interface LaunchFailure {
  readonly message: string;
  readonly lines: readonly { readonly text: string; readonly path?: string; readonly line?: number }[];
}

/** Describes an error of a Launcher. Of compile errors the first is told with file and line, and how many more there are. */
export function launchFailure(error: unknown): LaunchFailure {
  if (!(error instanceof CompileError)) return { message: messageOf(error), lines: [] };
  const { diagnostics, missing } = error;
  const lines = [
    ...diagnostics.map((d) => ({
      text: `${d.file}:${d.line}:${d.column}: ${d.severity}: ${d.message}`,
      ...place(d.file, d.line),
    })),
    ...missing.map(({ name, file, line }) => ({
      text: `${file === undefined ? '' : `${file}:${line ?? 0}: `}error: the kernel API lacks ${name}`,
      ...place(file, line),
    })),
  ];
  const [first = 'the compiler gave no reason'] = error.message.split('\n');
  if (missing.length > 0) return { message: `The driver does not link: ${first}.`, lines };
  const others = diagnostics.filter((d) => d.severity === 'error').length - 1;
  return { message: `The driver does not compile: ${first}${others > 0 ? ` (and ${others} more)` : ''}.`, lines };
}

/** The launcher has shown this error itself. */
export function isShown(error: unknown): boolean {
  return error instanceof Error && 'showUser' in error && error.showUser === false;
}

/** A line of 0 is none. */
function place(path: string | undefined, line: number | undefined): { path?: string; line?: number } {
  return path === undefined || path === '' || !line ? {} : { path, line };
}
