// A stop in the real workbench in each kind of theme: every part of the panel and the marks in the editor are there, and nothing is objected to.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { violations } from './axe';
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
  // the workbench is ready when it lists a file
  writeFileSync(join(folder, 'notes.txt'), 'A workspace.\n');
  const workbench = useWorkbench(() => ({
    folder,
    vsix: packagedExtension(),
    viewport: { width: 1440, height: 1500 },
    settings: { 'editor.minimap.enabled': false },
  }));
  after(() => rmSync(folder, { recursive: true, force: true }));

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
      await w.command('Preferences: Color Theme');
      await w.page.locator('.quick-input-widget input[type=text]').fill(theme);
      await w.quickPickRows().filter({ hasText: theme }).first().waitFor();
      await w.page.keyboard.press('Enter');
      await w.webview().locator(`body.${kind}`).waitFor();
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
      const hex = w.webview().getByRole('button', { name: 'Open in Hex Editor' });
      const cut = await hex.evaluate(({ parentElement: p }) => p !== null && p.scrollWidth > p.clientWidth);
      assert.equal(cut, false, 'the way to the hex view is in view');
      const inside = await w.page.frameLocator('iframe.webview.ready').locator('iframe#active-frame').elementHandle();
      const frame = await inside?.contentFrame();
      assert.ok(frame);
      assert.deepEqual(await violations(frame), []);
      await w.screenshot(`theme ${theme}`);
    });

  it('leave no error on the page, and nothing against its content security policy', () => {
    assert.deepEqual(workbench().errors(), []);
    assert.deepEqual(workbench().policyMessages(), []);
  });
});
