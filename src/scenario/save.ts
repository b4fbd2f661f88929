// Saving a session: the scenario that returns to the place where a machine stands.
import { dirname, relative, resolve, sep } from 'node:path';
import type { MachineHandle, MachineSetup } from '../machine';
import type { DriverSources } from './driver';
import type { LoadedScenario } from './load';
import { passSites, runHash } from './resume';
import { withoutDefaults } from './shape';
import { SCENARIO } from './spec';
import type { DriverChoice, Resume, Scenario, Traffic } from './types';

/** A launched scenario, as far as saving goes. */
export interface SavedSession {
  readonly loaded: LoadedScenario;
  /** what was compiled, an override of the launch included */
  readonly driver: DriverSources;
  /** name of the bundled driver that `driver` is, unchanged by the launch */
  readonly bundled: string | undefined;
  readonly setup: MachineSetup;
  readonly machine: MachineHandle;
  /** path of a file of the program */
  readonly pathOf: (file: number) => string;
}

/**
 * The text of a scenario that returns to where the machine stands.
 * @param file absolute path of the file that it is for
 * @throws Error while the machine runs, and before its first stop
 */
export async function savedScenario(session: SavedSession, file: string, name: string): Promise<string> {
  const { loaded, machine } = session;
  if (machine.running || machine.state === undefined)
    throw new Error('A session can be saved only while it is stopped: pause it first.');
  const folder = dirname(file);
  const resume = await resumeOf(session, folder);
  const scenario: Scenario = {
    ...loaded.scenario,
    name,
    driver: driverFor(session, folder),
    traffic: loaded.scenario.traffic.map((item) => trafficFor(item, loaded.file, folder)),
    resume,
    // what must hold of the scenario need not hold of a run that somebody has had a hand in
    expect: resume.edits.length === 0 ? loaded.scenario.expect : [],
  };
  return `${JSON.stringify(withoutDefaults(SCENARIO, scenario), null, 2)}\n`;
}

async function resumeOf(session: SavedSession, folder: string): Promise<Resume> {
  const { machine, setup } = session;
  const { position } = machine.state ?? { position: { tick: 0, sub: 0 } };
  const edits = await machine.edits();
  const state = await machine.hash();
  return {
    position,
    edits: edits.map(({ position: { tick, sub }, address, bytes, text }) => ({
      tick,
      sub,
      address: `0x${address.toString(16)}`,
      bytes: Buffer.from(bytes).toString('hex'),
      text,
    })),
    hash: runHash(setup),
    state,
    pass: await passOf(session, folder),
  };
}

/** The line that the vCPU stands on, and how often it has come there; undefined when the vCPU is idle. */
async function passOf({ machine, pathOf }: SavedSession, folder: string): Promise<Resume['pass']> {
  const { program, state } = machine;
  const [vcpu] = state?.threads ?? [];
  const frame = vcpu?.kind === 'vcpu' ? vcpu.frames.find((f) => f.kind === 'driver') : undefined;
  const site = frame?.site === undefined ? undefined : program.sites[frame.site];
  if (site === undefined) return undefined;
  const { line } = site;
  const nth = await machine.passes(passSites(program, { file: pathOf(site.file), line }, pathOf));
  if (nth === 0) return undefined;
  const origin = program.files[site.file]?.origin;
  const file = origin?.kind === 'bundled' ? origin.path : lastParts(relative(folder, pathOf(site.file)));
  return { file: slashed(file), line, nth };
}

/** A path that lies elsewhere is known by its last parts, which a `stopAt` goes by too. */
const lastParts = (path: string): string => path.replace(/^(\.\.[\\/])+/, '');

const slashed = (path: string): string => path.split(sep).join('/');

/** The driver that ran, as a scenario in another folder names it. */
function driverFor({ loaded, driver, bundled }: SavedSession, folder: string): DriverChoice {
  const from = dirname(loaded.file);
  const moved = (path: string): string => slashed(relative(folder, resolve(from, path))) || '.';
  const { scenario } = loaded;
  const patches = driver.replaced ? undefined : scenario.driver.patches?.map(moved);
  const params = Object.keys(driver.params).length === 0 ? undefined : driver.params;
  if (bundled !== undefined) return { bundled, patches, params };
  return {
    files: driver.files.map(({ path }) => moved(path)),
    lib: driver.lib === undefined ? undefined : moved(driver.lib),
    defines: driver.defines,
    kernel: driver.kernel,
    patches,
    params,
  };
}

function trafficFor(item: Traffic, file: string, folder: string): Traffic {
  if (item.kind !== 'pcap') return item;
  return { ...item, file: slashed(relative(folder, resolve(dirname(file), item.file))) };
}
