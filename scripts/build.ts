// Builds dist/: bundles every entry with esbuild, puts the compiler beside them, and compiles the bundled drivers.
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { hostCalls } from './lib/host-calls';
import { asShipped, hostLines } from './lib/host-lines';
import { thirdPartyNotices } from './lib/notices';
import { exitWith, root, run } from './lib/project.mjs';
import { bundleInPieces } from './lib/split';

const production = process.argv.includes('--production');
const dist = join(root, 'dist');

const shared: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  minify: production,
  sourcemap: !production,
  // the licences of what is bundled stay in the files that hold it
  legalComments: 'inline',
  logLevel: 'warning',
  // rooms find files beside them by import.meta.dirname under tsx, and by __dirname in a bundle
  logOverride: { 'empty-import-meta': 'silent' },
};

// `module` first: the CommonJS form of jsonc-parser requires its parts in a way that cannot be bundled
const node: BuildOptions = {
  ...shared,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  mainFields: ['module', 'main'],
};

const page: BuildOptions = {
  ...shared,
  platform: 'browser',
  target: 'es2022',
  format: 'iife',
  tsconfig: 'webview/tsconfig.json',
};

/** The extension: what only a session, a command or a view that is opened needs is a piece of its own (`import()`). */
const extension = {
  ...node,
  entry: 'src/extension.ts',
  outfile: join(dist, 'extension.js'),
  external: ['vscode'],
};

/** Everything else that ends in dist/, by entry. `external` modules are found at run time. */
const bundles: readonly (BuildOptions & { readonly entry: string; readonly outfile: string })[] = [
  { ...node, entry: 'src/debug/stdio.ts', outfile: 'dist/adapter.js' },
  // what is stepped knows its places in the host models; what only runs is spared the cost, and leaves their code only where it must
  { ...node, entry: 'src/machine/worker.ts', outfile: 'dist/worker.js', plugins: [hostLines] },
  { ...node, entry: 'src/machine/worker.ts', outfile: 'dist/headless-worker.js', plugins: [hostCalls] },
  { ...node, entry: 'src/cli/main.ts', outfile: 'dist/lab.js', plugins: [hostCalls] },
  {
    ...node,
    entry: 'src/toolchain/compile/compiler-child.ts',
    outfile: 'dist/compiler-child.mjs',
    format: 'esm',
    external: ['@yowasp/clang'],
  },
  {
    ...page,
    entry: 'webview/main.ts',
    outfile: 'dist/webview/panel.js',
  },
  {
    ...page,
    entry: 'webview/experiment/main.ts',
    outfile: 'dist/webview/experiment.js',
  },
  {
    ...shared,
    entry: 'webview/compare/main.ts',
    outfile: 'dist/webview/compare.js',
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    tsconfig: 'webview/tsconfig.json',
  },
];

/** @returns the files that went in, relative to the project's root */
async function bundleAll(): Promise<string[]> {
  const present = bundles.filter((b) => existsSync(join(root, b.entry)));
  for (const b of bundles) if (!present.includes(b)) console.log(`skipped ${b.outfile}: there is no ${b.entry}`);
  const results = await Promise.all([
    bundleInPieces(extension),
    ...present.map(({ entry, ...options }) => build({ ...options, entryPoints: [entry], metafile: true })),
  ]);
  return results.flatMap((result) => Object.keys(result.metafile.inputs));
}

/** Copies what is new by size or time: the compiler is 105 MB and hardly ever changes. */
async function copyChanged(from: string, to: string): Promise<void> {
  const source = await stat(from);
  const target = await stat(to).catch(() => undefined);
  if (target?.size === source.size && Math.abs(target.mtimeMs - source.mtimeMs) < 1000) return;
  await copyFile(from, to);
  await utimes(to, source.atime, source.mtime);
}

/** dist/compiler/: the compiler as an ES module of its own, so that a package works offline. */
async function placeCompiler(): Promise<void> {
  const from = join(root, 'node_modules/@yowasp/clang');
  const to = join(dist, 'compiler');
  await mkdir(to, { recursive: true });
  const files = (await readdir(join(from, 'gen'))).filter((f) => /\.(js|tar|wasm)$/.test(f));
  await Promise.all(files.map((f) => copyChanged(join(from, 'gen', f), join(to, f))));
  await writeFile(join(to, 'package.json'), '{ "type": "module", "main": "bundle.js" }\n');
}

/** dist/hosts/: the host models' sources, for stepping through them. */
async function placeHosts(): Promise<void> {
  const from = join(root, 'src/device/hosts');
  await mkdir(join(dist, 'hosts'), { recursive: true });
  for (const file of await readdir(from))
    await writeFile(join(dist, 'hosts', file), asShipped(await readFile(join(from, file), 'utf8')));
}

/** dist/drivers/ and dist/runtime/, by a script of its own. */
async function buildDrivers(): Promise<void> {
  await run(process.execPath, ['--import', 'tsx', join(root, 'scripts/build-drivers.ts')]);
}

async function main(): Promise<void> {
  const started = performance.now();
  await mkdir(dist, { recursive: true });
  const [inputs] = await Promise.all([bundleAll(), placeCompiler(), placeHosts()]);
  await writeFile(join(dist, 'THIRD-PARTY-NOTICES.txt'), thirdPartyNotices(inputs));
  await buildDrivers();
  console.log(`built dist/ in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

main().catch(exitWith);
