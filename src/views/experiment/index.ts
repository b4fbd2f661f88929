// Virtio: Run Experiment…: picks a bundled experiment or one of the workspace, and runs it in a tab of its own.
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse } from 'jsonc-parser';
import * as vscode from 'vscode';
import { checkView } from './protocol';
import { ExperimentTab, type ExperimentRoom } from './tab';

const VIEW_TYPE = 'virtio.experiment';
const SUFFIX = '.virtio-experiment.json';

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
        basename(file, SUFFIX),
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
  const own = (await vscode.workspace.findFiles(`**/*${SUFFIX}`, '**/{node_modules,.git}/**')).map((uri) => uri.fsPath);
  const folder = join(extensionPath, 'experiments');
  const bundled = (await readdir(folder)).filter((name) => name.endsWith(SUFFIX)).map((name) => join(folder, name));
  const items = async (title: string, files: readonly string[]): Promise<ExperimentItem[]> =>
    files.length === 0
      ? []
      : [
          { label: title, kind: vscode.QuickPickItemKind.Separator },
          ...(await Promise.all([...files].sort().map(itemOf))),
        ];
  const all = [...(await items('this workspace', own)), ...(await items('bundled', bundled))];
  const picked = await vscode.window.showQuickPick(all, {
    placeHolder: 'Which experiment to run?',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.file;
}

/** What a file says about itself, read leniently so that a broken one is listed too. */
async function itemOf(file: string): Promise<ExperimentItem> {
  const value: unknown = parse(await readFile(file, 'utf8'), [], { allowTrailingComma: true });
  const told = (name: string): string | undefined => {
    const field: unknown = (value as Readonly<Record<string, unknown>> | undefined)?.[name];
    return typeof field === 'string' && field !== '' ? field : undefined;
  };
  return {
    label: told('name') ?? basename(file),
    description: basename(file, SUFFIX),
    detail: told('description'),
    file,
  };
}
