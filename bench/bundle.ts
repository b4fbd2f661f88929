// Bundles a program of the bench as the product is bundled, so that what is measured is what ships.
import { join } from 'node:path';
import { build } from 'esbuild';
import { hostCalls } from '../scripts/lib/host-calls';
import { root } from '../scripts/lib/project.mjs';

export const OUT = join(root, 'out/bench');

/** @returns path of the bundle of `bench/<name>.ts`, or of another entry relative to the root */
export async function bundle(name: string, entry = `bench/${name}.ts`): Promise<string> {
  const outfile = join(OUT, `${name}.cjs`);
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    external: ['vscode'],
    plugins: [hostCalls],
    bundle: true,
    minify: true,
    sourcemap: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    mainFields: ['module', 'main'],
    // where rooms look for files beside them; they are told instead
    logOverride: { 'empty-import-meta': 'silent' },
  });
  return outfile;
}
