// Every host under the bundled driver: traffic both ways arrives, nothing is found, and both levels agree; and what tells hosts apart.
import assert from 'node:assert/strict';
import { HOSTS } from '../../../src/device';
import type { MachineSetup } from '../../../src/machine';
import { driverPages, headless, MERGEABLE, rx, setup, SMALL, tx, virtioNet } from '../../support/machine';

type Host = NonNullable<MachineSetup['device']['host']>;

/** Hosts of a network card: one is a liar, and one a ring and nothing else. */
const hosts = HOSTS.filter(({ name }) => name !== 'liar' && name !== 'vringh');

async function run(host: Host, traffic: MachineSetup['traffic'], features = SMALL, costs: MachineSetup['costs'] = {}) {
  const to = setup(await virtioNet(), { queues: { rx: 64, tx: 64 }, features, host, traffic, costs });
  const result = headless(to);
  assert.deepEqual(result.findings, [], host.model);
  return result;
}

const host = (model: string, parameters: Host['parameters'] = {}): Host => ({ model, parameters });

/** Stalls of three packets, for many distances of the last two between them: when exactly the two sides cross is the cost model's matter. */
async function stalls(parameters: Host['parameters']): Promise<string[]> {
  const found = new Set<string>();
  const one = { kind: 'tx', count: 1, intervalNs: 0, size: 64 } as const;
  for (let gap = 0; gap < 60; gap++) {
    const to = setup(await virtioNet(), {
      queues: { rx: 64, tx: 64 },
      // no interrupt but the first one's: the vCPU is free when the host asks for kicks again
      features: 1n << 5n,
      host: host('lguest-2.6.31', { forceOnEmpty: false, ...parameters }),
      costs: { eventfdWake: 0, hostRead: 100 },
      traffic: [one, { ...one, atNs: 1_100_000 }, { ...one, atNs: 1_101_500 + 40 * gap }].map((item) => ({
        atNs: 1_000_000,
        ...item,
      })),
    });
    for (const { kind, text } of headless(to).findings) if (kind === 'stall') found.add(text);
  }
  return [...found];
}

