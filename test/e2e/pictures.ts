// npm run pictures: the pictures of the README: the real workbench with the packaged extension, stopped at a kick, and the page of two runs compared.
import { copyFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagedExtension } from './package';
import { openPanel } from './panel-browser';
import { Workbench } from './workbench';
import { comparedRuns } from '../support/comparison';
import { launchBrowser } from '../../scripts/lib/browser.mjs';
import { root } from '../../scripts/lib/project.mjs';

const SETTINGS = {
  'workbench.colorTheme': 'Default Dark Modern',
  'editor.minimap.enabled': false,
  'breadcrumbs.enabled': false,
};

/** media/screenshot.png */
async function stoppedAtKick(): Promise<void> {
  const parent = mkdtempSync(join(tmpdir(), 'virtio-lab-pictures-'));
  const folder = join(parent, 'demo');
  cpSync(join(root, 'demo'), folder, { recursive: true });
  const w = await Workbench.open({
    folder,
    vsix: packagedExtension(),
    viewport: { width: 1440, height: 900 },
    settings: SETTINGS,
  });
  try {
    await w.runScenario('TX: one packet, QEMU 150 µs timer');
    await w.position();
    await w.breakOn('Kick');
    await w.move('Continue');
    await w.move('Step Out');
    await w.page.mouse.move(700, 880);
    // the views redraw at their own pace, and the marks of what changed fade in
    await w.page.waitForTimeout(3000);
    copyFileSync(await w.screenshot('screenshot'), join(root, 'media/screenshot.png'));
  } finally {
    await w.close();
    rmSync(parent, { recursive: true, force: true });
  }
}

/** media/compare.png */
async function twoRuns(): Promise<void> {
  const runs = await comparedRuns();
  const browser = await launchBrowser();
  try {
    const shown = await openPanel(browser, { bundle: 'compare', theme: 'dark', width: 1300 });
    const { page } = shown;
    await page.setViewportSize({ width: 1300, height: 820 });
    await shown.post(runs.comparison);
    await shown.post(await runs.packet(runs.comparison.state.first ?? 0));
    await page.getByRole('heading', { name: /^Packet / }).waitFor();
    await page.screenshot({ path: join(root, 'media/compare.png') });
  } finally {
    await browser.close();
  }
}

describe('the pictures', function () {
  this.timeout(300_000);
  it('of a session', stoppedAtKick);
  it('of two runs', twoRuns);
});
