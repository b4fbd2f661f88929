// A person's first half hour, in the real workbench on the packaged extension: a packet stepped forward and back, and a driver changed.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/lib/project.mjs';
import { lineOf } from '../support/source-lines';
import { inSequence } from '../support/in-sequence';
import { packagedExtension } from './package';
import { normal, useWorkbench, type Workbench } from './workbench';

const DRIVER = 'virtio_net-2.6.31';
const SCENARIO = 'TX: one packet, QEMU 150 µs timer';

const DRIVER_FILE = join(root, `drivers/virtio_net/${DRIVER}.c`);
const RING_FILE = join(root, 'drivers/lib/drivers/virtio/virtio_ring.c');
const HOST_FILE = join(root, 'src/device/hosts/qemu-timer.ts');
const FIRST_LINE = lineOf(DRIVER_FILE, 'netdev_priv(dev)', 'static int start_xmit');

/** What is the same wherever one came from: all of the panel but the way to this place, and the variables. */
async function picture(w: Workbench): Promise<Record<string, string>> {
  const text = async (selector: string): Promise<string> => normal(await w.webview().locator(selector).innerText());
  return {
    time: await text('.now b'),
    sentence: await text('.sentence'),
    progress: await text('.line'),
    descriptors: await text('#grid-desc'),
    avail: await text('.avail .fields'),
    used: await text('.used .fields'),
    skbs: await w.panelText('Pending skbs'),
    device: await w.panelText('Device and interface'),
    stack: (await w.callStack())
      .map(normal)
      .filter((row) => /:\d+$/.test(row))
      .join(' | '),
    variables: normal((await w.page.locator('.debug-variables .monaco-list-row').allInnerTexts()).join(' | ')),
  };
}

