// The headless browser of the tests: Chromium as the system has it, driven by playwright-core.
import { chromium } from 'playwright-core';
import { browserPath } from './system.mjs';

/** @returns {Promise<import('playwright-core').Browser>} */
export function launchBrowser() {
  return chromium.launch({
    executablePath: browserPath(),
    // no requests of the browser's own, and as root in a container there is no sandbox
    args: [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
}
