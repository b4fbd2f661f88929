// Tests as bundles: what all tests share is read and compiled once, and calls between files cost nothing, as in what ships.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './project.mjs';

const OUT = join(root, 'out/tests');

/** Where the bundle of a test file is. @param {string} file relative to the root */
export const bundleOf = (file) => join(OUT, file.replace(/\.ts$/, '.mjs'));

/**
 * Bundles test files, which find what lies beside them in the sources, as without a bundle.
 * @param {readonly string[]} files relative to the root
 */
export async function bundleTests(files) {
  // not there before the packages are installed
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: root,
    entryPoints: [...files],
    outdir: OUT,
    outbase: root,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // one copy of what several of them import
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: true,
    logLevel: 'warning',
    plugins: [
      {
        name: 'places of sources',
        setup: ({ onLoad }) =>
          onLoad({ filter: /\.(ts|mjs)$/ }, ({ path }) => ({
            contents: placed(readFileSync(path, 'utf8'), path),
            loader: path.endsWith('.ts') ? 'ts' : 'js',
          })),
      },
    ],
  });
}

/** A source whose own place is written into it. @param {string} text @param {string} path */
function placed(text, path) {
  const folder = JSON.stringify(dirname(path));
  return text
    .replaceAll(/\b__dirname\b|\bimport\.meta\.dirname\b/g, () => folder)
    .replaceAll(/\bimport\.meta\.url\b/g, () => JSON.stringify(pathToFileURL(path).href));
}
