// The ring panel's page under axe-core, in each of VS Code's kinds of theme, in the states that a reader meets.
import assert from 'node:assert/strict';
import { composePanelState } from '../../src/panel/compose';
import { readSkb } from '../../src/panel/packet/read-skb';
import type { ToPanel } from '../../src/panel/protocol';
import { indirect, largest, ringFull, type Scene } from '../support/panel-states';
import { THEMES } from '../support/themes';
import { violations } from './axe';
import { usePages } from './pages';
import type { PanelPage } from './panel-browser';

const stateOf = ({ stop, ctx }: Scene): ToPanel => ({ type: 'state', state: composePanelState(stop, ctx) });

const finding = {
  id: 'leak-1',
  kind: 'leak',
  text: 'skb 25 was never freed',
  position: { tick: 22000, sub: 0 },
  timeNs: 1_303_000,
  site: 0,
} as const;

/** A stop with everything in it: findings, pending skbs, changes, a full ring. */
function full(): Scene {
  const { stop, ctx } = ringFull();
  return { stop: { ...stop, findings: [finding] }, ctx };
}

/** Looks at what is the same in every theme: names, roles, order. */
const SCENES: Readonly<Record<string, readonly ToPanel[]>> = {
  'without a machine': [{ type: 'empty', text: 'Press F5 on a driver.', again: 'TX: one packet' }],
  'a ring of 32768': [stateOf(largest())],
  'an indirect chain, running': [stateOf(indirect()), { type: 'running' }],
};

describe('the ring panel’s page, under axe', function () {
  this.timeout(60_000);
  const openPage = usePages();
  let panel: PanelPage | undefined;

  async function found(theme: string, messages: readonly ToPanel[], view = 'circle'): Promise<string[]> {
    panel = await openPage({ theme, saved: { view } });
    for (const message of messages) await panel.post(message);
    return violations(panel.page);
  }

  for (const theme of Object.keys(THEMES))
    it(`${theme}: a full ring, with a finding, and an error above`, async () => {
      assert.deepEqual(await found(theme, [stateOf(full()), { type: 'error', text: 'the worker died' }]), []);
    });

  for (const theme of ['light', 'hc'])
    it(`${theme}: the same in tables`, async () => {
      assert.deepEqual(await found(theme, [stateOf(full())], 'table'), []);
    });

  it('a ring of 32768 in tables', async () => assert.deepEqual(await found('dark', [stateOf(largest())], 'table'), []));

  it('an skb’s bytes, decoded, and its chain', async () => {
    const { stop, ctx } = full();
    const state = composePanelState(stop, ctx);
    panel = await openPage();
    await panel.post({ type: 'state', state });
    await panel.page.locator('#skbs-3').click();
    await panel.post({ type: 'skbBytes', bytes: readSkb(state, 20, ctx) ?? assert.fail() });
    await panel.page.locator('.packet').waitFor();
    assert.deepEqual(await violations(panel.page), []);
  });

  for (const [name, messages] of Object.entries(SCENES))
    it(name, async () => assert.deepEqual(await found('dark', messages), []));

  it('with its menu open', async () => {
    panel = await openPage({ saved: { view: 'table' } });
    await panel.post(stateOf(ringFull()));
    const { page } = panel;
    await page.locator('#grid-desc').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('m');
    await page.locator('.menu [role=menuitem]:focus').waitFor();
    assert.deepEqual(await violations(page), []);
  });

  it('announces a stop by its reason and the queue’s sentence', async () => {
    panel = await openPage();
    await panel.post(stateOf(ringFull()));
    const said = await panel.page.locator('[aria-live=polite]').first().innerText();
    assert.match(said, /^Stepped/);
  });
});
