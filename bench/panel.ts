// What an update costs the ring panel's page while stepping and while scrubbing, by size of the rings, over a run of a million events.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { launchBrowser } from '../scripts/lib/browser.mjs';
import { root } from '../scripts/lib/project.mjs';
import { browserPath } from '../scripts/lib/system.mjs';
import { createMachine, type TimelineQuery, type TimelineWindow } from '../src/machine';
import { composePanelState } from '../src/panel/compose';
import { MOVED, type PanelState, type ToPanel } from '../src/panel/protocol';
import { captured, largest } from '../test/support/panel-states';
import { percentile, type Figure } from './figures';
import { costsOf, load, UPDATES, type Costs } from './panel-cost';
import { Skip, type Part } from './part';
import { buildProgram, txSetup } from './workload';

/** two million items of the timeline: a million events and the levels between them */
const PACKETS = 72_000;
const STOPS = 10_000;

/** Of test/e2e/panel-browser.ts, which is compiled with the DOM's types, as nothing here is. */
type OpenPanel = (browser: Browser) => Promise<{
  readonly page: Page;
  readonly post: (message: ToPanel) => Promise<void>;
}>;

/** What the machine says of a long run: how far it is, and the windows that a page asks for. */
interface LongRun {
  readonly events: number;
  readonly endNs: number;
  /** milliseconds that the worker took for each answer */
  readonly answers: { readonly view: readonly number[]; readonly overview: readonly number[] };
  window(query: TimelineQuery): Promise<TimelineWindow>;
  dispose(): Promise<void>;
}

export const panel: Part = {
  name: 'panel',
  title: `${UPDATES} updates of the ring panel in a browser, over a run of a million events`,
  async measure(say) {
    if (browserPath() === undefined) throw new Skip('needs a browser: apt-get install chromium');
    if (!existsSync(join(root, 'dist/webview/panel.js'))) throw new Skip('needs dist/: npm run build');
    const helpers = join(root, 'test/e2e/panel-browser.ts');
    const { openPanel } = (await import(helpers)) as { readonly openPanel: OpenPanel };
    const run = await longRun(say);
    const browser = await launchBrowser();
    try {
      const figures: Figure[] = [];
      const empty = await openPanel(browser);
      await empty.post({ type: 'empty', text: 'nothing' });
      const nothing = await costsOf(empty.page, [[{ type: 'empty', text: 'a' }], [{ type: 'empty', text: 'b' }]]);
      figures.push(...rows('panel: empty, for reference', nothing));
      for (const [entries, promise] of [
        [256, '< 8'],
        [1024, '< 8'],
        [32768, '< 16'],
      ] as const) {
        const state = stateOf(entries);
        const { page, post } = await openPanel(browser);
        await post({ type: 'state', state: { ...state, timeNs: run.endNs, furthest: 1 } });
        await post({
          type: 'timeline',
          name: 'overview',
          window: await run.window({ fromNs: 0, toNs: run.endNs + 1, columns: 350, items: 0 }),
        });
        await page.locator('.tl-plot').waitFor();
        const step = await costsOf(page, await steps(state, run));
        figures.push(...rows(`panel: step, rings of ${entries}`, step, promise));
        const scrub = await costsOf(page, await scrubs(state, run));
        figures.push(...rows(`panel: scrub, rings of ${entries}`, scrub, promise));
        if (entries === 256) figures.push(...(await memory(page, await steps(state, run), say)));
        await page.close();
      }
      const { view, overview } = run.answers;
      return [
        ...figures,
        { name: `timeline: a window of ${run.events} events, in the worker`, values: view, unit: 'ms' },
        { name: 'timeline: the whole run, in the worker', values: overview, unit: 'ms' },
      ];
    } finally {
      await browser.close();
      await run.dispose();
    }
  },
};

/** What is promised is script and layout, the 95th percentile. All that the main thread does stands beside it. */
function rows(name: string, { page, script, layout, tasks }: Costs, promise?: string): Figure[] {
  const p95 = (of: readonly number[]): number[] => [percentile(of, 0.95)];
  return [
    { name: `${name}: script and layout`, values: page, unit: 'ms' },
    { name: `${name}: script and layout, p95`, values: p95(page), unit: 'ms', ...(promise && { promise }) },
    { name: `${name}: of that script, p95`, values: p95(script), unit: 'ms' },
    { name: `${name}: of that style and layout, p95`, values: p95(layout), unit: 'ms' },
    { name: `${name}: all tasks, with painting, p95`, values: p95(tasks), unit: 'ms' },
  ];
}

