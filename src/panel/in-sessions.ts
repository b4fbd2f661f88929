// What is asked of VS Code only while a session of ours is the active one.
import * as vscode from 'vscode';

/**
 * Registers something while a session of ours is the active one: VS Code asks every provider of a language, whichever debugger
 * runs.
 */
export function registeredInSessions(register: () => vscode.Disposable): vscode.Disposable {
  let registered: vscode.Disposable | undefined;
  const release = (): void => {
    registered?.dispose();
    registered = undefined;
  };
  const follow = vscode.debug.onDidChangeActiveDebugSession((session) => {
    if (session?.type !== 'virtio') release();
    else registered ??= register();
  });
  return vscode.Disposable.from(follow, { dispose: release });
}
