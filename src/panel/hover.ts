// Which expression a debug hover evaluates: `desc[head].len` as a whole, not the word under the pointer.
import * as vscode from 'vscode';
import { hoverExpression } from '../guest';

const provider: vscode.EvaluatableExpressionProvider = {
  provideEvaluatableExpression(document, position) {
    const found = hoverExpression(document.lineAt(position.line).text, position.character);
    if (!found) return undefined;
    return new vscode.EvaluatableExpression(new vscode.Range(position.line, found.start, position.line, found.end));
  },
};

/**
 * Registers the provider while a session of ours is the active one: VS Code asks every provider of a language, whichever
 * debugger runs, and with one registered no longer guesses by itself.
 */
export function hoverExpressionsInSessions(): vscode.Disposable {
  let registered: vscode.Disposable | undefined;
  const release = (): void => {
    registered?.dispose();
    registered = undefined;
  };
  const follow = vscode.debug.onDidChangeActiveDebugSession((session) => {
    if (session?.type !== 'virtio') release();
    else registered ??= vscode.languages.registerEvaluatableExpressionProvider(['c', 'cpp'], provider);
  });
  return vscode.Disposable.from(follow, { dispose: release });
}
