// Virtio: Copy Library File to Workspace…: one file of the lab's kernel API to change; F5 then takes it in place of the original.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { filesBelow, rewrite, write } from '../workspace/files';
import { driversRoot, LIBRARY_COPIES } from '../workspace/lab-paths';
import { withConfiguration, withLibrary } from '../workspace/launch-json';
import { describeToLanguageServers } from './copy-driver';
import { chooseFolder } from './workspace-folder';

/** @returns whether a copy is there now */
export async function copyLibraryFile(context: vscode.ExtensionContext): Promise<boolean> {
  const workspace = await chooseFolder();
  if (!workspace) return false;
  const library = join(driversRoot(context.extensionPath), 'lib');
  const files = (await filesBelow(library)).filter((file) => /\.[ch]$/.test(file));
  const picked = await vscode.window.showQuickPick(files, { placeHolder: 'Which file of the kernel API to copy?' });
  if (!picked) return false;
  const copy = join(workspace.uri.fsPath, LIBRARY_COPIES, picked);
  if (!existsSync(copy)) await write(copy, await readFile(join(library, picked)));
  await pointConfigurations(workspace.uri.fsPath);
  if (picked.endsWith('.c')) await describeToLanguageServers(context.extensionPath, workspace.uri.fsPath, [copy]);
  await vscode.window.showTextDocument(vscode.Uri.file(copy), { preview: false });
  return true;
}

/** Every launch configuration of ours takes the copies; the first one is made when there is none. */
async function pointConfigurations(workspace: string): Promise<void> {
  const lib = `\${workspaceFolder}/${LIBRARY_COPIES}`;
  const first = {
    type: 'virtio',
    request: 'launch',
    name: 'Virtio: one packet, with my library files',
    scenario: 'tx-one-packet',
    lib,
  };
  await rewrite(
    join(workspace, '.vscode/launch.json'),
    (text) => withLibrary(text, lib) ?? withConfiguration(text, first),
  );
}
