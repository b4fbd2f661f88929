// The packaged extension in the real workbench: it installs, activates, and its palette commands answer.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagedExtension } from './package';
import { useWorkbench } from './workbench';

describe('the packaged extension', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'virtio-lab-palette-'));
  mkdirSync(join(folder, 'mine'));
  writeFileSync(
    join(folder, 'mine/own.virtio.json'),
    JSON.stringify({ version: 1, name: 'My own scenario', description: 'Sends two packets.' }),
  );
  const workbench = useWorkbench(() => ({ folder, vsix: packagedExtension() }));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('offers the scenarios of the workspace and the bundled ones, each with its description', async () => {
    await workbench().command('Virtio: Run Scenario…');
    const own = workbench().quickPickRows().filter({ hasText: 'My own scenario' });
    await own.waitFor();
    const text = await own.innerText();
    assert.match(text, /mine\/own\.virtio\.json/);
    assert.match(text, /Sends two packets\./);
    // the list draws what is in view only
    await workbench().page.keyboard.type('QEMU 150 µs timer');
    await workbench().quickPickRows().filter({ hasText: 'TX: one packet, QEMU 150 µs timer' }).waitFor();
    await workbench().screenshot('run-scenario');
    await workbench().page.keyboard.press('Escape');
  });

  it('was activated by the command, and VS Code measured how long that took', async () => {
    const ms = await workbench().activationMs();
    assert.notEqual(ms, undefined);
    console.log(`      activation: ${ms} ms`);
  });

  it('logs no error on the page', () => {
    assert.deepEqual(workbench().errors(), []);
  });
});