describe('hosts under the bundled driver', function () {
  this.timeout(60_000);

  for (const { name } of hosts)
    it(`${name}: sends and receives everything, the same at both levels`, async () => {
      for (const features of [SMALL, MERGEABLE]) {
        const traffic = [tx(70, 700), rx(50, 900), tx(10, 40_000), rx(10, 35_000, 1200)];
        const to = setup(await virtioNet(), { queues: { rx: 64, tx: 32 }, features, host: host(name), traffic });
        const [run, debug] = [headless(to, { level: 'run' }), headless(to, { level: 'debug' })];
        assert.deepEqual(run.findings, []);
        assert.deepEqual(debug.text, run.text);
        assert.equal(Buffer.compare(driverPages(debug), driverPages(run)), 0);
        assert.equal(run.tx.done, 80);
        assert.equal(run.rx.done, 60);
        assert.equal(run.queues['rx']?.used, 60);
      }
    });

  it('qemu-bh sends at once what qemu-timer keeps for 150 µs', async () => {
    const latency = async (model: string): Promise<number> => (await run(host(model), [tx(1)])).tx.latencyNs.max;
    assert.ok((await latency('qemu-timer')) > 150_000);
    assert.ok((await latency('qemu-bh')) < 20_000);
  });

  it('qemu-iothread interrupts from its own thread, or has the main loop do it', async () => {
    const thread = await run(host('qemu-iothread'), [tx(1)]);
    const own = await run(host('qemu-iothread', { injectFromThread: false }), [tx(1)]);
    assert.ok(own.text.some((line) => line.includes('QEMU main loop interrupt tx')));
    assert.ok(thread.text.some((line) => line.includes('QEMU I/O thread interrupt tx')));
  });

  it('lguest 2.6.30 breaks the guest off for each frame, and interrupts for each whatever NO_INTERRUPT says', async () => {
    const { queues } = await run(host('lguest-2.6.30'), [rx(20)]);
    assert.equal(queues['rx']?.interrupts.raised, 20);
    assert.equal(queues['rx'].interrupts.suppressed, 0);
  });

  it('lguest 2.6.30 adapts its timeout: 1 µs less when it found as many, 10 µs more when it found fewer', async () => {
    const { text } = await run(host('lguest-2.6.30'), [
      tx(8, 0),
      { kind: 'tx', count: 4, intervalNs: 0, size: 64, atNs: 3_000_000 },
      { kind: 'tx', count: 4, intervalNs: 0, size: 64, atNs: 5_000_000 },
    ]);
    const armed = text.flatMap((line) => /timerArm tx name=SIGALRM ns=(\d+)/.exec(line)?.[1] ?? []).map(Number);
    assert.equal(armed[0], 500_000);
    for (const [i, ns] of armed.entries()) {
      const step = ns - (armed[i - 1] ?? ns);
      assert.ok(i === 0 || step === -1000 || step === 10_000, `${armed.join(' ')}`);
    }
    assert.ok(armed.length >= 3);
  });

  it('NOTIFY_ON_EMPTY can be taken from a QEMU', async () => {
    const offered = async (notifyOnEmpty: boolean): Promise<string[]> =>
      (await run(host('qemu-timer', { notifyOnEmpty }), [tx(1)], 1n << 5n)).text.filter((l) => l.includes('features'));
    assert.match((await offered(true)).join(), /accepted=0x1000020/);
    assert.match((await offered(false)).join(), /accepted=0x20/);
  });

  it('a fault of re-enabling without looking again stalls, and the finding says who waits for whom', async () => {
    assert.deepEqual(await stalls({ recheck: true }), []);
    assert.match(
      (await stalls({ recheck: false })).join(),
      /1 exposed buffer of tx waits for the device; the device sleeps/,
    );
  });

  it('without a barrier a load passes the store of the flag: the lost kick of lguest 2.6.31; with mb() there is none', async () => {
    assert.match(
      (await stalls({ storeBuffer: 4 })).join(),
      /1 exposed buffer of tx waits for the device; the device sleeps/,
    );
    assert.deepEqual(await stalls({ storeBuffer: 4, mb: true }), []);
  });

  for (const model of ['qemu-bh', 'qemu-iothread', 'vhost'])
    it(`${model}: without its barrier a load passes the store of the flag, and a kick is lost; with it none is`, async () => {
      const quiet: Host['parameters'] = model === 'vhost' ? {} : { notifyOnEmpty: false };
      const lost = async (mb: boolean): Promise<number> => {
        const one = { kind: 'tx', count: 1, intervalNs: 0, size: 64 } as const;
        let found = 0;
        for (let gap = 0; gap < 16; gap++) {
          const to = setup(await virtioNet(), {
            queues: { rx: 64, tx: 64 },
            features: 1n << 5n,
            host: host(model, { storeBuffer: 4, mb, ...quiet }),
            // a slow read: the window is as long as the look at avail.idx that runs ahead of the flag
            costs: { eventfdWake: 0, hostWake: 0, hostRead: 2000 },
            traffic: [one, { ...one, atNs: 1_100_000 }, { ...one, atNs: 1_110_000 + 500 * gap }].map((item) => ({
              atNs: 1_000_000,
              ...item,
            })),
          });
          const stalled = headless(to).findings.filter(({ kind }) => kind === 'stall');
          for (const { text } of stalled)
            assert.match(text, /decided not to kick for it before the device asked: NO_NOTIFY/);
          found += stalled.length;
        }
        return found;
      };
      assert.ok((await lost(false)) > 0);
      assert.equal(await lost(true), 0);
    });

  for (const model of ['qemu-timer', 'qemu-bh', 'qemu-iothread', 'vhost'])
    it(`${model}: a store buffer behind barriers delays stores and loses none`, async () => {
      const to = setup(await virtioNet(), {
        queues: { rx: 64, tx: 32 },
        features: SMALL,
        host: host(model, { storeBuffer: 3, mb: true }),
        traffic: [tx(70, 700), rx(50, 900)],
      });
      const { findings, tx: sent, queues } = headless(to);
      assert.deepEqual(findings, []);
      assert.deepEqual([sent.done, queues['rx']?.used], [70, 50]);
    });

  it('a store buffer delays stores and loses none, the same at both levels', async () => {
    const traffic = [tx(70, 700), rx(50, 900)];
    const to = setup(await virtioNet(), {
      queues: { rx: 64, tx: 32 },
      features: SMALL,
      host: host('lguest-2.6.31', { storeBuffer: 3, mb: true }),
      traffic,
    });
    const [run, debug] = [headless(to, { level: 'run' }), headless(to, { level: 'debug' })];
    assert.deepEqual(run.findings, []);
    assert.deepEqual(debug.text, run.text);
    assert.equal(run.tx.done, 70);
    assert.equal(run.queues['rx']?.used, 50);
  });
});
