// The timeline in the real workbench: the machine, the editor, the Call Stack and the rings follow its playhead.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/lib/project.mjs';
import { inSequence } from '../support/in-sequence';
import { packagedExtension } from './package';
import { useWorkbench } from './workbench';

describe('the timeline in the workbench', function () {
  this.timeout(120_000);
  inSequence(this);
  const folder = mkdtempSync(join(tmpdir(), 'virtio-lab-timeline-'));
  cpSync(join(root, 'demo'), folder, { recursive: true });
  const workbench = useWorkbench(() => ({
    folder,
    vsix: packagedExtension(),
    viewport: { width: 1440, height: 1000 },
    settings: { 'editor.minimap.enabled': false },
  }));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Waits for the frame: VS Code draws its Call Stack later than the panel, and neither the one from before nor its arrow needs to differ. */
  const innermost = (name: string): Promise<void> =>
    workbench().until(
      async () => (await workbench().callStack())[1]?.split('\n')[0]?.trim() === name,
      `the innermost frame is ${name}`,
    );
  const plot = () => workbench().webview().locator('.tl-plot');
  const playhead = async (): Promise<number> => Number(await plot().getAttribute('aria-valuenow'));
  let entry = 0;

  it('has the run so far, and grows with it', async () => {
    const w = workbench();
    await w.runScenario('TX: one packet, QEMU 150 µs timer');
    await w.position();
    entry = await playhead();
    await w.breakOn('Interrupt');
    await w.move('Continue');
    await w.breakOn('Interrupt', false);
    assert.ok((await playhead()) > entry + 150_000, 'the host’s timer has fired');
    assert.match(
      await w.panelText('Timeline'),
      /process softirq hardirq QEMU vCPU thread QEMU main loop kicks|process softirq hardirq QEMU main loop QEMU vCPU thread kicks/,
    );
  });

  it('leads back to the kick by a key, and editor and stack follow', async () => {
    const w = workbench();
    const before = await w.position();
    await plot().focus();
    await w.page.keyboard.press('Shift+K');
    await w.arrival(before);
    await innermost('vm_notify');
    await w.screenshot('timeline 1 kick');
  });

  it('scrubs: the machine goes where the playhead is dragged', async () => {
    const w = workbench();
    const before = await w.position();
    const from = await playhead();
    await plot().scrollIntoViewIfNeeded();
    const box = (await plot().boundingBox()) ?? assert.fail('the timeline is not in view');
    const y = box.y + Math.min(60, box.height / 2);
    await w.page.mouse.move(box.x + 0.5 * box.width, y);
    await w.page.mouse.down();
    for (const share of [0.45, 0.4, 0.35, 0.3, 0.26])
      await w.page.mouse.move(box.x + share * box.width, y, { steps: 3 });
    await w.page.mouse.up();
    await w.arrival(before);
    let now = -1;
    await w.until(async () => {
      const last = now;
      now = await playhead();
      await w.page.waitForTimeout(600);
      return now === last;
    }, 'the playhead rests');
    assert.ok(now < from, `${now} is before the kick at ${from}`);
    await w.screenshot('timeline 2 scrubbed');
  });

  it('leaves a machine that goes on from there', async () => {
    const w = workbench();
    await w.breakOn('Kick');
    await w.move('Continue');
    // it was before the scenario's first stop
    await innermost('start_xmit');
    await w.move('Continue');
    await w.until(async () => /VM exit.*vm_notify/s.test((await w.callStack()).join(' ')), 'the driver has kicked');
    await w.breakOn('Kick', false);
    const before = await w.position();
    await plot().focus();
    await w.page.keyboard.press('Home');
    await w.arrival(before);
    assert.ok((await playhead()) <= 1, 'the first line of all');
    assert.deepEqual(w.errors(), []);
  });
});
