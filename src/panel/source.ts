// Opens a line of source where the reader's source is.
import * as vscode from 'vscode';

/**
 * Opens a file in the first column with an editor in it: the ring panel has one of its own.
 * @param path absolute
 * @param line from 1
 */
export async function openSource(path: string, line: number): Promise<void> {
  const position = new vscode.Position(Math.max(line - 1, 0), 0);
  await vscode.window.showTextDocument(vscode.Uri.file(path), {
    selection: new vscode.Range(position, position),
    viewColumn: vscode.ViewColumn.One,
  });
}
