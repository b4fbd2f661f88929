// Two runs packet by packet: what each did for a packet, how they are aligned, and where they first part.
import assert from 'node:assert/strict';
import type { MachineEvent, MachineHandle } from '../../../src/machine';
import { align, latencyNs } from '../../../src/views/compare/align';
import { compareState } from '../../../src/views/compare/compare-state';
import { type Journey, journeys } from '../../../src/views/compare/journey';
import { checkFromCompare, checkToCompare } from '../../../src/views/compare/protocol';
import { machine, rx, setup, toEnd, tx, virtioNet } from '../../support/machine';

let seq = 0;
const event = (
  what: MachineEvent['what'],
  queue: string | undefined,
  detail: MachineEvent['detail'] = {},
): MachineEvent => {
  seq++;
  return { seq, position: { tick: seq * 10, sub: 0 }, timeNs: seq * 100, who: 'test', what, queue, detail };
};
const skb = (op: string, id: number): MachineEvent => event('skb', undefined, { op, id });

const journey = (n: number, more: Partial<Journey> = {}): Journey => ({
  direction: 'tx',
  n,
  tick: n * 10,
  fromNs: n * 100,
  doneNs: n * 100 + 50,
  kicks: 1,
  kicksSuppressed: 0,
  interrupts: 0,
  exits: 1,
  story: ['add', 'expose', 'kick'],
  ...more,
});

async function packetsOf(handle: MachineHandle): Promise<readonly Journey[]> {
  return journeys(await handle.events(0, Infinity), await handle.effects());
}

describe('the journey of a packet', () => {
  it('has what the driver did after it was added, and what the device did after it was taken', () => {
    seq = 0;
    const events = [
      skb('enqueue', 1),
      skb('xmit', 1),
      event('add', 'tx', { head: 0, skb: 1 }),
      event('expose', 'tx'),
      event('kick', 'tx'),
      skb('enqueue', 2),
      skb('xmit', 2),
      event('add', 'tx', { head: 2, skb: 2 }),
      event('expose', 'tx'),
      event('kickSuppressed', 'tx'),
      event('take', 'tx', { head: 0 }),
      event('sent', 'tx'),
      event('use', 'tx', { id: 0 }),
      event('interrupt', 'tx', { coalesced: 0 }),
      event('take', 'tx', { head: 2 }),
      event('sent', 'tx'),
      event('interrupt', 'tx', { coalesced: 1 }),
      event('irqEnter', undefined, { irq: 'virtio0' }),
    ];
    const exits = [
      { effect: 'notify', tick: 45 },
      { effect: 'kickSuppressed', tick: 95 },
      { effect: 'interrupt', tick: 175 },
      { effect: 'interruptAck', tick: 185 },
    ] as const;
    const [first, second, ...more] = journeys(events, exits);
    assert.deepEqual(more, []);
    assert.deepEqual(first, {
      direction: 'tx',
      n: 1,
      tick: 10,
      fromNs: 100,
      doneNs: 1200,
      kicks: 1,
      kicksSuppressed: 0,
      interrupts: 1,
      exits: 3,
      story: ['add', 'expose', 'kick', 'take', 'sent', 'use', 'interrupt'],
    });
    assert.deepEqual(second?.story, ['add', 'expose', 'kickSuppressed', 'take', 'sent', 'interrupt']);
    assert.deepEqual([second?.kicksSuppressed, second?.interrupts, second?.exits, second?.doneNs], [1, 0, 0, 1600]);
  });

  it('adds up, over all packets of a real run, to what the run has counted', async function () {
    this.timeout(30_000);
    const driver = await virtioNet();
    const handle = await machine(setup(driver, { queues: { rx: 32, tx: 16 }, traffic: [tx(30, 200), rx(8, 20_000)] }));
    await handle.start();
    const end = await toEnd(handle);
    const packets = await packetsOf(handle);
    const sent = packets.filter(({ direction }) => direction === 'tx');
    const received = packets.filter(({ direction }) => direction === 'rx');
    assert.deepEqual([sent.length, received.length], [30, 8]);
    const counters = end.queues[1]?.counters;
    const sum = (of: (packet: Journey) => number): number => sent.reduce((total, packet) => total + of(packet), 0);
    assert.equal(
      sum(({ kicks }) => kicks),
      counters?.kicks,
    );
    assert.equal(
      sum(({ kicksSuppressed }) => kicksSuppressed),
      counters?.kicksSuppressed,
    );
    assert.ok(sent.every((packet) => (latencyNs(packet) ?? -1) > 0));
    assert.ok(received.every(({ doneNs }) => doneNs !== undefined));
    assert.deepEqual(
      sent.map(({ n }) => n),
      sent.map((_, i) => i + 1),
    );
  });
});

describe('two runs', () => {
  it('are aligned by direction and number; the first difference is told', () => {
    const left = [journey(1), journey(2), journey(1, { direction: 'rx' }), journey(3)];
    const right = [
      journey(1),
      journey(1, { direction: 'rx' }),
      journey(2, { kicks: 0, kicksSuppressed: 1, exits: 0, story: ['add', 'expose', 'kickSuppressed'] }),
    ];
    const { packets, first } = align(left, right);
    assert.deepEqual(
      packets.map(({ direction, n }) => `${direction} ${n}`),
      ['tx 1', 'tx 2', 'rx 1', 'tx 3'],
    );
    assert.equal(first, 1);
    assert.deepEqual(packets[1]?.differences, ['kicks', 'kicks suppressed', 'exits', 'order']);
    assert.deepEqual(packets[1]?.parting, { after: 'expose', left: 'kick', right: 'kickSuppressed' });
    assert.deepEqual(packets[3]?.differences, ['missing']);
  });

  it('that are the same have no first difference', () => {
    const { packets, first } = align([journey(1)], [journey(1, { tick: 99, fromNs: 1000, doneNs: 1050 })]);
    assert.deepEqual([packets.length, first], [1, undefined]);
  });

  it('of which one is shorter list the other’s packets too', () => {
    const { packets, first } = align([], [journey(1)]);
    assert.deepEqual([packets[0]?.differences, first], [['missing'], 0]);
  });
});

describe('the compare tab', () => {
  const comparison = align([journey(1), journey(2)], [journey(1), journey(2, { kicks: 3, doneNs: undefined })]);
  const state = compareState(comparison, 'A', 'B', ['a note']);

  it('says what differs in words', () => {
    assert.deepEqual(
      state.rows.map(({ label, difference }) => [label, difference]),
      [
        ['tx 1', ''],
        ['tx 2', 'kicks, latency'],
      ],
    );
    assert.equal(state.rows[1]?.right?.latency, 'under way');
    assert.equal(state.first, 1);
  });

  it('sends and takes only messages that are in order', () => {
    assert.ok(checkToCompare({ type: 'comparison', state: structuredClone(state) }));
    for (const wrong of [
      undefined,
      { type: 'comparison' },
      { type: 'comparison', state: { ...state, first: 2 } },
      { type: 'comparison', state: { ...state, rows: [{ label: 3 }] } },
      { type: 'over' },
    ])
      assert.equal(checkToCompare(wrong), undefined, JSON.stringify(wrong));
    assert.ok(checkFromCompare({ type: 'goTo', row: 0 }));
    for (const wrong of [null, 'goTo', { type: 'goTo', row: -1 }, { type: 'goTo', row: '0' }, { type: 'else' }])
      assert.equal(checkFromCompare(wrong), undefined, JSON.stringify(wrong));
  });
});
