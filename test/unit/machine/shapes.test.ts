// Nothing is read from a driver's names: renamed, modern, far up in memory, and across the wrap of the indices, a run is the same.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { StopState } from '../../../src/machine';
import { composePanelState } from '../../../src/panel/compose';
import {
  headless,
  machine,
  MERGEABLE,
  MODERN,
  program,
  ringMinimal,
  rx,
  setup,
  toEnd,
  tx,
  VIRTIO_NET,
  virtioNet,
} from '../../support/machine';

/** Names of the driver's own: its static functions, and the members of the structs it defines. */
function ownNames(text: string): string[] {
  const names = new Set<string>();
  for (const [, name] of text.matchAll(/^static [\w\s]*?[\s*](\w+)\(/gm)) if (name !== undefined) names.add(name);
  for (const [, body] of text.matchAll(/^struct \w+ \{\n([\s\S]*?)^\}/gm))
    for (const [, name] of (body ?? '').matchAll(/[\s*](\w+)(?:\[\w*\])?;/g)) if (name !== undefined) names.add(name);
  return [...names];
}

/** What the panel needs, without places in the source. */
function shown(state: StopState | undefined): object {
  assert.ok(state);
  const { queues, skbs, device, netdev, exits, timeNs } = state;
  return structuredClone({ queues, skbs, device, netdev, exits, timeNs });
}

describe('drivers of other shapes', function () {
  this.timeout(60_000);

  it('renamed in every private field and function: rings, owners and skbs are the same', async () => {
    const text = readFileSync(VIRTIO_NET, 'utf8');
    // What the kernel API calls alike, in structs of its own, must keep its name.
    const kernel = new Set([
      'dev',
      'napi',
      'name',
      'status',
      'len',
      'data',
      'next',
      'lock',
      'page',
      'flags',
      'head',
      'hdr',
      'vdev',
      'skb',
    ]);
    const names = ownNames(text).filter((name) => !kernel.has(name));
    assert.ok(names.length > 30 && names.includes('start_xmit'), names.join());
    const renamed = text.replace(new RegExp(`(?<!["<./\\w])(${names.join('|')})\\b(?!\\.h)`, 'g'), 'zz_$1');
    const other = await program([{ path: VIRTIO_NET.replace('virtio_net-2', 'zz_net-2'), text: renamed }]);
    const options = { queues: { rx: 32, tx: 16 }, traffic: [tx(12), rx(6, 20_000)] };
    const [a, b] = [await machine(setup(await virtioNet(), options)), await machine(setup(other, options))];
    for (const handle of [a, b])
      await handle.setEventBreakpoints([
        { id: 'all', what: ['kick', 'use', 'usedIdx', 'irqEnter', 'sent', 'queueStop'] },
      ]);
    await Promise.all([a.start(), b.start()]);
    let stops = 0;
    while (a.state?.reason.kind !== 'end' && stops < 120) {
      assert.deepEqual(shown(b.state), shown(a.state), `stop ${stops}`);
      await Promise.all([a.run({ kind: 'continue' }), b.run({ kind: 'continue' })]);
      stops++;
    }
    assert.ok(stops > 30, `${stops}`);
  });

  it('modern, with ring code of its own: boots, sends, receives, and its rings decode with owners', async () => {
    const to = setup(await ringMinimal(), {
      features: MODERN,
      queues: { rx: 16, tx: 16 },
      traffic: [tx(6), rx(4, 30_000)],
    });
    const result = headless(to);
    assert.equal(result.tx.done, 6);
    assert.equal(result.rx.done, 4);
    assert.deepEqual(result.findings, []);
    const handle = await machine(to);
    await handle.setEventBreakpoints([{ id: 'take', what: ['sent'] }]);
    const state = await handle.start();
    assert.equal(state.reason.kind, 'event');
    const panel = composePanelState(state, {
      title: '',
      program: to.program,
      ram: handle.ram,
      physOffset: to.physOffset,
      sourcePath: () => undefined,
    });
    const [rxQueue, txQueue] = panel.queues;
    assert.equal(txQueue?.ring.layout.size, 16);
    assert.deepEqual(txQueue.ring.problems, []);
    assert.deepEqual(rxQueue?.ring.problems, []);
    assert.ok(rxQueue.ring.descriptors.every((d) => d.owner === 'available'));
    assert.ok(txQueue.ring.descriptors.some((d) => d.owner === 'taken'));
    assert.ok(txQueue.ring.descriptors.some((d) => d.owner === 'free'));
    assert.ok(state.skbs.some((skb) => skb.queue === 'tx' && skb.place === 'host'));
  });

  it('RAM at 4 GiB: addresses beyond 32 bits go their way', async () => {
    for (const [driver, features] of [
      [await ringMinimal(), MODERN],
      [await virtioNet(), MERGEABLE],
    ] as const) {
      const options = { features, queues: { rx: 32, tx: 16 }, traffic: [tx(6), rx(4, 30_000)] };
      const [low, high] = [
        headless(setup(driver, options)),
        headless(setup(driver, { ...options, physOffset: 1n << 32n })),
      ];
      assert.deepEqual(high.findings, []);
      assert.deepEqual([high.tx, high.rx], [low.tx, low.rx]);
      const handle = await machine(setup(driver, { ...options, remove: false, physOffset: 1n << 32n }));
      await handle.start();
      const state = await toEnd(handle);
      assert.ok(state.queues.every((q) => BigInt(q.desc) > 1n << 32n));
    }
  });

  it('avail.idx and used.idx wrap from 65535 to 0, run through and stepped', async () => {
    const driver = await virtioNet();
    const to = setup(driver, {
      queues: { rx: 32, tx: 16 },
      traffic: [tx(65_560, 8_000)],
      limitNs: 4_000_000_000,
    });
    const through = headless(to, { keepLog: false, level: 'run' });
    assert.deepEqual(through.findings, []);
    assert.equal(through.tx.done, 65_560);
    assert.equal(through.queues['tx']?.used, 65_560);
    const handle = await machine(to);
    await handle.setEventBreakpoints([
      { id: 'wrap', what: ['expose', 'usedIdx'], condition: 'queue == "tx" && to == 0' },
    ]);
    const kinds = new Set<string>();
    let state = await handle.start();
    for (let i = 0; i < 60 && state.reason.kind !== 'end'; i++) {
      if (state.reason.kind === 'event') kinds.add(state.reason.event.what);
      const tracked = state.queues.find((q) => q.name === 'tx');
      assert.ok(tracked);
      assert.deepEqual(state.findings, []);
      state = await handle.run(i < 50 ? { kind: 'over', thread: 1 } : { kind: 'continue' });
    }
    assert.deepEqual([...kinds].sort(), ['expose', 'usedIdx']);
    if (state.reason.kind !== 'end') state = await toEnd(handle);
    assert.equal(state.lines, through.lines);
    assert.deepEqual(state.exits, through.exits);
  });
});
