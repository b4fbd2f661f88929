// What ran last is run again: from the ring panel after a reload of the window, which ends all sessions, and from the palette.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inSequence } from '../support/in-sequence';
import { packagedExtension } from './package';
import { useWorkbench } from './workbench';

const SCENARIO = 'TX: one packet, QEMU 150 µs timer';

describe('running again what ran last', function () {
  this.timeout(180_000);
  inSequence(this);
  const folder = mkdtempSync(join(tmpdir(), 'virtio-lab-again-'));
  // the workbench is ready when it lists a file
  writeFileSync(join(folder, 'notes.txt'), 'A workspace.\n');
  const workbench = useWorkbench(() => ({ folder, vsix: packagedExtension() }));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is offered by the panel that comes back after a reload, and takes one key', async () => {
    const w = workbench();
    await w.runScenario(SCENARIO);
    const first = await w.position();
    await w.move('Step Over');
    await w.reload();
    const button = w.webview().getByRole('button', { name: `Run “${SCENARIO}” again` });
    await button.waitFor({ timeout: 60_000 });
    await w.screenshot('run again');
    await button.focus();
    await w.page.keyboard.press('Enter');
    await w.waitForStop(undefined, 60_000);
    assert.equal(await w.position(), first);
  });

  it('is a command, and the panel offers it as soon as a session is over', async () => {
    const w = workbench();
    const first = await w.position();
    await w.step('Stop');
    await w
      .webview()
      .getByRole('button', { name: `Run “${SCENARIO}” again` })
      .waitFor();
    await w.command('Virtio: Run Last Scenario Again');
    await w.waitForStop();
    assert.equal(await w.position(), first);
  });

  it('comes first among the scenarios to run', async () => {
    const w = workbench();
    await w.command('Virtio: Run Scenario…');
    await w.quickPickRows().first().filter({ hasText: SCENARIO }).waitFor();
    assert.equal(await w.quickPickRows().filter({ hasText: SCENARIO }).count(), 1);
    await w.page.keyboard.press('Escape');
  });

  it('logs no error on the page', () => {
    assert.deepEqual(workbench().errors(), []);
  });
});
