// Going back to a saved place: by its position while sources and costs are what they were, else by the n-th pass of a line.
import { createHash } from 'node:crypto';
import { costsWith, type MachineSetup } from '../machine';
import type { Program } from '../toolchain';
import { stopSites } from './stop-sites';
import type { Resume } from './types';

/**
 * Hash over all that a run is made of: the driver's sources, the device, traffic, costs and the rest of the setup. Two setups
 * with the same hash give the same run, position by position.
 */
export function runHash(setup: MachineSetup): string {
  const { program, stopSites: _sites, stopPass: _pass, resume: _resume, costs, ...rest } = setup;
  const all = { program: program.hash, costs: costsWith(costs), ...rest };
  return createHash('sha256').update(JSON.stringify(all, plain)).digest('hex');
}

/** bigint and bytes, and objects whatever the order of their members. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What of a setup says where a run begins, and what the user has to know of it. */
export interface Beginning {
  readonly setup: Pick<MachineSetup, 'stopSites' | 'stopPass' | 'resume'>;
  readonly notices: readonly string[];
}

/**
 * Where a saved session goes on.
 * @param setup without a beginning
 * @param pathOf path of a file of the program
 * @param otherwise where the scenario stops first without `resume`
 */
export function beginningOf(
  resume: Resume,
  setup: MachineSetup,
  pathOf: (file: number) => string,
  otherwise: () => readonly number[],
): Beginning {
  if (runHash(setup) === resume.hash) return { setup: { stopSites: [], resume: resumed(resume) }, notices: [] };
  const lost =
    resume.edits.length === 0 ? '' : `, and without the ${editsText(resume.edits.length)} made on the way there`;
  const changed = 'Sources, costs or the scenario have changed since this place was saved: it begins';
  const { pass } = resume;
  const sites = pass === undefined ? [] : passSites(setup.program, pass, pathOf);
  if (pass === undefined || sites.length === 0) {
    const gone = pass === undefined ? '' : ` (${pass.file}:${pass.line} is no longer there)`;
    return { setup: { stopSites: otherwise() }, notices: [`${changed} at its first stop instead${gone}${lost}.`] };
  }
  return {
    setup: { stopSites: sites, stopPass: pass.nth },
    notices: [`${changed} at pass ${pass.nth} of ${pass.file}:${pass.line} instead, if that comes${lost}.`],
  };
}

const editsText = (n: number): string => (n === 1 ? 'edit' : `${n} edits`);

/** As a breakpoint on that line; the passes that were counted were those of the same sites. */
export function passSites(
  program: Program,
  { file, line }: { readonly file: string; readonly line: number },
  pathOf: (file: number) => string,
): readonly number[] {
  const found = stopSites(program, { file, line }, [], pathOf);
  return found.kind === 'found' ? found.sites : [];
}

function resumed({ position, edits, state }: Resume): NonNullable<MachineSetup['resume']> {
  return {
    position,
    edits: edits.map(({ tick, sub, address, bytes, text }) => ({
      position: { tick, sub },
      address: Number(address),
      bytes: Uint8Array.from(Buffer.from(bytes, 'hex')),
      text,
    })),
    state,
  };
}
