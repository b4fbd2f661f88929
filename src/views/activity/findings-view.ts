// The Findings view: what was found wrong in the run that is looked at; a click goes to the line.
import * as vscode from 'vscode';
import { askSession, openSource, type Sessions } from '../../panel';
import { findingRows } from './finding-rows';
import { type Row, RowTree } from './row';

export function registerFindings(sessions: Sessions): vscode.Disposable {
  const badge = (rows: readonly Row[]): void => {
    const n = rows.length;
    view.badge = n === 0 ? undefined : { value: n, tooltip: n === 1 ? '1 finding' : `${n} findings` };
  };
  const tree = new RowTree(sessions, ({ state }) => (state === undefined ? [] : findingRows(state)), badge);
  const view = vscode.window.createTreeView('virtioLab.findings', { treeDataProvider: tree });
  return vscode.Disposable.from(
    tree,
    view,
    vscode.commands.registerCommand('virtioLab.openSource', openSource),
    vscode.commands.registerCommand('virtioLab.goToFinding', async ({ position }: Row) => {
      if (position) await askSession(sessions.active?.debug, 'virtioLab.goTo', position);
    }),
  );
}