describe('the story', function () {
  this.timeout(120_000);
  inSequence(this);
  const folder = mkdtempSync(join(tmpdir(), 'virtio-lab-story-'));
  cpSync(join(root, 'demo'), folder, { recursive: true });
  const workbench = useWorkbench(() => ({
    folder,
    vsix: packagedExtension(),
    viewport: { width: 1440, height: 900 },
    settings: { 'editor.minimap.enabled': false },
  }));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const variable = async (name: string, value: RegExp): Promise<void> =>
    workbench().until(async () => value.test(await workbench().variableValue(name)), `${name} is ${String(value)}`);
  const frames = async (): Promise<string[]> =>
    (await workbench().callStack()).map((row) => row.split('\n')[0]?.trim() ?? '');

  let entry: Record<string, string>;

  describe('a scenario from the palette', () => {
    it('opens the driver, stopped at the first line of start_xmit', async () => {
      const w = workbench();
      await w.runScenario(SCENARIO, (line) => line === FIRST_LINE);
      assert.equal(await w.activeFile(), `${DRIVER}.c`);
    });

    it('shows both queues beside it', async () => {
      const w = workbench();
      await w.position();
      assert.match(normal(await w.webview().locator('#tab-rx').innerText()), /^rx 256 in flight$/);
      assert.match(normal(await w.webview().locator('#tab-tx').innerText()), /^tx none in flight$/);
      // the editor keeps the focus, and its place
      assert.equal(await w.activeFile(), `${DRIVER}.c`);
      await w.webview().getByText('Table', { exact: true }).click();
      await w.webview().locator('#grid-desc').waitFor();
    });

    it('shows the vCPU’s stack and the host’s threads', async () => {
      const w = workbench();
      const all = await frames();
      assert.equal(all[0], 'vCPU 0');
      assert.equal(all[1], 'start_xmit');
      for (const name of ['dev_hard_start_xmit', '__qdisc_run', 'dev_queue_xmit'])
        assert.ok(all.includes(name), `${name} in ${all.join(', ')}`);
      // a list draws only the rows in view
      await w.page.locator('.debug-call-stack .monaco-list').hover();
      await w.page.mouse.wheel(0, 1000);
      await w.until(async () => (await frames()).includes('QEMU main loop'), 'the host’s threads are listed');
      assert.ok((await frames()).includes('QEMU vCPU thread'));
      await w.page.mouse.wheel(0, -1000);
      await w.until(async () => (await frames())[0] === 'vCPU 0', 'the top of the Call Stack is in view again');
    });

    it('shows locals, with the members of a struct behind a pointer', async () => {
      const w = workbench();
      await variable('dev', /^0x[0-9a-f]+/);
      const twistie = w.variable('skb').first().locator('.monaco-tl-twistie');
      await twistie.click();
      await w.variable('len').first().waitFor();
      assert.equal(await w.variableValue('len'), '64');
      await w.screenshot('story 1 entry');
      await twistie.click();
      await w.variable('len').waitFor({ state: 'detached' });
      entry = await picture(w);
    });
  });

  describe('the way of a packet', () => {
    it('steps over and into, from start_xmit to the ring', async () => {
      const w = workbench();
      const stepTo = async (button: 'Step Over' | 'Step Into', line: number): Promise<void> => {
        for (let steps = 0; (await w.move(button)) !== line; steps++)
          assert.ok(steps < 12, `line ${line} is not reached: now in ${(await frames())[1]}`);
      };
      await stepTo('Step Over', lineOf(DRIVER_FILE, 'if (xmit_skb(vi, skb) != 0)', 'static int start_xmit'));
      await w.move('Step Into');
      assert.deepEqual((await frames()).slice(1, 3), ['xmit_skb', 'start_xmit']);
      await stepTo('Step Over', lineOf(DRIVER_FILE, 'add_buf(', 'static int xmit_skb'));
      await w.move('Step Into');
      assert.deepEqual((await frames()).slice(1, 4), ['vring_add_buf', 'xmit_skb', 'start_xmit']);
      assert.equal(await w.activeFile(), 'virtio_ring.c');
      await stepTo('Step Over', lineOf(RING_FILE, 'if (vq->num_free < out + in)', 'static int vring_add_buf'));
    });

    it('hovers whole expressions', async () => {
      const w = workbench();
      const name = w.page
        .locator('.view-line')
        .filter({ hasText: /vq->num_free\s<\sout/ })
        .first()
        .locator('span', { hasText: /^num_free$/ })
        .last();
      const hover = w.page.locator('.debug-hover-widget');
      // by its command: which of VS Code's two hovers the pointer gets is a race right after a stop in another file
      await name.click();
      await w.command('Debug: Show Hover');
      await hover.waitFor();
      assert.match(normal(await hover.innerText()), /256/);
      await w.screenshot('story 2 hover');
      await w.page.keyboard.press('Escape');
      await hover.waitFor({ state: 'hidden' });
    });

    it('tells at each stop what changed and who changed it', async () => {
      const w = workbench();
      await w.move('Step Out');
      await w.breakOn('Kick');
      await w.move('Continue');
      assert.match(
        (await frames()).join(' '),
        /^vCPU 0 (--- VM exit, served by QEMU vCPU thread --- )?vm_notify vring_kick start_xmit/,
      );
      const changes = await w.panelText('What changed');
      assert.match(changes, /avail\.idx 0 → 1 virtio_ring\.c:\d+/);
      await w.screenshot('story 3 kick');
    });

    it('shows that the kick is a VM exit in which the host arms its timer', async () => {
      const w = workbench();
      const back = lineOf(RING_FILE, 'vq->notify(&vq->vq);', 'static void vring_kick');
      await w.move('Step Out');
      assert.ok(Math.abs(((await w.stoppedLine()) ?? 0) - back) <= 3);
      assert.match(
        await w.panelText('What changed'),
        new RegExp(`used\\.flags 0x0 → 0x1 qemu-timer\\.ts:${lineOf(HOST_FILE, "notification('tx', false)")} `),
      );
      assert.match(normal(await w.webview().locator('.sentence').innerText()), /tx_timer fires in .* NO_NOTIFY/);
      assert.match(await w.panelText('Device and interface'), /tx_timer \(tx\) fires in 149\.\d µs/);
    });

    it('goes on to the timer, the frame, the used entry and the interrupt', async () => {
      const w = workbench();
      await w.breakOn('Kick', false);
      await w.breakOn('Interrupt');
      await w.move('Continue');
      const changes = await w.panelText('What changed');
      assert.match(changes, /used\.idx 0 → 1 qemu-net\.ts:\d+ .*used\.ring\[0\]\.len 0 → 76.*used\.flags 0x1 → 0x0/);
      assert.match((await frames()).join(' '), /QEMU main loop/);
      await w.breakOn('Interrupt', false);
      await w.screenshot('story 4 interrupt');
    });
  });

  describe('the interrupt', () => {
    it('runs its handler on the vCPU, as a breakpoint there shows', async () => {
      const w = workbench();
      await w.functionBreakpoint('skb_xmit_done');
      await w.move('Continue');
      assert.deepEqual((await frames()).slice(0, 3), ['vCPU 0', 'skb_xmit_done', 'vring_interrupt']);
      assert.match(
        normal(await w.webview().locator('.threads').innerText()),
        /vCPU 0 hardirq context, in skb_xmit_done/,
      );
      await w.screenshot('story 5 handler');
    });

    it('leads to the skb being freed', async () => {
      const w = workbench();
      assert.match(await w.panelText('Pending skbs'), /^Pending skbs 1 skb, and 256 empty buffers/);
      await w.functionBreakpoint('kfree_skb');
      await w.move('Continue');
      assert.deepEqual((await frames()).slice(1, 3), ['kfree_skb', 'free_old_xmit_skbs']);
      await w.move('Step Out');
      assert.match(await w.panelText('Pending skbs'), /^Pending skbs 0 skbs, and 256/);
      await w.screenshot('story 6 freed');
    });
  });

  describe('the way back', () => {
    it('runs in reverse to the breakpoints before, and to where the scenario stopped first', async () => {
      const w = workbench();
      await w.move('Reverse');
      assert.equal((await frames())[1], 'kfree_skb');
      await w.move('Reverse');
      assert.equal((await frames())[1], 'skb_xmit_done');
      assert.equal(await w.move('Reverse'), FIRST_LINE);
    });

    it('finds everything there as it was', async () => {
      await workbench().until(
        async () => (await picture(workbench())).variables === entry.variables,
        'the variables are back',
      );
      assert.deepEqual(await picture(workbench()), entry);
      await workbench().screenshot('story 7 back');
    });

    it('steps back through the same places that it stepped over', async () => {
      const w = workbench();
      const seen: string[] = [];
      const place = async (): Promise<string> => `${await w.position()} ${normal((await w.callStack())[1] ?? '')}`;
      for (let i = 0; i < 3; i++) {
        seen.push(await place());
        await w.move('Step Over');
      }
      for (const expected of seen.reverse()) {
        await w.move('Step Back');
        // `of 32 014`: the run has been further than this
        assert.equal(
          (await place()).replace(/ of [\d ]+(?= start_xmit)/, ''),
          expected.replace(/ of [\d ]+(?= start_xmit)/, ''),
        );
      }
      await w.step('Stop');
      await w.page.locator('.debug-toolbar').waitFor({ state: 'hidden' });
    });
  });

  describe('a driver of one’s own', () => {
    const copy = `${DRIVER}/${DRIVER}.c`;
    it('is copied, changed, compiled and stopped in', async () => {
      const w = workbench();
      // the driver's start frees an skb too, before the scenario's first stop
      await w.page.locator('.pane-header', { hasText: 'Breakpoints' }).hover();
      await w.page.locator('.action-label[aria-label^="Remove All Breakpoints"]').click();
      await w.command('Virtio: Copy Driver to Workspace…');
      await w.pick(DRIVER);
      // the bundled file that was stopped in has the same name: the copy's folder tells them apart
      await w.page.locator('.tab.active .label-description', { hasText: DRIVER }).waitFor();
      await w.insertAfter(FIRST_LINE, 'netif_carrier_on(dev);');
      const before = performance.now();
      await w.page.keyboard.press('F5');
      await w.waitForStop((line) => line === FIRST_LINE);
      console.log(`      F5 to the stop, the change compiled: ${(performance.now() - before).toFixed(0)} ms`);
      await w.position();
      assert.equal(await w.move('Step Over'), FIRST_LINE + 1);
      assert.match(readFileSync(join(folder, copy), 'utf8'), /netif_carrier_on\(dev\);/, 'F5 saves');
      await w.screenshot('story 8 own driver');
    });

    it('is compiled again on a restart', async () => {
      const w = workbench();
      await w.insertAfter(FIRST_LINE, 'netif_carrier_on(dev);');
      const before = performance.now();
      const position = await w.position();
      await w.step('Restart');
      assert.equal(await w.arrival(position), FIRST_LINE);
      console.log(`      Restart to the stop, the change compiled: ${(performance.now() - before).toFixed(0)} ms`);
      await w.move('Step Over');
      assert.equal(await w.move('Step Over'), FIRST_LINE + 2);
      await w.step('Stop');
      await w.page.locator('.debug-toolbar').waitFor({ state: 'hidden' });
    });

    it('that does not compile is in Problems at its line, and nothing starts', async () => {
      const w = workbench();
      await w.insertAfter(FIRST_LINE, 'vi->no_such_member = 1;');
      await w.page.keyboard.press('F5');
      const problem = w.problems().filter({ hasText: 'no_such_member' });
      await problem.waitFor();
      assert.match(normal(await problem.innerText()), new RegExp(`\\[Ln ${FIRST_LINE + 1}, Col \\d+\\]`));
      await w.screenshot('story 9 compile error');
      assert.equal(await w.page.locator('.debug-toolbar').isVisible(), false);
      assert.equal(await w.page.locator('.monaco-dialog-box').count(), 0, 'no dialog is in the way');
    });
  });

  describe('afterwards', () => {
    it('no error is on the page', () => {
      assert.deepEqual(workbench().errors(), []);
      assert.ok(entry);
    });

    it('nothing that a page did was against its content security policy', () => {
      assert.deepEqual(workbench().policyMessages(), []);
    });
  });
});
