// The bundled experiments: by name, and all of them.
import { existsSync, readdirSync } from 'node:fs';
import { basename, isAbsolute, join, resolve } from 'node:path';

export const EXPERIMENT_SUFFIX = '.virtio-experiment.json';

/** `kick-suppression` for `…/kick-suppression.virtio-experiment.json` */
export function experimentId(path: string): string {
  return basename(path, EXPERIMENT_SUFFIX);
}

/** Paths of the experiments in the lab's experiments/ folder, in the order of their names. */
export function bundledExperimentFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(EXPERIMENT_SUFFIX))
    .sort()
    .map((name) => join(folder, name));
}

/**
 * Path of an experiment that is named by a path, or, when there is no such file, by the id of a bundled one.
 * @param cwd what a relative path is relative to
 */
export function findExperiment(name: string, folder: string, cwd = process.cwd()): string {
  const path = isAbsolute(name) ? name : resolve(cwd, name);
  if (existsSync(path)) return path;
  const bundled = join(folder, `${name}${EXPERIMENT_SUFFIX}`);
  if (/^[\w.-]+$/.test(name) && existsSync(bundled)) return bundled;
  const ids = bundledExperimentFiles(folder).map(experimentId);
  throw new Error(`no experiment ${name}: there is no such file, and the bundled ones are ${ids.join(', ')}`);
}
