// The Queues view: the queues of the session that is looked at, as of its last stop.
import * as vscode from 'vscode';
import type { Sessions } from '../../panel';
import { queueRows } from './queue-rows';
import { RowTree } from './row';

export function registerQueues(sessions: Sessions): vscode.Disposable {
  const tree = new RowTree(sessions, ({ state }) => (state === undefined ? [] : queueRows(state)));
  return vscode.Disposable.from(
    tree,
    vscode.window.createTreeView('virtioLab.queues', { treeDataProvider: tree, showCollapseAll: true }),
  );
}
