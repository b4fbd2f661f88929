// For suites of pages without VS Code: one browser for all of them; each test's page is closed after it, and has logged no error.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../../scripts/lib/browser.mjs';
import { root } from '../../scripts/lib/project.mjs';
import { openPanel, type PanelPage } from './panel-browser';

/** Where pictures go. */
export const SHOTS = join(root, 'out/shots');

export type PageOptions = NonNullable<Parameters<typeof openPanel>[1]>;

let browser: Promise<Browser> | undefined;
after(async () => (await browser)?.close());

/** For a `describe`. @returns a function that opens a page, for use inside tests */
export function usePages(): (options?: PageOptions) => Promise<PanelPage> {
  const opened: PanelPage[] = [];
  // neither a page nor the toolkit may do what the policy forbids
  afterEach(async () => {
    for (const page of opened.splice(0)) {
      await page.close();
      assert.deepEqual(page.errors, []);
    }
  });
  return async (options = {}) => {
    const page = await openPanel(await (browser ??= launchBrowser()), options);
    opened.push(page);
    return page;
  };
}
