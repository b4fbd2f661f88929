// A row of an experiment as a scenario of its own: what debugging a row runs.
import { dirname, relative, resolve, sep } from 'node:path';
import type { Scenario } from '../scenario';
import type { LoadedExperiment } from './load';
import { plan } from './plan';

export interface RowScenario {
  /** absolute path of the scenario that the row is made of */
  readonly file: string;
  /** the row's own text, when it changes anything of that scenario */
  readonly text?: string;
}

/**
 * The scenario of a row.
 * @param name of the row
 * @param folder where the text will lie: its relative paths lead out of there
 * @throws ScenarioError as running does; Error when there is no such row
 */
export function rowScenario(experiment: LoadedExperiment, name: string, folder: string): RowScenario {
  const row = plan(experiment, 'full').find((each) => each.name === name);
  if (row === undefined) throw new Error(`${experiment.file}: there is no row ${JSON.stringify(name)} any more`);
  const { scenario, file } = row.loaded;
  if (!row.changed) return { file };
  const moved = (path: string): string =>
    relative(folder, resolve(dirname(file), path))
      .split(sep)
      .join('/');
  const changed = { ...elsewhere(scenario, moved), name: `${scenario.name}: ${name}` };
  return { file, text: `${JSON.stringify(changed, null, 2)}\n` };
}

/** The scenario as a file in another folder says it; what it promises of numbers is another scenario's. */
function elsewhere(scenario: Scenario, moved: (path: string) => string): Scenario {
  const { driver, traffic, expect } = scenario;
  const patches = driver.patches?.map(moved);
  return {
    ...scenario,
    driver:
      'files' in driver
        ? {
            ...driver,
            files: driver.files.map(moved),
            lib: driver.lib === undefined ? undefined : moved(driver.lib),
            patches,
          }
        : { ...driver, patches },
    traffic: traffic.map((item) => (item.kind === 'pcap' ? { ...item, file: moved(item.file) } : item)),
    expect: expect.filter(({ what }) => /^findings\b/.test(what)),
  };
}
