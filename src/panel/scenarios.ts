// Finds the scenarios one can run (bundled and of the workspace) and lets one be picked.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { bundledId, readScenarioEntry, type ScenarioEntry, type ScenarioGroup } from './scenario-list';

const FILES = '**/*.virtio.json';
const IGNORED = '**/{node_modules,.git}/**';

/** @param extensionPath folder of the extension, which holds scenarios/ */
export async function bundledScenarios(extensionPath: string): Promise<ScenarioEntry[]> {
  const folder = join(extensionPath, 'scenarios');
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.virtio.json'));
  const entries = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const entry = readScenarioEntry(path, 'bundled', await readFile(path, 'utf8'));
      return { ...entry, id: bundledId(path, folder) };
    }),
  );
  // the folder's own first
  const depth = ({ id }: { readonly id: string }): number => id.split('/').length;
  return entries.sort((a, b) => depth(a) - depth(b) || (a.id < b.id ? -1 : 1));
}

export async function workspaceScenarios(): Promise<ScenarioEntry[]> {
  const files = (await vscode.workspace.findFiles(FILES, IGNORED)).filter((uri) => uri.scheme === 'file');
  const entries = files.map(async (uri) => readScenarioEntry(uri.fsPath, 'workspace', await textOf(uri)));
  return (await Promise.all(entries)).sort((a, b) => a.path.localeCompare(b.path));
}

/** What the editor holds of a file, saved or not. */
async function textOf(uri: vscode.Uri): Promise<string> {
  const open = vscode.workspace.textDocuments.find((d) => d.uri.toString() === uri.toString());
  return open ? open.getText() : new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
}

interface ScenarioItem extends vscode.QuickPickItem {
  readonly entry?: ScenarioEntry;
}

/** Asks for one scenario; undefined when the user gives up. Groups without scenarios are left out. */
export async function pickScenario(
  groups: readonly ScenarioGroup[],
  placeHolder: string,
): Promise<ScenarioEntry | undefined> {
  const items = groups
    .filter((group) => group.entries.length > 0)
    .flatMap((group): ScenarioItem[] => [
      { label: group.title, kind: vscode.QuickPickItemKind.Separator },
      ...group.entries.map((entry) => ({
        label: entry.name,
        description: entry.id ?? vscode.workspace.asRelativePath(entry.path),
        detail: entry.description,
        entry,
      })),
    ]);
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.entry;
}
