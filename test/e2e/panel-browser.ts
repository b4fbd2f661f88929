// The lab's built pages in a browser without VS Code: the same HTML and policy, a theme's tokens, and a recorded API.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { root } from '../../scripts/lib/project.mjs';
import { withBytes } from '../../src/panel/ring-bytes';
import { pageHtml } from '../../src/panel/page-html';
import type { FromPanel, ToPanel } from '../../src/panel/protocol';
import type { ToCompare } from '../../src/views/compare/protocol';
import type { ToExperiment } from '../../src/views/experiment/protocol';
import { THEMES } from '../support/themes';
import { FROM_TEXT, toText } from '../support/typed-json';

const ORIGIN = 'http://panel.test';

declare global {
  interface Window {
    posted: FromPanel[];
    saved: unknown;
    /** a message out of its text */
    fromText(text: string): unknown;
  }
}

export interface PanelPage {
  readonly page: Page;
  /** errors of the page: exceptions, console errors, violations of its content security policy */
  readonly errors: readonly string[];
  /** as the extension does; resolves when the page has drawn it */
  post(message: ToPanel | ToExperiment | ToCompare): Promise<void>;
  /** what the page has sent so far, oldest first: the ring panel's messages, or the other page's */
  posted(): Promise<readonly FromPanel[]>;
  close(): Promise<void>;
}

/** A script as text: a function would arrive with helpers that the test loader compiled in. */
const asInVsCode = (look: { readonly kind: string; readonly tokens: unknown }, saved: unknown): string => `
  window.posted = [];
  window.fromText = ${FROM_TEXT};
  window.saved = ${JSON.stringify(saved ?? null)};
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => {
      window.posted.push(message);
      window.answer?.(JSON.stringify(message)).then((json) => json && window.postMessage(JSON.parse(json), '*'));
    },
    getState: () => window.saved,
    setState: (state) => { window.saved = state; },
  });
  new MutationObserver((_, observer) => {
    if (!document.body) return;
    observer.disconnect();
    document.body.className = ${JSON.stringify(look.kind)};
    for (const [name, value] of Object.entries(${JSON.stringify(look.tokens)})) {
      document.documentElement.style.setProperty('--vscode-' + name, value);
    }
  }).observe(document, { childList: true, subtree: true });`;

/** Opens the page in dist/webview and waits until it says that it is ready. */
export async function openPanel(
  browser: Browser,
  options: {
    readonly theme?: string;
    /** which page; default: the ring panel's */
    readonly bundle?: 'panel' | 'experiment' | 'compare';
    readonly width?: number;
    readonly height?: number;
    readonly saved?: unknown;
    readonly reducedMotion?: boolean;
    /** answers what the page asks for while it draws */
    readonly answer?: (message: FromPanel) => Promise<ToPanel | undefined>;
  } = {},
): Promise<PanelPage> {
  const { theme = 'dark', bundle = 'panel', width = 700, height = 1000, saved, reducedMotion = false } = options;
  const page = await browser.newPage({
    viewport: { width, height },
    reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
  });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  const html = pageHtml({
    nonce: 'abc123',
    cspSource: ORIGIN,
    script: `${ORIGIN}/${bundle}.js`,
    style: `${ORIGIN}/${bundle}.css`,
  });
  await page.route(`${ORIGIN}/**`, async (route) => {
    const name = new URL(route.request().url()).pathname;
    if (name === '/') return route.fulfill({ contentType: 'text/html', body: html });
    if (name !== `/${bundle}.js` && name !== `/${bundle}.css`) return route.fulfill({ status: 204 });
    const body = await readFile(join(root, 'dist/webview', name));
    return route.fulfill({ contentType: name.endsWith('.js') ? 'text/javascript' : 'text/css', body });
  });
  const look = THEMES[theme];
  if (!look) throw new Error(`no theme ${theme}: ${Object.keys(THEMES).join(', ')}`);
  const { answer } = options;
  if (answer)
    await page.exposeFunction('answer', async (json: string) =>
      JSON.stringify((await answer(JSON.parse(json) as FromPanel)) ?? null),
    );
  await page.addInitScript({ content: asInVsCode(look, saved) });
  await page.goto(`${ORIGIN}/`);
  await page.waitForFunction(() => window.posted.some((message) => message.type === 'ready'));
  return {
    page,
    errors,
    post: (message) =>
      page.evaluate(
        (json) =>
          new Promise<void>((drawn) => {
            window.postMessage(window.fromText(json), '*');
            // the message is a task, drawing is the next frame: two frames later it is on the screen
            window.addEventListener(
              'message',
              () => requestAnimationFrame(() => requestAnimationFrame(() => drawn())),
              { once: true },
            );
          }),
        toText(bundle === 'panel' ? withBytes(message as ToPanel) : message),
      ),
    posted: () => page.evaluate(() => window.posted),
    close: () => page.close(),
  };
}
