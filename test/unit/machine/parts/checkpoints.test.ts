// Checkpoints: found by tick, restored to the byte, shared where equal, and thinned to a bound.
import assert from 'node:assert/strict';
import { CheckpointStore } from '../../../../src/machine/checkpoints';
import { random } from '../../../support/machine';

const PAGE = 4096;
const PAGES = 16;
/** Pages 4 and 5 are no driver's. */
const skip = { from: 4, to: 6 };

interface World {
  readonly ram: Uint8Array;
  readonly store: CheckpointStore<string>;
  /** what RAM held at each checkpoint's tick */
  readonly held: Map<number, Uint8Array>;
  take(tick: number): void;
}

function world(limit = Infinity): World {
  const ram = new Uint8Array(PAGES * PAGE);
  const store = new CheckpointStore<string>(ram, skip, limit);
  const held = new Map<number, Uint8Array>();
  return {
    ram,
    store,
    held,
    take(tick) {
      store.take(tick, `at ${tick}`);
      held.set(tick, ram.slice());
    },
  };
}

const driver = (ram: Uint8Array): Uint8Array =>
  Buffer.concat([ram.subarray(0, skip.from * PAGE), ram.subarray(skip.to * PAGE)]);

/** Ticks of all checkpoints there are, up to a tick. */
function ticks({ store }: World, upTo: number): number[] {
  const list: number[] = [];
  for (let c = store.at(upTo); c !== undefined; c = store.at(c.tick - 1)) list.unshift(c.tick);
  return list;
}

describe('checkpoints', () => {
  it('are found by tick: the last at it or before', () => {
    const w = world();
    for (const tick of [0, 10, 25]) w.take(tick);
    assert.equal(w.store.at(-1), undefined);
    for (const [tick, found] of [
      [0, 0],
      [9, 0],
      [10, 10],
      [24, 10],
      [25, 25],
      [1e9, 25],
    ] as const)
      assert.equal(w.store.at(tick)?.tick, found, `${tick}`);
    assert.equal(w.store.at(11)?.state, 'at 10');
  });

  it('are restored to the byte, in any order, and leave the pages of the hooks alone', () => {
    const w = world();
    const draw = random(11);
    for (let tick = 0; tick < 40; tick++) {
      for (let i = draw(5); i > 0; i--) w.ram[draw(w.ram.length)] = draw(256);
      w.take(tick);
    }
    for (let i = 0; i < 200; i++) {
      const tick = draw(40);
      w.ram[draw(w.ram.length)] = draw(256);
      w.ram[skip.from * PAGE + 7] = i;
      const c = w.store.at(tick);
      assert.ok(c);
      w.store.restoreRam(c);
      assert.ok(Buffer.from(driver(w.ram)).equals(driver(w.held.get(tick) ?? new Uint8Array(0))), `tick ${tick}`);
      assert.equal(w.ram[skip.from * PAGE + 7], i);
    }
  });

  it('share the pages that did not change', () => {
    const w = world();
    w.take(0);
    assert.equal(w.store.bytes, PAGES * PAGE);
    w.ram[3 * PAGE + 1] = 1;
    w.ram[9 * PAGE] = 1;
    w.ram[skip.from * PAGE] = 1;
    w.take(1);
    assert.equal(w.store.bytes, (PAGES + 2) * PAGE);
    w.take(2);
    assert.equal(w.store.bytes, (PAGES + 2) * PAGE);
    assert.equal(w.store.at(2)?.pages[9], w.store.at(1)?.pages[9]);
    assert.notEqual(w.store.at(1)?.pages[9], w.store.at(0)?.pages[9]);
  });

  it('may be taken between others, as a replay passes', () => {
    const w = world();
    w.take(0);
    w.ram.fill(2);
    w.take(20);
    w.ram.fill(1);
    w.take(10);
    assert.deepEqual(ticks(w, 99), [0, 10, 20]);
    for (const tick of [20, 10, 0]) {
      const c = w.store.at(tick);
      assert.ok(c);
      w.store.restoreRam(c);
      assert.equal(w.ram[0], w.held.get(tick)?.[0]);
    }
  });

  it('after a tick are dropped, those at it stay', () => {
    const w = world();
    for (const tick of [0, 10, 20, 30]) w.take(tick);
    w.store.dropAfter(20);
    assert.deepEqual(ticks(w, 99), [0, 10, 20]);
    w.store.dropAfter(0);
    assert.deepEqual(ticks(w, 99), [0]);
    w.store.replaceFirst('other');
    assert.deepEqual([w.store.at(5)?.state, w.store.size], ['other', 1]);
  });

  it('keep to their bound however long the run, the recent ones closer together, the first for ever', () => {
    const full = PAGES * PAGE;
    const limit = 40 * full;
    const w = world(limit);
    const count = 1000;
    for (let tick = 0; tick < count; tick++) {
      for (let page = 0; page < PAGES; page++) w.ram[page * PAGE] = (tick * 7 + page) & 0xff;
      w.take(tick);
      assert.ok(w.store.bytes <= limit, `${w.store.bytes} bytes at tick ${tick}`);
    }
    const list = ticks(w, count);
    assert.equal(list[0], 0);
    assert.equal(list.at(-1), count - 1);
    const gaps = list.slice(1).map((tick, i) => tick - (list[i] ?? 0));
    const half = gaps.length >> 1;
    const sum = (of: number[]): number => of.reduce((a, b) => a + b, 0);
    assert.ok(sum(gaps.slice(half)) < sum(gaps.slice(0, half)) / 2, gaps.join());
    for (const tick of list) {
      const c = w.store.at(tick);
      assert.ok(c);
      w.store.restoreRam(c);
      assert.ok(Buffer.from(driver(w.ram)).equals(driver(w.held.get(tick) ?? new Uint8Array(0))), `tick ${tick}`);
    }
  });

  it('keep their bound when few pages change each time, and when they are taken out of order', () => {
    const limit = 4 * PAGES * PAGE;
    const w = world(limit);
    const draw = random(3);
    w.take(0);
    for (let i = 1; i < 600; i++) {
      for (let n = draw(6); n >= 0; n--) w.ram[draw(w.ram.length)] = draw(256);
      const tick = 1 + draw(1e6);
      if (w.store.at(tick)?.tick !== tick) w.take(tick);
      assert.ok(w.store.bytes <= limit, `${w.store.bytes} after ${i}`);
    }
    for (const tick of ticks(w, 1e6)) {
      const c = w.store.at(tick);
      assert.ok(c);
      w.store.restoreRam(c);
      assert.ok(Buffer.from(driver(w.ram)).equals(driver(w.held.get(tick) ?? new Uint8Array(0))), `tick ${tick}`);
    }
  });
});
