// The commands of `lab`. Everything of the surrounding process comes in by Environment.
import { writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { eventLine, runHeadless, type RunResult, type SentFrame } from '../machine';
import {
  bundledScenarios,
  capture,
  findScenario,
  loadScenario,
  type LoadedScenario,
  passed,
  type PreparedScenario,
  type PrepareOptions,
  prepareScenario,
  reportOf,
  reportText,
  scenarioId,
} from '../scenario';
import { createToolchain } from '../toolchain';
import { openLog, writable } from './log-file';
import { parseArguments, USAGE, UsageError, type Command } from './arguments';
import { complaint } from './complaint';
import { EXIT, type Environment } from './environment';
import { experiment, experimentEntries } from './experiment';
import { test } from './test';

type Run = Extract<Command, { readonly do: 'run' }>;

/** Runs a command. @returns the exit code; never throws for bad input */
export async function lab(args: readonly string[], env: Environment): Promise<number> {
  try {
    const command = parseArguments(args);
    switch (command.do) {
      case 'help':
        env.out(USAGE);
        return EXIT.ok;
      case 'list':
        return list(command.json, env);
      case 'check':
        return await check(command.scenario, env);
      case 'run':
        return await run(command, env);
      case 'experiment':
        return await experiment(command, env);
      case 'test':
        return await test(command, env);
    }
  } catch (error) {
    const usage = error instanceof UsageError ? `\n\n${USAGE.trimEnd()}` : '';
    env.err(`${complaint(error)}${usage}\n`);
    return EXIT.bad;
  }
}

const scenariosOf = (env: Environment): string => join(env.root, 'scenarios');

function list(json: boolean, env: Environment): number {
  const scenarios = bundledScenarios(scenariosOf(env)).map(({ file, scenario: { name, description } }) => ({
    id: scenarioId(file, scenariosOf(env)),
    name,
    description,
    file: relative(env.cwd, file),
  }));
  const experiments = experimentEntries(env);
  if (json) {
    const kinds = [
      ...scenarios.map((entry) => ({ kind: 'scenario', ...entry })),
      ...experiments.map((entry) => ({ kind: 'experiment', ...entry })),
    ];
    env.out(`${JSON.stringify(kinds, null, 2)}\n`);
    return EXIT.ok;
  }
  const folders = new Set(scenarios.map(({ id }) => dirname(id)));
  for (const folder of folders) {
    env.out(folder === '.' ? 'SCENARIOS\n' : `\nSCENARIOS: ${folder}\n`);
    for (const entry of scenarios.filter(({ id }) => dirname(id) === folder)) env.out(entryText(entry));
  }
  env.out('\nEXPERIMENTS\n');
  for (const entry of experiments) env.out(entryText(entry));
  return EXIT.ok;
}

const entryText = ({ id, name, description }: Readonly<Record<'id' | 'name' | 'description', string>>): string =>
  `${id}\n  ${name}\n  ${description}\n`;

/** Everything that a session would refuse: what the driver has by these names is known once it is compiled, or found in the cache. */
async function check(name: string, env: Environment): Promise<number> {
  const path = findScenario(name, scenariosOf(env), env.cwd);
  const loaded = loadScenario(path);
  const { notices } = await prepared(loaded, {}, env);
  for (const notice of notices) env.err(`${notice}\n`);
  env.out(`${path}: “${loaded.scenario.name}” is in order\n`);
  return EXIT.ok;
}

/** A scenario with its driver compiled; the compiler's warnings are told. */
async function prepared(
  loaded: LoadedScenario,
  options: Pick<PrepareOptions, 'override' | 'stop'>,
  env: Environment,
): Promise<PreparedScenario> {
  const driversRoot = join(env.root, 'drivers');
  const toolchain = createToolchain({ root: driversRoot, cacheDir: env.cacheDir });
  const onWarnings: PrepareOptions['onWarnings'] = (warnings) => {
    for (const w of warnings) env.err(`${w.file}:${w.line}:${w.column}: ${w.severity}: ${w.message}\n`);
  };
  return prepareScenario(loaded, { ...options, driversRoot, toolchain, onWarnings }).finally(() => toolchain.dispose());
}

/** Numbers as numbers: a parameter's type decides what it takes. */
function moduleParametersOf(params: Run['params']): Readonly<Record<string, number | string>> {
  const value = (text: string): number | string => (/^-?\d+$/.test(text) ? Number(text) : text);
  return Object.fromEntries(Object.entries(params).map(([name, text]) => [name, value(text)]));
}

async function run(command: Run, env: Environment): Promise<number> {
  const loaded = loadScenario(findScenario(command.scenario, scenariosOf(env), env.cwd));
  const override = { params: moduleParametersOf(command.params) };
  const { setup, notices } = await prepared(loaded, { override, stop: false }, env);
  for (const notice of notices) env.err(`${notice}\n`);
  const started = env.now();
  const log = command.log === undefined ? undefined : openLog(command.log, env);
  const frames: SentFrame[] = [];
  let result: RunResult;
  try {
    result = runHeadless(setup, {
      level: command.level,
      onEvent: log && ((event) => log.write(`${eventLine(event)}\n`)),
      onFrame: command.pcap === undefined ? undefined : (frame) => frames.push(frame),
      onOutput: ({ text }) => env.err(`${text}\n`),
    });
  } finally {
    log?.close();
  }
  const { pcap } = command;
  if (pcap !== undefined) writable('--pcap', pcap, () => writeFileSync(resolve(env.cwd, pcap), capture(frames)));
  const report = reportOf(loaded.scenario, result);
  env.out(command.json ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
  env.err(`${((env.now() - started) / 1000).toFixed(3)} s of real time\n`);
  return passed(report) ? EXIT.ok : EXIT.failed;
}
