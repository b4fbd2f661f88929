// The walkthrough “Your first packet” in the real workbench: it runs a driver, and knows which of its steps were taken.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useWorkbench } from './workbench';

describe('the walkthrough', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'virtio-lab-walkthrough-'));
  writeFileSync(join(folder, 'empty.txt'), '');
  const workbench = useWorkbench(() => ({ folder, viewport: { width: 1500, height: 1000 } }));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('ticks a step when it was taken: run, add, kick, back', async () => {
    const w = workbench();
    const open = (): Promise<void> => w.command('Virtio: Your First Packet (Walkthrough)');
    const taken = async (): Promise<string[]> => {
      const boxes = w.page.locator('[role=checkbox][data-done-step-id*="#firstPacket#"][aria-checked=true]');
      const ids = await boxes.evaluateAll((all) => all.map((box) => box.getAttribute('data-done-step-id') ?? ''));
      return [...new Set(ids.map((id) => id.slice(id.lastIndexOf('#') + 1)))].sort();
    };
    await open();
    await w.page.getByText('Look at its rings', { exact: true }).first().waitFor();
    assert.deepEqual(await taken(), []);
    await w.page.getByRole('button', { name: 'Start', exact: true }).first().click();
    const entry = await w.waitForStop();
    await w.breakOn('Kick');
    await w.step('Continue');
    await w.waitForStop((line) => line !== entry);
    const position = (): Promise<string> => w.page.locator('.statusbar-item[id$="virtioLab.position"]').innerText();
    const kick = await position();
    await w.step('Step Back');
    await w.until(async () => (await position()) !== kick, 'the machine has gone back');
    await open();
    await w.until(async () => (await taken()).join() === 'add,back,kick,run', 'four steps are ticked');
    assert.deepEqual(w.errors(), []);
  });
});
