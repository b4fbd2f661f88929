// Two runs packet by packet: how they are aligned, where they first part, and what the tab shows of them.
import assert from 'node:assert/strict';
import type { EventKind, Journey, PacketRun } from '../../../src/machine';
import { align } from '../../../src/views/compare/align';
import { compareState, titleOf } from '../../../src/views/compare/compare-state';
import { queryOf, sideOf, spanOf } from '../../../src/views/compare/packet-view';
import {
  checkFromCompare,
  checkKept,
  checkToCompare,
  type Kept,
  type PacketSide,
  type ToCompare,
} from '../../../src/views/compare/protocol';
import { dueLook, timelineOf, update, windowOf, type Model, type Window } from '../../../webview/compare/state';

const story = (...names: EventKind[]): Journey['story'] =>
  names.map((what, i) => ({ what, ns: 200 + i, tick: 20 + i }));

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
  lines: 40,
  story: story('add', 'expose', 'kick'),
  ...more,
});

const runOf = (packets: readonly Journey[], more: Partial<PacketRun> = {}): PacketRun => {
  const of = (way: 'tx' | 'rx'): number => packets.filter(({ direction }) => direction === way).length;
  const sums = { kicks: 0, kicksSuppressed: 0, interrupts: 0, exits: 0, lines: 80, done: 2, latencyNs: 100 };
  return { packets, totals: { tx: of('tx'), rx: of('rx'), ...sums }, whole: true, ended: true, ...more };
};

describe('a compare tab', () => {
  it('is called after both runs, and after the driver of the second one where they are of one scenario', () => {
    assert.equal(titleOf('TX: a burst', 'RX: a burst'), 'Compare: TX: a burst / RX: a burst');
    assert.equal(
      titleOf('TX: a burst', 'TX: a burst with virtio_net-5.10'),
      'Compare: TX: a burst / with virtio_net-5.10',
    );
    assert.equal(titleOf('TX', 'TX'), 'Compare: TX / TX');
  });
});

describe('two runs', () => {
  it('are aligned by direction and number; the first difference is told', () => {
    const left = [journey(1), journey(2), journey(1, { direction: 'rx' }), journey(3)];
    const right = [
      journey(1, { doneNs: 170, lines: 41 }),
      journey(1, { direction: 'rx' }),
      journey(2, { kicks: 0, kicksSuppressed: 1, exits: 0, story: story('add', 'expose', 'kickSuppressed') }),
    ];
    const { packets, first } = align(runOf(left), runOf(right));
    assert.deepEqual(
      packets.map(({ direction, n }) => `${direction} ${n}`),
      ['tx 1', 'tx 2', 'rx 1', 'tx 3'],
    );
    assert.deepEqual(packets[0]?.differences, ['lines', 'latency']);
    assert.equal(first, 1, 'the first for which something else happens, not the first that takes another time');
    assert.deepEqual(packets[1]?.differences, ['kicks', 'kicks suppressed', 'exits', 'order']);
    assert.equal(packets[1]?.mark?.at, 2);
    assert.deepEqual(packets[3]?.differences, ['missing']);
  });

  it('that differ in time alone first differ there', () => {
    const story = [20, 30, 240].map((ns, i) => ({ what: 'kick', ns: 200 + ns, tick: i }) as const);
    const slower = [25, 40, 640].map((ns, i) => ({ what: 'kick', ns: 200 + ns, tick: i }) as const);
    const { packets, first } = align(
      runOf([journey(1), journey(2, { story })]),
      runOf([journey(1), journey(2, { lines: 3, story: slower })]),
    );
    assert.equal(first, 1);
    assert.deepEqual(packets[1]?.mark, { at: 2, is: 'time' }, 'where most of the time is lost');
  });

  it('that are the same have no first difference', () => {
    const { packets, first } = align(
      runOf([journey(1)]),
      runOf([journey(1, { tick: 99, fromNs: 1000, doneNs: 1050 })]),
    );
    assert.deepEqual([packets.length, first, packets[0]?.mark], [1, undefined, undefined]);
  });

  it('of which one is shorter list the other’s packets too', () => {
    const { packets, first } = align(runOf([]), runOf([journey(1)]));
    assert.deepEqual([packets[0]?.differences, first], [['missing'], 0]);
  });

  it('of which one is not as far yet do not differ in what it has not come to', () => {
    const left = [journey(1, { story: story('add', 'expose'), kicks: 0, exits: 0, doneNs: undefined })];
    const { packets, first } = align(runOf(left, { ended: false }), runOf([journey(1), journey(2)]));
    assert.deepEqual(
      packets.map(({ differences, open }) => [differences, open]),
      [
        [[], true],
        [[], true],
      ],
    );
    assert.equal(first, undefined);
    const ended = align(runOf(left), runOf([journey(1)]));
    assert.equal(ended.packets[0]?.mark?.at, 2, 'a run that has ended does nothing more');
    const other = align(
      runOf([journey(1, { story: story('add', 'kick') })], { ended: false }),
      runOf([journey(1, { story: story('add', 'expose') })]),
    );
    assert.equal(other.packets[0]?.mark?.at, 1, 'what has happened otherwise stays so');
  });
});

