// What an update costs the ring panel's page: checking, drawing and layout of one message, at 256 entries a ring.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../scripts/lib/browser.mjs';
import { root } from '../scripts/lib/project.mjs';
import { browserPath } from '../scripts/lib/system.mjs';
import { composePanelState } from '../src/panel/compose';
import type { PanelState, ToPanel } from '../src/panel/protocol';
import { captured } from '../test/support/panel-states';
import { Skip, type Part } from './part';

const UPDATES = 200;
const WARM_UP = 20;

/** Of test/e2e/panel-browser.ts, which is compiled with the DOM's types, as nothing here is. */
type OpenPanel = (browser: Browser) => Promise<{
  readonly page: { evaluate<T>(script: string): Promise<T> };
  readonly post: (message: ToPanel) => Promise<void>;
}>;

export const panel: Part = {
  name: 'panel',
  title: `${UPDATES} updates of the ring panel in a browser, rings of 256`,
  async measure() {
    if (browserPath() === undefined) throw new Skip('needs a browser: apt-get install chromium');
    if (!existsSync(join(root, 'dist/webview/panel.js'))) throw new Skip('needs dist/: npm run build');
    const helpers = join(root, 'test/e2e/panel-browser.ts');
    const { openPanel } = (await import(helpers)) as { readonly openPanel: OpenPanel };
    const { stop, ctx } = captured();
    const state = composePanelState(stop, ctx);
    const browser = await launchBrowser();
    try {
      const { page, post } = await openPanel(browser);
      await post({ type: 'state', state });
      // to and fro between two states, so that each update has the same to draw
      const updates = (other: PanelState): Promise<number[]> =>
        page.evaluate<number[]>(
          script([
            { type: 'state', state },
            { type: 'state', state: other },
          ]),
        );
      const step = await updates(changed(state, 1));
      const jump = await updates(changed(state, Infinity));
      const promise = '< 8';
      return [
        { name: 'panel: an index and a chain changed', values: step, unit: 'ms', promise },
        { name: 'panel: every descriptor changed', values: jump, unit: 'ms', promise },
      ];
    } finally {
      await browser.close();
    }
  },
};

/** Text, since the loader's helpers are not in the page. A frame is drawn as soon as it is asked for, so that drawing is timed too. */
const script = (updates: readonly ToPanel[]): string => `(() => {
  const updates = ${JSON.stringify(updates)};
  window.requestAnimationFrame = (draw) => { draw(0); };
  return Array.from({ length: ${UPDATES + WARM_UP} }, (_, i) => {
    const data = updates[i % updates.length];
    const start = performance.now();
    window.dispatchEvent(new MessageEvent('message', { data }));
    document.body.getBoundingClientRect();
    return performance.now() - start;
  }).slice(${WARM_UP});
})()`;

/** The same stop a little later: another index in each queue, and the first `count` descriptors of each changed. */
function changed(state: PanelState, count: number): PanelState {
  const queues = state.queues.map((queue) => ({
    ...queue,
    ring: {
      ...queue.ring,
      avail: { ...queue.ring.avail, idx: (queue.ring.avail.idx + 1) & 0xffff },
      descriptors: queue.ring.descriptors.map((d, i) =>
        i < count ? { ...d, len: d.len + 1, owner: 'taken' as const } : d,
      ),
    },
  }));
  return { ...state, queues, timeNs: state.timeNs + 1000 };
}
