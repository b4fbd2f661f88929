// A place in a run, gone back to by another machine: by its position with the edits on the way, or by the n-th pass of a line.
import assert from 'node:assert/strict';
import type { MachineHandle, MachineSetup, ResumedPlace, RunRequest } from '../../../src/machine';
import { eventLine } from '../../../src/machine/event-log';
import type { Program } from '../../../src/toolchain';
import {
  at,
  driverPages,
  firstSite,
  headless,
  logOf,
  machine,
  random,
  rx,
  setup,
  toEnd,
  tx,
  virtioNet,
} from '../../support/machine';

/** The TX ring fills and stops the queue, frames arrive, interrupts nest. */
async function scenario(): Promise<MachineSetup> {
  const driver = await virtioNet();
  return setup(driver, { queues: { rx: 32, tx: 16 }, traffic: [tx(30, 200), rx(8, 20_000)] });
}

const firstStop = (to: MachineSetup): MachineSetup => ({ ...to, stopSites: [firstSite(to.program, 'start_xmit')] });

async function placeOf(handle: MachineHandle): Promise<ResumedPlace> {
  assert.ok(handle.state);
  return { position: handle.state.position, edits: await handle.edits(), state: await handle.hash() };
}

/** A machine that resumes, and what it said on the way. */
async function resumed(to: MachineSetup): Promise<{ readonly handle: MachineHandle; readonly notices: string[] }> {
  const notices: string[] = [];
  const handle = await machine(to);
  handle.onOutput(({ kind, text }) => (kind === 'notice' ? notices.push(text) : undefined));
  await handle.start();
  return { handle, notices };
}

/** Changes a byte of the payload that is about to be sent: the checksum that follows is another one. */
async function editPayload(handle: MachineHandle, value: number): Promise<void> {
  const skb = handle.state?.skbs.find((s) => s.direction === 'tx');
  assert.ok(skb);
  const address = skb.address + 16;
  await handle.edit({ address, bytes: Uint8Array.of(value), text: `skb byte = ${value}` });
}

/** Sites of the line that the vCPU stands on: one, as long as the function is in one place. */
function siteOf(handle: MachineHandle): number {
  const vcpu = handle.state?.threads[0];
  const frame = vcpu?.kind === 'vcpu' ? vcpu.frames[0] : undefined;
  assert.ok(frame?.kind === 'driver' && frame.site !== undefined);
  return frame.site;
}

const functionAt = (program: Program, site: number): string | undefined =>
  program.functions[program.sites[site]?.func ?? -1]?.name;

describe('a saved place', function () {
  this.timeout(60_000);

  it('is the same state in another machine, with edits in its past', async () => {
    const to = firstStop(await scenario());
    for (const seed of [1, 2]) {
      const below = random(seed);
      const handle = await machine(to);
      let state = await handle.start();
      await handle.setEventBreakpoints([{ id: 'some', what: ['kick', 'irqEnter', 'usedIdx'] }]);
      const requests: readonly RunRequest[] = [
        { kind: 'into', thread: 1, interrupts: true },
        { kind: 'over', thread: 1 },
        { kind: 'into', thread: 3 },
        { kind: 'continue' },
      ];
      for (let i = 0; i < 20 && state.reason.kind !== 'end'; i++) {
        if (i % 6 === 3) await editPayload(handle, i);
        if (i % 9 === 7) {
          const { handle: other, notices } = await resumed({ ...to, stopSites: [], resume: await placeOf(handle) });
          assert.equal(at(other.state?.position ?? state.position), at(handle.state?.position ?? state.position));
          assert.equal(await other.hash(), await handle.hash(), `seed ${seed}, stop ${i}`);
          assert.deepEqual(await other.edits(), await handle.edits());
          assert.deepEqual(await logOf(other), await logOf(handle));
          assert.deepEqual(notices, []);
          await other.dispose();
        }
        state = await handle.run(requests[below(requests.length)] ?? { kind: 'continue' });
      }
      assert.ok((await handle.edits()).length >= 3);
      await handle.dispose();
    }
  });

  it('goes on, forward and back, as the run that it was saved from', async () => {
    const to = firstStop(await scenario());
    const first = await machine(to);
    await first.start();
    await editPayload(first, 7);
    for (let i = 0; i < 20; i++) await first.run({ kind: 'into', thread: 1 });
    const { handle: second } = await resumed({ ...to, stopSites: [], resume: await placeOf(first) });
    for (const request of [{ kind: 'over', thread: 1 }, { kind: 'back', thread: 1 }, { kind: 'continue' }] as const) {
      await first.run(request);
      await second.run(request);
      assert.equal(await second.hash(), await first.hash(), request.kind);
    }
    await second.run({ kind: 'reverse' });
    assert.equal(second.state?.reason.kind, 'start');
  });

  it('says so when it is another state', async () => {
    const to = firstStop(await scenario());
    const first = await machine(to);
    await first.start();
    const { notices } = await resumed({ ...to, stopSites: [], resume: { ...(await placeOf(first)), state: 'other' } });
    assert.equal(notices.length, 1);
    assert.match(notices[0] ?? '', /not the state/);
  });

  it('has its edits also in a run to the end, the same as if it were gone through', async () => {
    const to = firstStop(await scenario());
    const handle = await machine(to);
    await handle.start();
    await editPayload(handle, 9);
    const resume = await placeOf(handle);
    const result = headless({ ...to, stopSites: [], resume });
    await toEnd(handle);
    assert.deepEqual(result.log.map(eventLine), await logOf(handle));
    assert.ok(result.log.some(({ what }) => what === 'edit'));
    assert.deepEqual(driverPages(result), driverPages({ ram: handle.ram, runtimePages: result.runtimePages }));
  });
});

