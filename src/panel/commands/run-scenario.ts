// Virtio: Run Scenario…: picks a bundled scenario or one of the workspace, and starts a debug session of it.
import * as vscode from 'vscode';
import { lastScenario } from '../launch/last-run';
import { rememberScenario } from '../launch/remembered';
import { bundledGroups, readScenarioEntry, type ScenarioEntry } from '../scenario-list';
import { bundledScenarios, pickScenario, workspaceScenarios } from '../scenarios';

/**
 * @param context of the extension
 * @param file the scenario file, when the command was chosen at one
 * @param options `noDebug`: run to the end, and print the report
 */
export async function runScenario(
  context: vscode.ExtensionContext,
  file?: vscode.Uri,
  options: vscode.DebugSessionOptions = {},
): Promise<void> {
  const entry = file ? await entryOf(file) : await pick(context);
  if (!entry) return;
  for (const source of entry.files) await rememberScenario(context, source, { scenario: entry.path, own: true });
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(entry.path));
  await vscode.debug.startDebugging(
    folder,
    { type: 'virtio', request: 'launch', name: entry.name, scenario: entry.path },
    options,
  );
}

async function entryOf(file: vscode.Uri): Promise<ScenarioEntry> {
  const document = await vscode.workspace.openTextDocument(file);
  return readScenarioEntry(file.fsPath, 'workspace', document.getText());
}

async function pick(context: vscode.ExtensionContext): Promise<ScenarioEntry | undefined> {
  const [own, bundled] = await Promise.all([workspaceScenarios(), bundledScenarios(context.extensionPath)]);
  const last = lastScenario(context.workspaceState);
  const ranLast = ({ path, id = path }: ScenarioEntry): boolean => path === last || id === last;
  const others = [{ title: 'this workspace', entries: own }, ...bundledGroups(bundled)].map(({ title, entries }) => ({
    title,
    entries: entries.filter((entry) => !ranLast(entry)),
  }));
  return pickScenario(
    [{ title: 'ran last', entries: [...own, ...bundled].filter(ranLast) }, ...others],
    'Which scenario to run?',
  );
}
