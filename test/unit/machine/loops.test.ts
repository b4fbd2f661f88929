// Closed loops through a real driver: who sends in which context, that they end, and what is told when a packet is lost.
import assert from 'node:assert/strict';
import { readEcho, readSegment } from '../../../src/device';
import type { MachineTraffic, SentFrame } from '../../../src/machine';
import { driverPages, headless, machine, random, setup, toEnd, virtioNet } from '../../support/machine';

/** QEMU wants 64 KiB posted before it delivers into mergeable buffers, and this driver refills below half. */
const queues = { rx: 64, tx: 32 };

const common = { atNs: 1_000_000, peerNs: 20_000 } as const;
const ping = (from: 'guest' | 'host', count: number): MachineTraffic => ({
  kind: 'ping',
  from,
  count,
  size: 98,
  intervalNs: 0,
  ...common,
});
const stream = (from: 'guest' | 'host', count: number): MachineTraffic => ({
  kind: 'stream',
  from,
  count,
  size: 1514,
  window: 6,
  ackEvery: 2,
  ackSize: 60,
  ...common,
});

/** What the guest sent, in words: `reply 3`, `data 1460`, `ack 2921`. */
function words({ bytes }: SentFrame): string {
  const echo = readEcho(bytes);
  if (echo) return `${echo.reply ? 'reply' : 'request'} ${echo.sequence}`;
  const segment = readSegment(bytes);
  return segment && segment.data > 0 ? `data ${segment.sequence}` : `ack ${segment?.acknowledged}`;
}

