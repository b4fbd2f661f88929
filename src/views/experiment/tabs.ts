// The tabs of experiments, one a file: picks a bundled experiment or one of the workspace, and runs it in its tab.
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { experimentEntries, EXPERIMENT_SUFFIX, type ExperimentEntry } from './files';
import { checkView, type ExperimentView } from './protocol';
import { ExperimentTab, type ExperimentRoom, lastExperiment } from './tab';

export class ExperimentTabs {
  private readonly tabs = new Map<string, { readonly tab: ExperimentTab; readonly panel: vscode.WebviewPanel }>();
  private room: Promise<ExperimentRoom> | undefined;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly viewType: string,
  ) {}

  /** @param uri of the experiment's file; asked for when it is not given */
  async run(uri?: vscode.Uri): Promise<void> {
    const { context, tabs } = this;
    const file = uri?.fsPath ?? (await pick(context));
    if (file === undefined) return;
    const there = tabs.get(file);
    there?.panel.reveal();
    const panel =
      there?.panel ??
      vscode.window.createWebviewPanel(
        this.viewType,
        basename(file, EXPERIMENT_SUFFIX),
        vscode.ViewColumn.Active,
        webviewOptions(context),
      );
    await (there?.tab ?? this.adopt(panel, file)).run();
  }

  /** A tab from before a reload, with the result that its page has kept; without one it goes. */
  bringBack(panel: vscode.WebviewPanel, state: unknown): void {
    const view = checkView((state as { readonly view?: unknown } | undefined)?.view);
    if (view === undefined) panel.dispose();
    else this.adopt(panel, view.file, view);
  }

  private adopt(panel: vscode.WebviewPanel, file: string, kept?: ExperimentView): ExperimentTab {
    const { context, tabs } = this;
    panel.webview.options = webviewOptions(context);
    const room = (): Promise<ExperimentRoom> => (this.room ??= import('../../experiment'));
    const tab = new ExperimentTab({ context, panel, file, room, kept });
    tabs.set(file, { tab, panel });
    panel.onDidDispose(() => {
      if (tabs.get(file)?.panel === panel) tabs.delete(file);
    });
    return tab;
  }
}

function webviewOptions({ extensionUri }: vscode.ExtensionContext): vscode.WebviewOptions {
  return { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist', 'webview')] };
}

interface ExperimentItem extends vscode.QuickPickItem {
  readonly file?: string;
}

/** Asks for one experiment: the one that ran last first, then those of the workspace. */
async function pick({ extensionPath, workspaceState }: vscode.ExtensionContext): Promise<string | undefined> {
  const { own, bundled } = await experimentEntries(extensionPath);
  const last = lastExperiment(workspaceState);
  const ranLast = ({ file }: ExperimentEntry): boolean => file === last;
  const other = (entry: ExperimentEntry): boolean => !ranLast(entry);
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
  const items = [
    ...group('ran last', [...own, ...bundled].filter(ranLast)),
    ...group('this workspace', own.filter(other)),
    ...group('bundled', bundled.filter(other)),
  ];
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: 'Which experiment to run?',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.file;
}