async function longRun(say: (line: string) => void): Promise<LongRun> {
  const machine = await createMachine(txSetup(await buildProgram(), PACKETS), join(root, 'dist/worker.js'));
  const { events, timeNs } = await machine.start();
  say(`a run of ${events} events, ${(timeNs / 1e6).toFixed(0)} ms of virtual time`);
  const time = async (query: TimelineQuery): Promise<number> => {
    const start = performance.now();
    await machine.timeline(query);
    return performance.now() - start;
  };
  const view: number[] = [];
  const overview: number[] = [];
  for (let i = 0; i < 20; i++) {
    const fromNs = Math.floor((timeNs * i) / 25);
    view.push(await time({ fromNs, toNs: fromNs + 480_000, columns: 500, items: 3000 }));
    overview.push(await time({ fromNs: 0, toNs: timeNs + 1, columns: 350, items: 0 }));
  }
  return {
    events,
    endNs: timeNs,
    answers: { view, overview },
    window: (query) => machine.timeline(query),
    dispose: () => machine.dispose(),
  };
}

/** A stop with rings of this many entries. */
function stateOf(entries: number): PanelState {
  const { stop, ctx } = entries === 256 ? captured() : largest(entries);
  return composePanelState(stop, ctx);
}

/** Two stops in turn, later each time; each comes with the window of the timeline that the page asks for then: two frames. */
async function steps(state: PanelState, run: LongRun): Promise<ToPanel[][]> {
  const updates: ToPanel[][] = [];
  for (const [at, changedEntries] of [
    [run.endNs - 200_000, 1],
    [run.endNs - 100_000, 2],
  ] as const) {
    const view = await run.window({
      fromNs: run.endNs - 400_000,
      toNs: run.endNs + 80_000,
      columns: 500,
      items: 3000,
    });
    updates.push([
      { type: 'state', state: { ...changed(state, changedEntries), timeNs: at, furthest: 1 } },
      { type: 'timeline', name: 'view', window: view },
    ]);
  }
  return updates;
}

/** The playhead goes through what is recorded: nothing new is asked for. */
async function scrubs(state: PanelState, run: LongRun): Promise<ToPanel[][]> {
  const times = Array.from({ length: 16 }, (_, i) => run.endNs - 300_000 + i * 15_000);
  return Promise.resolve(
    times.map((timeNs, i) => [
      {
        type: 'state',
        state: { ...changed(state, 1 + (i % 2)), timeNs, furthest: Number.MAX_SAFE_INTEGER, reason: MOVED },
      },
    ]),
  );
}

/** What the page keeps after many stops. */
async function memory(page: Page, updates: readonly ToPanel[][], say: (line: string) => void): Promise<Figure[]> {
  await load(page, updates);
  const cdp = await page.context().newCDPSession(page);
  const used: number[] = [];
  for (let tenth = 0; tenth < 10; tenth++) {
    // what the page has sent is kept by the test's API, not by the page
    await page.evaluate(`(async () => {
      for (let i = 0; i < ${STOPS / 10}; i++) await window.update(i);
      window.posted.length = 0;
    })()`);
    used.push(await heap(cdp));
  }
  say(`heap after each ${STOPS / 10} stops: ${used.map((n) => n.toFixed(1)).join(', ')} MiB`);
  return [
    { name: `panel: memory after ${STOPS / 10} stops`, values: used.slice(0, 1), unit: 'MiB' },
    { name: `panel: memory after ${STOPS} stops`, values: used.slice(-1), unit: 'MiB', promise: 'the same' },
  ];
}

async function heap(cdp: CDPSession): Promise<number> {
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  return usedSize / 2 ** 20;
}

/** The same stop a little later: another index in each queue, and the first `count` descriptors of each changed. */
function changed(state: PanelState, count: number): PanelState {
  const queues = state.queues.map((queue) => ({
    ...queue,
    ring: {
      ...queue.ring,
      avail: { ...queue.ring.avail, idx: (queue.ring.avail.idx + count) & 0xffff },
      descriptors: queue.ring.descriptors.map((d, i) =>
        i < count ? { ...d, len: d.len + count, owner: 'taken' as const } : d,
      ),
    },
  }));
  return { ...state, queues };
}
