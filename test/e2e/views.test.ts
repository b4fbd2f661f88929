// VS Code's own views in the real workbench: activity bar, Testing, status bar, inline values, marks, hovers, walkthrough.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { inSequence } from '../support/in-sequence';
import { normal, useWorkbench } from './workbench';

/** Expects what cannot be: one kick too many. */
const WRONG = {
  version: 1,
  name: 'Wrong',
  driver: { bundled: 'virtio_net-2.6.31' },
  device: { features: ['VIRTIO_NET_F_MAC'] },
  traffic: [{ kind: 'tx', count: 1 }],
  expect: [
    { what: 'packets.tx.sent', value: 1 },
    { what: 'queues.tx.kicks', value: 2 },
  ],
};

/** Two rows, and one thing that holds of them. */
const FEW = {
  version: 1,
  name: 'Few and more',
  description: 'One packet, and two hundred.',
  packets: 'tx',
  variants: [
    { name: 'few', scenario: 'wrong.virtio.json' },
    { name: 'more', scenario: 'wrong.virtio.json', set: { 'traffic[0].count': 200 } },
  ],
  expect: [{ order: 'exits', is: '<' }],
};

/** Does not end by itself. */
const LONG = { ...WRONG, name: 'Long', traffic: [{ kind: 'tx', count: 100_000_000 }] };

