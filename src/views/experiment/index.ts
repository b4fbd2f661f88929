// Virtio: Run Experiment…, and the tabs of experiments that come back after a reload; both loaded when they are there first.
import * as vscode from 'vscode';
import type { ExperimentTabs } from './tabs';

const VIEW_TYPE = 'virtio.experiment';

/** Registers the command, and the tabs that come back after a reload. */
export function registerExperiments(context: vscode.ExtensionContext): vscode.Disposable {
  let made: Promise<ExperimentTabs> | undefined;
  const tabs = (): Promise<ExperimentTabs> =>
    (made ??= import('./tabs').then(({ ExperimentTabs }) => new ExperimentTabs(context, VIEW_TYPE)));
  return vscode.Disposable.from(
    vscode.commands.registerCommand('virtioLab.runExperiment', async (file?: vscode.Uri) => (await tabs()).run(file)),
    vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, {
      deserializeWebviewPanel: async (panel, state: unknown) => (await tabs()).bringBack(panel, state),
    }),
  );
}
