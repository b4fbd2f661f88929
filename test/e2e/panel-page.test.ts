// The ring panel's page in a browser, under its own policy: what it shows, how it is worked, and what it asks for.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { composePanelState } from '../../src/panel/compose';
import type { FromPanel, PanelState, ToPanel } from '../../src/panel/protocol';
import { captured, indirect, largest, ringFull, type Scene } from '../support/panel-states';
import { THEMES } from '../support/themes';
import { SHOTS, usePages, type PageOptions } from './pages';
import type { PanelPage } from './panel-browser';

const message = ({ stop, ctx }: Scene): ToPanel => ({ type: 'state', state: composePanelState(stop, ctx) });

describe('the ring panel’s page', function () {
  this.timeout(60_000);
  const openPage = usePages();
  let panel: PanelPage;

  async function open(scene: Scene, options: PageOptions = {}): Promise<void> {
    panel = await openPage(options);
    await panel.post(message(scene));
  }
  /** the reader has chosen the tables */
  const TABLES = { saved: { view: 'table' } };
  const text = (selector: string): Promise<string> => panel.page.locator(selector).first().innerText();
  /** apart from what the page asks for by itself */
  const asked = async (): Promise<readonly FromPanel[]> =>
    (await panel.posted()).filter((m) => !['ready', 'choices', 'readSkb', 'timeline'].includes(m.type));
  /** the colour a selector's background has, as the browser computes it */
  const ground = (selector: string): Promise<string> =>
    panel.page.locator(selector).evaluate((element) => getComputedStyle(element).backgroundColor);

  for (const theme of Object.keys(THEMES)) {
    it(`takes its colours from the theme: ${theme}`, async () => {
      await open(ringFull(), { theme });
      const expected = await panel.page.evaluate(() => {
        const probe = document.createElement('i');
        probe.style.color = getComputedStyle(document.documentElement).getPropertyValue('--vscode-editor-background');
        document.body.append(probe);
        const { color } = getComputedStyle(probe);
        probe.remove();
        return color;
      });
      assert.equal(await ground('body'), expected);
      await panel.page.screenshot({ path: join(SHOTS, `panel ${theme}.png`), fullPage: true });
    });
  }

  it('says in full that a table is empty, in the narrowest side bar too', async () => {
    const scene = largest();
    await open({ ...scene, stop: { ...scene.stop, changes: [], skbs: [] } }, { width: 280 });
    const cut = await panel.page
      .locator('.none')
      .evaluateAll((all) => all.filter(({ parentElement: p }) => p && p.scrollHeight > p.clientHeight).length);
    assert.equal(cut, 0);
    assert.ok((await panel.page.locator('.none').count()) >= 2);
    const over = await panel.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(over <= 0, `${over} px too wide`);
    await panel.page.screenshot({ path: join(SHOTS, 'panel 280 px.png'), fullPage: true });
  });

  for (const width of [420, 700, 1100, 1600]) {
    it(`fits a width of ${width} px`, async () => {
      await open(captured(), { width });
      const over = await panel.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(over <= 0, `${over} px too wide`);
      await panel.page.screenshot({ path: join(SHOTS, `panel ${width} px.png`), fullPage: true });
    });
  }

  for (const [width, theme] of [
    [1120, 'dark'],
    [1500, 'hc-light'],
  ] as const)
    it(`has its four parts beside each other where it is low and ${width} px wide`, async () => {
      await open(ringFull(), { width, height: 360, theme });
      const boxes = await Promise.all(
        ['.ring', '.changes', '.packets', '#timeline'].map((part) => panel.page.locator(part).first().boundingBox()),
      );
      const sides = boxes.map(
        (box) => [Math.round(box?.x ?? -1), Math.round((box?.x ?? 0) + (box?.width ?? 0))] as const,
      );
      sides.forEach(([left], i) => assert.equal(left, sides[i - 1]?.[1] ?? 0, JSON.stringify(sides)));
      assert.ok(Math.abs((sides.at(-1)?.[1] ?? 0) - width) <= 15, 'they take the whole width');
      for (const box of boxes) assert.ok((box?.y ?? 999) + (box?.height ?? 0) <= 362, JSON.stringify(box));
      assert.ok(((await panel.page.locator('.sentence').boundingBox())?.height ?? 99) < 25, 'one line');
      assert.equal(await panel.page.locator('.line').isVisible(), false);
      const roomOf = async (cell: string): Promise<number> =>
        (await panel.page.locator(cell).boundingBox())?.width ?? 0;
      assert.ok((await roomOf('#changes-1 > span:nth-child(3)')) > 100, 'what changed is to be read');
      assert.ok((await roomOf('#skbs-1 > span:nth-child(6)')) > 80, 'where an skb is, too');
      const over = await panel.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(over <= 0, `${over} px too wide`);
      await panel.page.screenshot({ path: join(SHOTS, `panel low ${theme}.png`) });
    });

  it('shows every part of a stop', async () => {
    await open(ringFull(), TABLES);
    assert.match(await text('#tab-tx'), /tx\s*5 in flight/);
    assert.match(await text('.now'), /1314\.4 µs/);
    assert.match(
      await text('.line'),
      /last_used_idx\s*65532\s*3 used\s*used\.idx\s*65535\s*1 taken\s*last_avail_idx\s*0\s*4 available\s*avail\.idx\s*4/,
    );
    assert.match(await text('.own-line'), /num_added\s*0\s*num_free\s*0\s*free_head\s*0/);
    assert.match(await text('.counters'), /7 kicks\s*17 suppressed, 0\.29 per buffer/);
    assert.equal(await panel.page.locator('#grid-desc .window .row').count(), 16);
    assert.match(await text('#desc-9'), /^9\s*T\s*0x2081728\s*12\s*NEXT\s*10\s*9$/);
    assert.match(await text('#avail-0'), /^0\s*4\s*A\s*last$/);
    assert.match(await text('.avail .fields'), /NO_INTERRUPT/);
    assert.match(await text('#changes-1'), /−0\.7 µs\s*used\.idx\s*65534 → 65535\s*QEMU vCPU thread/);
    assert.match(await text('.notify'), /kick now would be sent[^]*interrupt now would be suppressed/);
    assert.match(
      await text('#skbs-3'),
      /^20\s*554\s*tx\s*UDP 40962 → 9, 512 B\s*T\s*head 9, taken by the device\s*39\.4 µs$/,
    );
    assert.match(await text('.threads'), /in vring_kick[^]*virtio_ring\.c:217[^]*served by QEMU vCPU thread/);
    assert.match(
      await text('.device'),
      /ACKNOWLEDGE DRIVER DRIVER_OK[^]*TX timer \(tx\) fires in 98\.2 µs[^]*stopped, 3 skbs/,
    );
  });

  it('marks changed values with their author, in the tables too', async () => {
    await open(ringFull(), TABLES);
    assert.equal(await panel.page.locator('#used-14 .chg.dev').count(), 2);
    assert.equal(await panel.page.locator('.avail .fields .chg.drv').innerText(), 'NO_INTERRUPT');
    assert.equal(await panel.page.locator('#changes-1 svg[aria-label=device]').count(), 1);
  });

  it('tells changes from before the previous stop apart, in every theme, and says when nothing changed since', async () => {
    const scene = ringFull();
    const changes = scene.stop.changes.map((change) => ({ ...change, timeNs: scene.stop.timeNs - 999_900 }));
    const seenAt = (tick: number): Scene => ({
      stop: { ...scene.stop, changes },
      ctx: { ...scene.ctx, previous: { ...composePanelState(scene.stop, scene.ctx), position: { tick, sub: 0 } } },
    });
    for (const theme of Object.keys(THEMES)) {
      await open(seenAt(scene.stop.position.tick - 4), { theme });
      const look = (row: number): Promise<string> =>
        panel.page.locator(`#changes-${row} > span:nth-child(3)`).evaluate((cell) => getComputedStyle(cell).color);
      assert.notEqual(await look(0), await look(5));
      assert.equal(await panel.page.locator('.changes .chg').count(), 4);
      const when = panel.page.locator('#changes-5 .when');
      assert.ok(
        await when.evaluate((a) => a.parentElement && a.parentElement.scrollWidth <= a.parentElement.clientWidth),
      );
      await panel.close();
    }
    await open(seenAt(scene.stop.position.tick - 1));
    assert.match(await text('.changes h2'), /What changed\s*since the previous stop/);
    await panel.post(
      message({
        ...seenAt(0),
        ctx: seenAt(scene.stop.position.tick - 1).ctx,
        stop: { ...scene.stop, changes: changes.slice(0, -1) },
      }),
    );
    assert.match(await text('.changes h2'), /What changed\s*nothing since the previous stop; before it/);
  });

  it('tells a store that left the value as it was, dim and without a mark', async () => {
    const scene = ringFull();
    const last = scene.stop.changes[5] ?? assert.fail();
    const again = { ...last, field: 'used.flags', before: '0x1', after: '0x1' };
    await open(
      { ...scene, stop: { ...scene.stop, changes: [...scene.stop.changes.slice(0, 5), again, last] } },
      TABLES,
    );
    assert.match(await text('#changes-1'), /used\.flags = 0x1, unchanged\s*QEMU vCPU thread/);
    assert.equal(await panel.page.locator('#changes-1 .chg').count(), 0);
    assert.equal(await panel.page.locator('.used .fields .chg').count(), 1, 'of idx, not of flags');
    const color = (row: number): Promise<string> =>
      panel.page.locator(`#changes-${row} > span:nth-child(3)`).evaluate((cell) => getComputedStyle(cell).color);
    assert.notEqual(await color(0), await color(1));
  });

  it('works by keyboard: tabs, rows, menu', async () => {
    await open(ringFull(), TABLES);
    const { page } = panel;
    await page.locator('#tab-tx').focus();
    await page.keyboard.press('ArrowLeft');
    await page.locator('#tab-rx[aria-selected=true]:focus').waitFor();
    await page.keyboard.press('ArrowRight');
    await page.locator('#grid-desc').focus();
    for (let i = 0; i < 9; i++) await page.keyboard.press('ArrowDown');
    await page.locator('#grid-desc[aria-activedescendant=desc-9]').waitFor();
    await page.keyboard.press('Enter');
    await page.locator('#desc-10[aria-selected=true]').waitFor();
    await page.locator('#skbs-3[aria-selected=true]').waitFor();
    await page.keyboard.press('m');
    await page.locator('.menu [role=menuitem]:focus').waitFor();
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
    assert.equal(await page.locator('.menu :focus').innerText(), 'Break on write to desc[9].addr');
    await page.keyboard.press('Escape');
    await page.locator('.menu').waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'grid-desc');
    await page.keyboard.press('m');
    await page.locator('.menu [role=menuitem]:focus').waitFor();
    await page.keyboard.press('Enter');
    assert.deepEqual(await asked(), [{ type: 'breakOnWrite', address: 0x10000 + 16 * 9, size: 16, label: 'desc[9]' }]);
    await page.locator('#grid-desc').focus();
    await page.keyboard.press('Escape');
    await page.locator('#desc-10[aria-selected=true]').waitFor({ state: 'detached' });
  });

  it('goes to the source and to the moment of a change, and says who wrote a field', async () => {
    await open(ringFull(), TABLES);
    const { page } = panel;
    await page.locator('#changes-6 .src').click();
    await page.locator('#changes-1 .when').click();
    await page.locator('.used .fields .field', { hasText: 'idx' }).click();
    await page.locator('.menu [role=menuitem]', { hasText: 'Who last wrote' }).click();
    await page.locator('.own-line .field', { hasText: 'num_free' }).click();
    await page.locator('.menu [role=menuitem]', { hasText: 'Break on write' }).click();
    assert.deepEqual(await asked(), [
      { type: 'openSource', path: '/project/driver/virtio_ring.c', line: 217 },
      { type: 'goTo', tick: 23020, sub: 0 },
      { type: 'lastWriter', address: 0x11002, size: 2, label: 'used.idx' },
      { type: 'breakOnWrite', address: 0x8008, size: 4, label: 'num_free' },
    ]);
  });

  it('goes to the last and the next change of the selected field by [ and ]', async () => {
    await open(ringFull(), TABLES);
    const { page } = panel;
    await page.locator('#grid-used').focus();
    for (const key of ['ArrowDown', '[', ']']) await page.keyboard.press(key);
    await page.locator('.own-line .field', { hasText: 'num_free' }).focus();
    await page.keyboard.press(']');
    await page.keyboard.press('t');
    await page.locator('#circle').focus();
    await page.keyboard.press('[');
    const watched = (await asked()).map((m) =>
      m.type === 'lastWriter' || m.type === 'nextWriter' ? [m.type, m.label] : m,
    );
    const slot = (await page.locator('#circle-slot').getAttribute('aria-label'))?.split(' ')[0];
    assert.match(slot ?? '', /^desc\[\d+\]$/);
    assert.equal(watched.length, 4);
    assert.deepEqual(watched.slice(2), [
      ['nextWriter', 'num_free'],
      ['lastWriter', slot],
    ]);
    const [back, on] = watched as [string, string][];
    assert.deepEqual([back?.[0], on?.[0], on?.[1]], ['lastWriter', 'nextWriter', back?.[1]]);
    assert.match(back?.[1] ?? '', /^used\.ring\[\d+\]$/);
  });

  it('folds the middle of a long list of skbs, and shows it on demand', async () => {
    const { stop, ctx } = ringFull();
    const last = stop.skbs.at(-1) ?? assert.fail('no skb');
    const more = Array.from({ length: 500 }, (_, i) => ({ ...last, id: 100 + i }));
    await open({ stop: { ...stop, skbs: [...stop.skbs, ...more] }, ctx });
    const rows = async (): Promise<number> =>
      Number(await panel.page.locator('#grid-skbs').getAttribute('aria-rowcount')) - 1;
    assert.equal(await rows(), 41);
    await panel.page.locator('#grid-skbs').focus();
    for (let i = 0; i < 20; i++) await panel.page.keyboard.press('ArrowDown');
    assert.match(await text('.skb-fold'), /^469 skbs between/);
    await panel.page.locator('#grid-skbs').screenshot({ path: join(SHOTS, 'skbs folded.png') });
    await panel.page.keyboard.press('Enter');
    await panel.page.locator('.skb-fold').waitFor({ state: 'detached' });
    assert.equal(await rows(), 509);
  });

  it('leads to the lines where a host thread stands, by keyboard too', async () => {
    const { stop, ctx } = ringFull();
    const frames = [
      { function: 'flush', file: 'qemu-net.ts', line: 88, locals: {} },
      { function: 'vcpuThread', file: 'qemu-timer.ts', line: 41, locals: {} },
    ];
    const threads = stop.threads.map((thread) => (thread.kind === 'host' ? { ...thread, frames } : thread));
    await open({ stop: { ...stop, threads }, ctx: { ...ctx, hostPath: (file) => `/lab/hosts/${file}` } });
    assert.match(await text('.threads'), /in flush qemu-net\.ts:88\s+called by vcpuThread qemu-timer\.ts:41/);
    await panel.page.locator('.threads .src', { hasText: 'qemu-timer' }).click();
    await panel.page.locator('.threads .src', { hasText: 'qemu-net' }).focus();
    await panel.page.keyboard.press('Enter');
    assert.deepEqual(await asked(), [
      { type: 'openSource', path: '/lab/hosts/qemu-timer.ts', line: 41 },
      { type: 'openSource', path: '/lab/hosts/qemu-net.ts', line: 88 },
    ]);
  });

  it('shows a hovered chain in every table', async () => {
    await open(ringFull(), TABLES);
    await panel.page.locator('#avail-1').hover();
    const lit = panel.page.locator('.row.lit');
    await lit.first().waitFor();
    assert.deepEqual(await lit.evaluateAll((rows) => rows.map((row) => row.id)), [
      'desc-7',
      'desc-11',
      'avail-1',
      'skbs-5',
    ]);
  });

  it('folds an indirect table out in place', async () => {
    await open(indirect(), TABLES);
    const { page } = panel;
    await page.locator('#grid-desc').focus();
    for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await page.locator('#desc-7.sub').waitFor();
    assert.match(await text('#desc-5'), /^4\.0\s*A\s*0x2030000\s*12\s*NEXT\s*1$/);
    assert.match(await text('#desc-7'), /^4\.2\s*A\s*0x2032000\s*64\s*WRITE\s*3$/);
    await page.keyboard.press('ArrowLeft');
    await page.locator('#desc-7.sub').waitFor({ state: 'detached' });
  });

  it('filters by owner and jumps to a descriptor in a ring of 32768, drawing only what is in view', async () => {
    await open(largest(), TABLES);
    const { page } = panel;
    assert.ok((await page.locator('.row').count()) < 120);
    const field = page.locator('vscode-text-field input');
    await field.fill('20000');
    await field.press('Enter');
    await page.locator('#desc-20000[aria-selected=true]').waitFor();
    assert.match(await text('#desc-20000'), /^20000\s*T/);
    assert.ok(await page.locator('#desc-20000').isVisible());
    await page.locator('vscode-dropdown').click();
    await page.locator('vscode-option', { hasText: 'T taken' }).click();
    await page.locator('#desc-1').waitFor({ state: 'detached' });
    assert.match(await text('#desc-0'), /^20000\s*T/);
  });

  it('shows the owners of a whole ring beside the descriptor table, and scrolls there by mouse and keyboard', async () => {
    await open(largest(), TABLES);
    const { page } = panel;
    const map = page.getByRole('slider', {
      name: /^Rows in view, of 32[^0-9]768: 1 taken by the device, 32[^0-9]767 avail/,
    });
    assert.equal(await map.locator('path.taken').count(), 1);
    await page.locator('section.desc').screenshot({ path: join(SHOTS, 'owner map.png') });
    const over = await page.locator('#grid-desc').evaluate((table) => table.scrollWidth - table.clientWidth);
    assert.ok(over <= 0, `the table is ${over} px too wide beside its map`);
    const place = (await map.boundingBox()) ?? assert.fail('no map');
    const mark = (await map.locator('path.taken').boundingBox()) ?? assert.fail('no mark');
    assert.ok(Math.abs((mark.y + mark.height / 2 - place.y) / place.height - 20000 / 32768) < 0.02);
    await map.click({ position: { x: 4, y: place.height / 2 } });
    await page.locator('#desc-16384').waitFor();
    const at = async (): Promise<number> => Number(await map.getAttribute('aria-valuenow'));
    const now = await at();
    assert.ok(Math.abs(now - 16384) < 120, `first row in view: ${now}`);
    const press = async (key: string, first: number): Promise<void> => {
      await map.press(key);
      await page.locator(`[role=slider][aria-valuenow="${first}"]`).waitFor();
    };
    await press('ArrowDown', now + 1);
    await press('PageDown', now + 18);
    await press('PageUp', now + 1);
    await press('ArrowUp', now);
    await press('End', 32768 - 18);
    assert.equal(await map.getAttribute('aria-valuetext'), 'desc[32750] to desc[32767]: 18 available to the device');
    assert.ok(await page.locator('#desc-32767').isVisible());
    await press('Home', 0);
  });

  it('has no map of a table that is in view as a whole', async () => {
    await open(ringFull(), TABLES);
    assert.equal(await panel.page.locator('.owner-map').count(), 0);
  });

  it('writes the indices beside each other in the narrowest side bar, too', async () => {
    const view = (progress: object, avail: number, used: number): ToPanel => {
      const { stop, ctx } = ringFull();
      const state = composePanelState(stop, ctx);
      const queues = state.queues.map((queue) => {
        const { ring } = queue;
        return {
          ...queue,
          ring: { ...ring, progress, avail: { ...ring.avail, idx: avail }, used: { ...ring.used, idx: used } },
        };
      });
      return { type: 'state', state: { ...state, queues } };
    };
    for (const width of [280, 330, 420]) {
      await open(ringFull(), { width });
      for (const [lastUsed, used, lastAvail, avail] of [
        [65520, 65520, 65535, 65535],
        [65520, 65530, 65535, 65535],
        [65520, 65535, 65535, 65535],
        [65520, 65520, 65520, 65535],
        [65520, 65527, 65527, 65535],
      ] as const) {
        await panel.post(view({ lastUsedIdx: lastUsed, lastAvailIdx: lastAvail }, avail, used));
        const boxes = await panel.page.locator('.progress .post').evaluateAll((posts) =>
          posts.map((post) => {
            const { left, right, top } = post.getBoundingClientRect();
            return { left: Math.round(left), right: Math.round(right), top };
          }),
        );
        for (const a of boxes) {
          assert.ok(a.left >= 0 && a.right <= width, `${JSON.stringify(a)} is in view`);
          for (const b of boxes)
            assert.ok(a === b || a.top !== b.top || a.right <= b.left || b.right <= a.left, JSON.stringify(boxes));
        }
        assert.equal(boxes.length, 4);
      }
      await panel.close();
    }
  });

  it('tells each problem of a ring once, and an skb’s number whole', async () => {
    const scene = ringFull();
    const skbs = scene.stop.skbs.map((skb) => ({ ...skb, id: skb.id + 65_000 }));
    await open({ ...scene, stop: { ...scene.stop, skbs } }, { width: 480 });
    const state = composePanelState({ ...scene.stop, skbs }, scene.ctx);
    const [one, two] = ['avail.idx: found 9, expected 8', 'used.idx: found 7, expected 6'];
    const queues = state.queues.map((queue) => ({
      ...queue,
      sentence: `Problem in the ring: ${one}.`,
      ring: { ...queue.ring, problems: [one, two] },
    }));
    await panel.post({ type: 'state', state: { ...state, queues } });
    assert.equal(await text('.problems'), `⚠ ${two}`);
    const cut = await panel.page
      .locator('#skbs-0 > span:nth-child(1)')
      .evaluate((cell) => cell.scrollWidth > cell.clientWidth);
    assert.equal(await text('#skbs-0 > span:nth-child(1)'), '65017');
    assert.equal(cut, false);
  });

  it('announces each stop politely', async () => {
    await open(ringFull());
    const live = panel.page.locator('[role=status][aria-live=polite]');
    assert.match(await live.innerText(), /^Stepped\. tx: vCPU 0 is inside/i);
    await panel.post({ type: 'running' });
    assert.equal(await live.innerText(), 'Running');
    assert.equal(await panel.page.locator('main').getAttribute('aria-busy'), 'true');
  });

  it('names every control and table for a screen reader', async () => {
    await open(ringFull(), TABLES);
    const nameless = await panel.page.evaluate(() =>
      [...document.querySelectorAll('button, [role=grid], [role=img], section, vscode-dropdown, vscode-text-field')]
        .filter((e) => !(e.getAttribute('aria-label') ?? e.textContent)?.trim())
        .map((e) => e.outerHTML.slice(0, 80)),
    );
    assert.deepEqual(nameless, []);
  });

  it('says what to do when there is no machine, and shows an error above the last good state', async () => {
    panel = await openPage();
    await panel.post({ type: 'empty', text: 'Press F5 on a driver.' });
    assert.match(await text('.empty'), /No machine is running\s*Press F5 on a driver\./);
    await panel.post(message(ringFull()));
    await panel.post({ type: 'error', text: 'the worker died' });
    assert.equal(await text('[role=alert]'), 'the worker died');
    assert.equal(await panel.page.locator('#circle').count(), 1);
  });

  it('offers to run again what ran last, by keyboard too, until it runs', async () => {
    panel = await openPage();
    await panel.post({ type: 'empty', text: 'Press F5 on a driver.' });
    const button = panel.page.getByRole('button');
    assert.equal(await button.count(), 0, 'nothing ran yet');
    await panel.post({ type: 'empty', text: 'Press F5 on a driver.', again: 'TX: one packet' });
    await panel.page.getByRole('button', { name: 'Run “TX: one packet” again' }).waitFor();
    await panel.page.keyboard.press('Tab');
    await panel.page.keyboard.press('Enter');
    assert.equal((await panel.posted()).filter(({ type }) => type === 'runAgain').length, 1);
    await panel.post({ type: 'running' });
    assert.match(await text('.empty'), /The machine is starting/);
    assert.equal(await button.count(), 0);
  });

  it('says so when the extension sends what it does not understand', async () => {
    await open(ringFull());
    const { stop, ctx } = ringFull();
    const later = { ...composePanelState(stop, ctx), version: 9 };
    await panel.post({ type: 'state', state: later } as unknown as ToPanel);
    assert.match(await text('[role=alert]'), /state\.state\.version: expected 1, found 9/);
    assert.equal(await panel.page.locator('#circle').count(), 1);
  });

  it('shows text of the driver as text', async () => {
    const { stop, ctx } = ringFull();
    const [first] = stop.skbs;
    assert.ok(first);
    await open({ stop: { ...stop, skbs: [{ ...first, summary: '<img src=x onerror=alert(1)>' }] }, ctx });
    assert.match(await text('#skbs-0'), /<img src=x onerror=alert\(1\)>/);
  });

  it('comes back after a reload as the reader left it', async () => {
    await open(ringFull());
    await panel.page.locator('#tab-rx').click();
    await panel.page.locator('#tab-rx[aria-selected=true]').waitFor();
    await panel.page.locator('.tl-plot').focus();
    await panel.page.keyboard.press('+');
    await panel.page.locator('.tl-readout', { hasText: /^213\.3 µs in view/ }).waitFor();
    const inView = await text('.tl-readout');
    await panel.page.waitForFunction(() => {
      const { timeline } = (window.saved ?? {}) as { timeline?: { fromNs: number; toNs: number } };
      return timeline !== undefined && timeline.toNs - timeline.fromNs < 300_000;
    });
    const saved = await panel.page.evaluate(() => window.saved);
    await panel.close();
    await open(ringFull(), { saved });
    assert.equal(await panel.page.locator('#tab-rx').getAttribute('aria-selected'), 'true');
    assert.equal(await text('.tl-readout'), inView);
  });

  it('gives its choices to a page elsewhere, and takes them over only when it has none of its own', async () => {
    await open(ringFull());
    await panel.page.keyboard.press('t');
    await panel.page.locator('#grid-desc').waitFor();
    const given = (await panel.posted()).findLast((m) => m.type === 'choices');
    assert.ok(given?.type === 'choices' && given.choices['view'] === 'table');
    await panel.close();
    await open(ringFull());
    await panel.post({ type: 'choices', choices: given.choices });
    await panel.page.locator('#grid-desc').waitFor();
    await panel.close();
    await open(ringFull(), { saved: { view: 'circle' } });
    await panel.post({ type: 'choices', choices: given.choices });
    assert.equal(await panel.page.locator('#grid-desc').count(), 0);
  });

  it('moves nothing when motion is to be reduced', async () => {
    await open(ringFull(), { reducedMotion: true });
    await panel.post({ type: 'running' });
    const moving = (): Promise<number> => panel.page.evaluate(() => document.getAnimations().length);
    assert.equal(await moving(), 0);
  });

  it('lists findings with a way to their source and moment', async () => {
    const finding = {
      id: 'leak-1',
      kind: 'leak',
      text: 'skb 25 was never freed',
      position: { tick: 22000, sub: 0 },
      timeNs: 1_303_000,
      site: 0,
    } as const;
    const { stop, ctx } = ringFull();
    await open({ stop: { ...stop, findings: [finding] }, ctx });
    await panel.page.locator('.findings .src').click();
    await panel.page.locator('.findings button').click();
    assert.match(await text('.findings'), /leak-1\s*skb 25 was never freed/);
    assert.deepEqual(await asked(), [
      { type: 'openSource', path: '/project/driver/virtio_net.c', line: 588 },
      { type: 'goTo', tick: 22000, sub: 0 },
    ]);
  });

  it('measures an update at 256 entries (printed, not judged)', async () => {
    await open(captured());
    const a = message(captured());
    assert.ok(a.type === 'state');
    const b: ToPanel = { type: 'state', state: moved(a.state) };
    // the frame is drawn at once, so that checking, drawing and layout are timed as one
    await panel.page.evaluate(
      (json) => Object.assign(window, { updates: JSON.parse(json) as unknown }),
      JSON.stringify([a, b]),
    );
    // as text: the test loader's helpers are not in the page. To the page, undefined says that no frame is waiting
    const times: number[] = await panel.page.evaluate(`
      window.requestAnimationFrame = (draw) => { draw(0); };
      Array.from({ length: 60 }, (_, i) => {
        const data = window.updates[i % 2];
        const start = performance.now();
        window.dispatchEvent(new MessageEvent('message', { data }));
        document.body.getBoundingClientRect();
        return performance.now() - start;
      })`);
    const sorted = times.slice(10).sort((x, y) => x - y);
    const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(2);
    console.log(`      script and layout per update: median ${at(0.5)} ms, p90 ${at(0.9)} ms, most ${at(1)} ms`);
  });
});

/** The same stop a little later: other indices, times and owners, so that much has to be drawn anew. */
function moved(state: PanelState): PanelState {
  const queues = state.queues.map((queue) => ({
    ...queue,
    ring: {
      ...queue.ring,
      avail: { ...queue.ring.avail, idx: (queue.ring.avail.idx + 7) & 0xffff },
      descriptors: queue.ring.descriptors.map((d) => ({ ...d, len: d.len + 1, owner: 'taken' as const })),
    },
  }));
  return { ...state, queues, timeNs: state.timeNs + 1000 };
}
