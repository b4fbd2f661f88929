// The bundled scenarios: by name, and all of them.
import { existsSync, readdirSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { loadScenario, type LoadedScenario } from './load';

export const SCENARIO_SUFFIX = '.virtio.json';
/** Parts of letters, digits, dots and dashes, none of which leads out of the folder. */
const ID = /^(?!\.)[\w.-]+(\/(?!\.)[\w.-]+)*$/;

/**
 * `tx-burst`, or `mail/tx-burst` in a folder of its own.
 * @param folder the lab's scenarios/ folder
 */
export function scenarioId(path: string, folder: string): string {
  return relative(folder, path).replaceAll('\\', '/').slice(0, -SCENARIO_SUFFIX.length);
}

/** Paths of the scenarios in the lab's scenarios/ folder and the folders below, in the order of their names; the folder's own first. */
export function bundledScenarioFiles(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const own = entries.filter((entry) => entry.isFile() && entry.name.endsWith(SCENARIO_SUFFIX));
  return [
    ...own.map(({ name }) => join(folder, name)),
    ...entries.filter((entry) => entry.isDirectory()).flatMap(({ name }) => bundledScenarioFiles(join(folder, name))),
  ];
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
  const bundled = join(folder, `${name}${SCENARIO_SUFFIX}`);
  if (ID.test(name) && existsSync(bundled)) return bundled;
  const ids = bundledScenarioFiles(folder).map((file) => scenarioId(file, folder));
  throw new Error(`no scenario ${name}: there is no such file, and the bundled ones are ${ids.join(', ')}`);
}
