// A session's door: hit counts, conditions, output, workers that die, and machines that are disposed of.
import assert from 'node:assert/strict';
import type { Worker } from 'node:worker_threads';
import { MachineGone, MachineRefusal, type MachineHandle, type MachineSetup } from '../../../src/machine';
import {
  at,
  firstSite,
  fixtureDriver,
  logOf,
  machine,
  program,
  rx,
  setup,
  toEnd,
  tx,
  VIRTIO_NET,
  virtioNet,
} from '../../support/machine';

async function scenario(traffic = [tx(12, 5_000), rx(4, 30_000)]): Promise<MachineSetup> {
  const driver = await virtioNet();
  return setup(driver, { queues: { rx: 32, tx: 16 }, traffic, stopSites: [firstSite(driver, 'start_xmit')] });
}

/** The endless loop of test/fixtures/drivers/bad.c, its watchdog far away. */
async function endless(): Promise<MachineSetup> {
  const bad = await program([fixtureDriver('bad.c')], { CASE: 'forever' });
  return setup(bad, { traffic: [], costs: { softLockup: 1e15 } });
}

const workerOf = (handle: MachineHandle): Worker => (handle as unknown as { worker: Worker }).worker;

describe('the last stores', function () {
  this.timeout(30_000);

  it('have those that leave a value as it was, of either side', async () => {
    const handle = await machine(await scenario());
    const seen = new Set<string>();
    for (let state = await handle.start(); state.reason.kind !== 'end';) {
      for (const { author, queue, field, before, after } of state.changes)
        if (before === after) seen.add(`${author} ${queue} ${field} = ${after}`);
      state = await handle.run({ kind: 'over', thread: 1 });
    }
    for (const store of ['driver tx avail.flags = 0x1', 'device rx used.flags = 0x1'])
      assert.ok(seen.has(store), `${store}, of ${[...seen].join('; ')}`);
    await handle.dispose();
  });
});

describe('hit counts', function () {
  this.timeout(30_000);

  it('count passes since the start of the run, whichever direction one came from', async () => {
    const to = await scenario();
    const handle = await machine(to);
    const site = firstSite(to.program, 'start_xmit');
    await handle.start();
    for (const id of [1, 2]) await handle.setLineBreakpoints([{ id, sites: [site], hitCondition: '== 5' }]);
    const fifth = await handle.run({ kind: 'continue' });
    assert.deepEqual(fifth.reason, { kind: 'breakpoint', ids: [2] });
    const late = await toEnd(handle);
    assert.equal(late.reason.kind, 'end');
    const back = await handle.run({ kind: 'reverse' });
    assert.deepEqual(back.reason, { kind: 'breakpoint', ids: [2] });
    assert.deepEqual(back.position, fifth.position);
    // Set in the middle of a run, it counts what came before as well.
    await handle.setLineBreakpoints([{ id: 3, sites: [site], hitCondition: '== 6' }]);
    const sixth = await handle.run({ kind: 'continue' });
    assert.deepEqual(sixth.reason, { kind: 'breakpoint', ids: [3] });
    await handle.setLineBreakpoints([{ id: 4, sites: [site] }]);
    const before = await handle.run({ kind: 'reverse' });
    assert.deepEqual(before.position, fifth.position);
  });

  it('every third pass stops at the third, sixth and ninth, and backwards at the same', async () => {
    const to = await scenario();
    const handle = await machine(to);
    await handle.start();
    const site = firstSite(to.program, 'start_xmit');
    await handle.setLineBreakpoints([{ id: 1, sites: [site], hitCondition: '% 3' }]);
    const places: string[] = [];
    for (let state = await handle.run({ kind: 'continue' }); state.reason.kind !== 'end';) {
      places.push(at(state.position));
      state = await handle.run({ kind: 'continue' });
    }
    assert.ok(places.length >= 4, `${places.length}`);
    for (const place of places.reverse()) assert.equal(at((await handle.run({ kind: 'reverse' })).position), place);
    assert.equal((await handle.run({ kind: 'reverse' })).reason.kind, 'entry');
  });

  it('a data breakpoint counts writes', async () => {
    const to = await scenario();
    const handle = await machine(to);
    const first = await handle.start();
    const address = Number(BigInt(first.queues[1]?.used ?? 0) - to.physOffset) + 2;
    await handle.setDataBreakpoints([{ id: 1, address, size: 2, label: 'used.idx', hitCondition: '== 3' }]);
    assert.deepEqual(handle.state?.position, first.position);
    const third = await handle.run({ kind: 'continue' });
    assert.equal(third.reason.kind, 'data');
    assert.equal((await toEnd(handle)).reason.kind, 'end');
    assert.deepEqual((await handle.run({ kind: 'reverse' })).position, third.position);
    await toEnd(handle);
    // Set at the end, it counts the same writes.
    await handle.setDataBreakpoints([{ id: 2, address, size: 2, label: 'used.idx', hitCondition: '== 3' }]);
    assert.deepEqual((await handle.run({ kind: 'reverse' })).position, third.position);
  });
});

