// Copying a driver and a library file into a workspace, as a person does it: what is written, and that it is opened.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/lib/project.mjs';
import { packagedExtension } from './package';
import { useWorkbench } from './workbench';

const DRIVER = 'virtio_net-2.6.31';

describe('a driver of one’s own', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'virtio-lab-copy-'));
  mkdirSync(join(folder, '.vscode'));
  writeFileSync(join(folder, '.vscode/launch.json'), '{\n  // keep me\n  "configurations": []\n}\n');
  const workbench = useWorkbench(() => ({ folder, vsix: packagedExtension() }));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const text = (path: string): string => readFileSync(join(folder, path), 'utf8');
  const activeTab = (name: string) => workbench().page.locator('.tab.active', { hasText: name }).waitFor();

  it('is copied and opened', async () => {
    await workbench().command('Virtio: Copy Driver to Workspace…');
    await workbench().pick(DRIVER);
    await activeTab(`${DRIVER}.c`);
    const bundled = readFileSync(join(root, `drivers/virtio_net/${DRIVER}.c`), 'utf8');
    assert.equal(text(`${DRIVER}/${DRIVER}.c`), bundled);
    await workbench().screenshot('copy-driver');
  });

  it('comes with a scenario that runs it, and launch.json keeps its comment', () => {
    const scenario = JSON.parse(text(`${DRIVER}/tx-one-packet.virtio.json`)) as { driver: unknown };
    assert.deepEqual(scenario.driver, { files: [`${DRIVER}.c`], kernel: '2.6.31' });
    const launch = text('.vscode/launch.json');
    assert.match(launch, /\/\/ keep me/);
    assert.match(launch, new RegExp(`\\$\\{workspaceFolder\\}/${DRIVER}/tx-one-packet\\.virtio\\.json`));
  });

  it('comes with include folders that exist, for clangd and cpptools', () => {
    const [command] = JSON.parse(text('compile_commands.json')) as { file: string; arguments: string[] }[];
    assert.equal(command?.file, join(folder, DRIVER, `${DRIVER}.c`));
    const include = command?.arguments.filter((flag) => flag.startsWith('-I')).at(-1) ?? '';
    assert.match(readFileSync(join(include.slice(2), 'linux/skbuff.h'), 'utf8'), /struct sk_buff/);
    assert.match(text('.vscode/c_cpp_properties.json'), /compile_commands\.json/);
  });

  it('may bring its own copy of a library file, which the launch configurations then take', async () => {
    await workbench().command('Virtio: Copy Library File to Workspace…');
    await workbench().page.locator('.quick-input-widget input[type=text]').fill('virtio_ring.c');
    await workbench().pick('virtio_ring.c');
    await activeTab('virtio_ring.c');
    const original = readFileSync(join(root, 'drivers/lib/drivers/virtio/virtio_ring.c'), 'utf8');
    assert.equal(text('virtio-lib/drivers/virtio/virtio_ring.c'), original);
    assert.match(text('.vscode/launch.json'), /"lib": "\$\{workspaceFolder\}\/virtio-lib"/);
  });
});
