// The timeline of a real run: it agrees with the log, is the same however a place was reached, and follows edits.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { MachineEvent, MachineHandle, MachineSetup, Series, TimelineWindow } from '../../../src/machine';
import { firstSite, machine, program, rx, setup, toEnd, tx, VIRTIO_NET, virtioNet } from '../../support/machine';

const ALL = { fromNs: 0, toNs: 1e12, columns: 1, items: 1e7 } as const;
const whole = (handle: MachineHandle): Promise<TimelineWindow> => handle.timeline(ALL);

async function scenario(): Promise<MachineSetup> {
  const driver = await virtioNet();
  return setup(driver, {
    queues: { rx: 32, tx: 16 },
    traffic: [tx(30, 200), rx(8, 20_000)],
    stopSites: [firstSite(driver, 'start_xmit')],
  });
}

const nameOf = (s: Series | undefined): string =>
  s === undefined ? '?' : s.kind === 'mark' ? `${s.what} ${s.queue ?? ''}`.trim() : `${s.what}:${s.of ?? ''}`;

interface Item {
  readonly ns: number;
  readonly tick: number;
  readonly name: string;
  readonly value: number;
}

function items({ series, content }: TimelineWindow): Item[] {
  assert.ok(content.kind === 'items');
  return content.ns.map((ns, i) => ({
    ns,
    tick: content.tick[i] ?? -1,
    name: nameOf(series[content.series[i] ?? -1]),
    value: content.value[i] ?? -1,
  }));
}

/** ns for which a level was not 0 */
function onFor(list: readonly Item[], name: string, endNs: number): number {
  let sum = 0;
  let since: number | undefined;
  for (const item of list) {
    if (item.name !== name) continue;
    if (since !== undefined) sum += item.ns - since;
    since = item.value === 0 ? undefined : item.ns;
  }
  return since === undefined ? sum : sum + endNs - since;
}

/** Chains exposed and not reclaimed, each time that changes, recounted from the events: used chains count until their skb ends. */
function unreclaimed(log: readonly MachineEvent[], queue: string): number[] {
  const skbOf = new Map<unknown, unknown>();
  const written: unknown[] = [];
  const held = new Set<unknown>();
  let [exposed, used] = [0, 0];
  const values = [0];
  for (const { what, queue: of, detail } of log) {
    if (of === queue && what === 'add') skbOf.set(detail['head'], detail['skb']);
    else if (of === queue && what === 'expose') exposed = Number(detail['to']);
    else if (of === queue && what === 'use') written.push(detail['id']);
    else if (of === queue && what === 'usedIdx') {
      used = Number(detail['to']);
      for (const head of written.splice(0)) held.add(skbOf.get(head));
    } else if (what === 'skb' && ['free', 'receive'].includes(String(detail['op']))) held.delete(detail['id']);
    const now = ((exposed - used) & 0xffff) + held.size;
    if (now !== values[values.length - 1]) values.push(now);
  }
  return values.slice(1);
}