describe('conditions', function () {
  this.timeout(60_000);

  it('are evaluated in the worker, 100,000 false ones in one go', async () => {
    const driver = await virtioNet();
    const handle = await machine(setup(driver, { queues: { rx: 32, tx: 16 }, traffic: [tx(2_600, 3_000)] }));
    // Every line of the transmit path: each pass is an evaluation.
    const names = ['start_xmit', 'xmit_skb', 'free_old_xmit_skbs', 'vring_add_buf', 'vring_kick', 'vring_get_buf'];
    const funcs = new Set(driver.functions.filter((f) => names.includes(f.name)).map((f) => f.id));
    const sites = driver.sites.filter((s) => funcs.has(s.func)).map((s) => s.id);
    const jiffies = 'jiffies == 0xffffffff';
    assert.deepEqual(await handle.setLineBreakpoints([{ id: 1, sites, condition: jiffies, hitCondition: '>= 1' }]), [
      undefined,
    ]);
    const state = await handle.start();
    assert.equal(state.reason.kind, 'end');
    await handle.setLineBreakpoints([{ id: 2, sites, hitCondition: '== 100000' }]);
    const counted = await handle.run({ kind: 'reverse' });
    assert.deepEqual(counted.reason, { kind: 'breakpoint', ids: [2] }, 'fewer than 100,000 passes');
  });

  it('that cannot be compiled come back as words and never stop', async () => {
    const to = await scenario();
    const handle = await machine(to);
    await handle.start();
    const sites = [firstSite(to.program, 'start_xmit')];
    const errors = await handle.setLineBreakpoints([
      { id: 1, sites, condition: 'no_such_name == 1' },
      { id: 2, sites, condition: 'skb->len ==' },
      { id: 3, sites, hitCondition: 'often' },
      { id: 4, sites, condition: 'skb->len = 3' },
    ]);
    assert.match(errors[0] ?? '', /no_such_name/);
    for (const error of errors) assert.ok(error !== undefined && error.length > 5);
    assert.match(
      (await handle.setEventBreakpoints([{ id: 'x', what: ['kick'], condition: 'queue = 1' }]))[0] ?? '',
      /queue = 1/,
    );
    assert.equal((await handle.run({ kind: 'continue' })).reason.kind, 'end');
  });
});

describe('output', function () {
  this.timeout(30_000);

  it('of printk and log points comes once, however often the place is replayed', async () => {
    const warning = await program([VIRTIO_NET, fixtureDriver('bad.c')], { CASE: 'warn' });
    const traffic = [tx(12, 5_000), rx(4, 30_000)];
    const to = setup(warning, { queues: { rx: 32, tx: 16 }, traffic, stopSites: [firstSite(warning, 'start_xmit')] });
    const handle = await machine(to);
    const heard: string[] = [];
    handle.onOutput(({ kind, text, timeNs }) => heard.push(`${kind} ${timeNs} ${text}`));
    await handle.start();
    await handle.setLineBreakpoints([
      { id: 1, sites: [firstSite(to.program, 'start_xmit')], logMessage: 'sends {skb->len} bytes' },
    ]);
    await toEnd(handle);
    const once = [...heard];
    assert.equal(once.filter((t) => t.endsWith('sends 64 bytes')).length, 11);
    assert.ok(once.some((t) => t.startsWith('printk')));
    await handle.run({ kind: 'back', thread: 1 });
    await handle.run({ kind: 'goto', position: { tick: 900, sub: 0 } });
    await handle.run({ kind: 'reverse' });
    await toEnd(handle);
    assert.deepEqual(heard, once);
    assert.equal(new Set(once).size, once.length);
  });
});

