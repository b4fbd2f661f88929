// The machine's small parts: conditions, costs, traffic, checkpoints, statistics, skbs and the log.
import assert from 'node:assert/strict';
import type { MachineEvent } from '../../../src/machine';
import { CheckpointStore } from '../../../src/machine/checkpoints';
import { costsWith, DEFAULT_COSTS } from '../../../src/machine/costs';
import { compileEventCondition } from '../../../src/machine/event-condition';
import { EventLog, eventLine, goldenLine } from '../../../src/machine/event-log';
import { compileHitCondition } from '../../../src/machine/hit-condition';
import { SkbOp, SkbTracker } from '../../../src/machine/skb-tracker';
import { Latencies } from '../../../src/machine/statistics';
import { TrafficStream } from '../../../src/machine/traffic';
import { random } from '../../support/machine';

function event(seq: number, detail: MachineEvent['detail'] = { to: 4 }): MachineEvent {
  return { seq, position: { tick: 10 + seq, sub: 0 }, timeNs: 100, who: 'driver', what: 'expose', queue: 'tx', detail };
}

describe('event conditions', () => {
  for (const [text, expected] of [
    ['queue == "tx" && to > 3', true],
    ["queue == 'rx' || to <= 4", true],
    ['!(to == 4)', false],
    ['to >= 0x4 && tick == 10', true],
    ['missing == 0', false],
    ['missing != 0', true],
    ['queue > 3', false],
    ['who == "driver" && what == "expose" && time == 100', true],
    ['queue == "rx" && to == 4 || who == "driver"', true],
  ] as const)
    it(`${text} is ${expected}`, () => assert.equal(compileEventCondition(text)(event(0)), expected));

  for (const text of ['queue = 1', '(to', 'to >', 'to 3', '$', '&& to'])
    it(`"${text}" is refused with its text`, () =>
      assert.throws(
        () => compileEventCondition(text),
        (error: Error) => error instanceof SyntaxError && error.message.includes(text),
      ));
});

describe('hit conditions', () => {
  for (const [text, passes] of [
    ['3', [3, 4, 5, 6]],
    ['== 3', [3]],
    ['>4', [5, 6]],
    ['>= 4', [4, 5, 6]],
    [' < 3 ', [1, 2]],
    ['<=3', [1, 2, 3]],
    ['% 2', [2, 4, 6]],
  ] as const)
    it(`${text} is met at ${passes.join()}`, () =>
      assert.deepEqual([1, 2, 3, 4, 5, 6].filter(compileHitCondition(text)), passes));

  for (const text of ['often', '-1', '% 0', '1.5', '99999999999999999999'])
    it(`"${text}" is refused`, () => assert.throws(() => compileHitCondition(text), SyntaxError));
});

describe('costs', () => {
  it('are overridden by name, and wrong ones are named', () => {
    assert.deepEqual(costsWith({}), DEFAULT_COSTS);
    assert.equal(costsWith({ line: 7 }).line, 7);
    assert.throws(() => costsWith({ lines: 1 }), /costs\.lines: no such cost; there are line, /);
    assert.throws(() => costsWith({ line: 0 }), /costs\.line: found 0, expected a whole number of ns, at least 1/);
    assert.throws(() => costsWith({ memcpy: 1.5 }), /costs\.memcpy: found 1\.5/);
  });
});

describe('traffic', () => {
  const frame = (size: number, sequence: number): Uint8Array => Uint8Array.of(size, sequence);

  it('merges its sources by time, and by their place where times are equal', () => {
    const stream = new TrafficStream(
      'tx',
      [
        { kind: 'tx', atNs: 10, count: 3, intervalNs: 10, size: 1 },
        { kind: 'rx', atNs: 0, count: 9, intervalNs: 1, size: 9 },
        { kind: 'tx', atNs: 20, count: 2, intervalNs: 0, size: 2 },
        {
          kind: 'frames',
          frames: [
            { atNs: 1, direction: 'rx', bytes: Uint8Array.of(8) },
            { atNs: 5, direction: 'tx', bytes: Uint8Array.of(3) },
          ],
        },
      ],
      frame,
    );
    const start = stream.snapshot();
    const all = (): string[] => {
      const items: string[] = [];
      while (stream.nextNs < Infinity) {
        const due = stream.nextNs;
        const item = stream.take();
        assert.equal(item?.atNs, due);
        items.push(`${item.atNs}:${[...item.bytes].join()}`);
      }
      return items;
    };
    const expected = ['5:3', '10:1,0', '20:1,1', '20:2,0', '20:2,1', '30:1,2'];
    assert.deepEqual(all(), expected);
    assert.equal(stream.take(), undefined);
    stream.restore(start);
    assert.deepEqual(all(), expected);
  });
});

