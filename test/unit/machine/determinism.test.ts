// The same setup gives the same run: twice, at both levels, stepped line by line, and whatever a debugger does that only looks.
import assert from 'node:assert/strict';
import type { MachineHandle, MachineSetup, RunRequest } from '../../../src/machine';
import {
  driverPages,
  firstSite,
  headless,
  logOf,
  machine,
  MODERN,
  random,
  ringMinimal,
  rx,
  setup,
  SMALL,
  toEnd,
  tx,
  virtioNet,
  virtioNetCurrent,
} from '../../support/machine';

/** The ring fills up, frames arrive meanwhile, and the driver is removed. */
async function busy(): Promise<MachineSetup> {
  return setup(await virtioNet(), { queues: { rx: 32, tx: 16 }, traffic: [tx(12), rx(4, 30_000)] });
}

/** Log, RAM and counters of a machine that is at its end. */
async function outcome(handle: MachineHandle): Promise<object> {
  const { state } = handle;
  const log = await logOf(handle);
  assert.ok(state);
  const { lines, exits, findings, queues, timeNs, events } = state;
  const counters = queues.map(({ name, counters }) => ({ name, counters }));
  return { log, lines, exits, findings, counters, timeNs, events, hash: await handle.hash() };
}

async function run(to: MachineSetup): Promise<object> {
  const handle = await machine(to);
  await handle.start();
  await toEnd(handle);
  const result = await outcome(handle);
  await handle.dispose();
  return result;
}

