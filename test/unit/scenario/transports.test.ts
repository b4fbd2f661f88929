// One driver over each transport: the same packets, and what its interrupts and kicks cost in VM exits.
import assert from 'node:assert/strict';
import { goldenLine, type RunResult } from '../../../src/machine';
import { ScenarioError } from '../../../src/scenario';
import { assertGolden } from '../../support/golden';
import { firstSite, machine } from '../../support/machine';
import { run, scenario, scenarioText, problemsOf, setupOf } from './support';

const FEATURES = ['VIRTIO_NET_F_MAC', 'VIRTIO_NET_F_STATUS', 'VIRTIO_NET_F_MRG_RXBUF'];
const ONE = [{ kind: 'tx', count: 1 }];

const on = (transport: string, fields: object = {}): ReturnType<typeof scenario> =>
  scenario({ device: { transport, features: FEATURES }, traffic: ONE, ...fields });

async function runOn(transport: string, fields: object = {}): Promise<RunResult> {
  const result = await run(on(transport, fields), { keepLog: true });
  assert.deepEqual(result.findings, []);
  return result;
}

/** Exits of the time after 1 ms: those of the set-up are many, and others. */
const since = async (transport: string, fields: object): Promise<Record<string, number>> => {
  const [all, before] = [await runOn(transport, fields), await runOn(transport, { ...fields, traffic: [] })];
  return Object.fromEntries(
    Object.entries(all.exits).map(([kind, n]) => [kind, n - (before.exits[kind as keyof typeof before.exits] ?? 0)]),
  );
};

describe('transports', function () {
  this.timeout(60_000);

  it('an interrupt costs two exits over virtio-mmio, one over PCI, none in lguest', async () => {
    const one = { notify: 1, injection: 1, config: 0 };
    assert.deepEqual(await since('mmio', {}), { ...one, interruptStatus: 1, interruptAck: 1 });
    assert.deepEqual(await since('pci', {}), { ...one, interruptStatus: 1, interruptAck: 0 });
    assert.deepEqual(await since('lguest', {}), { ...one, interruptStatus: 0, interruptAck: 0 });
  });

  for (const transport of ['pci', 'lguest'])
    it(`one packet over ${transport}`, async () => {
      const { log } = await runOn(transport);
      const first = log.findIndex((e) => e.timeNs >= 1_000_000);
      const end = log.findIndex((e, i) => i > first && e.what === 'status');
      const list = log.slice(first, end).filter((e) => e.what !== 'skb' || e.detail['op'] === 'free');
      assertGolden(`${transport}-tx-one.txt`, list.map(goldenLine));
    });

  it('carries the same packets both ways, whatever the kernel', async () => {
    const traffic = [
      { kind: 'tx', count: 300 },
      { kind: 'rx', count: 300, size: 1514 },
    ];
    for (const kernel of ['2.6.30', '2.6.31', '2.6.32', '2.6.34', '5.10'])
      for (const transport of kernel === '5.10' ? ['mmio', 'pci'] : ['mmio', 'pci', 'lguest']) {
        const driver = { bundled: `virtio_net-${kernel}` };
        // 2.6.34 and lguest do not part well: below
        const { tx, rx } = await runOn(transport, { driver, traffic, remove: kernel !== '2.6.34' });
        assert.equal(tx.done, 300, `${kernel} over ${transport}`);
        assert.equal(rx.done, 300, `${kernel} over ${transport}`);
      }
  });

  it('lguest’s reset pulls the descriptors away from under detach_unused_buf() of 2.6.34', async () => {
    // reset_device() of the Launcher zeroes the rings; the driver then counts the descriptors of a sent packet that it has not
    // collected, header and data, along a chain that is gone
    const driver = { bundled: 'virtio_net-2.6.34' };
    const { findings } = await run(on('lguest', { driver }));
    assert.match(findings[0]?.text ?? '', /kernel BUG at virtio_ring-2\.6\.34\.c:\d+ in vring_detach_unused_buf/);
    assert.deepEqual((await run(on('pci', { driver }))).findings, []);
  });

  it('lguest’s queues interrupt on lines of their own', async () => {
    const traffic = [
      { kind: 'tx', count: 1 },
      { kind: 'rx', atNs: 2_000_000, count: 1 },
    ];
    const { log } = await runOn('lguest', { traffic });
    assert.deepEqual(
      log.filter((e) => e.what === 'irqEnter' && e.detail['irq'] !== 'timer').map((e) => e.detail['irq']),
      ['virtio0 tx', 'virtio0 rx'],
    );
  });

  it('goes back on each, to the same place', async () => {
    for (const transport of ['pci', 'lguest']) {
      const to = await setupOf(on(transport, { traffic: [...ONE, { kind: 'rx', atNs: 1_100_000, count: 3 }] }));
      const handle = await machine({ ...to, stopSites: [firstSite(to.program, 'vring_interrupt')] });
      const start = await handle.start();
      const before = await handle.hash();
      await handle.run({ kind: 'continue' });
      const back = await handle.run({ kind: 'goto', position: start.position });
      assert.deepEqual(back.position, start.position);
      assert.equal(await handle.hash(), before, transport);
      await handle.dispose();
    }
  });

  it('refuses what cannot be, and says why', () => {
    const text = (device: object, more: object = {}): string =>
      problemsOf(scenarioText({ device, ...more }))
        .map((p) => p.message)
        .join('\n');
    assert.match(
      text({ transport: 'pci', version: 2 }),
      /found 2, expected 1: transport "pci" is the legacy interface \(virtio-pci as of 2009, I\/O ports\)/,
    );
    assert.match(text({ transport: 'lguest', version: 2 }), /transport "lguest" is the legacy interface/);
    assert.match(text({ transport: 'isa' }), /one of "mmio", "pci", "lguest"/);
    assert.match(text({ transport: 'lguest' }, { physOffset: '0x100000000000' }), /page numbers of 32 bits/);
  });

  it('refuses lguest for a kernel that has none', async () => {
    const loaded = on('lguest', { driver: { bundled: 'virtio_net-5.10' } });
    await assert.rejects(setupOf(loaded), (error) => {
      assert.ok(error instanceof ScenarioError);
      assert.match(error.message, /linked with kernel 5\.10: lguest left Linux with 4\.14; expected "mmio" or "pci"/);
      return true;
    });
  });
});
