// The timeline in the panel's page, of a real machine: what it shows, how it is worked, and where it leads.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { MachineEvent } from '../../src/machine';
import type { FromPanel } from '../../src/panel/protocol';
import { firstSite, rx, setup, toEnd, tx, virtioNet } from '../support/machine';
import { RealPanel } from '../support/real-panel';
import { THEMES } from '../support/themes';
import { SHOTS, usePages, type PageOptions } from './pages';
import type { PanelPage } from './panel-browser';

describe('the timeline in the panel', function () {
  this.timeout(120_000);
  const openPage = usePages();
  let panel: PanelPage;
  let real: RealPanel;
  /** of the whole run */
  let log: readonly MachineEvent[];

  before(async () => {
    const driver = await virtioNet();
    real = await RealPanel.start(
      setup(driver, {
        queues: { rx: 32, tx: 16 },
        traffic: [tx(24, 4_000), rx(12, 15_000)],
        stopSites: [firstSite(driver, 'start_xmit')],
      }),
    );
    const first = real.handle.state?.position ?? assert.fail();
    await toEnd(real.handle);
    log = await real.handle.events(0, Infinity);
    await real.handle.run({ kind: 'goto', position: first });
  });

  async function open(options: PageOptions = {}): Promise<void> {
    panel = await openPage({ ...options, answer: real.answer });
    await panel.post({ type: 'state', state: real.state() });
    await settled();
  }
  /** no question is open, and what the last answers say is drawn */
  async function settled(): Promise<void> {
    let before = -1;
    for (let now = 0; now !== before || real.handle.running;) {
      before = now;
      await panel.page.waitForTimeout(200);
      now = (await panel.posted()).length;
    }
  }
  const asked = async (type: FromPanel['type']): Promise<readonly FromPanel[]> =>
    (await panel.posted()).filter((m) => m.type === type);
  const plot = () => panel.page.locator('.tl-plot');
  const at = async (): Promise<number> => Number(await plot().getAttribute('aria-valuenow'));

  for (const theme of Object.keys(THEMES))
    it(`is drawn in the theme's colours: ${theme}`, async () => {
      await real.handle.run({ kind: 'goto', position: await real.handle.placeAt(1_150_000) });
      await open({ theme, width: 900, height: 1300 });
      await panel.page.locator('#timeline').scrollIntoViewIfNeeded();
      await panel.page.locator('#timeline').screenshot({ path: join(SHOTS, `timeline ${theme}.png`) });
    });

  it('summarises a long run in columns, and tells items when there are few enough', async () => {
    const driver = await virtioNet();
    const long = await RealPanel.start(
      setup(driver, { queues: { rx: 256, tx: 256 }, traffic: [tx(1500, 900), rx(1500, 1300)], limitNs: 60e9 }),
    );
    await toEnd(long.handle);
    const end = long.handle.state?.timeNs ?? 0;
    panel = await openPage({ width: 900, height: 1300, answer: long.answer });
    await panel.post({ type: 'state', state: long.state() });
    await plot().focus();
    await panel.page.keyboard.press('f');
    await settled();
    const windows = (await asked('timeline')).flatMap((m) => (m.type === 'timeline' ? [m] : []));
    const whole = windows.findLast((m) => m.name === 'view');
    assert.ok(whole && whole.query.toNs > end);
    assert.equal((await long.handle.timeline(whole.query)).content.kind, 'columns');
    await panel.page.locator('#timeline').screenshot({ path: join(SHOTS, 'timeline long.png') });
    await panel.page.locator('#timeline button', { hasText: 'Events' }).click();
    const label = async (): Promise<string> =>
      (await panel.page.locator('#grid-events').getAttribute('aria-label')) ?? '';
    assert.match(await label(), /^Sums from about/);
    assert.match(await panel.page.locator('#grid-events').innerText(), /context\s+process\s+for \d/);
    await plot().focus();
    for (let i = 0; i < 14; i++) await panel.page.keyboard.press('+');
    await settled();
    assert.match(await label(), /^Events from/);
  });

  it('goes to the next kick and interrupt by keys, and back with Shift', async () => {
    await real.handle.run({ kind: 'goto', position: await real.handle.placeAt(1_050_000) });
    await open({ width: 900, height: 1300 });
    await plot().focus();
    const arrive = async (key: string, what: readonly string[], forward: boolean): Promise<void> => {
      const from = real.handle.state?.position.tick ?? 0;
      const before = await at();
      await panel.page.keyboard.press(key);
      await panel.page.waitForFunction(
        (ns) => Number(document.querySelector('.tl-plot')?.getAttribute('aria-valuenow')) !== ns,
        before,
      );
      const ticks = log.filter((e) => what.includes(e.what)).map((e) => e.position.tick);
      const expected = forward ? ticks.find((tick) => tick > from) : ticks.findLast((tick) => tick < from);
      assert.equal(real.handle.state?.position.tick, expected, key);
    };
    const kicks = ['kick', 'kickSuppressed'];
    for (let i = 0; i < 4; i++) await arrive('k', kicks, true);
    await arrive('i', ['interrupt', 'interruptSuppressed'], true);
    await arrive('Shift+K', kicks, false);
  });

  it('scrubs: the playhead is dragged, and the machine follows', async () => {
    await real.handle.run({ kind: 'goto', position: await real.handle.placeAt(1_100_000) });
    await open({ width: 900, height: 1300 });
    const box = (await plot().boundingBox()) ?? assert.fail('no plot');
    const before = await at();
    await panel.page.mouse.move(box.x + box.width * 0.5, box.y + 60);
    await panel.page.mouse.down();
    await panel.page.mouse.move(box.x + box.width * 0.45, box.y + 60, { steps: 4 });
    await panel.page.mouse.move(box.x + box.width * 0.2, box.y + 60, { steps: 4 });
    await panel.page.mouse.up();
    await panel.page.waitForFunction(
      (ns) => Number(document.querySelector('.tl-plot')?.getAttribute('aria-valuenow')) < ns,
      before - 25_000,
    );
    await settled();
    assert.equal(await at(), real.handle.state?.timeNs);
    assert.ok((await asked('goToTime')).length > 2);
  });

  it('goes to a mark that is clicked, and says what it is', async () => {
    await real.handle.run({ kind: 'goto', position: await real.handle.placeAt(1_100_000) });
    await open({ width: 900, height: 1300 });
    const kick = log.find((e) => e.what === 'kick' && e.timeNs > 1_050_000);
    assert.ok(kick);
    const box = (await plot().boundingBox()) ?? assert.fail('no plot');
    // where it is drawn: the window is 320 us wide, 30 % of it before the first stop
    const from = 1_100_000 - 0.3 * 320_000;
    const x = ((kick.timeNs - from) / 320_000) * box.width;
    const label = panel.page.locator('.tl-label', { hasText: 'kicks tx' });
    const lane = (await label.boundingBox()) ?? assert.fail('no lane');
    // the playhead may stand a few lines before the time that was asked for
    let said = '';
    for (let dx = -3; dx <= 6 && !said.includes('kick tx at'); dx++) {
      await panel.page.mouse.move(box.x + x + dx, lane.y + lane.height / 2);
      await settled();
      said = await panel.page.locator('.tl-readout').innerText();
    }
    assert.match(said, /^kick tx at [\d.]+ \S+ · driver kick tx forced=\d · file\.c:\d+/);
    await panel.page.mouse.down();
    await panel.page.mouse.up();
    await settled();
    assert.deepEqual((await asked('goTo')).at(-1), { type: 'goTo', tick: kick.position.tick, sub: 0 });
  });

  it('zooms at the pointer by wheel, pans with Shift, and moves its window in the overview', async () => {
    await open({ width: 900, height: 1300 });
    const { page } = panel;
    const inView = (): Promise<string> => page.locator('.tl-readout').innerText();
    await plot().hover({ position: { x: 300, y: 5 } });
    await page.waitForTimeout(400);
    await page.mouse.wheel(0, -600);
    await page.mouse.move(0, 0);
    await settled();
    assert.match(await inView(), /^108\.[0-9] µs in view/);
    const before = (await asked('timeline')).length;
    const overview = (await page.locator('.tl-overview').boundingBox()) ?? assert.fail();
    await page.mouse.click(overview.x + 5, overview.y + 5);
    await settled();
    const moved = (await asked('timeline')).slice(before).find((m) => m.type === 'timeline' && m.name === 'view');
    assert.ok(moved?.type === 'timeline' && moved.query.fromNs < 100_000, JSON.stringify(moved));
  });

  it('keeps the machine where it is while the reader looks elsewhere, and asks nothing twice', async () => {
    await open({ width: 900, height: 1300 });
    const before = await at();
    await plot().focus();
    for (const key of ['PageUp', 'PageUp', 'PageDown', '-', '+']) await panel.page.keyboard.press(key);
    await settled();
    assert.equal(await at(), before);
    const questions = (await asked('timeline')).map((m) => JSON.stringify(m));
    assert.deepEqual(
      questions.filter((q, i) => q === questions[i - 1]),
      [],
    );
  });
});
