// The workspace folder that a command writes into.
import * as vscode from 'vscode';

/** The only folder, or the one the user picks; undefined when the user gives up. @throws Error when no folder is open */
export async function chooseFolder(): Promise<vscode.WorkspaceFolder | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 0)
    throw new Error('No folder is open: open the one to copy into first (File > Open Folder…).');
  return folders.length === 1 ? folders[0] : vscode.window.showWorkspaceFolderPick();
}
