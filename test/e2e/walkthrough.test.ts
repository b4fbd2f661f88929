// The walkthrough “Your first packet” in the real workbench: it runs a driver, and knows which of its steps were taken.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useWorkbench, type Workbench } from './workbench';

const open = (w: Workbench): Promise<void> => w.command('Virtio: Your First Packet (Walkthrough)');

async function taken(w: Workbench): Promise<string[]> {
  const boxes = w.page.locator('[role=checkbox][data-done-step-id*="#firstPacket#"][aria-checked=true]');
  const ids = await boxes.evaluateAll((all) => all.map((box) => box.getAttribute('data-done-step-id') ?? ''));
  return [...new Set(ids.map((id) => id.slice(id.lastIndexOf('#') + 1)))].sort();
}

/** From the first stop to the kick, and back. */
async function kickAndBack(w: Workbench): Promise<void> {
  const entry = await w.waitForStop();
  await w.breakOn('Kick');
  await w.step('Continue');
  await w.waitForStop((line) => line !== entry);
  const position = (): Promise<string> => w.page.locator('.statusbar-item[id$="virtioLab.position"]').innerText();
  const kick = await position();
  await w.step('Step Back');
  await w.until(async () => (await position()) !== kick, 'the machine has gone back');
}

function inWorkbench(): () => Workbench {
  const folder = mkdtempSync(join(tmpdir(), 'virtio-lab-walkthrough-'));
  writeFileSync(join(folder, 'empty.txt'), '');
  after(() => rmSync(folder, { recursive: true, force: true }));
  return useWorkbench(() => ({ folder, viewport: { width: 1500, height: 1000 } }));
}

describe('the walkthrough', function () {
  this.timeout(120_000);
  const workbench = inWorkbench();

  it('ticks a step when it was taken: run, add, kick, back', async () => {
    const w = workbench();
    await open(w);
    await w.page.getByText('Look at its rings', { exact: true }).first().waitFor();
    assert.deepEqual(await taken(w), []);
    await w.page.getByRole('button', { name: 'Start', exact: true }).first().click();
    await kickAndBack(w);
    await open(w);
    await w.until(async () => (await taken(w)).join() === 'add,back,kick,run', 'four steps are ticked');
    assert.deepEqual(w.errors(), []);
  });
});

describe('the walkthrough, opened after its steps were taken', function () {
  this.timeout(120_000);
  const workbench = inWorkbench();

  it('has them ticked', async () => {
    const w = workbench();
    await w.command('Virtio: Run Scenario…');
    await w.pick('TX: one packet, QEMU 150 µs timer');
    await kickAndBack(w);
    await w.command('Virtio: Show Ring Panel');
    await open(w);
    await w.until(async () => (await taken(w)).join() === 'add,back,kick,rings,run', 'all steps are ticked');
    assert.deepEqual(w.errors(), []);
  });
});
