// The driver and ring of Linux 5.10: reference sequences event by event, and what it leaves behind.
import assert from 'node:assert/strict';
import { goldenLine, type MachineEvent, type RunResult } from '../../../src/machine';
import { assertGolden } from '../../support/golden';
import { run, scenario } from './support';

const FEATURES = ['VIRTIO_NET_F_MAC', 'VIRTIO_NET_F_MRG_RXBUF'];
const DEVICE = { version: 2, features: FEATURES };

/** In the host's kernel, with the event index; and what it copies is not the sequence's matter. */
const EVENT_IDX = {
  device: { features: [...FEATURES, 'VIRTIO_RING_F_EVENT_IDX'], host: { model: 'vhost', parameters: {} } },
};
const isNoCopy = ({ what }: MachineEvent): boolean => !['take', 'sent', 'arrive'].includes(what);

interface Variation {
  readonly device?: object;
  readonly params?: object;
  readonly faults?: readonly object[];
}

/** A run of the driver on a modern device; nothing may be found. */
async function runOf(
  traffic: readonly object[],
  { device = {}, params = {}, faults = [] }: Variation = {},
): Promise<RunResult> {
  const driver = { bundled: 'virtio_net-5.10', params };
  const result = await run(scenario({ driver, device: { ...DEVICE, ...device }, traffic, faults }), { keepLog: true });
  assert.deepEqual(
    result.findings.map(({ text }) => text),
    [],
  );
  return result;
}

/** Events from `fromNs` on to the driver's removal, without an skb's life but its end. */
function sequence({ log }: RunResult, fromNs = 1_000_000): readonly MachineEvent[] {
  const first = log.findIndex((e) => e.timeNs >= fromNs);
  const reset = log.findIndex((e, i) => i > first && e.what === 'status');
  return log.slice(first, reset).filter((e) => e.what !== 'skb' || e.detail['op'] === 'free');
}

const count = (list: readonly MachineEvent[], what: string, queue: string): number =>
  list.filter((e) => e.what === what && e.queue === queue).length;

