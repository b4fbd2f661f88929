// Experiment files for lists: those of the workspace and the bundled ones, with what they say about themselves.
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse } from 'jsonc-parser';
import * as vscode from 'vscode';

export const EXPERIMENT_SUFFIX = '.virtio-experiment.json';

export interface ExperimentEntry {
  /** absolute path */
  readonly file: string;
  /** of the file, without its suffix */
  readonly id: string;
  readonly name: string;
  readonly description: string | undefined;
}

/** All there are, each group in the order of its paths. */
export async function experimentEntries(
  extensionPath: string,
): Promise<{ readonly own: readonly ExperimentEntry[]; readonly bundled: readonly ExperimentEntry[] }> {
  const found = await vscode.workspace.findFiles(`**/*${EXPERIMENT_SUFFIX}`, '**/{node_modules,.git}/**');
  const folder = join(extensionPath, 'experiments');
  const names = (await readdir(folder)).filter((name) => name.endsWith(EXPERIMENT_SUFFIX));
  const entries = (files: readonly string[]): Promise<ExperimentEntry[]> => Promise.all([...files].sort().map(entryOf));
  const [own, bundled] = await Promise.all([
    entries(found.map((uri) => uri.fsPath)),
    entries(names.map((name) => join(folder, name))),
  ]);
  return { own, bundled };
}

/** Read leniently, so that a broken file is listed too. */
async function entryOf(file: string): Promise<ExperimentEntry> {
  const value: unknown = parse(await readFile(file, 'utf8').catch(() => ''), [], { allowTrailingComma: true });
  const told = (name: string): string | undefined => {
    const field: unknown = (value as Readonly<Record<string, unknown>> | undefined)?.[name];
    return typeof field === 'string' && field !== '' ? field : undefined;
  };
  return {
    file,
    id: basename(file, EXPERIMENT_SUFFIX),
    name: told('name') ?? basename(file),
    description: told('description'),
  };
}
