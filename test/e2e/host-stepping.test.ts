// Stepping the host as a person does, in the real workbench: its source opens at its line, with its variables, and the driver is stepped again.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/lib/project.mjs';
import { lineOf } from '../support/source-lines';
import { inSequence } from '../support/in-sequence';
import { packagedExtension } from './package';
import { normal, useWorkbench, type StepButton } from './workbench';

/** The QEMU models' own lines. */
const QEMU_NET = join(root, 'src/device/hosts/qemu-net.ts');
const INTERRUPT = lineOf(QEMU_NET, "?? { do: 'interrupt', queue }");
const FLAGS = lineOf(QEMU_NET, "do: 'readAvailFlags'");
const USE = lineOf(QEMU_NET, "do: 'use', queue: 'tx'");
const SET_IDX = lineOf(QEMU_NET, "do: 'setUsedIdx', queue: 'tx'");

describe('stepping the host in the workbench', function () {
  this.timeout(120_000);
  inSequence(this);
  const folder = mkdtempSync(join(tmpdir(), 'virtio-lab-host-'));
  cpSync(join(root, 'demo'), folder, { recursive: true });
  const workbench = useWorkbench(() => ({
    folder,
    vsix: packagedExtension(),
    viewport: { width: 1440, height: 900 },
    settings: { 'editor.minimap.enabled': false },
  }));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Presses a button, and waits until the editor shows a line of a file as the next one. */
  async function moveTo(button: StepButton, file: string, line: number): Promise<void> {
    const w = workbench();
    const before = await w.position();
    await w.step(button);
    await w.until(async () => (await w.position()) !== before, 'the panel shows another position');
    await w.until(async () => (await w.stoppedLine()) === line, `the arrow is on line ${line}`);
    assert.equal(await w.activeFile(), file);
  }
  const variable = async (name: string, value: RegExp): Promise<void> =>
    workbench().until(async () => value.test(await workbench().variableValue(name)), `${name} is ${String(value)}`);

  it('opens the host’s source where its thread raises an interrupt, with that thread in focus', async () => {
    const w = workbench();
    await w.runScenario('TX: one packet, QEMU 150 µs timer');
    await w.position();
    await w.breakOn('Interrupt');
    await moveTo('Continue', 'qemu-net.ts', INTERRUPT);
    await w.breakOn('Interrupt', false);
    const focused = w.page.locator(
      '.debug-call-stack .monaco-list-row.selected, .debug-call-stack .monaco-list-row.focused',
    );
    assert.match(normal(await focused.first().innerText()), /^virtio_notify/);
    await w.screenshot('host 1 interrupt');
  });

  it('shows the variables of its frame', async () => {
    await variable('queue', /^"tx"$/);
    await variable('last_avail_idx', /^1$/);
  });

  it('steps back through its actions, and forward again', async () => {
    // the event came in the middle of this action: back to where it begins
    await moveTo('Step Back', 'qemu-net.ts', INTERRUPT);
    await moveTo('Step Back', 'qemu-net.ts', FLAGS);
    await moveTo('Step Back', 'qemu-net.ts', SET_IDX);
    await moveTo(
      'Step Over',
      'qemu-net.ts',
      lineOf(QEMU_NET, "const idx = (yield { do: 'readAvailIdx', queue: 'tx' })"),
    );
    await moveTo('Step Back', 'qemu-net.ts', SET_IDX);
    await moveTo('Step Back', 'qemu-net.ts', USE);
  });

  it('hovers its variables', async () => {
    const w = workbench();
    await w.page
      .locator('.view-line', { hasText: /num_packets\s>=\sburst/ })
      .first()
      .locator('span', { hasText: /^burst$/ })
      .last()
      .hover();
    const hover = w.page.locator('.debug-hover-widget');
    await hover.waitFor();
    assert.match(normal(await hover.innerText()), /Infinity/);
    await w.page.mouse.move(5, 5);
  });

  it('stops where a condition over its variables holds', async () => {
    const w = workbench();
    await w.page.locator('.editor-group-container.active .view-lines').first().click();
    await w.page.keyboard.press('Control+g');
    await w.page.locator('.quick-input-widget input[type=text]').fill(`:${SET_IDX}`);
    await w.page.keyboard.press('Enter');
    await w.command('Debug: Add Conditional Breakpoint');
    await w.page.locator('.breakpoint-widget .monaco-editor.focused').waitFor();
    await w.page.keyboard.insertText('elem.head === 0 && n.tx_used_idx === 1');
    await w.page.keyboard.press('Enter');
    await w.page.locator('.codicon-debug-breakpoint-conditional').first().waitFor();
    await moveTo('Continue', 'qemu-net.ts', SET_IDX);
    await w.screenshot('host 3 condition');
  });

  it('goes on in the driver, once its frame is chosen', async () => {
    const w = workbench();
    await w.functionBreakpoint('skb_xmit_done');
    await w.step('Continue');
    await w.until(async () => /^virtio_net-2\.6\.31\.c$/.test(await w.activeFile()), 'the driver’s source is open');
    const line = await w.waitForStop();
    await w.step('Step Over');
    await w.waitForStop((l) => l > line);
  });

  it('leaves no error on the page', () => {
    assert.deepEqual(workbench().errors(), []);
    assert.deepEqual(workbench().policyMessages(), []);
  });
});
