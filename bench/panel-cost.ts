// What a page's main thread does for each update of the ring panel: script, style and layout by themselves, and all of its tasks.
import type { CDPSession, Page } from 'playwright-core';
import { withBytes } from '../src/panel/ring-bytes';
import type { ToPanel } from '../src/panel/protocol';
import { toText } from '../test/support/typed-json';

export const UPDATES = 200;
/** The engine compiles what it has seen often enough: a page that has just opened is slower than one that is stepped with. */
const WARM_UP = 100;

/** Milliseconds of an update, by what they went into; an entry an update. */
export interface Costs {
  /** script, style and layout: what the page itself asks for */
  readonly page: readonly number[];
  readonly script: readonly number[];
  /** style and layout, wherever they were asked for */
  readonly layout: readonly number[];
  /** all tasks of the main thread: painting too, garbage collection, and what the bench itself costs there */
  readonly tasks: readonly number[];
}

interface Totals {
  readonly script: number;
  readonly layout: number;
  readonly tasks: number;
}

/**
 * CPU time of the page's main thread: other processes do not count. A frame is drawn as soon as it is asked for, so that
 * drawing belongs to the update; an update's messages come in turn, each drawn.
 */
export async function costsOf(page: Page, updates: readonly ToPanel[][]): Promise<Costs> {
  await load(page, updates);
  await page.evaluate(`window.requestAnimationFrame = (draw) => { draw(0); }`);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const costs: Totals[] = [];
  let before = await totals(cdp);
  for (let i = 0; i < UPDATES + WARM_UP; i++) {
    await page.evaluate(`window.update(${i})`);
    const now = await totals(cdp);
    costs.push({
      script: now.script - before.script,
      layout: now.layout - before.layout,
      tasks: now.tasks - before.tasks,
    });
    before = now;
  }
  await cdp.detach();
  const measured = costs.slice(WARM_UP);
  return {
    page: measured.map(({ script, layout }) => script + layout),
    script: measured.map(({ script }) => script),
    layout: measured.map(({ layout }) => layout),
    tasks: measured.map(({ tasks }) => tasks),
  };
}

/** Milliseconds so far. Style and layout that a script asks for are not counted as script again. */
async function totals(cdp: CDPSession): Promise<Totals> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  const ms = (name: string): number => 1000 * (metrics.find((m) => m.name === name)?.value ?? NaN);
  return {
    script: ms('ScriptDuration'),
    layout: ms('RecalcStyleDuration') + ms('LayoutDuration'),
    tasks: ms('TaskDuration'),
  };
}

/** Puts updates into the page, which are then made one after the other by `window.update(i)`: a promise. */
export async function load(page: Page, updates: readonly ToPanel[][]): Promise<void> {
  // Messages are posted, as the extension's are: taking them in is part of an update. Each step is further than the one
  // before: a state that is not would be another run, and the timeline would be dropped.
  await page.evaluate(`window.updates = []; window.tick ??= 1000;
    window.arrived ??= (() => {
      const port = { next: undefined };
      window.addEventListener('message', () => port.next?.());
      return port;
    })();
    window.update = async (i) => {
      for (const data of window.updates[i % window.updates.length]) {
        const { state } = data;
        if (state && state.furthest < Number.MAX_SAFE_INTEGER)
          state.furthest = state.position.tick = ++window.tick;
        const arrived = new Promise((resolve) => { window.arrived.next = resolve; });
        window.postMessage(data, '*');
        await arrived;
      }
      document.body.getBoundingClientRect();
    };`);
  for (const messages of updates)
    await page.evaluate(
      (texts) => {
        const { updates, fromText } = globalThis as unknown as {
          readonly updates: unknown[];
          readonly fromText: (text: string) => unknown;
        };
        updates.push(texts.map((text) => fromText(text)));
      },
      // as text: a large ring as an object takes the driver of the browser seconds
      messages.map((message) => toText(withBytes(message))),
    );
}
