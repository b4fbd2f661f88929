// Programs in pieces (scripts/lib/split.ts), and what the extension loads when it is activated: nothing that a session or a command needs.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleInPieces } from '../../../scripts/lib/split';

const root = join(import.meta.dirname, '../../..');
const node = { absWorkingDir: root, bundle: true, platform: 'node', target: 'node20' } as const;

describe('programs in pieces', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'virtio-lab-pieces-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('load a piece when it is reached, and share what is in several', async () => {
    writeFileSync(join(folder, 'shared.ts'), 'export const counter = { n: 0 };');
    writeFileSync(
      join(folder, 'later.ts'),
      "import { counter } from './shared'; export const add = () => ++counter.n;",
    );
    writeFileSync(
      join(folder, 'main.ts'),
      "import { counter } from './shared'; export const add = async () => (await import('./later')).add(); export { counter };",
    );
    const outfile = join(folder, 'dist', 'main.js');
    for (let i = 0; i < 2; i++) await bundleInPieces({ ...node, entry: join(folder, 'main.ts'), outfile });
    assert.equal(readdirSync(join(folder, 'dist')).length, 3, 'the entry, what both use, and the piece: once each');
    const main = createRequire(import.meta.url)(outfile) as { add(): Promise<number>; counter: { n: number } };
    assert.equal(main.counter.n, 0);
    assert.equal(await main.add(), 1);
    assert.equal(main.counter.n, 1);
  });

  it('leave the rooms of sessions and of runs out of activation', async () => {
    const { metafile } = await bundleInPieces({
      ...node,
      mainFields: ['module', 'main'],
      external: ['vscode'],
      entry: 'src/extension.ts',
      outfile: join(folder, 'extension.js'),
      logOverride: { 'empty-import-meta': 'silent' },
    });
    const outputs = new Map(Object.entries(metafile.outputs));
    const reached = new Set(
      [...outputs].filter(([, { entryPoint }]) => entryPoint === 'src/extension.ts').map(([p]) => p),
    );
    for (const path of reached)
      for (const { path: next, kind, external } of outputs.get(path)?.imports ?? [])
        if (kind === 'import-statement' && external !== true) reached.add(next);
    const files = [...reached].flatMap((path) => Object.keys(outputs.get(path)?.inputs ?? {}));
    assert.ok(files.includes('src/panel/sessions.ts'));
    const early = files.filter((file) => !/^src\/(extension\.ts$|(panel|views|messages|virtqueue)\/)/.test(file));
    assert.deepEqual(early, [], 'to be imported by `import()` where it is needed');
  });
});