describe('virtio_net of Linux 5.10', function () {
  this.timeout(60_000);

  it('sends one packet: one descriptor, exposed before the kick, freed by TX NAPI', async () => {
    const list = sequence(await runOf([{ kind: 'tx', count: 1 }]));
    assertGolden('current-tx-one.txt', list.map(goldenLine));
  });

  it('event index, ten packets: one kick, though the worker takes its time; an interrupt when three quarters are done', async () => {
    const list = sequence(await runOf([{ kind: 'tx', count: 10 }], EVENT_IDX));
    assert.equal(count(list, 'kick', 'tx'), 1);
    assert.equal(count(list, 'kickSuppressed', 'tx'), 9);
    assertGolden('current-tx-burst.txt', list.filter(isNoCopy).map(goldenLine));
  });

  it('event index, thirty frames: the first interrupts, and none while NAPI polls', async () => {
    const list = sequence(await runOf([{ kind: 'rx', count: 30 }], EVENT_IDX));
    assert.equal(count(list, 'kick', 'rx'), 0);
    assertGolden('current-rx-burst.txt', list.filter(isNoCopy).map(goldenLine));
  });

  it('event index, ring full: stopped and kicked with 19 entries left, woken by the interrupt of the 3/4 rule', async () => {
    const host = { model: 'vhost', parameters: { txNs: 20_000 } };
    const device = { ...EVENT_IDX.device, queues: { tx: 64 }, host };
    const list = sequence(await runOf([{ kind: 'tx', count: 60 }], { device }));
    const kept = list.filter(
      (e) => isNoCopy(e) && !['add', 'use', 'expose', 'kickSuppressed', 'interruptSuppressed', 'skb'].includes(e.what),
    );
    assert.equal(count(list, 'queueStop', 'tx'), 1);
    assertGolden('current-tx-full.txt', kept.map(goldenLine));
  });

  it('receives into buffers that are as long as packets have been', async () => {
    const size = 9014;
    const { log } = await runOf([{ kind: 'rx', count: 200, intervalNs: 20_000, size }]);
    const merged = log.filter((e) => e.what === 'use' && e.queue === 'rx').map((e) => Number(e.detail['len']));
    // 1536 bytes each to begin with; a page once the average of 1/64 has risen
    assert.equal(Math.max(...merged.slice(0, 6)), 1536);
    assert.equal(Math.max(...merged.slice(-3)), 4096);
  });

  it('gives everything back when it is removed with packets in flight, whatever the buffers', async () => {
    const traffic = [
      { kind: 'tx', count: 30 },
      { kind: 'rx', count: 20, size: 1514 },
    ];
    for (const features of [FEATURES, ['VIRTIO_NET_F_MAC']]) {
      const limited = scenario({
        driver: { bundled: 'virtio_net-5.10' },
        device: { ...DEVICE, features },
        traffic,
        limitNs: 1_020_000,
      });
      const { findings, queues } = await run(limited);
      assert.deepEqual(findings, []);
      assert.ok((queues['tx']?.added ?? 0) > (queues['tx']?.used ?? 0));
    }
  });

  it('stops its queue when fewer entries are free than the largest packet takes, and loses nothing', async () => {
    for (const napi_tx of [1, 0]) {
      const result = await runOf([{ kind: 'tx', count: 200 }], {
        device: { queues: { tx: 64, rx: 64 } },
        params: { napi_tx },
      });
      assert.equal(result.tx.done, 200);
      assert.equal(result.tx.dropped, 0);
      assert.ok(count(result.log, 'queueStop', 'tx') > 0);
      // 64 - 20 = 44 are in use when one more leaves 19 free
      assert.equal(result.queues['tx']?.maxOutstanding, 45);
    }
  });

  it('decides about a kick once for a burst: all but its last packet come with xmit_more', async () => {
    const traffic = [{ kind: 'tx', count: 24, burst: 8, intervalNs: 1_000_000 }];
    const decisions = ({ queues: { tx } }: RunResult): number => (tx?.kicks ?? 0) + (tx?.kicksSuppressed ?? 0);
    const all = await runOf(traffic);
    assert.equal(all.tx.done, 24);
    assert.equal(decisions(all), 3);
    // 8 at a time is also the most that the qdisc hands out in bulk
    assert.equal(decisions(await runOf([{ kind: 'tx', count: 24, burst: 24 }])), 3);
    assert.equal(decisions(await runOf(traffic, { params: { qdisc_bulk: 1 } })), 24);
    const old = await run(scenario({ traffic }));
    assert.equal(decisions(old), 24, 'Linux 2.6.31 kicks for each');
    assert.equal(old.tx.done, 24);
  });

  it('sends what has gathered of a burst when the rest is refused', async () => {
    // 400 packets are more than a socket's send buffer holds
    const { tx } = await runOf([{ kind: 'tx', count: 400, burst: 400, size: 1514 }]);
    assert.equal(tx.done, 400);
  });

  it('gives the stack the headers of long packets, which lie in fragments: TCP goes on', async () => {
    const stream = { kind: 'stream', from: 'host', count: 100, size: 1514, window: 8 };
    const { rx, tx } = await runOf([stream]);
    assert.equal(rx.done, 100);
    assert.equal(tx.done, 50, 'an ACK for every second segment');
  });

  it('orphans packets without TX NAPI, and not with it', async () => {
    const orphans = async (napi_tx: number): Promise<number> =>
      (await runOf([{ kind: 'tx', count: 5 }], { params: { napi_tx } })).log.filter(
        (e) => e.what === 'skb' && e.detail['op'] === 'orphan',
      ).length;
    assert.equal(await orphans(1), 0);
    assert.equal(await orphans(0), 5);
  });

  it('fills its ring in a work when memory was short', async () => {
    const { queues, rx } = await runOf([{ kind: 'rx', count: 100, intervalNs: 1000 }], {
      faults: [{ kind: 'page', nth: 8, count: 6 }],
    });
    assert.equal(rx.done, 100);
    assert.ok((queues['rx']?.added ?? 0) > 256);
  });
});
