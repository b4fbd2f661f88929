// An experiment's editor tab: runs it, shows how far it is and then its result, and does what the reader asks of a row.
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type * as experiment from '../../experiment';
import type { LoadedExperiment } from '../../experiment';
import { pageHtml, runScenario } from '../../panel';
import { checkFromExperiment, type ExperimentView, type FromExperiment, type ToExperiment } from './protocol';

/** What runs experiments, loaded with the first one. */
export type ExperimentRoom = typeof experiment;

export interface TabOptions {
  readonly context: vscode.ExtensionContext;
  readonly panel: vscode.WebviewPanel;
  /** absolute path of the experiment's file */
  readonly file: string;
  readonly room: () => Promise<ExperimentRoom>;
  /** a result from before the window was reloaded */
  readonly kept?: ExperimentView;
}

/** in the workspace's state: path of the file */
const LAST = 'lastExperiment';

/** The file of the experiment that ran last in this workspace; undefined when none did. */
export const lastExperiment = (state: vscode.Memento): string | undefined => {
  const file = state.get(LAST);
  return typeof file === 'string' ? file : undefined;
};

/** One tab. It ends with its panel, and gives up what is under way. */
export class ExperimentTab {
  private latest: ToExperiment | undefined;
  /** the last result; one from before a reload included */
  private view: ExperimentView | undefined;
  private listening = false;
  private running: AbortController | undefined;

  constructor(private readonly options: TabOptions) {
    const { panel, kept } = options;
    this.view = kept;
    if (kept !== undefined) this.latest = { type: 'result', view: kept };
    panel.webview.onDidReceiveMessage((message: unknown) => this.receive(message));
    panel.onDidDispose(() => this.running?.abort());
    // a page that was hidden starts anew
    panel.onDidChangeViewState(() => {
      if (!panel.visible) this.listening = false;
    });
    panel.webview.html = this.html();
  }

  /** Runs the experiment, unless it runs already. */
  async run(): Promise<void> {
    if (this.running !== undefined) return;
    const { file, context } = this.options;
    const running = (this.running = new AbortController());
    void context.workspaceState.update(LAST, file);
    let title = file;
    this.post({ type: 'running', file, title, done: 0, total: 0, row: '' });
    try {
      const [room, { viewOf }] = await Promise.all([this.options.room(), import('./view-of')]);
      const loaded = room.loadExperiment(file);
      title = loaded.value.name;
      this.options.panel.title = title;
      const result = await room.runExperiment(loaded, {
        root: context.extensionPath,
        cacheDir: join(context.globalStorageUri.fsPath, 'compiled'),
        signal: running.signal,
        onProgress: (progress) => this.post({ type: 'running', file, title, ...progress }),
      });
      this.view = viewOf(file, loaded.value, result);
      this.post({ type: 'result', view: this.view });
    } catch (error) {
      const text = running.signal.aborted ? 'The run was cancelled.' : message(error);
      this.post({ type: 'failed', file, title, text });
    } finally {
      this.running = undefined;
    }
  }

  private post(latest: ToExperiment): void {
    this.latest = latest;
    if (this.listening) void this.options.panel.webview.postMessage(latest);
  }

  private receive(value: unknown): void {
    const checked = checkFromExperiment(value);
    if (!checked.ok) {
      void vscode.window.showErrorMessage(`The experiment's page asked for something unknown: ${checked.error}`);
      return;
    }
    this.answer(checked.message).catch((error: unknown) => void vscode.window.showErrorMessage(message(error)));
  }

  private async answer(asked: FromExperiment): Promise<void> {
    switch (asked.type) {
      case 'ready':
        this.listening = true;
        if (this.latest !== undefined) this.post(this.latest);
        return;
      case 'runAgain':
        return this.run();
      case 'cancel':
        this.running?.abort();
        return;
      case 'copyMarkdown':
        return this.copyMarkdown();
      case 'openFile':
        await vscode.window.showTextDocument(vscode.Uri.file(this.options.file));
        return;
      case 'row':
        return this.doRow(asked.act, asked.name);
    }
  }

  private async copyMarkdown(): Promise<void> {
    const { view } = this;
    if (view === undefined) return;
    const { shownMarkdown } = await this.options.room();
    await vscode.env.clipboard.writeText(shownMarkdown(view));
    vscode.window.setStatusBarMessage('$(clippy) The table is in the clipboard, as Markdown', 4000);
  }

  private async doRow(act: 'open' | 'debug' | 'run', name: string): Promise<void> {
    const room = await this.options.room();
    const folder = join(this.options.context.globalStorageUri.fsPath, 'rows');
    const { file, own } = room.rowScenario(this.loaded(room), name, folder);
    if (act === 'open') {
      await vscode.window.showTextDocument(vscode.Uri.file(file), { viewColumn: vscode.ViewColumn.Beside });
      return;
    }
    if (own !== undefined) {
      await mkdir(folder, { recursive: true });
      await writeFile(own.path, own.text);
    }
    await runScenario(this.options.context, vscode.Uri.file(own?.path ?? file), { noDebug: act === 'run' });
  }

  private loaded({ loadExperiment }: ExperimentRoom): LoadedExperiment {
    return loadExperiment(this.options.file);
  }

  private html(): string {
    const { panel, context } = this.options;
    const resource = (name: string): string =>
      panel.webview.asWebviewUri(vscode.Uri.joinPath(context.extensionUri, 'dist', 'webview', name)).toString();
    return pageHtml({
      nonce: randomBytes(16).toString('hex'),
      cspSource: panel.webview.cspSource,
      script: resource('experiment.js'),
      style: resource('experiment.css'),
      title: 'Virtio experiment',
    });
  }
}

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));