describe('the timeline', function () {
  this.timeout(60_000);

  it('has every event of the log at its place, in order', async () => {
    const handle = await machine(await scenario());
    await handle.start();
    await toEnd(handle);
    const log = await handle.events(0, Infinity);
    const marks = items(await whole(handle)).filter((item) => !item.name.includes(':'));
    assert.deepEqual(
      marks.map(({ ns, tick, name, value }) => ({ ns, tick, name, value })),
      log.map((e) => ({
        ns: e.timeNs,
        tick: e.position.tick,
        name: e.queue === undefined ? e.what : `${e.what} ${e.queue}`,
        value: e.seq,
      })),
    );
  });

  it('knows what the vCPU is in, its exits, and each host thread’s work', async () => {
    const to = await scenario();
    const handle = await machine(to);
    await handle.start();
    const { timeNs, exits } = await toEnd(handle);
    const window = await whole(handle);
    const list = items(window);
    const exitTime = ['process', 'softirq', 'hardirq'].map((c) => onFor(list, `exit:${c}`, timeNs));
    const heavy = exits.notify + exits.config + exits.interruptStatus + exits.interruptAck;
    // 5 µs each, and a kick lasts as long as its host thread works
    assert.ok(exitTime.reduce((a, b) => a + b) >= 5000 * heavy, `${exitTime.join()} in ${heavy} exits`);
    assert.ok(onFor(list, 'exit:hardirq', timeNs) >= 5000 * (exits.interruptStatus + exits.interruptAck));
    const count = (name: string, value: number): number =>
      list.filter((item) => item.name === name && item.value === value).length;
    const irqs = list.filter((item) => item.name === 'irqEnter').length;
    // each handler ends in softirqs, or lets them be
    assert.ok(count('context:hardirq', 1) >= irqs);
    assert.ok(count('context:softirq', 1) > 0 && count('context:process', 1) >= 30);
    for (const context of ['process', 'softirq', 'hardirq'])
      assert.equal(count(`context:${context}`, 1), count(`context:${context}`, 0), `${context} ends`);
    // never two at once
    let running: string | undefined;
    for (const { name, value } of list) {
      if (!name.startsWith('context:')) continue;
      if (value === 1) assert.equal(running, undefined, name);
      else assert.equal(running, name);
      running = value === 1 ? name : undefined;
    }
    const napi = list.filter((item) => item.name === 'napi rx');
    assert.ok(napi.length > 0);
    for (const poll of napi) {
      const before = list.findLast(
        (item) => item.name.startsWith('context:') && item.value === 1 && item.ns <= poll.ns,
      );
      assert.equal(before?.name, 'context:softirq', `NAPI polls in a softirq, at ${poll.ns}`);
    }
    const hosts = window.series.flatMap((s) => (s.kind === 'level' && s.what === 'host' ? [s.of] : []));
    const threads = handle.state?.threads.flatMap((t) => (t.kind === 'host' ? [t.name] : []));
    assert.deepEqual([...hosts].sort(), [...(threads ?? [])].sort());
  });

  it('follows depth, flags and timers', async () => {
    const handle = await machine(await scenario());
    await handle.start();
    await toEnd(handle);
    const list = items(await whole(handle));
    const log = await handle.events(0, Infinity);
    const of = (name: string): number[] => list.filter((i) => i.name === name).map((i) => i.value);
    // chains exposed and not used, recounted from the events
    let [exposed, taken, used] = [0, 0, 0];
    const expected: { outstanding: number[]; taken: number[] } = { outstanding: [], taken: [] };
    const note = (kind: 'outstanding' | 'taken', n: number): void => {
      if ((expected[kind][expected[kind].length - 1] ?? 0) !== n) expected[kind].push(n);
    };
    for (const e of log) {
      if (e.queue !== 'tx' || !['expose', 'take', 'usedIdx'].includes(e.what)) continue;
      if (e.what === 'expose') exposed = Number(e.detail['to']);
      else if (e.what === 'take') taken++;
      else used = Number(e.detail['to']);
      note('outstanding', exposed - used);
      note('taken', taken - used);
    }
    assert.ok(Math.max(...expected.outstanding) >= 8);
    assert.deepEqual(of('outstanding:tx').slice(0, expected.outstanding.length), expected.outstanding);
    assert.deepEqual(of('taken:tx').slice(0, expected.taken.length), expected.taken);
    for (const queue of ['tx', 'rx']) {
      const recounted = unreclaimed(log, queue);
      assert.deepEqual(of(`unreclaimed:${queue}`).slice(0, recounted.length), recounted, queue);
    }
    const lasting = (name: string): number => onFor(list, name, Number.NaN);
    assert.ok(lasting('unreclaimed:tx') > lasting('outstanding:tx'), 'what is used waits for the driver');
    const notify = log.filter((e) => e.what === 'notify' && e.queue === 'tx').map((e) => Number(e.detail['flags']) & 1);
    assert.deepEqual(of('noNotify:tx').slice(0, notify.length), notify);
    const arms = log.filter((e) => e.what === 'timerArm').map((e) => e.detail['ns']);
    assert.deepEqual(
      list.filter((i) => i.name.startsWith('timer:') && i.value > 0).map((i) => i.value),
      arms,
    );
  });

  const AT_TRANSMIT = '\t/* Free what the device is done with: it makes room. */';
  for (const [how, from, to, ending] of [
    ['a probe that fails', 'if (vi->num == 0) {', 'if (vi->num != 0) {', ['outstanding:rx', 'unreclaimed:rx']],
    [
      'a reset in mid-run',
      AT_TRANSMIT,
      '\tstatic int sent;\n\n\tif (++sent == 4)\n\t\tvi->vdev->config->reset(vi->vdev);',
      ['outstanding:rx', 'unreclaimed:rx', 'outstanding:tx', 'unreclaimed:tx', 'timer:tx_timer'],
    ],
    ['removal', AT_TRANSMIT, AT_TRANSMIT, ['outstanding:rx', 'unreclaimed:rx']],
  ] as const)
    it(`ends the levels of queues and hosts with them: ${how}`, async () => {
      const text = readFileSync(VIRTIO_NET, 'utf8');
      assert.ok(text.includes(from));
      const built = await program([{ path: VIRTIO_NET, text: text.replace(from, to) }]);
      const handle = await machine(setup(built, { queues: { rx: 32, tx: 16 }, traffic: [tx(6, 200)] }));
      await handle.start();
      await toEnd(handle);
      const gone = (await handle.events(0, Infinity)).findLast(({ what, queue, detail }) =>
        what === 'status' ? detail['to'] === 0 : what === 'queueReady' && queue === 'rx' && detail['size'] === 0,
      );
      const levels = new Map<string, Item>();
      for (const item of items(await whole(handle))) if (item.name.includes(':')) levels.set(item.name, item);
      for (const [name, { value }] of levels) if (!name.startsWith('queueStopped')) assert.equal(value, 0, name);
      for (const name of ending) assert.equal(levels.get(name)?.ns, gone?.timeNs, name);
    });

  it('is the same after going back, with its future in view; and places lead to their times', async () => {
    const handle = await machine(await scenario());
    const first = await handle.start();
    await toEnd(handle);
    const all = await whole(handle);
    await handle.run({ kind: 'goto', position: first.position });
    assert.deepEqual(await whole(handle), all);
    const list = items(all);
    for (let i = 40; i < list.length; i += 97) {
      const ns = list[i]?.ns ?? 0;
      const position = await handle.placeAt(ns);
      const state = await handle.run({ kind: 'goto', position });
      assert.ok(state.timeNs <= ns + 1, `${state.timeNs} for ${ns}`);
      // a host thread rests when its last action is over: that may be between two places
      const last = list.findLast((item) => item.ns < ns && !item.name.startsWith('host:'));
      assert.ok(state.timeNs >= (last?.ns ?? 0), `${state.timeNs} for ${ns}`);
    }
    assert.deepEqual(await whole(handle), all);
  });

  it('finds the next kick and the one before, and the machine stands at the line that kicks', async () => {
    const to = await scenario();
    const handle = await machine(to);
    const first = await handle.start();
    await toEnd(handle);
    const kicks = (await handle.events(0, Infinity)).filter((e) => e.what === 'kick' && e.queue === 'tx');
    const ask = { what: ['kick'], queue: 'tx' } as const;
    let from = first.position;
    for (const kick of kicks) {
      const next = await handle.nextMark({ ...ask, from, forward: true });
      assert.equal(next?.tick, kick.position.tick);
      from = next;
    }
    assert.equal(await handle.nextMark({ ...ask, from, forward: true }), undefined);
    const state = await handle.run({ kind: 'goto', position: from });
    const vcpu = state.threads[0];
    assert.ok(vcpu?.kind === 'vcpu' && vcpu.frames[0]?.kind === 'driver');
    const site = to.program.sites[vcpu.frames[0].site ?? -1];
    assert.match(to.program.functions[site?.func ?? -1]?.name ?? '', /^(vm_notify|writel|iowrite32)$/);
  });

  it('loses its future at an edit, and then records what happens instead', async () => {
    const to = await scenario();
    const handle = await machine(to);
    const first = await handle.start();
    const { address } = first.skbs.find((s) => s.direction === 'tx') ?? assert.fail('no skb');
    const edit = { address: address + 40, bytes: Uint8Array.of(1), text: 'a byte of cb' };
    await toEnd(handle);
    await handle.run({ kind: 'goto', position: first.position });
    assert.equal(await handle.edit(edit), true);
    const cut = await whole(handle);
    assert.equal(cut.endNs, first.timeNs);
    assert.ok(items(cut).every((item) => item.ns <= first.timeNs));
    await toEnd(handle);
    const fresh = await machine(to);
    await fresh.start();
    await fresh.edit(edit);
    await toEnd(fresh);
    assert.deepEqual(await whole(handle), await whole(fresh));
  });

  it('leads to power-on and to the end of what is recorded', async () => {
    const handle = await machine(await scenario());
    await handle.start();
    const end = await toEnd(handle);
    const start = await handle.run({ kind: 'goto', position: await handle.placeAt(0) });
    // the first line that can be stopped at
    assert.equal(start.position.tick, 1);
    const last = await handle.run({ kind: 'goto', position: await handle.placeAt(end.timeNs) });
    assert.equal(last.timeNs, end.timeNs);
  });

  it('can be asked while the machine runs', async () => {
    const driver = await virtioNet();
    const handle = await machine(setup(driver, { traffic: [tx(200, 1000)], limitNs: 10e9 }));
    let over = false;
    const run = handle.start().finally(() => (over = true));
    const ends: number[] = [];
    while (!over) ends.push((await handle.timeline({ ...ALL, items: 0 })).endNs);
    const { timeNs } = await run;
    assert.ok(ends.length > 3, `${ends.length} answers`);
    assert.deepEqual(
      [...ends].sort((a, b) => a - b),
      ends,
    );
    assert.ok((ends[1] ?? 0) < timeNs, 'asked on the way');
    assert.equal((await whole(handle)).endNs, timeNs);
  });
});
