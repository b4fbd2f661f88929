// `lab experiment`: runs an experiment and prints its table.
import { join, relative } from 'node:path';
import {
  bundledExperimentFiles,
  experimentId,
  experimentMarkdown,
  experimentPassed,
  experimentText,
  findExperiment,
  loadExperiment,
  runExperiment,
  type ExperimentResult,
} from '../experiment';
import type { Command } from './arguments';
import { EXIT, type Environment } from './environment';

const folderOf = (env: Environment): string => join(env.root, 'experiments');

type ExperimentCommand = Extract<Command, { readonly do: 'experiment' }>;

/** @returns the exit code */
export async function experiment(command: ExperimentCommand, env: Environment): Promise<number> {
  const loaded = loadExperiment(findExperiment(command.experiment, folderOf(env), env.cwd));
  const started = env.now();
  const result = await runExperiment(loaded, {
    root: env.root,
    cacheDir: env.cacheDir,
    workerPath: env.workerPath,
    size: command.quick ? 'quick' : 'full',
    onProgress: ({ done, total, row }) => env.progress?.(`${done} of ${total}: ${row}`),
  });
  env.out(formatted(result, command.format));
  env.err(`${((env.now() - started) / 1000).toFixed(3)} s of real time\n`);
  return experimentPassed(result) ? EXIT.ok : EXIT.failed;
}

function formatted(result: ExperimentResult, format: ExperimentCommand['format']): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(result, null, 2)}\n`;
    case 'markdown':
      return experimentMarkdown(result);
    case 'text':
      return experimentText(result);
  }
}

/** What is bundled, for lists. */
export function experimentEntries(
  env: Environment,
): readonly Readonly<Record<'id' | 'name' | 'description' | 'file', string>>[] {
  return bundledExperimentFiles(folderOf(env)).map((path) => {
    const { name, description } = loadExperiment(path).value;
    return { id: experimentId(path), name, description, file: relative(env.cwd, path) };
  });
}
