// The Scenarios tree as data: the workspace's own first, then the bundled ones by their folders. Pure.
import { basename, dirname } from 'node:path';
import type { ScenarioEntry } from '../../panel';
import { NOT_SHOWN_BUGS, type NotShown } from './not-shown';

export interface ScenarioFolder {
  readonly title: string;
  readonly entries: readonly ScenarioEntry[];
  /** listed below them, and not to be run */
  readonly notShown?: readonly NotShown[];
}

const KNOWN_BUGS = 'Known bugs';
const FOLDERS: Readonly<Record<string, string>> = { scenarios: 'Bundled', mail: 'The 2009 mail' };

/** `Known bugs` for `known-bugs`. */
function folderTitle(folder: string): string {
  const words = folder.replaceAll('-', ' ');
  return FOLDERS[folder] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** Scenarios in their folders; folders without any are left out. */
export function scenarioFolders(
  workspace: readonly ScenarioEntry[],
  bundled: readonly ScenarioEntry[],
): readonly ScenarioFolder[] {
  const folders = new Map<string, ScenarioEntry[]>();
  for (const entry of bundled) {
    const title = folderTitle(basename(dirname(entry.path)));
    const entries = folders.get(title);
    if (entries === undefined) folders.set(title, [entry]);
    else entries.push(entry);
  }
  const own = workspace.length === 0 ? [] : [{ title: 'This workspace', entries: workspace }];
  const lab = [...folders].map(([title, entries]) => ({
    title,
    entries,
    ...(title === KNOWN_BUGS ? { notShown: NOT_SHOWN_BUGS } : {}),
  }));
  return [...own, ...lab];
}