describe('determinism', function () {
  this.timeout(60_000);

  it('gives the same log, RAM and counters twice, and at both levels', async () => {
    const driver = await virtioNet();
    const setups: Record<string, MachineSetup> = {
      'one packet': setup(driver),
      'full ring, mergeable RX': await busy(),
      'full ring, small RX': setup(driver, { features: SMALL, traffic: [tx(20), rx(6, 1000)] }),
      'long gaps, large frames': setup(driver, { queues: { rx: 64, tx: 8 }, traffic: [tx(9, 170_000, 1514), rx(40)] }),
      'a thread per queue': setup(driver, {
        queues: { rx: 32, tx: 16 },
        host: { model: 'lguest-2.6.31', parameters: { timeoutUs: 5, perPending: true } },
        traffic: [tx(30, 2000), rx(20, 1000)],
      }),
      'legacy PCI': setup(driver, { transport: 'pci', traffic: [tx(20), rx(6, 1000)], features: SMALL }),
      'lguest, queues full': setup(driver, { transport: 'lguest', traffic: [tx(20), rx(30, 1000)], features: SMALL }),
      'Linux 5.10': setup(await virtioNetCurrent(), {
        features: MODERN,
        queues: { rx: 32, tx: 32 },
        traffic: [tx(40), rx(60, 500)],
      }),
      'modern ring of its own': setup(await ringMinimal(), { features: MODERN, traffic: [tx(40), rx(20, 500)] }),
    };
    for (const [name, to] of Object.entries(setups)) {
      const [first, again, debug] = [
        headless(to, { level: 'run' }),
        headless(to, { level: 'run' }),
        headless(to, { level: 'debug' }),
      ];
      const summary = ({ text, ram: _ram, log: _log, ...rest }: typeof first): object => ({ text, ...rest });
      assert.ok(first.tx.done > 0, name);
      assert.deepEqual(first.findings, [], name);
      for (const other of [again, debug]) {
        assert.deepEqual(other.text, first.text, name);
        assert.deepEqual(summary(other), summary(first), name);
        assert.equal(Buffer.compare(driverPages(other), driverPages(first)), 0, `${name}: RAM`);
      }
    }
  });

  it('is the same in a debugged machine that runs through, and the worker adds nothing', async () => {
    const to = await busy();
    const expected = headless(to);
    const handle = await machine(to);
    await handle.start();
    const state = await toEnd(handle);
    assert.deepEqual(await logOf(handle), expected.text);
    assert.deepEqual(state.exits, expected.exits);
    assert.equal(state.lines, expected.lines);
    assert.equal(state.timeNs, expected.virtualNs);
    const ram = driverPages({ ram: handle.ram, runtimePages: expected.runtimePages });
    assert.equal(Buffer.compare(ram, driverPages(expected)), 0);
  });

  for (const [how, requests] of [
    ['into, interrupts too', [{ kind: 'into', thread: 1, interrupts: true }]],
    ['over', [{ kind: 'over', thread: 1 }]],
    [
      'by every kind of step in turn, on all threads',
      [
        ...Array<RunRequest>(20).fill({ kind: 'into', thread: 1 }),
        { kind: 'over', thread: 1 },
        { kind: 'into', thread: 2 },
        { kind: 'out', thread: 1 },
        { kind: 'over', thread: 3 },
      ],
    ],
  ] as readonly (readonly [string, readonly RunRequest[]])[])
    it(`is the same when stepped to the end: ${how}`, async () => {
      const to = await busy();
      const handle = await machine({ ...to, stopSites: [firstSite(to.program, 'virtnet_probe')] });
      const positions = new Set<number>();
      let state = await handle.start();
      assert.equal(state.reason.kind, 'entry');
      for (let i = 0; state.reason.kind !== 'end'; i++) {
        const request = requests[i % requests.length];
        assert.ok(request);
        state = await handle.run(request);
        positions.add(state.position.tick);
      }
      assert.ok(positions.size > 50, `${positions.size} positions`);
      assert.deepEqual(await outcome(handle), await run(to));
      await handle.dispose();
    });

  it('does not change by breakpoints of any kind, set, hit and removed on the way', async () => {
    const to = await busy();
    const { program } = to;
    const handle = await machine({ ...to, stopSites: [firstSite(program, 'start_xmit')] });
    const spoken: string[] = [];
    handle.onOutput((o) => o.kind === 'log' && spoken.push(o.text));
    const first = await handle.start();
    const used = Number(BigInt(first.queues[1]?.used ?? 0) - to.physOffset);
    const add = firstSite(program, 'vring_add_buf');
    assert.deepEqual(
      await handle.setLineBreakpoints([
        { id: 1, sites: [firstSite(program, 'start_xmit')], condition: 'skb->len == 64', hitCondition: '% 3' },
        { id: 2, sites: [add], logMessage: 'adds {out} out, {in} in' },
        { id: 3, sites: [firstSite(program, 'vring_interrupt')], condition: 'irq == 1000' },
      ]),
      [undefined, undefined, undefined],
    );
    assert.deepEqual(await handle.setDataBreakpoints([{ id: 4, address: used + 2, size: 2, label: 'used.idx' }]), [
      undefined,
    ]);
    assert.deepEqual(
      await handle.setEventBreakpoints([
        {
          id: 'kick',
          what: ['kick', 'interrupt', 'irqEnter', 'timerFire', 'printk', 'skb'],
          condition: 'what != "skb"',
        },
      ]),
      [undefined],
    );
    const seen = new Set<string>();
    for (let i = 0, state = first; state.reason.kind !== 'end'; i++) {
      seen.add(state.reason.kind);
      if (i === 60) await handle.setDataBreakpoints([]);
      if (i === 90) await handle.setEventBreakpoints([]);
      if (i === 100) await handle.setLineBreakpoints([]);
      state = await handle.run({ kind: 'continue' });
    }
    assert.deepEqual([...seen].sort(), ['breakpoint', 'data', 'entry', 'event']);
    assert.ok(spoken.includes('adds 2 out, 0 in'), spoken.join('\n'));
    assert.deepEqual(await outcome(handle), await run(to));
  });

  it('does not change by pauses, wherever they fall', async () => {
    const to = setup(await virtioNet(), { queues: { rx: 32, tx: 16 }, traffic: [tx(400), rx(50, 30_000)] });
    const handle = await machine(to);
    const below = random(7);
    const places = new Set<number>();
    let state = handle.state;
    while (state?.reason.kind !== 'end') {
      const stop = handle.run({ kind: 'continue' });
      for (let spin = below(40_000); spin > 0; spin--) Math.imul(spin, spin);
      if (places.size < 60) handle.pause();
      state = await stop;
      assert.ok(state.reason.kind === 'pause' || state.reason.kind === 'end');
      places.add(state.position.tick);
    }
    assert.ok(places.size > 20, `${places.size} pauses`);
    assert.deepEqual(await outcome(handle), await run(to));
  });
});
