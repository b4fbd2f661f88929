// Inline values: what variables hold, beside the lines of the function that runs.
import * as vscode from 'vscode';
import { registeredInSessions } from '../../panel';

const provider: vscode.InlineValuesProvider = {
  async provideInlineValues(document, viewPort, { stoppedLocation }) {
    if (!vscode.workspace.getConfiguration('virtioLab').get<boolean>('inlineValues', true)) return [];
    const { inlineExpressions } = await import('./inline-expressions');
    const at = stoppedLocation.start.line;
    const lines = document.getText(new vscode.Range(0, 0, at + 1, 0)).split(/\r?\n/);
    return inlineExpressions(lines, at)
      .filter(({ line }) => line >= viewPort.start.line && line <= viewPort.end.line)
      .map(({ line, start, end, text, name }) => {
        const range = new vscode.Range(line, start, line, end);
        return name
          ? new vscode.InlineValueVariableLookup(range, text)
          : new vscode.InlineValueEvaluatableExpression(range, text);
      });
  },
};

/** Registers the provider, in sessions of ours. */
export function registerInlineValues(): vscode.Disposable {
  return registeredInSessions(() => vscode.languages.registerInlineValuesProvider(['c', 'cpp'], provider));
}
