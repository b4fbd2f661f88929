// Virtio: Run Experiment…: picks a bundled experiment or one of the workspace, and runs it in a tab of its own.
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { experimentEntries, EXPERIMENT_SUFFIX, type ExperimentEntry } from './files';
import { checkView } from './protocol';
import { ExperimentTab, type ExperimentRoom } from './tab';

const VIEW_TYPE = 'virtio.experiment';

/** Registers the command, and the tabs that come back after a reload. */
export function registerExperiments(context: vscode.ExtensionContext): vscode.Disposable {
  let room: Promise<ExperimentRoom> | undefined;
  const loading = (): Promise<ExperimentRoom> => (room ??= import('../../experiment'));
  const tabs = new Map<string, { readonly tab: ExperimentTab; readonly panel: vscode.WebviewPanel }>();

  const adopt = (panel: vscode.WebviewPanel, file: string, kept?: unknown): ExperimentTab => {
    panel.webview.options = webviewOptions(context);
    const tab = new ExperimentTab({ context, panel, file, room: loading, kept: checkView(kept) });
    tabs.set(file, { tab, panel });
    panel.onDidDispose(() => {
      if (tabs.get(file)?.panel === panel) tabs.delete(file);
    });
    return tab;
  };

  const open = async (uri?: vscode.Uri): Promise<void> => {
    const file = uri?.fsPath ?? (await pick(context.extensionPath));
    if (file === undefined) return;
    const there = tabs.get(file);
    there?.panel.reveal();
    const panel =
      there?.panel ??
      vscode.window.createWebviewPanel(
        VIEW_TYPE,
        basename(file, EXPERIMENT_SUFFIX),
        vscode.ViewColumn.Active,
        webviewOptions(context),
      );
    await (there?.tab ?? adopt(panel, file)).run();
  };

  return vscode.Disposable.from(
    vscode.commands.registerCommand('virtioLab.runExperiment', open),
    vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, {
      deserializeWebviewPanel: (panel, state: unknown) => {
        const view = checkView((state as { readonly view?: unknown } | undefined)?.view);
        if (view === undefined) panel.dispose();
        else adopt(panel, view.file, view);
        return Promise.resolve();
      },
    }),
  );
}

function webviewOptions({ extensionUri }: vscode.ExtensionContext): vscode.WebviewOptions {
  return { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist', 'webview')] };
}

interface ExperimentItem extends vscode.QuickPickItem {
  readonly file?: string;
}

/** Asks for one experiment: those of the workspace first. */
async function pick(extensionPath: string): Promise<string | undefined> {
  const { own, bundled } = await experimentEntries(extensionPath);
  const group = (title: string, entries: readonly ExperimentEntry[]): ExperimentItem[] =>
    entries.length === 0
      ? []
      : [
          { label: title, kind: vscode.QuickPickItemKind.Separator },
          ...entries.map(({ file, id, name, description }) => ({
            label: name,
            description: id,
            detail: description,
            file,
          })),
        ];
  const picked = await vscode.window.showQuickPick([...group('this workspace', own), ...group('bundled', bundled)], {
    placeHolder: 'Which experiment to run?',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.file;
}