describe('an edit between two ticks', function () {
  this.timeout(60_000);

  it('is made at its place again by a long replay, which runs at run level where nothing is near', async () => {
    const driver = await virtioNet();
    const to = setup(driver, { queues: { rx: 32, tx: 16 }, traffic: [tx(6000, 3_000)], limitNs: 1_000_000_000 });
    const handle = await machine(to);
    await handle.setEventBreakpoints([{ id: 'irq', what: ['irqEnter'] }]);
    let state = await handle.start();
    // far from the start, so that the replay may go there at run level; and far from where it goes
    while (state.position.tick < 500_000) state = await handle.run({ kind: 'continue' });
    await handle.setEventBreakpoints([]);
    // a store to memory of the driver's own, within a line
    const address = (state.skbs.find((s) => s.direction === 'tx')?.address ?? 0) + 16;
    await handle.setDataBreakpoints([{ id: 1, address, size: 4, label: 'skb' }]);
    do state = await handle.run({ kind: 'continue' });
    while (state.position.sub === 0);
    await handle.edit({ address, bytes: Uint8Array.of(1), text: 'skb byte = 1' });
    await handle.setDataBreakpoints([]);
    const [edit] = await handle.edits();
    state = await toEnd(handle);
    assert.ok(state.position.tick - (edit?.position.tick ?? 0) > 600_000, at(state.position));
    const log = await logOf(handle);
    const { handle: other } = await resumed({ ...to, resume: await placeOf(handle) });
    assert.deepEqual(
      (await logOf(other)).filter((line) => / edit /.test(line)),
      log.filter((line) => / edit /.test(line)),
    );
    assert.equal(await other.hash(), await handle.hash());
  });
});

describe('passes of a line', function () {
  this.timeout(60_000);

  it('are counted from power-on, whatever stops the run', async () => {
    const to = firstStop(await scenario());
    const handle = await machine(to);
    await handle.start();
    const site = firstSite(to.program, 'start_xmit');
    assert.equal(await handle.passes([site]), 1);
    await handle.setLineBreakpoints([{ id: 1, sites: [site] }]);
    for (let n = 2; n < 8; n++) {
      await handle.run({ kind: 'continue' });
      assert.equal(await handle.passes([site]), n);
    }
    // behind the line, and on the way back to it
    await handle.run({ kind: 'over', thread: 1 });
    assert.equal(await handle.passes([site]), 7);
    await handle.run({ kind: 'back', thread: 1 });
    assert.equal(await handle.passes([site]), 7);
    await handle.run({ kind: 'reverse' });
    assert.equal(await handle.passes([site]), 6);
  });

  it('change nothing: position, state and breakpoints are as before', async () => {
    const to = firstStop(await scenario());
    const handle = await machine(to);
    await handle.start();
    await handle.setLineBreakpoints([
      { id: 1, sites: [firstSite(to.program, 'free_old_xmit_skbs')], hitCondition: '== 3' },
    ]);
    const before = await handle.hash();
    assert.equal(handle.state?.queues[1]?.counters.kicks, 0);
    await handle.passes([firstSite(to.program, 'start_xmit')]);
    assert.equal(await handle.hash(), before);
    const state = await handle.run({ kind: 'continue' });
    assert.deepEqual(state.reason, { kind: 'breakpoint', ids: [1] });
    assert.equal(await handle.passes([firstSite(to.program, 'free_old_xmit_skbs')]), 3);
  });

  it('are where another machine stops first, at the n-th', async () => {
    const to = firstStop(await scenario());
    const handle = await machine(to);
    await handle.start();
    for (let i = 0; i < 40; i++) await handle.run({ kind: 'into', thread: 1 });
    await handle.setLineBreakpoints([{ id: 1, sites: [firstSite(to.program, 'vring_add_buf')] }]);
    for (let i = 0; i < 5; i++) await handle.run({ kind: 'continue' });
    const site = siteOf(handle);
    assert.equal(functionAt(to.program, site), 'vring_add_buf');
    const nth = await handle.passes([site]);
    assert.ok(nth > 5, `${nth}`);
    const { handle: other } = await resumed({ ...to, stopSites: [site], stopPass: nth });
    assert.equal(other.state?.reason.kind, 'entry');
    assert.equal(await other.hash(), await handle.hash());
    // once: not at each pass from then on
    await other.run({ kind: 'continue' });
    assert.equal(other.state?.reason.kind, 'end');
    await other.run({ kind: 'reverse' });
    assert.equal(await other.hash(), await handle.hash());
  });
});
