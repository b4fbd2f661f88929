// npm test: installs what is missing, builds, runs every layer, and ends with `N passed, N failed`.
// `node scripts/test.mjs LAYER…` runs only these layers (LAYERS below); a build comes first where a layer needs one.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure, exitCode, exitWith, installPackages, npm, root } from './lib/project.mjs';
import { ensureBrowser } from './lib/system.mjs';
import { ensureServer } from './lib/vscode-server.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

const bin = (/** @type {string} */ name) => join(root, 'node_modules', name);

/**
 * Runs one command as one test: it passes when it exits with 0.
 * @param {string} what
 * @param {readonly string[]} args of node
 * @returns {Promise<Counts>}
 */
async function check(what, args) {
  console.log(`\n# ${what}`);
  const ok = (await exitCode(process.execPath, args)) === 0;
  console.log(ok ? 'ok' : `FAILED: ${what}`);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

/**
 * Runs a command whose mocha reporter leaves its counts; one that dies without counts is one failure.
 * @param {readonly string[]} args of node
 * @returns {Promise<Counts>}
 */
async function counted(args) {
  const folder = mkdtempSync(join(tmpdir(), 'virtio-lab-test-'));
  const file = join(folder, 'counts.json');
  try {
    const code = await exitCode(process.execPath, args, { env: { ...process.env, VIRTIO_LAB_COUNTS: file } });
    /** @type {Counts} */
    const counts = readCounts(file) ?? { passed: 0, failed: 0, skipped: 0 };
    return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} file */
function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** @param {string} pattern */
const mocha = (pattern) =>
  counted([bin('mocha/bin/mocha.js'), '--reporter', join(root, 'scripts/lib/mocha-reporter.cjs'), pattern]);

/** @param {readonly Counts[]} list @returns {Counts} */
const sum = (list) => ({
  passed: list.reduce((n, c) => n + c.passed, 0),
  failed: list.reduce((n, c) => n + c.failed, 0),
  skipped: list.reduce((n, c) => n + c.skipped, 0),
});

async function checks() {
  const tsc = bin('typescript/bin/tsc');
  return sum([
    await check('types', [tsc, '--noEmit']),
    await check('types of the ring panel page', [tsc, '--noEmit', '-p', 'webview']),
    await check('types of the browser tests', [tsc, '--noEmit', '-p', 'test/e2e']),
    await check('lint', [bin('eslint/bin/eslint.js'), '--max-warnings=0', '.']),
    await check('format', [bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.']),
    await check('arrows between the rooms', [
      bin('dependency-cruiser/bin/dependency-cruise.mjs'),
      '--output-type=err',
      'src',
      'webview',
    ]),
  ]);
}

/** @type {Record<string, { needs: readonly ('build' | 'package' | 'browser')[], run: () => Promise<Counts> }>} */
const LAYERS = {
  check: { needs: [], run: checks },
  unit: { needs: [], run: () => mocha('test/unit/**/*.test.ts') },
  dap: { needs: ['build'], run: () => mocha('test/dap/**/*.test.ts') },
  vscode: {
    needs: ['build', 'browser'],
    run: () => counted(['--import', 'tsx', join(root, 'scripts/test-vscode.ts')]),
  },
  e2e: { needs: ['build', 'package', 'browser'], run: () => mocha('test/e2e/**/*.test.ts') },
};

/** @param {readonly string[]} names */
async function main(names) {
  const unknown = names.filter((n) => !(n in LAYERS));
  if (unknown.length > 0)
    throw new Failure(`no test layer \`${unknown.join(', ')}\`: the layers are ${Object.keys(LAYERS).join(', ')}`);
  const chosen = names.length > 0 ? names : Object.keys(LAYERS);
  const needs = new Set(chosen.flatMap((n) => LAYERS[n]?.needs ?? []));

  await installPackages();
  if (needs.has('browser')) {
    await ensureBrowser();
    await ensureServer();
  }
  if (needs.has('build')) await npm(['run', '--silent', 'build']);
  if (needs.has('package')) await npm(['run', '--silent', 'package']);

  /** @type {[string, Counts, number][]} */
  const results = [];
  for (const [name, layer] of Object.entries(LAYERS).filter(([n]) => chosen.includes(n))) {
    console.log(`\n== ${name}`);
    const started = performance.now();
    results.push([name, await layer.run(), (performance.now() - started) / 1000]);
  }

  console.log('');
  for (const [name, c, seconds] of results)
    console.log(
      `${name.padEnd(8)}${c.passed} passed, ${c.failed} failed, ${c.skipped} skipped in ${seconds.toFixed(0)} s`,
    );
  const total = sum(results.map(([, c]) => c));
  console.log(`${total.passed} passed, ${total.failed} failed`);
  if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
}

await main(process.argv.slice(2)).catch(exitWith);
