// An experiment's page in a browser, in each kind of theme: what it shows of a result and of a run, and what it asks for.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { root } from '../../scripts/lib/project.mjs';
import { loadExperiment, runExperiment } from '../../src/experiment';
import type { ToExperiment } from '../../src/views/experiment/protocol';
import { viewOf } from '../../src/views/experiment/view-of';
import { THEMES } from '../support/themes';
import { violations } from './axe';
import { SHOTS, usePages, type PageOptions } from './pages';
import type { PanelPage } from './panel-browser';

const file = join(root, 'experiments/tx-timer.virtio-experiment.json');
/** of tx-timer: variants, and variants by packet rates */
const VARIANTS = loadExperiment(file).value.variants.length;
const ROWS = VARIANTS * 5;
const RUNNING: ToExperiment = { type: 'running', file, title: 'T', done: 3, total: 8, row: '10 µs @ 5000' };

describe('an experiment’s page in a browser', function () {
  this.timeout(120_000);
  const openPage = usePages();
  let shown: PanelPage;
  let result: ToExperiment;

  before(async () => {
    const loaded = loadExperiment(file);
    const workerPath = join(root, 'dist/worker.js');
    result = {
      type: 'result',
      view: viewOf(file, loaded.value, await runExperiment(loaded, { root, workerPath, size: 'quick' })),
    };
  });

  const open = async (options: PageOptions = {}): Promise<PanelPage> =>
    (shown = await openPage({ bundle: 'experiment', width: 1100, ...options }));

  for (const theme of Object.keys(THEMES))
    it(`has nothing that axe objects to: ${theme}`, async () => {
      await open({ theme });
      await shown.post(RUNNING);
      assert.deepEqual(await violations(shown.page), []);
      await shown.post(result);
      assert.deepEqual(await violations(shown.page), []);
      await shown.page.screenshot({ path: join(SHOTS, `experiment-${theme}.png`), fullPage: true });
    });

  it('sorts by a column with the keyboard, and says so', async () => {
    await open();
    await shown.post(result);
    const names = (): Promise<string[]> => shown.page.locator('tbody th.name').allInnerTexts();
    const before = await names();
    const head = shown.page.locator('thead th', { hasText: 'latency p50' });
    const sortedBy = (order: string) => shown.page.locator(`thead th[aria-sort=${order}]`, { hasText: 'latency p50' });
    await head.locator('button').focus();
    await shown.page.keyboard.press('Enter');
    await sortedBy('descending').waitFor();
    const sorted = await names();
    assert.notDeepEqual(sorted, before);
    assert.deepEqual([...sorted].sort(), [...before].sort());
    await shown.page.keyboard.press('Space');
    await sortedBy('ascending').waitFor();
    await head.locator('button').click();
    await sortedBy('ascending').waitFor({ state: 'detached' });
    assert.deepEqual(await names(), before);
  });

  it('keeps a row’s figures beside its name, however long what was found in it is', async () => {
    await open();
    const long =
      'drivers/lib/drivers/virtio/virtio_ring.c:311 in vring_disable_cb: 19 used buffers wait for the driver; '.repeat(
        3,
      );
    const { view } = result as Extract<ToExperiment, { type: 'result' }>;
    const rows = view.rows.map((row) => ({ ...row, problems: [long] }));
    await shown.post({ type: 'result', view: { ...view, rows } });
    const cell = await shown.page.locator('tbody tr td').first().boundingBox();
    assert.ok(cell && cell.x + cell.width < 700, JSON.stringify(cell));
  });

  it('draws the progress of a run on the page’s own ground', async () => {
    await open();
    await shown.post(RUNNING);
    const ground = await shown.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const bar = shown.page.locator('progress');
    assert.deepEqual(await bar.evaluate((e) => [getComputedStyle(e).appearance, getComputedStyle(e).backgroundColor]), [
      'none',
      ground,
    ]);
  });

  it('draws a line for each variant in each chart, with the figures as tooltips', async () => {
    await open();
    await shown.post(result);
    const charts = shown.page.locator('figure');
    assert.equal(await charts.count(), 2);
    assert.equal(await charts.first().locator('svg > g > polyline').count(), VARIANTS);
    const tips = await charts.first().locator('path title').allTextContents();
    assert.equal(tips.length, ROWS);
    assert.match(tips[0] ?? '', /^10 µs, 2000: 0\.\d+$/);
  });

  it('asks for what a reader presses', async () => {
    await open();
    await shown.post(RUNNING);
    await shown.page.getByRole('button', { name: 'Cancel' }).click();
    await shown.post(result);
    for (const name of ['Run again', 'Copy as Markdown', 'Open file', 'Debug 150 µs @ 20000', 'Run 10 µs @ 5000'])
      await shown.page.getByRole('button', { name, exact: true }).click();
    assert.deepEqual((await shown.posted()).slice(1), [
      { type: 'cancel' },
      { type: 'runAgain' },
      { type: 'copyMarkdown' },
      { type: 'openFile' },
      { type: 'row', act: 'debug', name: '150 µs @ 20000' },
      { type: 'row', act: 'run', name: '10 µs @ 5000' },
    ]);
  });

  it('keeps the last table while a run is under way, and shows it again after a reload', async () => {
    await open();
    await shown.post(result);
    await shown.post(RUNNING);
    assert.equal(await shown.page.locator('tbody tr').count(), ROWS);
    assert.equal(await shown.page.locator('progress').getAttribute('value'), '3');
    const saved = await shown.page.evaluate(() => window.saved);
    await shown.close();
    await open({ saved });
    assert.equal(await shown.page.locator('tbody tr').count(), ROWS);
  });
});