describe('VS Code’s own views', function () {
  this.timeout(120_000);
  inSequence(this);
  const folder = mkdtempSync(join(tmpdir(), 'virtio-lab-views-'));
  const file = join(folder, 'wrong.virtio.json');
  writeFileSync(file, JSON.stringify(WRONG, null, 2));
  writeFileSync(join(folder, 'long.virtio.json'), JSON.stringify(LONG, null, 2));
  writeFileSync(join(folder, 'few.virtio-experiment.json'), JSON.stringify(FEW, null, 2));
  const workbench = useWorkbench(() => ({ folder, viewport: { width: 1500, height: 900 } }));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const rows = (pane: string): Locator =>
    workbench()
      .page.locator('.pane', { has: workbench().page.locator('.pane-header', { hasText: pane }) })
      .locator('.monaco-list-row');
  const status = (): Locator => workbench().page.locator('.statusbar-item[id$="virtioLab.position"]');
  const texts = async (locator: Locator): Promise<string[]> => (await locator.allInnerTexts()).map(normal);

  it('lists scenarios, of the workspace and bundled, and says what the other views are for', async () => {
    const w = workbench();
    await w.page.locator('.activitybar [aria-label^="Virtio"]').first().click();
    await rows('Scenarios').filter({ hasText: 'Wrong' }).waitFor();
    const all = await texts(rows('Scenarios'));
    assert.equal(all[0], 'This workspace');
    assert.ok(all.includes('Bundled'), all.join());
    await w.page.locator('.welcome-view', { hasText: 'The queues of a driver appear here' }).waitFor();
    await w.screenshot('views 1 activity bar');
  });

  it('debugs a scenario from its row', async () => {
    const w = workbench();
    const row = rows('Scenarios').filter({ hasText: 'TX: one packet, QEMU' });
    await rows('Scenarios').nth(4).hover();
    await w.page.mouse.wheel(0, 1000);
    await row.hover();
    await row.locator('.action-label[aria-label^="Debug Scenario"]').click();
    await w.waitForStop();
    await w.position();
  });

  it('tells virtual time in the status bar', async () => {
    await workbench().until(async () => (await status().count()) > 0, 'the status bar item');
    assert.match(normal(await status().innerText()), /^1000\.3 µs · tick \d+ \d+$/);
  });

  it('shows values at the line, and marks the lines that kicked', async () => {
    const w = workbench();
    const inline = w.page.locator('.view-line', { hasText: /vi\s=\s0x/ });
    await w.move('Step Over');
    await w.until(async () => (await inline.count()) > 0, 'inline values');
    await w.breakOn('Kick');
    await w.move('Continue');
    await w.breakOn('Kick', false);
    // out of vm_notify() and vring_kick(): the driver's own line is marked, besides the one that writes the register
    await w.move('Step Out');
    await w.move('Step Out');
    // what a decoration adds is no text of the page, but of its style
    const added = (): Promise<string> =>
      w.page
        .locator('.view-line span')
        .evaluateAll((spans) => spans.map((span) => getComputedStyle(span, '::after').content).join(' '));
    await w.until(async () => /1.kick/.test(await added()), 'a mark at the line that kicked');
    await w.screenshot('views 2 values and marks');
  });

  it('shows the queues of the session', async () => {
    const w = workbench();
    await w.page.locator('.activitybar [aria-label^="Virtio"]').first().click();
    await rows('Queues').filter({ hasText: /^tx/ }).first().waitFor();
    const all = await texts(rows('Queues'));
    assert.ok(
      all.some((text) => /^tx ?1 of 256 in flight$/.test(text)),
      all.join('\n'),
    );
    await w.screenshot('views 3 queues');
    await w.step('Stop');
    await w.page.locator('.debug-toolbar').waitFor({ state: 'hidden' });
    await status().waitFor({ state: 'hidden' });
  });

  it('runs a scenario as a test: which expectation fails, at its line', async () => {
    const w = workbench();
    await rows('Scenarios').filter({ hasText: 'TX: one packet, QEMU' }).hover();
    await w.page.mouse.wheel(0, -2000);
    await rows('Scenarios').filter({ hasText: 'Wrong' }).click();
    await w.page.locator('.tab', { hasText: 'wrong.virtio.json' }).waitFor();
    await w.command('Test: Run Tests in Current File');
    const failed = w.page.locator(
      '.test-error-content-widget, .testing-inline-message-severity-0, .test-message-inline-content',
    );
    await failed.first().waitFor();
    await w.screenshot('views 4 test');
    assert.match(normal((await failed.allInnerTexts()).join(' ')), /1 != 2/);
    const results = w.page.locator('.test-output-peek-tree .monaco-list-row');
    await results.filter({ hasText: 'queues.tx.kicks == 2: it is 1' }).first().waitFor();
    await results.filter({ hasText: 'packets.tx.sent == 1' }).waitFor();
  });

  it('cites the specification on hover, in a scenario too', async () => {
    const w = workbench();
    await w.page
      .locator('.view-line', { hasText: 'VIRTIO_NET_F_MAC' })
      .locator('span', { hasText: 'VIRTIO_NET_F_MAC' })
      .last()
      .hover();
    const hover = w.page.locator('.monaco-hover', { hasText: 'section 5.1.3' });
    await hover.waitFor();
    assert.match(normal(await hover.innerText()), /the device’s MAC address/);
  });

  it('runs an experiment as a test, with what each row and all of them were held to', async () => {
    const w = workbench();
    await w.command('View: Show Explorer');
    await w.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'few.virtio-experiment.json' }).click();
    await w.page.locator('.tab.active', { hasText: 'few.virtio-experiment.json' }).waitFor();
    await w.command('Test: Run Tests in Current File');
    const results = w.page.locator('.test-output-peek-tree .monaco-list-row');
    await results.filter({ hasText: 'few: queues.tx.kicks == 2' }).first().waitFor();
    await results.filter({ hasText: 'exits: rising' }).first().waitFor();
    await w.screenshot('views 4b experiment as a test');
  });

  it('gives up a scenario that runs as a test when that is cancelled, and tells it as skipped', async () => {
    const w = workbench();
    await w.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'long.virtio.json' }).click();
    await w.page.locator('.tab.active', { hasText: 'long.virtio.json' }).waitFor();
    await w.command('Test: Run Tests in Current File');
    const results = (icon: string): Locator => w.page.locator(`.test-output-peek-tree .codicon-${icon}`);
    await results('loading').first().waitFor();
    await w.page.locator('.activitybar .action-label[aria-label^="Testing"]').first().click();
    await w.page.locator('.action-label[aria-label^="Cancel Test Run"]').first().click();
    await w.until(async () => (await results('loading').count()) === 0, 'nothing runs any more', 5000);
    await results('testing-skipped-icon').first().waitFor();
    await w.screenshot('views 5 cancelled');
  });

  it('has a walkthrough that begins with a packet', async () => {
    const w = workbench();
    await w.command('Virtio: Your First Packet (Walkthrough)');
    await w.page.getByText('Look at its rings', { exact: true }).first().waitFor();
    await w.screenshot('views 6 walkthrough');
  });

  it('leaves no error on the page', () => {
    assert.deepEqual(workbench().errors(), []);
  });
});
