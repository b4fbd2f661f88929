// `lab test`: scenarios and experiments with what they expect, side by side, for any CI.
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findExperiment, isTestFile, runSuite, testFilesIn } from '../experiment';
import { findScenario } from '../scenario';
import type { Command } from './arguments';
import { EXIT, type Environment } from './environment';
import { counts, testReport } from './reporters';

/** @returns the exit code */
export async function test(command: Extract<Command, { readonly do: 'test' }>, env: Environment): Promise<number> {
  const all = filesOf(command.files, env);
  if (all.length === 0) {
    const where = command.files.length === 0 ? env.cwd : command.files.join(', ');
    throw new Error(
      `nothing to test: no *.virtio.json and no *.virtio-experiment.json in ${where}; name files, folders, or what lab list shows`,
    );
  }
  const { shard } = command;
  const files = shard === undefined ? all : all.filter((_, i) => i % shard.count === shard.index - 1);
  const started = env.now();
  let ended = 0;
  const results = await runSuite(files, {
    root: env.root,
    cacheDir: env.cacheDir,
    workerPath: env.workerPath,
    size: command.quick ? 'quick' : 'full',
    onResult: ({ name }) => env.progress?.(`${++ended} of ${files.length}: ${name}`),
  });
  env.out(testReport(results, command.reporter, env.cwd));
  const share =
    shard === undefined ? '' : `, shard ${shard.index} of ${shard.count}: ${files.length} of ${all.length} files`;
  env.err(`${((env.now() - started) / 1000).toFixed(3)} s of real time${share}\n`);
  const { failed, errors } = counts(results);
  if (errors > 0) return EXIT.bad;
  return failed > 0 ? EXIT.failed : EXIT.ok;
}

/** Sorted, each once, so that shards do not depend on who asks. */
function filesOf(names: readonly string[], env: Environment): readonly string[] {
  const found = names.length === 0 ? testFilesIn(env.cwd) : names.flatMap((name) => named(name, env));
  return [...new Set(found)].sort();
}

/** @throws Error when there is nothing of this name */
function named(name: string, env: Environment): readonly string[] {
  const path = resolve(env.cwd, name);
  if (existsSync(path)) {
    if (statSync(path).isDirectory()) return testFilesIn(path);
    if (isTestFile(path)) return [path];
    throw new Error(`${path}: expected a *.virtio.json or a *.virtio-experiment.json file, or a folder`);
  }
  try {
    return [findScenario(name, join(env.root, 'scenarios'), env.cwd)];
  } catch {
    return [experimentNamed(name, env)];
  }
}

function experimentNamed(name: string, env: Environment): string {
  try {
    return findExperiment(name, join(env.root, 'experiments'), env.cwd);
  } catch {
    throw new Error(`${name}: there is no such file, and no bundled scenario or experiment of this name (lab list)`);
  }
}