describe('checkpoints', () => {
  const PAGES = 16;
  const skip = { from: 2, to: 4 };

  it('give back RAM and state exactly, but for the pages that are no driver’s; equal pages are shared', () => {
    const ram = new Uint8Array(PAGES * 4096);
    const store = new CheckpointStore<number>(ram, skip, 1 << 30);
    const below = random(5);
    const copies: Uint8Array[] = [];
    for (let tick = 0; tick < 20; tick++) {
      ram[below(ram.length)] = 1 + below(255);
      store.take(tick * 10, tick);
      copies.push(ram.slice());
    }
    assert.ok(store.bytes <= (PAGES + 19) * 4096);
    for (const tick of [19, 3, 0, 11]) {
      ram.fill(0xee, skip.from * 4096, skip.to * 4096);
      const found = store.at(tick * 10 + 9);
      assert.equal(found?.state, tick);
      store.restoreRam(found);
      for (let page = 0; page < PAGES; page++) {
        const own = page < skip.from || page >= skip.to;
        const expected = own
          ? copies[tick]?.subarray(page * 4096, page * 4096 + 4096)
          : new Uint8Array(4096).fill(0xee);
        assert.deepEqual(ram.subarray(page * 4096, page * 4096 + 4096), expected);
      }
    }
    assert.equal(store.at(-1), undefined);
  });

  it('stay under their limit, keep the first, and thin the old more than the recent', () => {
    const ram = new Uint8Array(PAGES * 4096);
    const limit = 40 * PAGES * 4096;
    const store = new CheckpointStore<number>(ram, { from: 0, to: 0 }, limit);
    for (let tick = 0; tick < 400; tick++) {
      ram.fill(tick & 0xff);
      ram[0] = tick >> 8;
      store.take(tick, tick);
      assert.ok(store.bytes <= limit);
    }
    assert.equal(store.at(0)?.tick, 0);
    assert.equal(store.at(399)?.tick, 399);
    const ticks = [...new Set(Array.from({ length: 400 }, (_, tick) => store.at(tick)?.tick ?? -1))];
    const recent = ticks.filter((tick) => tick >= 200).length;
    assert.ok(recent > ticks.length - recent, ticks.join());
    store.dropAfter(350);
    assert.ok((store.at(399)?.tick ?? 399) <= 350);
  });
});

describe('latencies', () => {
  it('are exact up to their limit, and even beyond it; the greatest always is', () => {
    const few = new Latencies();
    for (let i = 100; i > 0; i--) few.add(i);
    assert.deepEqual(few.summary(), { p50: 50, p99: 99, max: 100 });
    assert.deepEqual(new Latencies().summary(), { p50: 0, p99: 0, max: 0 });
    const many = new Latencies();
    const count = 3 * Latencies.LIMIT;
    for (let i = 0; i < count; i++) many.add(i);
    const { p50, max } = many.summary();
    assert.ok(Math.abs(p50 - count / 2) < count / 100);
    assert.equal(max, count - 1);
    assert.ok(many.snapshot().values.length <= Latencies.LIMIT);
  });
});

describe('the event log', () => {
  it('goes back to a mark, and forward to one that lies beyond', () => {
    const log = new EventLog(true);
    for (let i = 0; i < 10; i++) log.append(event(i));
    const late = log.snapshot();
    log.restore({ length: 4, counted: { expose: 4 } });
    assert.equal(log.length, 4);
    assert.deepEqual(
      log.slice(0, 99).map((e) => e.seq),
      [0, 1, 2, 3],
    );
    log.restore(late);
    assert.deepEqual(
      log.slice(2, 99).map((e) => e.seq),
      [2, 3, 4, 5, 6, 7, 8, 9],
    );
    assert.deepEqual(log.counts, { expose: 10 });
    log.restore({ length: 4, counted: { expose: 4 } });
    log.append(event(4, { to: 5 }));
    assert.equal(log.slice(4, 99)[0]?.detail['to'], 5);
  });

  it('is written with position and time, and without them for golden files', () => {
    assert.equal(eventLine(event(0)), '10.0 100 driver expose tx to=4');
    assert.equal(goldenLine(event(0, {})), 'driver expose tx');
  });
});

describe('the skb tracker', () => {
  it('finds whose chain it is by the memory it covers, and follows it until it is freed', () => {
    const starts: Record<number, number> = { 100: 1000, 200: 2000 };
    const tracker = new SkbTracker({
      read: (address) => ({ length: 64, data: starts[address] ?? 0 }),
      covers: (address, pointer) => pointer >= (starts[address] ?? 0) && pointer < (starts[address] ?? 0) + 100,
      summary: () => 'a frame',
    });
    tracker.call(SkbOp.Alloc, 100, 1, true);
    tracker.call(SkbOp.Xmit, 100, 2, false);
    tracker.call(SkbOp.Alloc, 200, 3, false);
    assert.equal(tracker.added('tx', 5, [1010], false, 4), 1);
    assert.equal(tracker.added('rx', 5, [2010], true, 4), 2);
    assert.equal(tracker.added('tx', 6, [9000], false, 4), 0);
    tracker.moved('tx', 5, 'host', 5);
    const saved = tracker.snapshot();
    const view = tracker.view(false);
    assert.deepEqual(
      view.map((s) => [s.id, s.queue, s.head, s.place, s.direction, s.sinceNs]),
      [
        [1, 'tx', 5, 'host', 'tx', 5],
        [2, 'rx', 5, 'added', 'rx', 4],
      ],
    );
    tracker.call(SkbOp.Orphan, 100, 6, false);
    tracker.moved('tx', 5, 'used', 7);
    assert.equal(tracker.view(false)[0]?.place, 'orphaned');
    tracker.call(SkbOp.Free, 100, 8, false);
    assert.equal(tracker.view(false).length, 1);
    assert.equal(tracker.view(true)[0]?.place, 'leaked');
    assert.equal(tracker.moved('tx', 5, 'used', 9), undefined);
    tracker.restore(saved);
    assert.deepEqual(tracker.view(false), view);
  });
});
