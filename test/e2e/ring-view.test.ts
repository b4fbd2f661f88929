// The rings in the debug side bar: the same page, with the choices that were made on it, and back in the editor with them.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagedExtension } from './package';
import { useWorkbench } from './workbench';

describe('the rings in the debug side bar', function () {
  this.timeout(180_000);
  const folder = mkdtempSync(join(tmpdir(), 'virtio-lab-view-'));
  // the workbench is ready when it lists a file
  writeFileSync(join(folder, 'notes.txt'), 'A workspace.\n');
  const workbench = useWorkbench(() => ({
    folder,
    vsix: packagedExtension(),
    settings: { 'virtioLab.ringPanelLocation': 'debug' },
  }));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('open there at the first stop when the setting says so, and follow', async () => {
    const w = workbench();
    await w.runScenario('TX: one packet, QEMU 150 µs timer');
    await w.webview().locator('#circle').waitFor({ timeout: 60_000 });
    assert.equal(await w.page.locator('.tab', { hasText: 'Virtio Rings' }).count(), 0, 'no tab of the editor');
    const before = await w.position();
    await w.move('Step Over');
    assert.notEqual(await w.position(), before);
    await w.screenshot('rings in the side bar');
  });

  it('fit into its width', async () => {
    const over = await workbench()
      .webview()
      .locator('html')
      .evaluate((html) => html.scrollWidth - html.clientWidth);
    assert.ok(over <= 0, `${over} px too wide`);
  });

  it('keep what was chosen when the view is folded and shown again', async () => {
    const w = workbench();
    await w.webview().locator('.switch button', { hasText: 'Table' }).click();
    await w.webview().locator('#grid-desc').waitFor();
    const header = w.page.locator('.pane-header', { hasText: 'Virtio Rings' });
    await header.click();
    await header.click();
    await w.webview().locator('#grid-desc').waitFor();
  });

  it('logs no error on the page', () => {
    assert.deepEqual(workbench().errors(), []);
  });
});