describe('closed loops through a driver', function () {
  this.timeout(60_000);

  it('a ping of the guest: as many round trips as requests, one at a time', async () => {
    const frames: SentFrame[] = [];
    const run = headless(setup(await virtioNet(), { queues, traffic: [ping('guest', 5)] }), {
      onFrame: (f) => frames.push(f),
    });
    assert.deepEqual(run.findings, []);
    assert.deepEqual(frames.map(words), ['request 0', 'request 1', 'request 2', 'request 3', 'request 4']);
    assert.deepEqual([run.tx.done, run.rx.done], [5, 5]);
    assert.equal(run.queues['tx']?.maxOutstanding, 1);
  });

  it('a ping of the host: the stack answers within the softirq that received', async () => {
    const frames: SentFrame[] = [];
    const run = headless(setup(await virtioNet(), { queues, traffic: [ping('host', 3)] }), {
      onFrame: (f) => frames.push(f),
    });
    assert.deepEqual(run.findings, []);
    assert.deepEqual(frames.map(words), ['reply 0', 'reply 1', 'reply 2']);
    // received, answered and freed, all before the poll is done
    const life = run.log.filter(({ what }) => what === 'skb' || what === 'napi').map(({ detail }) => detail['op']);
    const from = life.indexOf('receive');
    assert.deepEqual(life.slice(from, from + 6), ['receive', 'alloc', 'enqueue', 'dequeue', 'xmit', 'xmitOk']);
    assert.ok(life.indexOf('done', from) > from + 6);
  });

  for (const from of ['guest', 'host'] as const)
    it(`a stream of the ${from} comes through in order, within its window`, async () => {
      const frames: SentFrame[] = [];
      const traffic = [stream(from, 41)];
      const run = headless(setup(await virtioNet(), { queues, traffic }), { onFrame: (f) => frames.push(f) });
      assert.deepEqual(run.findings, []);
      const sent = from === 'guest' ? run.tx : run.rx;
      const back = from === 'guest' ? run.rx : run.tx;
      assert.deepEqual([sent.done, back.done], [41, 21]);
      const expected =
        from === 'guest'
          ? Array.from({ length: 41 }, (_, i) => `data ${1 + i * 1460}`)
          : Array.from({ length: 21 }, (_, i) => `ack ${1 + Math.min(2 * (i + 1), 41) * 1460}`);
      assert.deepEqual(frames.map(words), expected);
    });

  it('segments longer than the MTU are segmented by the device, and come through', async () => {
    // CSUM, HOST_TSO4, HOST_ECN on the way out; MRG_RXBUF for the ACKs
    const features = (1n << 0n) | (1n << 5n) | (1n << 11n) | (1n << 15n) | (1n << 24n);
    const big = { ...stream('guest', 9), size: 9014 } as MachineTraffic;
    const run = headless(setup(await virtioNet(), { features, queues: { rx: 64, tx: 64 }, traffic: [big] }));
    assert.deepEqual(run.findings, []);
    assert.equal(run.tx.done, 9);
  });

  it('a frame that the guest cannot send is dropped, and the log says why', async () => {
    const big = { kind: 'tx', atNs: 1_000_000, count: 2, intervalNs: 0, size: 2000 } as const;
    const run = headless(setup(await virtioNet(), { queues: { rx: 64, tx: 64 }, traffic: [big] }));
    assert.deepEqual([run.tx.offered, run.tx.done, run.tx.dropped], [2, 0, 2]);
    const drops = run.log.filter(({ what }) => what === 'drop');
    assert.deepEqual(
      drops.map(({ queue, detail }) => [queue, detail['bytes']]),
      [
        ['tx', 2000],
        ['tx', 2000],
      ],
    );
    for (const { detail } of drops) assert.match(String(detail['why']), /^EMSGSIZE: longer than the MTU/);
  });

  it('several at once do not disturb each other, with other traffic between', async () => {
    const burst = { kind: 'tx', atNs: 1_000_000, count: 40, intervalNs: 3000, size: 200 } as const;
    const traffic = [burst, ping('guest', 8), ping('host', 8), stream('guest', 30), stream('host', 30)];
    const run = headless(setup(await virtioNet(), { queues, traffic }));
    assert.deepEqual(run.findings, []);
    assert.equal(run.tx.done, 40 + 8 + 8 + 30 + 15);
    assert.equal(run.rx.done, 8 + 8 + 15 + 30);
  });

  it('a lost packet ends its loop, and the end says who waits for what', async () => {
    const driver = await virtioNet();
    const stuck = (traffic: MachineTraffic, nth: number): string[] => {
      const run = headless(setup(driver, { queues, traffic: [traffic], faults: [{ kind: 'skb', nth, count: 1 }] }));
      return run.findings.map(({ kind, text }) => `${kind}: ${text}`);
    };
    // the first 64 skbs fill the receive ring, and one more finds it full
    const found = [...Array(8).keys()].flatMap((i) => stuck(ping('guest', 3), i + 64));
    const waits = 'stall: The guest waits for the reply to its echo request';
    for (const n of [1, 2, 3])
      assert.ok(found.includes(`${waits} ${n} of 3; the request never left on the wire.`), `${n}`);
    const answers = [...Array(8).keys()].flatMap((i) => stuck(ping('host', 3), i + 64));
    const peer = 'stall: The peer waits for the reply to its echo request';
    assert.ok(answers.includes(`${peer} 2 of 3; the reply never left on the wire.`), answers.join('\n'));
  });

  it('at the end of the time a loop is not stuck, only not done', async () => {
    const run = headless(setup(await virtioNet(), { queues, traffic: [ping('guest', 1e6)], limitNs: 2_000_000 }));
    assert.deepEqual(run.findings, []);
    assert.ok(run.tx.offered > 3 && run.tx.offered < 100);
  });

  it('both levels give the same run, and any place is the same however it is reached', async () => {
    const traffic = [ping('host', 4), stream('guest', 14), ping('guest', 4)];
    const to = setup(await virtioNet(), { queues: { rx: 64, tx: 16 }, traffic });
    const run = headless(to);
    const debug = headless(to, { level: 'debug' });
    assert.deepEqual(debug.text, run.text);
    assert.deepEqual(driverPages(debug), driverPages(run));

    const handle = await machine(to);
    const end = await toEnd(handle);
    const below = random(11);
    const seen = new Map<number, string>();
    const places = Array.from({ length: 12 }, () => below(end.position.tick));
    for (const tick of [...places, ...places.toReversed()]) {
      await handle.run({ kind: 'goto', position: { tick, sub: 0 } });
      const hash = await handle.hash();
      assert.equal(seen.get(tick) ?? hash, hash, `tick ${tick}`);
      seen.set(tick, hash);
    }
    await toEnd(handle);
    assert.equal(handle.state?.position.tick, run.ticks);
  });
});
