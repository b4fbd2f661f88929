// Virtio: Run Experiment… in the real workbench: a table in a tab, rows to debug, cancelling, and the tab after a reload.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inSequence } from '../support/in-sequence';
import { packagedExtension } from './package';
import { useWorkbench } from './workbench';

const SCENARIO = {
  version: 1,
  name: 'Two packets',
  driver: { bundled: 'virtio_net-2.6.31' },
  traffic: [{ kind: 'tx', count: 2 }],
};
const OWN = {
  version: 1,
  name: 'My own experiment',
  description: 'Few packets and more of them.',
  packets: 'tx',
  variants: [
    { name: 'few', scenario: 'two.virtio.json' },
    { name: 'more', scenario: 'two.virtio.json', set: { 'traffic[0].count': 20 } },
  ],
  charts: [{ title: 'Kicks', y: 'kicks' }],
  expect: [{ order: 'exits', is: '<' }],
};
const LONG = {
  ...OWN,
  name: 'My long experiment',
  variants: [{ name: 'long', scenario: 'two.virtio.json', set: { 'traffic[0].count': 100_000_000 } }],
  expect: [],
};

describe('an experiment in the workbench', function () {
  this.timeout(180_000);
  inSequence(this);
  const folder = mkdtempSync(join(tmpdir(), 'virtio-lab-experiment-'));
  const write = (name: string, value: unknown): void =>
    writeFileSync(join(folder, name), JSON.stringify(value, null, 2));
  write('two.virtio.json', SCENARIO);
  write('own.virtio-experiment.json', OWN);
  write('long.virtio-experiment.json', LONG);
  const workbench = useWorkbench(() => ({ folder, vsix: packagedExtension() }));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const rows = (): Promise<string[]> => workbench().webview().locator('tbody th.name').allInnerTexts();

  it('shows a table and a chart of what was picked', async () => {
    const w = workbench();
    await w.command('Virtio: Run Experiment…');
    await w.offers('Host TX timer: latency against exits');
    await w.pick('My own experiment');
    const page = w.webview();
    await page.locator('tbody tr').first().waitFor({ timeout: 60_000 });
    await w.until(async () => (await rows()).join() === 'few,more', 'the rows stand in the order of the file');
    await page.getByText('Everything expected holds.').waitFor();
    assert.equal(await page.locator('figure rect').count(), 2);
    await page.getByRole('button', { name: 'exits', exact: true }).press('Enter');
    await w.until(async () => (await rows()).join() === 'more,few', 'the rows are sorted by exits');
    await w.screenshot('experiment');
  });

  const markdown = async (): Promise<string> => {
    const w = workbench();
    await w.page.evaluate(() => navigator.clipboard.writeText(''));
    await w.webview().getByRole('button', { name: 'Copy as Markdown' }).click();
    await w.page.locator('.statusbar-item', { hasText: 'The table is in the clipboard' }).waitFor();
    return w.page.evaluate(() => navigator.clipboard.readText());
  };
  let copied = '';

  it('copies the table as Markdown', async () => {
    const w = workbench();
    await w.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    copied = await markdown();
    assert.match(copied, /^## My own experiment\n[^]*\| more \| \d/);
  });

  it('is there again after the window was reloaded', async () => {
    const w = workbench();
    await w.reload();
    const page = w.webview();
    await page.locator('tbody tr').first().waitFor({ timeout: 60_000 });
    assert.deepEqual((await rows()).sort(), ['few', 'more']);
    assert.equal(await markdown(), copied, 'what was kept is copied, without running it again');
  });

  it('debugs a row as a scenario of its own', async () => {
    const w = workbench();
    await w.webview().getByRole('button', { name: 'Debug more' }).click();
    await w.waitForStop();
    assert.equal(await w.activeFile(), 'virtio_net-2.6.31.c');
    await w.step('Stop');
    await w.page.locator('.debug-toolbar').waitFor({ state: 'hidden' });
  });

  it('is cancelled while it runs', async () => {
    const w = workbench();
    await w.command('View: Close All Editors');
    await w.command('Virtio: Run Experiment…');
    // what ran last comes first, over a reload too
    await w.quickPickRows().first().filter({ hasText: 'My own experiment' }).waitFor();
    await w.pick('My long experiment');
    const page = w.webview();
    await page.getByText('0 of 1 rows: long').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('The run was cancelled.').waitFor({ timeout: 2000 });
  });

  it('logs no error on the page', () => {
    assert.deepEqual(workbench().errors(), []);
  });
});
