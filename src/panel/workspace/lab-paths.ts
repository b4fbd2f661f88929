// Where things lie: in the installed extension, and in a workspace that has copies of them.
import { join } from 'node:path';
import { readManifest } from '../../toolchain';

/** Folder of a workspace for its own copies of library files, at the same paths as below drivers/lib. */
export const LIBRARY_COPIES = 'virtio-lib';

export function driversRoot(extensionPath: string): string {
  return join(extensionPath, 'drivers');
}

/** Include folders of a driver in this workspace, in search order: the user's copies first. */
export function includeFolders(extensionPath: string, workspace: string): string[] {
  const root = driversRoot(extensionPath);
  const folders = readManifest(root).include;
  const copies = folders
    .filter((folder) => folder === 'lib' || folder.startsWith('lib/'))
    .map((folder) => join(workspace, LIBRARY_COPIES, folder.slice('lib/'.length)));
  return [...copies, ...folders.map((folder) => join(root, folder))];
}
