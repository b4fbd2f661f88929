// Sessions that are started again as they were: from their launch configuration, in their folder.
import * as vscode from 'vscode';
import type { Again } from '../../messages';

/** What a session is to be started from again. JSON only: it is kept in a page, or in the workspace's state. */
export const againOf = ({ configuration, workspaceFolder }: vscode.DebugSession): Again => ({
  configuration: JSON.parse(JSON.stringify(configuration)) as Again['configuration'],
  ...(workspaceFolder && { folder: workspaceFolder.uri.toString() }),
});

/** @returns whether it has begun; VS Code tells the reader why not */
export async function startAgain({ configuration, folder }: Again): Promise<boolean> {
  const at = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.toString() === folder);
  return vscode.debug.startDebugging(at, { ...configuration, type: 'virtio', request: 'launch' });
}
