// The bundled scenarios: by name, and all of them.
import { existsSync, readdirSync } from 'node:fs';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { loadScenario, type LoadedScenario } from './load';

const SUFFIX = '.virtio.json';

/** `tx-burst` for `…/tx-burst.virtio.json` */
export function scenarioId(path: string): string {
  return basename(path, SUFFIX);
}

/** Paths of the scenarios in the lab's scenarios/ folder, in the order of their names. */
export function bundledScenarioFiles(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(SUFFIX))
    .sort()
    .map((name) => join(folder, name));
}

/** The bundled scenarios, loaded. */
export function bundledScenarios(folder: string): readonly LoadedScenario[] {
  return bundledScenarioFiles(folder).map(loadScenario);
}

/**
 * Path of a scenario that is named by a path, or, when there is no such file, by the id of a bundled one.
 * @param cwd what a relative path is relative to
 */
export function findScenario(name: string, folder: string, cwd = process.cwd()): string {
  const path = isAbsolute(name) ? name : resolve(cwd, name);
  if (existsSync(path)) return path;
  const bundled = join(folder, `${name}${SUFFIX}`);
  if (/^[\w.-]+$/.test(name) && existsSync(bundled)) return bundled;
  const ids = bundledScenarioFiles(folder).map(scenarioId);
  throw new Error(`no scenario ${name}: there is no such file, and the bundled ones are ${ids.join(', ')}`);
}
