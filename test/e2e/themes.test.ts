// The real workbench in each kind of theme: every part of the panel, the marks in the editor, trees, hovers and the walkthrough are there, and nothing is objected to.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { violations } from './axe';
import { faint } from './contrast';
import { packagedExtension } from './package';
import { useWorkbench } from './workbench';
import { inSequence } from '../support/in-sequence';

/** VS Code's own theme of each kind, and the class that it puts on a webview's body. */
const KINDS = [
  ['Light Modern', 'vscode-light'],
  ['Dark Modern', 'vscode-dark'],
  ['Dark High Contrast', 'vscode-high-contrast'],
  ['Light High Contrast', 'vscode-high-contrast-light'],
] as const;

/** What a developer must see at a glance, by an element that only a drawn part has. */
const PARTS = {
  ring: '#circle .slot',
  hands: '.hands .hand-name',
  'what just changed': '#changes-0 .src',
  'why nothing moves': '.sentence .clause',
  'a pending skb': '#skbs-0',
  'its bytes, decoded': '.packet .packet-field',
  notifications: '.notify b',
  timeline: '#timeline .tl-record',
  memory: '#memory-0 .f',
  threads: '.threads li',
  device: '.device dd',
};

describe('the themes of the workbench', function () {
  this.timeout(180_000);
  inSequence(this);
  const folder = mkdtempSync(join(tmpdir(), 'virtio-lab-themes-'));
  const hovered = {
    version: 1,
    name: 'Hovered',
    driver: { bundled: 'virtio_net-2.6.31' },
    device: { features: ['VIRTIO_NET_F_MAC'] },
  };
  writeFileSync(join(folder, 'hover.virtio.json'), JSON.stringify(hovered, null, 2));
  const workbench = useWorkbench(() => ({
    folder,
    vsix: packagedExtension(),
    viewport: { width: 1440, height: 1500 },
    settings: { 'editor.minimap.enabled': false },
  }));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const choose = async (theme: string, kind: string): Promise<void> => {
    const w = workbench();
    await w.command('Preferences: Color Theme');
    await w.page.locator('.quick-input-widget input[type=text]').fill(theme);
    await w.quickPickRows().filter({ hasText: theme }).first().waitFor();
    await w.page.keyboard.press('Enter');
    await w.webview().locator(`body.${kind}`).waitFor();
  };
  const pane = (name: string): Locator =>
    workbench().page.locator('.pane', { has: workbench().page.locator('.pane-header', { hasText: name }) });
  /** Texts and icons of ours that are there, and easy to see. */
  const clear = async (parts: Locator): Promise<void> => {
    await parts.first().waitFor({ timeout: 10_000 });
    let found = await faint(parts);
    // a hover fades in
    const settled = async (): Promise<boolean> => (found = await faint(parts)).faint.length === 0;
    await workbench()
      .until(settled, 'all is easy to see', 3000)
      .catch(() => assert.deepEqual(found.faint, []));
    assert.ok(found.measured > 0, 'nothing to measure');
  };

  it('have a session that has kicked, with an skb selected and the memory unfolded', async () => {
    const w = workbench();
    await w.runScenario('TX: one packet, QEMU 150 µs timer');
    await w.position();
    await w.breakOn('Kick');
    await w.move('Continue');
    await w.move('Step Out');
    await w.move('Step Out');
    await w.webview().locator('#skbs-0').click();
    await w
      .webview()
      .getByRole('button', { name: /Memory/ })
      .click();
  });

  for (const [theme, kind] of KINDS)
    it(`show every part: ${theme}`, async () => {
      const w = workbench();
      await choose(theme, kind);
      for (const [part, selector] of Object.entries(PARTS))
        await w
          .webview()
          .locator(selector)
          .first()
          .waitFor({ timeout: 10_000 })
          .catch(() => assert.fail(`${part} is not there: ${selector}`));
      // a mark at the line that kicked, and values at the lines: what decorations add is in the page's style
      await w.until(
        async () =>
          /1.kick/.test(
            await w.page
              .locator('.view-line span')
              .evaluateAll((spans) => spans.map((span) => getComputedStyle(span, '::after').content).join(' ')),
          ),
        'a mark at the line that kicked',
      );
      const { faint: lines } = await faint(w.page.locator('.view-line'));
      assert.deepEqual(
        lines.filter((line) => /\bkick/.test(line)),
        [],
      );
      const hex = w.webview().getByRole('button', { name: 'Open in Hex Editor' });
      const cut = await hex.evaluate(({ parentElement: p }) => p !== null && p.scrollWidth > p.clientWidth);
      assert.equal(cut, false, 'the way to the hex view is in view');
      const inside = await w.page.frameLocator('iframe.webview.ready').locator('iframe#active-frame').elementHandle();
      const frame = await inside?.contentFrame();
      assert.ok(frame);
      assert.deepEqual(await violations(frame), []);
      await w.screenshot(`theme ${theme}`);
    });

  it('have a session that found something, with its trees', async () => {
    const w = workbench();
    await w.step('Stop');
    await w.webview().getByText('No machine is running').waitFor();
    await w.breakOn('Kick', false);
    await w.runScenario('Faulty: a driver kicks only if its ring was empty');
    await w.position();
    await w.move('Continue');
    await w.page.locator('.activitybar [aria-label^="Virtio"]').first().click();
  });

  for (const [theme, kind] of KINDS)
    it(`show trees, hovers and the walkthrough: ${theme}`, async () => {
      const w = workbench();
      await choose(theme, kind);
      await w.openFile('hover.virtio.json');
      for (const name of ['Scenarios', 'Queues', 'Findings']) await clear(pane(name).locator('.monaco-list-row'));
      await w.page.locator('.view-line span', { hasText: 'VIRTIO_NET_F_MAC' }).last().hover();
      const hover = w.page.locator('.monaco-hover', { hasText: 'section 5.1.3' });
      await clear(hover.locator('.hover-contents'));
      await w.screenshot(`theme ${theme}, trees and hover`);
      await w.command('Virtio: Your First Packet (Walkthrough)');
      await clear(w.page.locator('.gettingStartedContainer .getting-started-step'));
      await w.screenshot(`theme ${theme}, walkthrough`);
      await w.command('View: Close Editor');
    });

  it('leave no error on the page, and nothing against its content security policy', () => {
    assert.deepEqual(workbench().errors(), []);
    assert.deepEqual(workbench().policyMessages(), []);
  });
});
