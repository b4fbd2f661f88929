// npm test: installs what is missing, builds, runs every layer on all cores, and ends with `N passed, N failed`.
// `node scripts/test.mjs LAYER…` runs only these layers (LAYERS below); a build comes first where a layer needs one.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleOf, bundleTests } from './lib/bundle-tests.mjs';
import { runInLanes } from './lib/lanes.mjs';
import { Failure, exitWith, installPackages, npm, root } from './lib/project.mjs';
import { ensureBrowser } from './lib/system.mjs';
import { ensureServer } from './lib/vscode-server.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {import('./lib/lanes.mjs').Job<Counts> & { layer?: string }} Task a job of a layer, or a preparation */
/** @typedef {import('./lib/lanes.mjs').Ended<Counts>} Ended */
/** @typedef {(line: string) => void} Say what a task prints, a piece at a time */

const bin = (/** @type {string} */ name) => join(root, 'node_modules', name);
const NOTHING = { passed: 0, failed: 0, skipped: 0 };

/**
 * Runs Node and passes on what it prints.
 * @param {readonly string[]} args
 * @param {Say} say
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<number>} exit code, 1 when a signal ended it
 */
function node(args, say, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', say);
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/**
 * Runs one command as one test: it passes when it exits with 0.
 * @param {readonly string[]} args of node
 * @returns {(say: Say) => Promise<Counts>}
 */
const check = (args) => async (say) =>
  (await node(args, say)) === 0 ? { ...NOTHING, passed: 1 } : { ...NOTHING, failed: 1 };

/**
 * Runs a command whose mocha reporter leaves its counts; one that dies without counts is one failure.
 * @param {readonly string[]} args of node
 * @returns {(say: Say) => Promise<Counts>}
 */
const counted = (args) => async (say) => {
  const folder = mkdtempSync(join(tmpdir(), 'virtio-lab-test-'));
  const file = join(folder, 'counts.json');
  try {
    const code = await node(args, say, { ...process.env, VIRTIO_LAB_COUNTS: file });
    /** @type {Counts} */
    const counts = readCounts(file) ?? NOTHING;
    return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** @param {string} file */
function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

const REPORTER = ['--reporter', join(root, 'scripts/lib/mocha-reporter.cjs')];

/** @param {string} pattern of test files, as sources */
const mocha = (pattern) => counted([bin('mocha/bin/mocha.js'), ...REPORTER, pattern]);

/** @param {readonly string[]} files of tests, relative to the root, that are bundled */
function mochaBundled(files) {
  const { timeout } = JSON.parse(readFileSync(join(root, '.mocharc.json'), 'utf8'));
  // without the configuration: it loads what compiles sources
  const options = ['--no-config', '--timeout', String(timeout), ...REPORTER];
  return counted(['--enable-source-maps', bin('mocha/lib/cli/cli.js'), ...options, ...files.map(bundleOf)]);
}

/** The test files of a layer that needs no browser. @param {string} layer @returns {string[]} relative to the root */
const testsOf = (layer) =>
  readdirSync(join(root, 'test', layer), { recursive: true, encoding: 'utf8' })
    .map((name) => `test/${layer}/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.test.ts'));

/** @param {readonly Counts[]} list @returns {Counts} */
const sum = (list) => ({
  passed: list.reduce((n, c) => n + c.passed, 0),
  failed: list.reduce((n, c) => n + c.failed, 0),
  skipped: list.reduce((n, c) => n + c.skipped, 0),
});

const tsc = bin('typescript/bin/tsc');

/**
 * Folders and files of test/unit/ that run as jobs of their own, the longest first; what is left is one more job. A new folder is in
 * there by itself.
 */
const UNIT_JOBS = ['scenario/bundled.test.ts', 'experiment', 'machine', 'scenario', 'cli'];

/** @returns {Record<string, (say: Say) => Promise<Counts>>} */
function unitJobs() {
  const jobOf = (/** @type {string} */ file) => {
    const name = file.slice('test/unit/'.length);
    return UNIT_JOBS.find((job) => name === job || name.startsWith(`${job}/`)) ?? 'other rooms';
  };
  const files = testsOf('unit');
  return Object.fromEntries(
    [...UNIT_JOBS, 'other rooms'].map((job) => [job, mochaBundled(files.filter((file) => jobOf(file) === job))]),
  );
}

/**
 * The layers, and the jobs of each by name. `needs`: preparations; `alone`: one of them at a time.
 * @type {Record<string, { needs: readonly string[], alone?: string, jobs: () => Record<string, (say: Say) => Promise<Counts>> }>}
 */
const LAYERS = {
  check: {
    needs: [],
    jobs: () => ({
      types: check([tsc, '--noEmit']),
      'types of the pages': check([tsc, '--noEmit', '-p', 'webview']),
      'types of the browser tests': check([tsc, '--noEmit', '-p', 'test/e2e']),
      lint: check([bin('eslint/bin/eslint.js'), '--max-warnings=0', '.']),
      format: check([bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.']),
      'arrows between the rooms': check([
        bin('dependency-cruiser/bin/dependency-cruise.mjs'),
        '--output-type=err',
        'src',
        'webview',
      ]),
    }),
  },
  unit: { needs: ['bundled tests'], jobs: unitJobs },
  dap: { needs: ['bundled tests', 'build'], jobs: () => ({ sessions: mochaBundled(testsOf('dap')) }) },
  // two browsers at a time would only slow each other down
  vscode: {
    needs: ['build', 'browser'],
    alone: 'browser',
    jobs: () => ({ 'extension host': counted(['--import', 'tsx', join(root, 'scripts/test-vscode.ts')]) }),
  },
  e2e: { needs: ['package', 'browser'], alone: 'browser', jobs: () => ({ workbench: mocha('test/e2e/**/*.test.ts') }) },
};

/** The order in which the layers' jobs start: those that mostly wait, or take longest, first. */
const ORDER = ['e2e', 'unit', 'vscode', 'dap', 'check'];
/**
 * What layers need made or installed first, as jobs.
 * @param {ReadonlySet<string>} needs
 * @returns {Task[]}
 */
function preparations(needs) {
  /** @param {string} name @param {() => Promise<void>} work @returns {Task} */
  const task = (name, work) => ({ name, run: () => work().then(() => NOTHING) });
  const browser = async () => {
    await ensureBrowser();
    await ensureServer();
  };
  return [
    ...(needs.has('browser') ? [task('browser', browser)] : []),
    ...(needs.has('bundled tests')
      ? [task('bundled tests', () => bundleTests([...testsOf('unit'), ...testsOf('dap')]))]
      : []),
    ...['build', 'package']
      .filter((name) => needs.has(name))
      .map((name) => task(name, () => npm(['run', '--silent', name]))),
  ];
}

/**
 * All jobs of some layers. What runs alone prints at once; of jobs side by side, each one's words are kept together.
 * @param {readonly string[]} chosen
 * @returns {Task[]}
 */
function tasksOf(chosen) {
  const asked = new Set(chosen.flatMap((name) => LAYERS[name]?.needs ?? []));
  // packaging builds: dist/ is made once, and no test looks into it meanwhile
  const made = asked.has('package') ? 'package' : 'build';
  const needs = new Set([...asked].map((need) => (need === 'build' ? made : need)));
  const jobs = ORDER.filter((name) => chosen.includes(name)).flatMap((name) => {
    const { jobs, alone, needs: own } = /** @type {(typeof LAYERS)[string]} */ (LAYERS[name]);
    const before = [...new Set([...own.map((need) => (need === 'build' ? made : need)), made])];
    return Object.entries(jobs()).map(([job, run]) => ({
      layer: name,
      name: `${name}: ${job}`,
      needs: name === 'check' ? [] : before.filter((need) => needs.has(need)),
      ...(alone === undefined ? {} : { alone }),
      work: run,
    }));
  });
  const live = jobs.length === 1;
  return [
    ...preparations(needs),
    ...jobs.map(({ work, ...task }) => ({
      ...task,
      run: async () => {
        let text = live ? '' : `\n== ${task.name}\n`;
        const counts = await work(live ? (piece) => void process.stdout.write(piece) : (piece) => (text += piece));
        process.stdout.write(text);
        return counts;
      },
    })),
  ];
}

/** @param {Ended} how */
function tell(how) {
  const seconds = `in ${how.seconds.toFixed(0)} s`;
  if ('missing' in how) console.log(`FAILED: ${how.name}: not run, without ${how.missing}`);
  else if ('error' in how)
    console.log(`FAILED: ${how.name}: ${how.error instanceof Failure ? how.error.message : how.error} ${seconds}`);
  else if (how.result.failed > 0) console.log(`FAILED: ${how.name} ${seconds}`);
  else console.log(`ok: ${how.name} ${seconds}`);
}

/** @param {readonly string[]} names */
async function main(names) {
  const unknown = names.filter((n) => !(n in LAYERS));
  if (unknown.length > 0)
    throw new Failure(`no test layer \`${unknown.join(', ')}\`: the layers are ${Object.keys(LAYERS).join(', ')}`);
  const chosen = Object.keys(LAYERS).filter((name) => names.length === 0 || names.includes(name));
  await installPackages();
  const tasks = tasksOf(chosen);
  const started = performance.now();
  const ended = await runInLanes(tasks, availableParallelism(), tell);

  /** @type {(how: Ended) => Counts} one that did not end well is a failure, a preparation too */
  const countsOf = (how) => ('result' in how ? how.result : { ...NOTHING, failed: 1 });
  const total = sum(ended.map(countsOf));
  console.log('');
  for (const layer of chosen) {
    const own = ended.filter((_, i) => tasks[i]?.layer === layer);
    const c = sum(own.map(countsOf));
    const seconds = own.reduce((n, how) => n + how.seconds, 0).toFixed(0);
    console.log(`${layer.padEnd(8)}${c.passed} passed, ${c.failed} failed, ${c.skipped} skipped in ${seconds} s`);
  }
  console.log(`side by side in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
}

await main(process.argv.slice(2)).catch(exitWith);
