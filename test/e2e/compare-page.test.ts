// The compare tab's page in a browser, in each kind of theme: two runs packet by packet, a packet’s timelines, and what it asks for.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { comparedRuns, type ComparedRuns } from '../support/comparison';
import { THEMES } from '../support/themes';
import { violations } from './axe';
import { SHOTS, usePages, type PageOptions } from './pages';
import type { PanelPage } from './panel-browser';
import { normal } from './workbench';

describe('the compare page in a browser', function () {
  this.timeout(120_000);
  const openPage = usePages();
  let shown: PanelPage;
  let runs: ComparedRuns;
  let first: number;
  /** a row for which something else happens, and not only later */
  let parted: number;

  before(async () => {
    runs = await comparedRuns();
    first = runs.comparison.state.first ?? assert.fail('the runs do not differ');
    parted = runs.comparison.state.rows.findIndex(({ difference }) => difference.includes('after expose'));
  });

  const open = async (options: PageOptions = {}): Promise<PanelPage> =>
    (shown = await openPage({ bundle: 'compare', width: 1300, ...options }));
  const show = async (row = first): Promise<void> => {
    await shown.post(runs.comparison);
    await shown.post(await runs.packet(row));
  };

  for (const theme of Object.keys(THEMES))
    it(`has nothing that axe objects to: ${theme}`, async () => {
      await open({ theme });
      assert.deepEqual(await violations(shown.page), []);
      await show();
      await shown.page.screenshot({ path: join(SHOTS, `compare-${theme}.png`), fullPage: true });
      assert.deepEqual(await violations(shown.page), []);
      await shown.post({ type: 'over', text: 'A session has ended.' });
      assert.deepEqual(await violations(shown.page), []);
    });

  it('marks numbers as different only where both runs have come as far', async () => {
    await open();
    await show();
    const { state } = runs.comparison;
    const marked = (): Promise<number> => shown.page.locator('.table td.other').count();
    assert.ok((await marked()) > 0);
    const rows = state.rows.map((row) => ({ ...row, open: true }));
    await shown.post({ ...runs.comparison, state: { ...state, rows } });
    await shown.page.locator('.table td.other').first().waitFor({ state: 'detached' });
    assert.equal(await marked(), 0);
  });

  it('has two timelines on one axis, which begins with the packet, and where they part in both', async () => {
    await open();
    await show(parted);
    const { page } = shown;
    const { rows } = runs.comparison.state;
    await page.getByRole('heading', { name: `Packet ${rows[parted]?.label}` }).waitFor();
    const sizes = await page
      .locator('.tl-canvas')
      .evaluateAll((all) => all.map((canvas) => [canvas.clientWidth, canvas.clientHeight]));
    assert.equal(sizes.length, 2);
    assert.deepEqual(sizes[0], sizes[1], 'the same lanes at the same scale');
    const lanes = (n: number): Promise<string[]> =>
      page.locator('.tl-labels').nth(n).locator('.tl-label').allInnerTexts();
    assert.deepEqual(await lanes(0), await lanes(1));
    const marked = page.locator('.story tr.first');
    assert.match(normal(await marked.innerText()), /first difference$/);
    const { packet } = await runs.packet(parted);
    const moments = [packet.left, packet.right].map((side) => side?.story[packet.mark?.at ?? -1] ?? assert.fail());
    assert.deepEqual(
      (await marked.locator('td').allInnerTexts()).filter((_, i) => i === 0 || i === 2),
      moments.map(({ what }) => what),
    );
    // zoomed to it, a click on its mark in either plot leads there
    await page.getByRole('button', { name: 'Zoom to the difference' }).click();
    for (const [n, side] of (['left', 'right'] as const).entries()) {
      const plot = page.locator('.tl-plot').nth(n);
      const box = (await plot.boundingBox()) ?? assert.fail();
      const x = await markAt(
        box.width,
        moments.map(({ ns }) => ns),
        n,
      );
      await page.mouse.move(box.x + x, box.y + 20);
      await page.locator('.readout', { hasText: `first difference: ${moments[n]?.what}` }).waitFor();
      await page.mouse.down();
      await page.mouse.up();
      assert.deepEqual((await shown.posted()).at(-1), { type: 'goTo', [side]: moments[n]?.tick });
    }
  });

  it('goes to the moment of an empty place that is clicked, in that session alone', async () => {
    await open();
    await show();
    const { page } = shown;
    const { packet } = await runs.packet(first);
    const windows = [packet.left, packet.right].map((side) => side?.window ?? assert.fail());
    const fromNs = Math.min(...windows.map((window) => window.fromNs));
    const toNs = Math.max(...windows.map((window) => window.toNs));
    for (const [n, side] of (['left', 'right'] as const).entries()) {
      const plot = page.locator('.tl-plot').nth(n);
      const { width } = (await plot.boundingBox()) ?? assert.fail();
      // the ruler's line has no marks
      await plot.click({ position: { x: width * 0.75, y: 4 } });
      const { ns, ...sent } = (await shown.posted()).at(-1) as unknown as Record<string, unknown>;
      assert.deepEqual(sent, { type: 'goToTime', row: first, side });
      const wanted = fromNs + 0.75 * (toNs - fromNs);
      // a pixel is as near as it gets
      assert.ok(Math.abs(Number(ns) - wanted) <= (toNs - fromNs) / width, `${String(ns)} for ${wanted}`);
    }
  });

  it('leads from a row to its packet, from an event to its moment, and both sessions to where they part', async () => {
    await open();
    await show();
    const { page } = shown;
    const row = page.locator('.table tbody tr').nth(1 + first);
    assert.equal(await row.getAttribute('class'), 'first shown');
    const { packet } = await runs.packet(first);
    const tick = (side: 'left' | 'right', i: number): number => packet[side]?.story[i]?.tick ?? assert.fail();
    await row.getByRole('button', { name: 'Go there' }).click();
    await page.getByRole('button', { name: 'Go to the difference' }).click();
    await page
      .locator('.story tbody tr')
      .first()
      .getByRole('button', { name: /^B goes to/ })
      .press('Enter');
    await page.getByRole('button', { name: 'Next packet' }).click();
    await page.locator('.table tbody tr').nth(1).getByRole('button').first().click();
    for (const name of ['First difference', 'Rings side by side', 'Continue both'])
      await page.getByRole('button', { name, exact: true }).click();
    const { left, right } = runs.comparison.state.rows[first] ?? assert.fail();
    assert.deepEqual((await shown.posted()).slice(1), [
      { type: 'goTo', left: left?.tick, right: right?.tick },
      { type: 'goTo', left: tick('left', packet.mark?.at ?? -1), right: tick('right', packet.mark?.at ?? -1) },
      { type: 'goTo', right: tick('right', 0) },
      { type: 'choose', row: first + 1 },
      { type: 'choose', row: 0 },
      { type: 'choose' },
      { type: 'showRings' },
      { type: 'runBoth' },
    ]);
  });

  it('tells of both runs, and by how much the second has more, what each packet cost', async () => {
    await open();
    await show();
    const heads = await shown.page.locator('.table thead tr').first().locator('th').allInnerTexts();
    assert.deepEqual(heads.slice(0, 7), ['packet', 'kicks', 'suppressed', 'exits', 'interrupts', 'lines', 'latency']);
    const { left, right } = runs.comparison.state.rows[first] ?? assert.fail();
    const more = (right?.lines ?? 0) - (left?.lines ?? 0);
    assert.notEqual(more, 0);
    const cells = await shown.page
      .locator('.table tbody tr')
      .nth(1 + first)
      .locator('td')
      .allInnerTexts();
    const digits = (text: string | undefined): string => normal(text ?? '').replaceAll(/(?<=\d) (?=\d)/g, '');
    assert.equal(digits(cells[8]), String(left?.lines));
    assert.equal(digits(cells[9]), `${right?.lines} ${more > 0 ? '+' : '−'}${Math.abs(more)}`);
  });

  it('shows what it showed before a reload, says so, and can run both again', async () => {
    await open();
    await show();
    await shown.page.getByRole('button', { name: 'Zoom in' }).click();
    const saved = await shown.page.evaluate(() => window.saved);
    await shown.close();
    await open({ saved });
    const { page } = shown;
    assert.equal(await page.locator('.table tbody tr').count(), 1 + runs.comparison.state.rows.length);
    assert.equal(await page.locator('.tl-canvas').count(), 2);
    assert.deepEqual((await shown.posted())[0], { type: 'ready', row: first });
    await shown.post({ type: 'over', text: 'This is from before.' });
    assert.equal(await page.getByRole('alert').innerText(), 'This is from before.');
    await page.getByRole('button', { name: 'Run both again' }).click();
    assert.deepEqual((await shown.posted()).at(-1), { type: 'again' });
  });

  it('says which field of a message it does not understand', async () => {
    await open();
    await shown.post({ type: 'over' } as never);
    assert.match(await shown.page.getByRole('status').innerText(), /does not understand: over\.text: expected text/);
  });
});

/** px at which the n-th of two moments lies when both are zoomed to: webview/compare/state.ts shows a quarter around them. */
async function markAt(width: number, ns: readonly number[], n: number): Promise<number> {
  const { modelOf, update, windowOf } = await import('../../webview/compare/state');
  const side = (at: number) => ({
    window: {
      fromNs: 0,
      toNs: 1e9,
      endNs: 1e9,
      series: [],
      before: [],
      content: { kind: 'items', ns: [], tick: [], series: [], value: [] },
    } as const,
    story: [{ what: 'kick', ns: at, tick: 0 }] as const,
    atNs: 0,
  });
  const packet = { row: 0, left: side(ns[0] ?? 0), right: side(ns[1] ?? 0), mark: { at: 0, is: 'event' } } as const;
  const { fromNs, toNs } = windowOf(update({ ...modelOf(undefined), packet }, { do: 'parting' }));
  return (((ns[n] ?? 0) - fromNs) / (toNs - fromNs)) * width;
}
