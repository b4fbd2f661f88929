// The Testing view: scenarios and experiments with their expectations, to run and to debug; loaded when it is opened, or one of their files is.
import * as vscode from 'vscode';
import type { ScenarioLauncher } from '../../scenario';
import type { Tests } from './runs';

const FILES = '**/*.{virtio,virtio-experiment}.json';
/** either kind of file that has expectations */
const TEST_FILE = /\.virtio(-experiment)?\.json$/;

export function registerTesting(
  context: vscode.ExtensionContext,
  launching: () => Promise<ScenarioLauncher>,
): vscode.Disposable {
  const controller = vscode.tests.createTestController('virtioLab', 'Virtio scenarios');
  let made: Promise<Tests> | undefined;
  const tests = (): Promise<Tests> =>
    (made ??= import('./runs').then(({ Tests }) => new Tests(controller, context, launching)));
  const discover = async (): Promise<void> => (await tests()).discover();
  controller.resolveHandler = async (item) => {
    if (item === undefined) await discover();
  };
  controller.refreshHandler = discover;
  const { Run, Debug } = vscode.TestRunProfileKind;
  controller.createRunProfile('Run', Run, async (request, token) => (await tests()).run(request, token), true);
  controller.createRunProfile('Debug', Debug, async (request) => (await tests()).debug(request), true);
  // marks beside a scenario's expectations do not wait for the Testing view to be opened
  const opened = ({ fileName }: vscode.TextDocument): void => {
    if (TEST_FILE.test(fileName) && controller.items.size === 0) void discover();
  };
  vscode.workspace.textDocuments.forEach(opened);
  const watcher = vscode.workspace.createFileSystemWatcher(FILES);
  const again = (): void => void discover();
  return vscode.Disposable.from(
    controller,
    vscode.workspace.onDidOpenTextDocument(opened),
    watcher,
    watcher.onDidCreate(again),
    watcher.onDidChange(again),
    watcher.onDidDelete(again),
  );
}
