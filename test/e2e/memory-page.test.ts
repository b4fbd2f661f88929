// The ring's memory in the panel's page, of a real machine: bytes, fields, changes, and the way to the editor's hex view.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { firstSite, setup, tx, virtioNet } from '../support/machine';
import { largest } from '../support/panel-states';
import { composePanelState } from '../../src/panel/compose';
import { RealPanel } from '../support/real-panel';
import { SHOTS, usePages } from './pages';
import type { PanelPage } from './panel-browser';

describe('the ring’s memory in the panel', function () {
  this.timeout(120_000);
  const openPage = usePages();
  let panel: PanelPage;

  it('shows the bytes that are there, names fields, and marks what has just changed with its author', async () => {
    const driver = await virtioNet();
    const real = await RealPanel.start(
      setup(driver, { queues: { rx: 8, tx: 16 }, traffic: [tx(3, 0)], stopSites: [firstSite(driver, 'start_xmit')] }),
    );
    panel = await openPage({ width: 760, height: 1400, answer: real.answer });
    const { page } = panel;
    const before = real.state();
    await panel.post({ type: 'state', state: before });
    await page.locator('.memory button', { hasText: 'Memory' }).click();
    await page.getByRole('button', { name: 'avail', exact: true }).click();
    const { physOffset, ram } = real.handle;
    const tx0 = real.state().queues.find((q) => q.ring.name === 'tx') ?? assert.fail('no tx');
    const pointer = Number(BigInt(tx0.ring.layout.avail) - physOffset);
    const expected = [...ram.subarray(pointer, pointer + 16)].map((b) => b.toString(16).padStart(2, '0'));
    await page
      .locator('#memory-0 .f', { hasText: /[0-9a-f]{2}/ })
      .first()
      .waitFor();
    const shown = async (): Promise<string[]> =>
      (await page.locator('#memory-0 .f').allInnerTexts()).join(' ').split(' ');
    assert.deepEqual(await shown(), expected);
    await real.handle.setEventBreakpoints([{ id: 'expose', what: ['expose'] }]);
    await real.handle.run({ kind: 'continue' });
    await panel.post({ type: 'state', state: real.state() });
    // the change is told with the state, the bytes come when they were asked for
    const idx = page.locator('#memory-0 .chg.drv[title="avail.idx = 1, was 0 before the driver wrote 1"]');
    await idx.waitFor();
    assert.equal(await idx.innerText(), '01 00');
    await page.locator('.memory').screenshot({ path: join(SHOTS, 'memory.png') });
    await page.locator('.memory button', { hasText: 'Hex' }).click();
    assert.deepEqual((await panel.posted()).at(-1), { type: 'openMemory', address: pointer, label: 'tx avail' });
  });

  it('draws only the rows in view of a ring of 32768', async () => {
    const { stop, ctx } = largest();
    const { ram } = ctx;
    panel = await openPage({
      answer: (message) =>
        Promise.resolve(
          message.type === 'memory'
            ? {
                type: 'memory',
                address: message.address,
                bytes: Buffer.from(ram.subarray(message.address, message.address + message.size)).toString('hex'),
              }
            : undefined,
        ),
    });
    const { page } = panel;
    await panel.post({ type: 'state', state: composePanelState(stop, ctx) });
    await page.locator('.memory button', { hasText: 'Memory' }).click();
    await page.locator('#grid-memory').focus();
    await page.keyboard.press('End');
    await page.locator('#memory-32767 .f', { hasText: '40 00 00 00' }).waitFor();
    assert.match(await page.locator('#memory-32767').innerText(), /desc\[32767\]/);
    assert.ok((await page.locator('#grid-memory .row').count()) < 40);
    // beside an editor, and in a side bar, its buttons stay in view
    for (const width of [545, 300]) {
      await page.setViewportSize({ width, height: 800 });
      const [room = 0, wanted = 1] = await page
        .locator('.memory h2 .end')
        .evaluate((e) => [e.clientWidth, e.scrollWidth]);
      assert.ok(wanted <= room, `${width} px: ${wanted} of ${room}`);
    }
  });
});
