// Which expression a debug hover evaluates: `desc[head].len` as a whole, not the word under the pointer.
import * as vscode from 'vscode';
import { registeredInSessions } from './in-sessions';

const provider: vscode.EvaluatableExpressionProvider = {
  async provideEvaluatableExpression(document, position) {
    const { hoverExpression } = await import('../guest');
    const found = hoverExpression(document.lineAt(position.line).text, position.character);
    if (!found) return undefined;
    return new vscode.EvaluatableExpression(new vscode.Range(position.line, found.start, position.line, found.end));
  },
};

/** Registers the provider in sessions of ours: with one registered, VS Code no longer guesses by itself. */
export function hoverExpressionsInSessions(): vscode.Disposable {
  return registeredInSessions(() => vscode.languages.registerEvaluatableExpressionProvider(['c', 'cpp'], provider));
}
