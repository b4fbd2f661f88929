// A row of an experiment as a scenario of its own: what debugging a row runs.
import { createHash } from 'node:crypto';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Scenario } from '../scenario';
import { experimentId } from './list';
import type { LoadedExperiment } from './load';
import { plan } from './plan';

export interface RowScenario {
  /** absolute path of the scenario that the row is made of */
  readonly file: string;
  /**
   * The row's own, when it changes anything of that scenario: its text, and the path where it is to lie. No other row has that path,
   * of this experiment or of another: a session of a row can be run again when other rows were run since.
   */
  readonly own?: { readonly path: string; readonly text: string };
}

/**
 * The scenario of a row.
 * @param name of the row
 * @param folder where a text of its own will lie: its relative paths lead out of there
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
  return {
    file,
    own: { path: join(folder, fileName(experiment, name)), text: `${JSON.stringify(changed, null, 2)}\n` },
  };
}

/** By a hash: rows are named as their experiment likes, and experiments of one name lie in several folders. */
function fileName({ file }: LoadedExperiment, row: string): string {
  const hash = createHash('sha256').update(`${file}\0${row}`).digest('hex').slice(0, 12);
  return `${experimentId(file)}-${hash}.virtio.json`;
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
