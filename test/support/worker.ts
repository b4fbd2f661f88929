// The machine's worker for tests, bundled from its sources as the build does: tests of src/ need no build before them.
import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { hostCalls } from '../../scripts/lib/host-calls';
import { hostLines } from '../../scripts/lib/host-lines';

const root = join(__dirname, '../..');
const cache = join(root, 'node_modules/.cache/virtio-lab');

/** `stepped`: with the host models' places, as dist/worker.js; `headless`: with calls yielded, as dist/headless-worker.js. */
export type WorkerKind = 'stepped' | 'headless';

const made = new Map<WorkerKind, Promise<string>>();

/** Path of a worker; bundled once per process. */
export function workerFile(kind: WorkerKind): Promise<string> {
  const known = made.get(kind) ?? make(kind);
  made.set(kind, known);
  return known;
}

async function make(kind: WorkerKind): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['src/machine/worker.ts'],
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    mainFields: ['module', 'main'],
    plugins: [kind === 'stepped' ? hostLines : hostCalls],
    logLevel: 'warning',
    logOverride: { 'empty-import-meta': 'silent' },
  });
  const path = join(cache, `test-${kind}-worker.js`);
  const part = `${path}.${randomBytes(6).toString('hex')}`;
  mkdirSync(cache, { recursive: true });
  // renamed when whole: the tests of another process may be starting a worker from it
  writeFileSync(part, outputFiles[0]?.contents ?? '');
  renameSync(part, path);
  return path;
}