describe('the compare tab', () => {
  const left = runOf([journey(1), journey(2)]);
  const right = runOf([journey(1), journey(2, { kicks: 3, doneNs: undefined })], { ended: false, whole: false });
  const parted = align(left, runOf([journey(1), journey(2, { kicks: 3, story: story('add', 'kick') })]));
  const state = compareState(parted, { name: 'A', run: left }, { name: 'B', run: right });

  it('says what differs in words, and what the table lacks', () => {
    assert.deepEqual(
      state.rows.map(({ label, difference }) => [label, difference]),
      [
        ['tx 1', ''],
        ['tx 2', 'after add: expose / kick'],
      ],
    );
    const early = runOf([journey(1, { story: [], doneNs: undefined })], { ended: false });
    const begun = compareState(align(early, early), { name: 'A', run: early }, { name: 'B', run: early });
    assert.deepEqual(
      [...state.rows, ...begun.rows].map(({ open }) => open),
      [undefined, undefined, true],
    );
    assert.equal(state.first, 1);
    assert.equal(state.totals.left.latencyNs, 50);
    assert.deepEqual(state.notes, ['B: the record of its packets was full at packet 2; later ones are not told.']);
  });

  it('shows a packet of both runs from its beginning, each in its own time', () => {
    const slow = journey(1, { fromNs: 1_000_000, doneNs: 1_150_000 });
    const packet = { ...parted.packets[0], left: journey(1), right: slow } as (typeof parted.packets)[number];
    const span = spanOf(packet);
    assert.deepEqual([span.fromNs, span.toNs], [-9000, 159_000]);
    const query = queryOf(slow, span);
    assert.deepEqual([query.fromNs, query.toNs], [991_000, 1_159_000]);
    assert.equal(queryOf(journey(1), span).fromNs, 0, 'nothing is before power-on');
    const content = { kind: 'items', ns: [1_000_010], tick: [7], series: [0], value: [1] } as const;
    const series = [{ kind: 'mark', what: 'kick', queue: 'tx' }] as const;
    const window = { fromNs: query.fromNs, toNs: query.toNs, endNs: 1_100_000, series, before: [0], content };
    const side = sideOf(slow, window, 1_000_100);
    assert.deepEqual([side.window.fromNs, side.window.endNs, side.atNs, side.doneNs], [-9000, 100_000, 100, 150_000]);
    assert.deepEqual(side.window.content, { ...content, ns: [10] });
  });

  it('sends and takes only messages that are in order', () => {
    const again = { configuration: { type: 'virtio', request: 'launch', name: 'A' } };
    const kept: Kept = { version: 1, state: structuredClone(state), again: { left: again, right: again } };
    assert.deepEqual(checkKept(kept), kept);
    assert.ok(checkToCompare({ type: 'comparison', state: kept.state, again: kept.again }).ok);
    for (const [wrong, field] of [
      [undefined, 'message'],
      [{ type: 'comparison' }, 'comparison.state'],
      [{ type: 'comparison', state: { ...state, first: 2 }, again: kept.again }, 'comparison.state.first'],
      [{ type: 'comparison', state: { ...state, rows: [{ label: 3 }] }, again: kept.again }, 'rows[0].label'],
      [{ type: 'comparison', state, again: { left: again, right: {} } }, 'again.right'],
      [{ type: 'over' }, 'over.text'],
    ] as const) {
      const checked = checkToCompare(wrong);
      assert.ok(!checked.ok && checked.error.includes(field), JSON.stringify(checked));
    }
    for (const right of [
      { type: 'goTo', left: 0 },
      { type: 'choose' },
      { type: 'ready', row: 3 },
      { type: 'goToTime', row: 0, side: 'left', ns: -12.5 },
      { type: 'look', row: 0, fromNs: -10, toNs: 20 },
    ])
      assert.ok(checkFromCompare(right).ok);
    for (const wrong of [
      null,
      'goTo',
      { type: 'goTo', left: -1 },
      { type: 'choose', row: '0' },
      { type: 'goToTime', row: 0, side: 'both', ns: 1 },
      { type: 'look', row: 0, fromNs: 20, toNs: 20 },
      { type: 'else' },
    ])
      assert.ok(!checkFromCompare(wrong).ok, JSON.stringify(wrong));
    const other = { ...again, configuration: { ...again.configuration, type: 'node' } };
    assert.equal(checkKept({ ...kept, again: { left: again, right: other } }), undefined);
  });

  describe('whose packet has more items than are told one by one', () => {
    const range = { fromNs: -1000, toNs: 100_000, endNs: 200_000, series: [], before: [] };
    const columns = { ...range, content: { kind: 'columns', count: 0, sums: [], peaks: [] } } as const;
    const items = (fromNs: number, toNs: number): PacketSide['window'] => ({
      ...range,
      fromNs,
      toNs,
      content: { kind: 'items', ns: [], tick: [], series: [], value: [] },
    });
    const sideWith = (window: PacketSide['window']): PacketSide => ({ window, story: [], atNs: 0 });
    const whole: Model = update({}, { do: 'message', message: packetOf(columns) });

    function packetOf(window: PacketSide['window']): ToCompare {
      return { type: 'packet', packet: { row: 0, left: sideWith(window), right: sideWith(items(-1000, 100_000)) } };
    }

    /** The page asks, and gets what it asked for. */
    function answered(model: Model, windowAs: (asked: Window) => PacketSide['window']): Model {
      const look = dueLook(model) ?? assert.fail('nothing is asked');
      const asked = update(model, { do: 'asked', window: look });
      assert.equal(dueLook(asked), undefined, 'one question at a time');
      const windows = { left: windowAs(look), right: windowAs(look) };
      return update(asked, { do: 'message', message: { type: 'detail', row: 0, ...look, ...windows } });
    }

    it('asks for a closer look when less of it is in view, and draws that', () => {
      assert.equal(dueLook(whole), undefined, 'all of it is there already');
      const zoomed = update(whole, { do: 'zoom', factor: 0.1 });
      const looked = answered(zoomed, ({ fromNs, toNs }) => items(fromNs, toNs));
      const { fromNs, toNs } = windowOf(zoomed);
      const drawn = timelineOf(looked, 'left') ?? assert.fail();
      assert.equal(drawn.content.kind, 'items');
      assert.ok(drawn.fromNs <= fromNs && drawn.toNs >= toNs);
      assert.equal(dueLook(update(looked, { do: 'pan', share: 0.2 })), undefined, 'there is some on each side');
      assert.notEqual(dueLook(update(looked, { do: 'pan', share: 3 })), undefined);
      // a part of the part is in it
      assert.equal(dueLook(update(looked, { do: 'zoom', factor: 0.1 })), undefined);
      // out of it, what was drawn first is drawn again
      assert.equal(timelineOf(update(looked, { do: 'whole' }), 'left'), columns);
    });

    it('asks again, closer and closer, while a part comes in columns too', () => {
      const looked = answered(update(whole, { do: 'zoom', factor: 0.5 }), () => columns);
      assert.equal(dueLook(looked), undefined);
      assert.notEqual(dueLook(update(looked, { do: 'zoom', factor: 0.2 })), undefined);
    });

    it('asks nothing of sessions that are over, nor for a packet that has come item by item', () => {
      const zoomed = update(whole, { do: 'zoom', factor: 0.1 });
      assert.equal(dueLook(update(zoomed, { do: 'message', message: { type: 'over', text: 'o' } })), undefined);
      const told = update({}, { do: 'message', message: packetOf(items(-1000, 100_000)) });
      assert.equal(dueLook(update(told, { do: 'zoom', factor: 0.1 })), undefined);
    });

    it('drops a part when the packet comes anew, and one of another packet', () => {
      const looked = answered(update(whole, { do: 'zoom', factor: 0.1 }), ({ fromNs, toNs }) => items(fromNs, toNs));
      assert.equal(timelineOf(update(looked, { do: 'message', message: packetOf(columns) }), 'left'), columns);
      const late: ToCompare = { type: 'detail', row: 7, fromNs: -1000, toNs: 100_000, left: items(-1000, 100_000) };
      assert.equal(update(whole, { do: 'message', message: late }), whole);
    });
  });
});
