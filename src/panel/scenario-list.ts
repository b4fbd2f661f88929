// The scenarios one can pick: what a *.virtio.json file says about itself, read leniently so that a broken file is listed too.
import { basename, dirname, relative, resolve } from 'node:path';
import { type ParseError, parse } from 'jsonc-parser';

export interface ScenarioEntry {
  /** absolute path of the scenario file */
  readonly path: string;
  readonly origin: 'bundled' | 'workspace';
  /** of a bundled one: how launch configurations name it, `tx-one-packet` or `mail/tx-one-packet` */
  readonly id?: string;
  /** its name, or the file's name when it has none */
  readonly name: string;
  readonly description: string;
  /** name of the bundled driver it runs */
  readonly bundledDriver?: string;
  /** absolute paths of the C files that it compiles */
  readonly files: readonly string[];
}

const FILE_SUFFIX = '.virtio.json';

/** `tx-one-packet` for `…/tx-one-packet.virtio.json` */
export function scenarioName(path: string): string {
  return basename(path).replace(FILE_SUFFIX, '');
}

/** A bundled scenario's id: its path below scenarios/. */
export function bundledId(path: string, folder: string): string {
  return relative(folder, path).replaceAll('\\', '/').replace(FILE_SUFFIX, '');
}

export interface ScenarioGroup {
  readonly title: string;
  readonly entries: readonly ScenarioEntry[];
}

/** Bundled scenarios by their folders: `bundled`, then `bundled: known bugs` … */
export function bundledGroups(entries: readonly ScenarioEntry[]): readonly ScenarioGroup[] {
  const groups = new Map<string, ScenarioEntry[]>();
  for (const entry of entries) {
    const folder = dirname(entry.id ?? '.').replaceAll('-', ' ');
    const title = folder === '.' ? 'bundled' : `bundled: ${folder}`;
    groups.set(title, [...(groups.get(title) ?? []), entry]);
  }
  return [...groups].map(([title, members]) => ({ title, entries: members }));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/**
 * Reads only what a list shows. The file is checked in full when it is run, with errors that name the field.
 * @param content text of the scenario file
 */
export function readScenarioEntry(path: string, origin: ScenarioEntry['origin'], content: string): ScenarioEntry {
  const errors: ParseError[] = [];
  const value: unknown = parse(content, errors, { allowTrailingComma: true });
  const root = isRecord(value) ? value : {};
  const driver = isRecord(root['driver']) ? root['driver'] : {};
  const files = Array.isArray(driver['files']) ? driver['files'].filter((f) => typeof f === 'string') : [];
  const broken = !isRecord(value) || errors.length > 0;
  return {
    path,
    origin,
    name: text(root['name']) ?? basename(path),
    description: broken ? 'not valid JSON' : (text(root['description']) ?? ''),
    bundledDriver: text(driver['bundled']),
    files: files.map((file) => resolve(dirname(path), file)),
  };
}
