// Launching: what launch.json may say, and how a driver that does not compile is told.
import type { LaunchRequest } from '../scenario';
import { CompileError } from '../toolchain';
import { messageOf, RequestError } from './errors';

/** Attributes of a launch configuration; the schema in package.json (`debuggers.configurationAttributes`) says the same. */
export interface LaunchArguments extends LaunchRequest {
  /** step into also enters an interrupt that arrives. Default false */
  readonly stepIntoInterrupts?: boolean;
  /** run to the end without stopping, and print the report (Ctrl+F5; set by the client) */
  readonly noDebug?: boolean;
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
