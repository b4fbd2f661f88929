// A run told packet by packet: whose each kick, exit, interrupt and line is, over replays and edits, and past what the event log keeps.
import assert from 'node:assert/strict';
import type { EventKind, MachineHandle, PacketRun } from '../../../src/machine';
import { PacketLog } from '../../../src/machine/packet-log';
import { machine, rx, setup, toEnd, tx, virtioNet } from '../../support/machine';

const ALL = 1_000_000;
const goTo = (handle: MachineHandle, tick: number) => handle.run({ kind: 'goto', position: { tick, sub: 0 } });

/** A log that is told events 10 ticks, 100 ns and 3 lines apart. */
function told(
  events: readonly (readonly [EventKind, string | undefined, Record<string, string | number>])[],
): PacketLog {
  const clock = { lines: 0 };
  const log = new PacketLog(true, clock);
  events.forEach(([what, queue, detail], i) => {
    clock.lines = 3 * (i + 1);
    const position = { tick: 10 * (i + 1), sub: 0 };
    log.event({ seq: i, position, timeNs: 100 * (i + 1), who: 'test', what, queue, detail });
  });
  return log;
}

const names = (run: PacketRun, n: number): readonly EventKind[] => run.packets[n]?.story.map(({ what }) => what) ?? [];

describe('a run packet by packet', function () {
  this.timeout(30_000);

  it('has what the driver did after it was added, and what the device did after it was taken', () => {
    const log = told([
      ['skb', undefined, { op: 'enqueue', id: 1 }],
      ['skb', undefined, { op: 'xmit', id: 1 }],
      ['add', 'tx', { head: 0, skb: 1 }],
      ['expose', 'tx', {}],
      ['kick', 'tx', {}],
      ['skb', undefined, { op: 'enqueue', id: 2 }],
      ['skb', undefined, { op: 'xmit', id: 2 }],
      ['add', 'tx', { head: 2, skb: 2 }],
      ['expose', 'tx', {}],
      ['kickSuppressed', 'tx', {}],
      ['take', 'tx', { head: 0 }],
      ['sent', 'tx', {}],
      ['use', 'tx', { id: 0 }],
      ['interrupt', 'tx', { coalesced: 0 }],
      ['take', 'tx', { head: 2 }],
      ['sent', 'tx', {}],
      ['interrupt', 'tx', { coalesced: 1 }],
      ['irqEnter', undefined, { irq: 'virtio0' }],
      ['end', undefined, {}],
    ]);
    const run = log.run(
      [
        { effect: 'notify', tick: 45 },
        { effect: 'kickSuppressed', tick: 95 },
        { effect: 'interrupt', tick: 175 },
        { effect: 'interruptAck', tick: 185 },
      ],
      ALL,
    );
    const [first, second, ...more] = run.packets;
    assert.deepEqual(more, []);
    const { story: _, ...counted } = first ?? assert.fail();
    assert.deepEqual(counted, {
      direction: 'tx',
      n: 1,
      tick: 10,
      fromNs: 100,
      doneNs: 1200,
      kicks: 1,
      kicksSuppressed: 0,
      interrupts: 1,
      exits: 3,
      // up to the second packet, and from the interrupt to the end
      lines: 15 + 3,
    });
    assert.deepEqual(names(run, 0), ['add', 'expose', 'kick', 'take', 'sent', 'use', 'interrupt']);
    assert.deepEqual(names(run, 1), ['add', 'expose', 'kickSuppressed', 'take', 'sent', 'interrupt']);
    assert.deepEqual([second?.kicksSuppressed, second?.interrupts, second?.exits, second?.doneNs], [1, 0, 0, 1600]);
    assert.deepEqual([run.totals.tx, run.totals.exits, run.totals.done, run.totals.latencyNs], [2, 3, 2, 1100 + 1000]);
    assert.deepEqual([run.whole, run.ended], [true, true]);
  });

  it('tells the first packets one by one, and counts all', () => {
    const events = Array.from({ length: 30 }, (_, i) => ['skb', undefined, { op: 'enqueue', id: i + 1 }] as const);
    const run = told(events).run([], 10);
    assert.deepEqual([run.packets.length, run.totals.tx, run.totals.lines], [10, 30, 29 * 3]);
  });

  it('adds up, over all packets of a real run, to what the run has counted', async () => {
    const driver = await virtioNet();
    const handle = await machine(setup(driver, { queues: { rx: 32, tx: 16 }, traffic: [tx(30, 200), rx(8, 20_000)] }));
    await handle.start();
    const end = await toEnd(handle);
    const { packets, totals, whole, ended } = await handle.packets(ALL);
    assert.deepEqual([totals.tx, totals.rx, packets.length, whole, ended], [30, 8, 38, true, true]);
    const sent = packets.filter(({ direction }) => direction === 'tx');
    const counters = end.queues[1]?.counters;
    const sum = (of: 'kicks' | 'kicksSuppressed'): number => sent.reduce((total, packet) => total + packet[of], 0);
    assert.deepEqual([sum('kicks'), sum('kicksSuppressed')], [counters?.kicks, counters?.kicksSuppressed]);
    assert.ok(packets.every(({ doneNs, fromNs }) => doneNs !== undefined && doneNs > fromNs));
    assert.deepEqual(
      sent.map(({ n }) => n),
      sent.map((_, i) => i + 1),
    );
    // the lines before the first packet are nobody's
    const lines = packets.reduce((total, packet) => total + packet.lines, 0);
    assert.equal(lines, totals.lines);
    await goTo(handle, packets[0]?.tick ?? 0);
    assert.equal(handle.state?.lines, end.lines - lines);
  });

  it('has its recorded future too, is the same after a replay, and loses what an edit makes undone', async () => {
    const driver = await virtioNet();
    const handle = await machine(setup(driver, { queues: { rx: 32, tx: 16 }, traffic: [tx(30, 200)] }));
    await handle.start();
    await toEnd(handle);
    const whole = await handle.packets(ALL);
    await goTo(handle, whole.packets[9]?.tick ?? 0);
    assert.deepEqual(await handle.packets(ALL), whole);
    await toEnd(handle);
    assert.deepEqual(await handle.packets(ALL), whole);
    await goTo(handle, whole.packets[9]?.tick ?? 0);
    const address = driver.symbols['lab_phys_offset'] ?? assert.fail();
    const bytes = handle.ram.slice(address, address + 1);
    assert.equal(await handle.edit({ address, bytes, text: 'nothing new' }), true);
    const cut = await handle.packets(ALL);
    assert.deepEqual([cut.ended, cut.packets.length <= 10], [false, true]);
    await toEnd(handle);
    const { packets } = await handle.packets(ALL);
    assert.deepEqual(
      packets.map(({ story }) => story.map(({ what }) => what)),
      whole.packets.map(({ story }) => story.map(({ what }) => what)),
    );
  });
});
