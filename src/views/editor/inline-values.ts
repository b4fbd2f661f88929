// Inline values: what variables hold, beside the lines of the function that runs.
import * as vscode from 'vscode';
import { inlineExpressions } from './inline-expressions';

const provider: vscode.InlineValuesProvider = {
  provideInlineValues(document, viewPort, { stoppedLocation }) {
    if (!vscode.workspace.getConfiguration('virtioLab').get<boolean>('inlineValues', true)) return [];
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

/** Registered while a session of ours is the active one: VS Code asks every provider of a language, whichever debugger runs. */
export function registerInlineValues(): vscode.Disposable {
  let registered: vscode.Disposable | undefined;
  const release = (): void => {
    registered?.dispose();
    registered = undefined;
  };
  const follow = vscode.debug.onDidChangeActiveDebugSession((session) => {
    if (session?.type !== 'virtio') release();
    else registered ??= vscode.languages.registerInlineValuesProvider(['c', 'cpp'], provider);
  });
  return vscode.Disposable.from(follow, { dispose: release });
}
