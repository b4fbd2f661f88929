// The experiments of the Testing view: each is a test, and what it was held to comes below it with its first run.
import { join } from 'node:path';
import * as vscode from 'vscode';
import { experimentEntries } from '../experiment/files';

export interface ExperimentTest {
  readonly item: vscode.TestItem;
  /** absolute path */
  readonly path: string;
}

export class ExperimentTests {
  private readonly tests = new Map<string, ExperimentTest>();

  constructor(
    private readonly controller: vscode.TestController,
    private readonly context: vscode.ExtensionContext,
  ) {}

  /** The folder with all there are. */
  async discover(): Promise<vscode.TestItem> {
    const { own, bundled } = await experimentEntries(this.context.extensionPath);
    this.tests.clear();
    const folder = this.controller.createTestItem('folder Experiments', 'Experiments');
    folder.children.replace(
      [...own, ...bundled].map(({ file, name }) => {
        const item = this.controller.createTestItem(file, name, vscode.Uri.file(file));
        item.range = new vscode.Range(0, 0, 0, 999);
        this.tests.set(file, { item, path: file });
        return item;
      }),
    );
    return folder;
  }

  /** The experiment that an item is, or that it is a case of. */
  of(item: vscode.TestItem): ExperimentTest | undefined {
    return this.tests.get(item.id) ?? this.tests.get(item.parent?.id ?? '');
  }

  /** Runs one; its rows fill the cores by themselves. Never throws. */
  async run(run: vscode.TestRun, { item, path }: ExperimentTest, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return run.skipped(item);
    run.started(item);
    const started = performance.now();
    try {
      const { runSuite } = await import('../../experiment');
      const { extensionPath, globalStorageUri } = this.context;
      const cacheDir = join(globalStorageUri.fsPath, 'compiled');
      const [result] = await runSuite([path], { root: extensionPath, cacheDir, signal });
      const error: unknown = result?.error;
      if (error !== undefined) return run.errored(item, new vscode.TestMessage(wordsOf(error)));
      const cases = result?.cases ?? [];
      const items = cases.map(({ name }, i) => this.caseOf(item, name, i));
      item.children.replace(items);
      cases.forEach(({ ok, message }, i) => {
        const each = items[i];
        if (each === undefined) return;
        if (ok) run.passed(each);
        else run.failed(each, new vscode.TestMessage(message));
      });
      const ms = performance.now() - started;
      if (cases.every(({ ok }) => ok)) run.passed(item, ms);
      else run.failed(item, [], ms);
    } catch (error) {
      if (signal.aborted) run.skipped(item);
      else run.errored(item, new vscode.TestMessage(wordsOf(error)));
    }
  }

  private caseOf(item: vscode.TestItem, name: string, index: number): vscode.TestItem {
    const made = this.controller.createTestItem(`${item.id}#${index}`, name, item.uri);
    made.range = item.range;
    made.sortText = String(index).padStart(5, '0');
    return made;
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
