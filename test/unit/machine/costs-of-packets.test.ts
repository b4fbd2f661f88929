// The costs of packets in a run's result: counted where they arise, and the same at both levels.
import assert from 'node:assert/strict';
import type { MachineTraffic, RunResult } from '../../../src/machine';
import { driverPages, headless, MERGEABLE, rx, setup, SMALL, tx, virtioNet } from '../../support/machine';

const queues = { rx: 64, tx: 64 };

async function run(traffic: MachineTraffic[], options: Parameters<typeof setup>[1] = {}): Promise<RunResult> {
  const result = headless(setup(await virtioNet(), { queues, traffic, ...options }));
  assert.deepEqual(result.findings, []);
  return result;
}

describe('costs of packets', function () {
  this.timeout(60_000);

  it('lines from packet to packet: none for the first, and as many as were run between two', async () => {
    const one = await run([tx(1)]);
    assert.deepEqual(one.cost.linesPerPacket.tx, { p50: 0, p99: 0, max: 0 });
    const two = await run([tx(2, 300_000)]);
    const many = await run([tx(21, 300_000)]);
    const { p50, max } = many.cost.linesPerPacket.tx;
    assert.ok(p50 > 100 && p50 < 1000, `${p50}`);
    // one more packet, as many more lines
    const more = await run([tx(22, 300_000)]);
    assert.equal(more.lines - many.lines, p50);
    assert.ok(two.cost.linesPerPacket.tx.max >= p50 && max >= p50);
  });

  it('descriptors and copies: what is in a packet', async () => {
    const sent = await run([tx(10, 300_000, 200)], { features: SMALL });
    assert.equal(sent.cost.descriptorsPerPacket.tx, 2, 'header and linear data');
    assert.equal(sent.cost.bytesCopied.host, 10 * 200);
    const alone = await run([tx(1)], { features: SMALL });
    assert.equal(sent.cost.bytesCopied.guest, alone.cost.bytesCopied.guest, 'sending copies nothing');
    // a page a buffer, of which the header and as much as the head has room for are copied: 128 bytes, rounded up by alloc_skb()
    const got = await run([rx(10, 300_000, 200)], { features: MERGEABLE });
    assert.equal(got.cost.descriptorsPerPacket.rx, 1);
    assert.equal(got.cost.bytesCopied.host, 10 * 212);
    const none = await run([rx(1, 0, 200)], { features: MERGEABLE });
    const copied = (got.cost.bytesCopied.guest - none.cost.bytesCopied.guest) / 9;
    assert.ok(copied >= 12 + 128 && copied < 12 + 200, `${copied}`);
  });

  it('pieces that the host copies at an address that is no multiple of 4, and what they cost when they cost', async () => {
    // NET_IP_ALIGN puts the frame of a small buffer 2 bytes off
    const small = await run([rx(10, 300_000)], { features: SMALL });
    assert.equal(small.cost.unaligned.host, 10);
    assert.equal(small.cost.unaligned.guestPerPacket, null, 'only a measured run knows');
    // in a page it begins behind a header of 12 bytes
    const page = await run([rx(10, 300_000)], { features: MERGEABLE });
    assert.equal(page.cost.unaligned.host, 0);
    const dear = await run([rx(10, 300_000)], { features: SMALL, costs: { unaligned: 1000 } });
    assert.equal(dear.rx.latencyNs.p50 - small.rx.latencyNs.p50, 1000);
  });

  it('wake-ups of host threads, and those that found nothing', async () => {
    // the main loop wakes for each timer, and for each frame
    const sent = await run([tx(10, 300_000)]);
    assert.deepEqual(sent.cost.wakeups, { host: 10, spurious: 0 });
    const got = await run([rx(10, 300_000)]);
    assert.deepEqual(got.cost.wakeups, { host: 10, spurious: 0 });
    // buffers of 32 KiB in all are less than QEMU wants: it looks once, and polls no more
    const stuck = headless(setup(await virtioNet(), { traffic: [rx(3, 100_000)], queues: { rx: 8, tx: 8 } }));
    assert.deepEqual(stuck.cost.wakeups, { host: 1, spurious: 1 });
  });

  it('an skb is held until something looks at the used ring, and its socket is charged as long', async () => {
    // until the interrupt on empty, and its tasklet: injection, two register accesses, and the lines
    const alone = await run([tx(10, 300_000)]);
    assert.ok(alone.cost.skbHeldNs.p50 > 10_000 && alone.cost.skbHeldNs.max < 15_000, `${alone.cost.skbHeldNs.p50}`);
    assert.ok(alone.cost.socketHeldNs.p50 > alone.cost.skbHeldNs.p50 + 150_000, 'the timer, besides');
    // a burst is freed all at once: the first of it is held while the host sends the others
    const burst = await run([tx(20)]);
    assert.ok(burst.cost.skbHeldNs.max > 15 * 1_500, 'writev() of the others');
  });

  it('run, debug and measure are the same run: report, log and RAM', async () => {
    const driver = await virtioNet();
    const loop = {
      kind: 'ping',
      from: 'host',
      count: 30,
      size: 98,
      atNs: 1_000_000,
      intervalNs: 0,
      peerNs: 0,
    } as const;
    const to = setup(driver, { queues, traffic: [tx(40, 5_000), rx(40, 7_000, 500), loop] });
    const run = headless(to);
    for (const level of ['debug', 'measure'] as const) {
      const other = headless(to, { level });
      assert.deepEqual(other.text, run.text);
      assert.deepEqual(driverPages(other), driverPages(run));
      const { log: _log, text: _text, ram: _ram, cost, ...rest } = other;
      const { log: _log2, text: _text2, ram: _ram2, cost: plain, ...expected } = run;
      assert.deepEqual(rest, expected);
      const unaligned = { ...cost.unaligned, guestPerPacket: null };
      assert.deepEqual({ ...cost, unaligned, divisionsPerPacket: null, cacheLines: null }, plain);
      assert.equal(cost.cacheLines !== null, level === 'measure');
    }
  });

  it('cache lines: what a packet touches, and what of it comes from the device', async () => {
    const measured = async (count: number, size: number): Promise<RunResult> =>
      headless(setup(await virtioNet(), { queues, traffic: [tx(count, 300_000, size)] }), { level: 'measure' });
    const { cost } = await measured(50, 64);
    const lines = cost.cacheLines;
    assert.ok(lines);
    assert.ok(lines.touchedPerPacket > 20 && lines.touchedPerPacket < 200, `${lines.touchedPerPacket}`);
    // used.idx and its entry, used.flags before the kick: one line or two of the ring
    assert.ok(lines.fromOtherSidePerPacket >= 1 && lines.fromOtherSidePerPacket < 4, `${lines.fromOtherSidePerPacket}`);
    // 15 more lines of data, which the sender copies
    const more = (await measured(50, 64 + 15 * 64)).cost.cacheLines;
    assert.ok(Math.abs((more?.touchedPerPacket ?? 0) - lines.touchedPerPacket - 15) < 3, `${more?.touchedPerPacket}`);
    assert.equal(cost.unaligned.guestPerPacket, 0);
    assert.ok(cost.divisionsPerPacket !== null && cost.divisionsPerPacket >= 2, 'the ring takes two remainders');
    // beyond the 32,767 packets that the state of a line can number
    const long = headless(setup(await virtioNet(), { queues, traffic: [tx(33_000, 160_000)], limitNs: 1e11 }), {
      level: 'measure',
      keepLog: false,
    }).cost.cacheLines;
    assert.ok(Math.abs((long?.touchedPerPacket ?? 0) - lines.touchedPerPacket) < 3, `${long?.touchedPerPacket}`);
  });
});
