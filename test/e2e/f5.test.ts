// F5 on a C file in a workspace without a launch.json: which scenario to run it in is asked once, and remembered.
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/lib/project.mjs';
import { inSequence } from '../support/in-sequence';
import { packagedExtension } from './package';
import { normal, useWorkbench } from './workbench';

describe('F5 without a launch.json', function () {
  this.timeout(120_000);
  inSequence(this);
  const folder = mkdtempSync(join(tmpdir(), 'virtio-lab-f5-'));
  copyFileSync(join(root, 'drivers/virtio_net/virtio_net-2.6.31.c'), join(folder, 'mine.c'));
  const workbench = useWorkbench(() => ({ folder, vsix: packagedExtension() }));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const stop = async (): Promise<void> => {
    const w = workbench();
    await w.waitForStop();
    assert.equal(await w.activeFile(), 'mine.c');
    await w.until(async () => (await w.callStack()).length > 1, 'the stack is there');
    assert.match(normal((await w.callStack())[1] ?? ''), /^start_xmit mine\.c/);
    await w.step('Stop');
    await w.page.locator('.debug-toolbar').waitFor({ state: 'hidden' });
  };

  it('offers the scenarios, runs the file in place of the driver, and stops in it', async () => {
    const w = workbench();
    await w.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'mine.c' }).dblclick();
    await w.page.locator('.tab.active', { hasText: 'mine.c' }).waitFor();
    // F5 does nothing while VS Code does not know any debugger
    await w.command('Virtio: Show Ring Panel');
    await w.webview().locator('h1', { hasText: 'No machine is running' }).waitFor();
    await w.page.locator('.view-lines').first().click();
    await w.page.keyboard.press('F5');
    await w.quickPickRows().filter({ hasText: 'TX: one packet' }).waitFor();
    assert.match(await w.page.locator('.quick-input-widget').innerText(), /this file in place of the driver/i);
    await w.screenshot('f5');
    await w.pick('TX: one packet');
    await stop();
  });

  it('does not ask again', async () => {
    await workbench().page.keyboard.press('F5');
    await stop();
  });
});
