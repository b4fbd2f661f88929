// Small file helpers of the commands that write into a workspace.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Text of a file; undefined when there is none. Any other failure is thrown. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (e) {
    if (e instanceof Error && 'code' in e && e.code === 'ENOENT') return undefined;
    throw e;
  }
}

/** Writes a file and the folders that it needs. */
export async function write(path: string, text: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** Rewrites a text file: `change` gets what is there, or undefined; when it returns undefined nothing is written. */
export async function rewrite(path: string, change: (text: string | undefined) => string | undefined): Promise<void> {
  const text = change(await readIfThere(path));
  if (text !== undefined) await write(path, text);
}

/** All files below a folder, as sorted paths relative to it with `/`. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const nested = entries.map(async (entry) =>
    entry.isDirectory() ? (await filesBelow(join(folder, entry.name))).map((f) => `${entry.name}/${f}`) : [entry.name],
  );
  return (await Promise.all(nested)).flat().sort();
}