describe('edits', function () {
  this.timeout(30_000);

  it('change the run from there on, are logged, replayed, and drop the future that was', async () => {
    const to = await scenario([tx(3, 400_000)]);
    const handle = await machine(to);
    const state = await handle.start();
    const skb = state.skbs.find((s) => s.direction === 'tx');
    assert.ok(skb);
    await toEnd(handle);
    const unchanged = await handle.sentFrames();
    await handle.run({ kind: 'goto', position: state.position });
    const data = unchanged[0]?.bytes.subarray(20, 40) ?? new Uint8Array(0);
    const address = Buffer.from(handle.ram.buffer, handle.ram.byteOffset, handle.ram.length).indexOf(data) - 20;
    assert.ok(address > 4096);
    assert.equal(
      await handle.edit({ address: address + 63, bytes: Uint8Array.of(0x5a), text: 'skb->data[63] = 0x5a' }),
      true,
    );
    await toEnd(handle);
    for (let i = 0; i < 2; i++) {
      const sent = await handle.sentFrames();
      assert.equal(sent.length, 3);
      assert.equal(sent[0]?.bytes[63], 0x5a);
      assert.deepEqual(sent[0]?.bytes.subarray(0, 63), unchanged[0]?.bytes.subarray(0, 63));
      assert.deepEqual(sent[1]?.bytes, unchanged[1]?.bytes);
      const log = await logOf(handle);
      assert.equal(log.filter((line) => line.includes('debugger edit')).length, 1);
      // Once more, as a replay from the start.
      await handle.run({ kind: 'goto', position: { tick: 1, sub: 0 } });
      await toEnd(handle);
    }
  });

  it('outside RAM are refused, and so are edits of a running machine', async () => {
    const handle = await machine(await endless());
    const bytes = Uint8Array.of(1);
    await assert.rejects(handle.edit({ address: 16, bytes, text: '' }), /no RAM/);
    await assert.rejects(handle.edit({ address: handle.ram.length, bytes, text: '' }), MachineRefusal);
    const stop = handle.run({ kind: 'continue' });
    await assert.rejects(handle.edit({ address: 8192, bytes, text: '' }), MachineRefusal);
    handle.pause();
    assert.equal((await stop).reason.kind, 'pause');
  });
});

describe('workers', function () {
  this.timeout(30_000);

  it('that die reject what is under way and what comes later, and are told once', async () => {
    const handle = await machine(await endless());
    const gone: string[] = [];
    handle.onGone((why) => gone.push(why.message));
    const stop = handle.run({ kind: 'continue' });
    const refused = assert.rejects(stop, MachineGone);
    await workerOf(handle).terminate();
    await refused;
    await assert.rejects(handle.run({ kind: 'continue' }), MachineGone);
    await assert.rejects(handle.events(0, 1), MachineGone);
    assert.equal(gone.length, 1);
    assert.match(gone[0] ?? '', /worker/);
    await handle.dispose();
    assert.equal(gone.length, 1);
  });

  it('are disposed of twice, and during a run, without a word', async () => {
    const handle = await machine(await endless());
    const gone: string[] = [];
    handle.onGone((why) => gone.push(why.message));
    const refused = assert.rejects(handle.run({ kind: 'continue' }), /the session was ended/);
    await Promise.all([handle.dispose(), handle.dispose()]);
    await refused;
    await handle.dispose();
    assert.deepEqual(gone, []);
  });

  it('refuse a second run while one is under way, and take breakpoints meanwhile', async () => {
    const to = await endless();
    const handle = await machine(to);
    const stop = handle.run({ kind: 'continue' });
    await assert.rejects(handle.run({ kind: 'continue' }), MachineRefusal);
    assert.deepEqual(await handle.setLineBreakpoints([{ id: 9, sites: [firstSite(to.program, 'forever')] }]), [
      undefined,
    ]);
    handle.pause();
    const state = await stop;
    assert.ok(['pause', 'breakpoint'].includes(state.reason.kind));
    await handle.dispose();
  });
});
