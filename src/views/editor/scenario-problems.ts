// What is wrong with a scenario or an experiment that is open, told when it is opened and with each save: what a run of it would refuse.
import * as vscode from 'vscode';
import type { Problems } from '../../panel';
import type { ScenarioLauncher } from '../../scenario';

const FILE = /\.virtio(-experiment)?\.json$/;
const EXPERIMENT = /-experiment\.json$/;

export function registerScenarioProblems(
  problems: Problems,
  launching: () => Promise<ScenarioLauncher>,
): vscode.Disposable {
  /** checks under way, by URI: an older one of the same file has nothing to say any more */
  const running = new Map<string, AbortController>();
  const giveUp = (uri: vscode.Uri): void => running.get(uri.toString())?.abort();

  const check = async ({ uri, fileName }: vscode.TextDocument): Promise<void> => {
    if (uri.scheme !== 'file' || !FILE.test(fileName)) return;
    giveUp(uri);
    const controller = new AbortController();
    running.set(uri.toString(), controller);
    const { signal } = controller;
    try {
      if (EXPERIMENT.test(fileName)) (await import('../../experiment')).loadExperiment(fileName);
      // a driver of the workspace is compiled where the workspace is trusted
      else await (await launching()).check(fileName, vscode.workspace.isTrusted, signal);
      if (!signal.aborted) problems.checked(uri);
    } catch (error) {
      if (!signal.aborted) problems.checked(uri, error);
    } finally {
      if (running.get(uri.toString()) === controller) running.delete(uri.toString());
    }
  };
  const checkAll = (): void => vscode.workspace.textDocuments.forEach((document) => void check(document));

  checkAll();
  return vscode.Disposable.from(
    vscode.workspace.onDidOpenTextDocument((document) => void check(document)),
    vscode.workspace.onDidSaveTextDocument((document) => void check(document)),
    vscode.workspace.onDidGrantWorkspaceTrust(checkAll),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      giveUp(uri);
      problems.checked(uri);
    }),
    { dispose: () => running.forEach((controller) => controller.abort()) },
  );
}
