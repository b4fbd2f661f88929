// The drawn ring in a browser: what stands where, by mouse and by keyboard, at every size; clauses, windows, and decoded bytes.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { makeFrame } from '../support/frames';
import { composePanelState } from '../../src/panel/compose';
import { readSkb } from '../../src/panel/packet/read-skb';
import type { PanelState, ToPanel } from '../../src/panel/protocol';
import { angleOf, makeScale } from '../../webview/ring/scale';
import { HEIGHT, point, TRACKS, WIDTH } from '../../webview/ring/shapes';
import { captured, indirect, largest, PHYS_OFFSET, ringFull, type Scene } from '../support/panel-states';
import { THEMES } from '../support/themes';
import { SHOTS, usePages, type PageOptions } from './pages';
import type { PanelPage } from './panel-browser';

const stateOf = ({ stop, ctx }: Scene): PanelState => composePanelState(stop, ctx);
const message = (scene: Scene): ToPanel => ({ type: 'state', state: stateOf(scene) });

describe('the ring in the panel’s page', function () {
  this.timeout(60_000);
  const openPage = usePages();
  let panel: PanelPage;

  async function open(scene: Scene, options: PageOptions = {}): Promise<void> {
    panel = await openPage(options);
    await panel.post(message(scene));
  }
  const text = (selector: string): Promise<string> => panel.page.locator(selector).first().innerText();
  const active = async (): Promise<string> =>
    (await panel.page.locator('#circle-slot').getAttribute('aria-label')) ?? '';

  /** px of the window where a slot of a ring of 16 is drawn */
  async function placeOf(track: keyof typeof TRACKS, slot: number): Promise<readonly [number, number]> {
    const box = await panel.page.locator('#circle svg').boundingBox();
    assert.ok(box);
    const [inner, outer] = TRACKS[track];
    const [x, y] = point((inner + outer) / 2, angleOf(makeScale(16, { center: 0, span: 12 }), slot + 0.5));
    return [box.x + (x * box.width) / WIDTH, box.y + (y * box.height) / HEIGHT];
  }

  for (const theme of Object.keys(THEMES)) {
    it(`is drawn in ${theme}: owners, hands, chain`, async () => {
      await open(ringFull(), { theme });
      await panel.page.locator('#skbs-3').click();
      await panel.page.locator('.lit-chain .outline').waitFor({ state: 'attached' });
      assert.equal(await panel.page.locator('.lit-chain .link').count(), 2);
      const names = await panel.page.locator('.hand-name').allTextContents();
      assert.deepEqual(names.map((name) => name.replace(/\s+/g, ' ').trim()).sort(), [
        'avail.idx 4',
        'last_avail_idx 0',
        'last_used_idx 65532',
        'used.idx 65535',
      ]);
      // the two sides differ in hue, whatever the theme makes of the colours' names
      const [driver, device] = await Promise.all(
        ['.hand-on-ring.drv', '.hand-on-ring.dev'].map((side) =>
          panel.page
            .locator(`${side} .hand-mark`)
            .first()
            .evaluate((mark) => {
              // through a canvas: a mix of colours computes to no plain rgb()
              const context = document.createElement('canvas').getContext('2d');
              if (!context) return 'no canvas';
              context.fillStyle = getComputedStyle(mark).fill;
              context.fillRect(0, 0, 1, 1);
              const [red = 0, , blue = 0] = context.getImageData(0, 0, 1, 1).data;
              return blue > red ? 'blue' : 'orange';
            }),
        ),
      );
      assert.deepEqual([driver, device], ['blue', 'orange']);
      await panel.page.screenshot({ path: join(SHOTS, `ring ${theme}.png`), fullPage: true });
    });
  }

  it('tells what the pointer is on, and lights up the chain everywhere', async () => {
    await open(ringFull());
    await panel.page.mouse.move(...(await placeOf('desc', 9)));
    await panel.page.locator('.tip').waitFor();
    assert.match(await text('.tip'), /desc\[9\] = \{ addr 0x2081728, len 12, flags NEXT, next 10 \}/);
    assert.match(await text('.tip'), /taken by the device[^]*28 17 08 02[^]*spec 2\.7\.5/);
    await panel.page.locator('#skbs-3.lit').waitFor();
    await panel.page.mouse.move(...(await placeOf('used', 14)));
    await panel.page.locator('#skbs-2.lit').waitFor();
    assert.match(await text('.tip'), /used\.ring\[14\] = \{ id 3, len 110 \}/);
  });

  it('selects by click, shows the chain as boxes, and offers breakpoints by right click', async () => {
    await open(ringFull());
    await panel.page.mouse.click(...(await placeOf('avail', 1)));
    await panel.page.locator('.chain').waitFor();
    assert.match((await text('.chain')).replace(/\s+/g, ' '), /avail\.ring\[1\] A 7 \(12 B\) A 11 \(106 B\)/);
    await panel.page.mouse.click(...(await placeOf('avail', 1)), { button: 'right' });
    await panel.page.locator('.menu [role=menuitem]', { hasText: 'Break on write to avail.ring[1]' }).click();
    const last = (await panel.posted()).at(-1);
    assert.deepEqual(last, { type: 'breakOnWrite', address: 0x10000 + 256 + 4 + 2, size: 2, label: 'avail.ring[1]' });
  });

  it('works by keyboard: slots, tracks, over the wrap, selection, tables and back', async () => {
    await open(ringFull());
    const { page } = panel;
    const circle = page.locator('#circle');
    await circle.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowLeft');
    await page.locator('#circle-slot[aria-posinset="16"]').waitFor({ state: 'attached' });
    assert.match(await active(), /^desc\[15\] = /);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await page.waitForFunction(() =>
      /^used/.test(document.getElementById('circle-slot')?.getAttribute('aria-label') ?? ''),
    );
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction(() =>
      /^avail/.test(document.getElementById('circle-slot')?.getAttribute('aria-label') ?? ''),
    );
    assert.match(await active(), /^avail\.ring\[15\] = 9, taken by the device$/);
    await page.keyboard.press('Enter');
    await page.locator('#circle-slot[aria-selected=true]').waitFor({ state: 'attached' });
    await page.locator('.chain').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.chain').waitFor({ state: 'detached' });
    await page.keyboard.press('t');
    await page.locator('#grid-desc').waitFor();
    assert.equal(await circle.count(), 0);
    await page.keyboard.press('t');
    await circle.waitFor();
  });

  it('has the t of a word typed, not a change of view', async () => {
    await open(ringFull(), { saved: { view: 'table' } });
    await panel.page.locator('vscode-text-field input').focus();
    await panel.page.keyboard.press('t');
    await panel.page.locator('#grid-desc').waitFor();
    assert.equal(await panel.page.locator('#circle').count(), 0);
  });

  for (const [name, scene, width] of [
    ['256', captured, 900],
    ['32768', largest, 900],
    ['32768 in a side bar', largest, 300],
  ] as const) {
    it(`stays readable with ${name} entries`, async () => {
      await open(scene(), { width });
      const nodes = await panel.page.locator('#circle svg *').count();
      assert.ok(nodes < 400, `${nodes} elements`);
      // the lens has cells with their numbers
      assert.ok((await panel.page.locator('.slot-text').count()) >= 16);
      const over = await panel.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(over <= 0, `${over} px too wide`);
      // what stands in the middle stays within the ring
      const reach = await panel.page.locator('.middle text').evaluateAll((texts) =>
        texts.map((text) => {
          const { x, y, width: w, height: h } = (text as SVGTextElement).getBBox();
          return { left: x, right: x + w, top: y, bottom: y + h };
        }),
      );
      const [cx, cy] = point(0, 0);
      for (const { left, right, top, bottom } of reach)
        for (const corner of [
          Math.hypot(left - cx, bottom - cy),
          Math.hypot(right - cx, bottom - cy),
          Math.abs(top - cy),
        ])
          assert.ok(corner < TRACKS.desc[0], JSON.stringify(reach));
      await panel.page.screenshot({ path: join(SHOTS, `ring of ${name}.png`), fullPage: true });
    });
  }

  it('goes with its lens to the slot of the keyboard, and zooms', async () => {
    await open(largest());
    const { page } = panel;
    await page.locator('#circle').focus();
    await page.keyboard.press('PageDown');
    await page
      .locator('.slot-text', { hasText: /^2048$|^2047$|^2046$/ })
      .first()
      .waitFor({ state: 'attached' });
    const cells = (): Promise<number> => page.locator('.slot-text.letter').count();
    const before = await cells();
    await page.keyboard.press('+');
    await page.waitForFunction((n) => document.querySelectorAll('.slot-text.letter').length < n, before);
    await page.keyboard.press('-');
    await page.waitForFunction((n) => document.querySelectorAll('.slot-text.letter').length === n, before);
  });

  it('unfolds the indirect table of the selected chain', async () => {
    await open(indirect());
    await panel.page.mouse.click(...(await placeOf('desc', 4)));
    await panel.page.locator('.chain .fold').click();
    await panel.page.locator('.chain .table-entries').waitFor();
    assert.match((await text('.table-entries')).replace(/\s+/g, ' '), /4\.0 \(12 B\) 4\.1 \(1514 B\) 4\.2 \(64 B, W\)/);
  });

  it('shows without the driver’s debug information what the ring alone tells, and guesses nothing', async () => {
    const { stop, ctx } = ringFull();
    await open({ stop, ctx: { ...ctx, overlay: undefined } });
    const names = (await panel.page.locator('.hand-name').allTextContents()).join(' ');
    assert.doesNotMatch(names, /last_used_idx/);
    assert.match((await panel.page.locator('.middle').textContent()) ?? '', /with the device/);
    assert.match(await text('.own-line'), /own indices are unknown/);
  });

  it('flashes what changed once, in its author’s hue, and not on a hover', async () => {
    await open(ringFull());
    const { page } = panel;
    const flash = page.locator('.changed .flash.dev');
    await flash.waitFor({ state: 'attached' });
    const first = await flash.elementHandle();
    await page.mouse.move(...(await placeOf('desc', 3)));
    await page.locator('.tip').waitFor();
    assert.ok(await first?.evaluate((e) => e.isConnected), 'a hover draws the same element');
    const state = stateOf(ringFull());
    await panel.post({ type: 'state', state: { ...state, position: { tick: 23023, sub: 0 } } });
    assert.equal(await first?.evaluate((e) => e.isConnected), false, 'a new stop flashes anew');
  });

  it('shows the fields that a clause was derived from', async () => {
    await open(ringFull());
    const { page } = panel;
    assert.match(await text('.waits'), /vCPU 0\s*waits for\s*QEMU vCPU thread/);
    await page.locator('.clause', { hasText: '4 exposed buffers' }).hover();
    await page.locator('.post .field.derived').first().waitFor();
    const names = await page.locator('.post .field.derived .name').allTextContents();
    assert.deepEqual(names.sort(), ['avail.idx', 'last_avail_idx']);
    assert.equal(await page.locator('g.hand-on-ring.derived').count(), 2);
    await page.locator('.clause', { hasText: 'skb 25' }).focus();
    await page.locator('#skbs-8.derived').waitFor();
  });

  it('draws the window of an event index, with the formula', async () => {
    await open(captured());
    assert.match(
      await text('.notify'),
      /kick now would be sent[^]*avail_event 1657: \(u16\)\(1658 − 1657 − 1\) = 0 < .* = 1 is true/,
    );
    const line = panel.page.locator('.event-line').first();
    assert.match(((await line.textContent()) ?? '').replace(/\s+/g, ' '), /old 1657 → new 1658/);
    assert.equal(await line.locator('.window.open').count(), 1);
  });

  it('decodes the selected skb’s bytes, and marks the field under the pointer', async () => {
    const { stop, ctx } = ringFull();
    ctx.ram.set(makeFrame(554, 20, 'tx', [0x52, 0x54, 0, 0x12, 0x34, 0x56]), 0x2055_0ca - Number(PHYS_OFFSET));
    await open({ stop, ctx });
    const { page } = panel;
    await page.locator('#skbs-3').click();
    await page.waitForFunction(() => window.posted.some((m) => m.type === 'readSkb' && m.id === 20));
    await panel.post({ type: 'skbBytes', bytes: readSkb(stateOf({ stop, ctx }), 20, ctx) ?? assert.fail() });
    assert.match((await text('.packet h2')).replace(/\s+/g, ' '), /skb 20 desc 9 \(12 B\) desc 10 \(554 B\)/);
    assert.match(await text('.layers'), /virtio-net header[^]*Ethernet[^]*IPv4[^]*UDP[^]*destination port\s*9/);
    await page.locator('.packet-field', { hasText: 'destination port' }).hover();
    await page.locator('.packet-field.lit').waitFor();
    assert.equal((await page.locator('.hex-line span:nth-child(2) mark').allTextContents()).join('').trim(), '00 09');
    // the other way: the byte under the pointer brings its field into view
    const run = await page.locator('.hex-line').nth(2).locator('span').nth(1).boundingBox();
    assert.ok(run);
    await page.mouse.move(run.x + run.width * (10.5 / 16), run.y + 4);
    await page.locator('.packet-field.lit', { hasText: 'destination' }).waitFor();
    await page.screenshot({ path: join(SHOTS, 'packet.png'), fullPage: true });
    await page.locator('.packet .end').click();
    await page.locator('.packet').waitFor({ state: 'detached' });
  });

  it('is the same drawing for the same state and choices', async () => {
    const looks: string[] = [];
    for (let i = 0; i < 2; i++) {
      await open(ringFull());
      if (i === 1) {
        // another way to the same choices
        await panel.page.keyboard.press('t');
        await panel.page.locator('#grid-desc').waitFor();
        await panel.page.keyboard.press('t');
        await panel.page.locator('#circle').waitFor();
      }
      looks.push(await panel.page.locator('#circle').evaluate((e) => e.innerHTML.replace(/<!--.*?-->/g, '')));
      if (i === 0) await panel.close();
    }
    assert.equal(looks[0], looks[1]);
  });

  it('fits into a narrow side bar', async () => {
    await open(ringFull(), { width: 240 });
    const over = await panel.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(over <= 0, `${over} px too wide`);
  });

  it('fits at 200 % zoom', async () => {
    // half the px there are: what a zoom of 200 % leaves of 700
    await open(ringFull(), { width: 350 });
    const over = await panel.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(over <= 0, `${over} px too wide`);
  });
});
