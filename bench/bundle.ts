// Bundles a program of the bench as the product is bundled, so that what is measured is what ships.
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { hostCalls } from '../scripts/lib/host-calls';
import { root } from '../scripts/lib/project.mjs';
import { bundleInPieces } from '../scripts/lib/split';

export const OUT = join(root, 'out/bench');

const shared: BuildOptions = {
  absWorkingDir: root,
  external: ['vscode'],
  bundle: true,
  minify: true,
  sourcemap: true,
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'],
  // where rooms look for files beside them; they are told instead
  logOverride: { 'empty-import-meta': 'silent' },
};

/** @returns path of the bundle of `bench/<name>.ts`, or of another entry relative to the root */
export async function bundle(name: string, entry = `bench/${name}.ts`): Promise<string> {
  const outfile = join(OUT, `${name}.cjs`);
  await build({ ...shared, entryPoints: [entry], outfile, plugins: [hostCalls], format: 'cjs' });
  return outfile;
}

/** @returns path of the extension, in its pieces */
export async function extensionInPieces(): Promise<string> {
  const outfile = join(OUT, 'extension', 'extension.js');
  await bundleInPieces({ ...shared, entry: 'src/extension.ts', outfile });
  return outfile;
}
