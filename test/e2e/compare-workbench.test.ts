// Virtio: Compare Sessions… in the real workbench: another driver beside, table and timelines, both sessions led to a moment, and the tab after a reload.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { inSequence } from '../support/in-sequence';
import { normal, useWorkbench } from './workbench';

/** More packets than the ring has room for: where the driver has to reclaim, versions part. */
const BURST = {
  version: 1,
  name: 'A burst into a small ring',
  driver: { bundled: 'virtio_net-2.6.31' },
  device: { queues: { rx: 32, tx: 16 } },
  traffic: [{ kind: 'tx', count: 24, intervalNs: 1000 }],
  stopAt: { function: 'start_xmit' },
};

const TAB = 'Compare: A burst into a small ring / with virtio_net-2.6.34';

describe('Compare Sessions in the workbench', function () {
  this.timeout(180_000);
  inSequence(this);
  const folder = mkdtempSync(join(tmpdir(), 'virtio-lab-compare-'));
  writeFileSync(join(folder, 'burst.virtio.json'), JSON.stringify(BURST, null, 2));
  const workbench = useWorkbench(() => ({
    folder,
    viewport: { width: 1900, height: 1000 },
    settings: { 'virtioLab.openRingPanel': false },
  }));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const page = () => workbench().webview();
  const rows = (): Locator => page().locator('.table tbody tr');
  const says = (text: string | RegExp): Promise<void> => page().getByRole('status').filter({ hasText: text }).waitFor();
  const position = async (): Promise<string> =>
    normal(await workbench().page.locator('.statusbar-item[id$="virtioLab.position"]').innerText());

  it('starts the scenario with another driver beside, and waits for both', async () => {
    const w = workbench();
    await w.runScenario('A burst into a small ring');
    await w.command('Virtio: Compare Sessions…');
    await w.offers('virtio_net-5.10');
    await w.pick(/^virtio_net-2\.6\.34/);
    await w.page.locator('.tab.active', { hasText: TAB }).waitFor({ timeout: 60_000 });
    await says(/^1 packet, no difference so far\.$/);
    assert.match(normal(await page().locator('.names').innerText()), /^A .* B .* with virtio_net-2\.6\.34$/);
  });

  it('lists all packets once both have run, the first difference marked, and draws its timelines', async () => {
    const w = workbench();
    await page().getByRole('button', { name: 'Continue both' }).click();
    await says(/^24 packets; the first difference is at tx \d+: /);
    assert.equal(await rows().count(), 1 + 24);
    assert.equal(await page().locator('.table tr.first').count(), 1);
    assert.equal(await page().locator('.story tr.first').count(), 1);
    const drawn = (canvas: HTMLCanvasElement): number => {
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
      return new Set(data).size;
    };
    await w.until(async () => (await page().locator('.tl-canvas').count()) === 2, 'two timelines');
    for (const side of ['left', 'right'])
      assert.ok((await page().locator(`.tl-canvas.${side}`).evaluate(drawn)) > 4, `${side} is drawn`);
    await w.screenshot('compare 1 table');
  });

  it('leads both sessions to where they part; the table keeps what is recorded', async () => {
    const w = workbench();
    const end = await position();
    await page().getByRole('button', { name: 'Go to the difference' }).click();
    await w.until(async () => (await position()) !== end, 'the session that is looked at stands elsewhere');
    const there = await position();
    await page()
      .getByRole('button', { name: /^B goes to add/ })
      .click();
    await w.until(async () => (await position()) !== there, 'one session goes on its own');
    await says(/^24 packets; the first difference is at tx \d+: /);
    assert.equal(await rows().count(), 1 + 24);
    await rows().filter({ hasText: 'tx 24' }).getByRole('button').first().click();
    await page().getByRole('heading', { name: 'Packet tx 24' }).waitFor();
  });

  it('shows the rings of both side by side', async () => {
    const w = workbench();
    await page().getByRole('button', { name: 'Rings side by side' }).click();
    const rings = w.page.locator('.tab', { hasText: /Rings/ });
    await w.until(async () => (await rings.count()) === 2, 'two tabs of rings');
    const shown = async (): Promise<number> => {
      const pages = await Promise.all(w.page.frames().map((frame) => frame.locator('.now').count()));
      return pages.filter((count) => count > 0).length;
    };
    await w.until(async () => (await shown()) === 2, 'two pages of rings, drawn');
    await w.screenshot('compare 2 rings');
    await rings.last().click();
    await w.command('View: Close Editor');
    await rings.first().click();
    await w.command('View: Close Editor');
    await w.page.locator('.tab', { hasText: TAB }).click();
    await page().getByRole('heading', { name: 'Packet tx 24' }).waitFor();
  });

  it('is there after a reload, says of when it is, and runs both again', async () => {
    const w = workbench();
    await w.reload();
    await page().getByRole('alert').filter({ hasText: 'before the window was reloaded' }).waitFor({ timeout: 60_000 });
    assert.equal(await rows().count(), 1 + 24);
    assert.equal(await page().locator('.tl-canvas').count(), 2);
    await w.screenshot('compare 3 reloaded');
    await page().getByRole('button', { name: 'Run both again' }).click();
    await says(/^1 packet, no difference so far\.$/);
    assert.equal(await page().getByRole('alert').count(), 0);
  });

  it('logs no error on the page', () => {
    assert.deepEqual(workbench().errors(), []);
  });
});
