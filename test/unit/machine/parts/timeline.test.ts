// The timeline's record: every answer against a plain recount of what was told; bounded memory, replays and cuts.
import assert from 'node:assert/strict';
import { Clock } from '../../../../src/machine/clock';
import { Timeline } from '../../../../src/machine/timeline';
import type { Series, TimelineColumns, TimelineItems, TimelineWindow } from '../../../../src/machine/timeline';
import type { EventKind, MachineEvent } from '../../../../src/machine/types';
import { random } from '../../../support/machine';

const KINDS: readonly EventKind[] = ['kick', 'kickSuppressed', 'interrupt', 'add', 'skb'];
const QUEUES = ['tx', 'rx'] as const;

/** One thing told to a timeline, and what it means. */
interface Told {
  readonly ns: number;
  readonly series: string;
  readonly value: number;
}

const nameOf = (series: Series): string =>
  series.kind === 'mark' ? `${series.what} ${series.queue ?? ''}` : `${series.what} ${series.of ?? ''}`;

/** A timeline, its clock, and a plain list of what was told. */
class Rig {
  readonly clock = new Clock();
  readonly timeline: Timeline;
  told: Told[] = [];
  private seq = 0;
  private readonly contexts: string[] = [];
  private readonly levels = new Map<string, number>();

  constructor(limits?: { detailed: number; coarse: number }) {
    this.timeline = new Timeline(true, this.clock, 1, () => undefined, limits);
  }

  pass(ns: number): void {
    this.clock.ns += ns;
    this.clock.tick += 1 + (ns >> 4);
  }

  event(what: EventKind, queue: string, detail: MachineEvent['detail'] = {}): void {
    const { tick, ns } = this.clock;
    const seq = this.seq++;
    this.timeline.event({ seq, position: { tick, sub: 0 }, timeNs: ns, who: 'driver', what, queue, detail });
    this.told.push({ ns, series: `${what} ${queue}`, value: seq });
    if (what === 'notify') this.level(`noNotify ${queue}`, Number(detail['flags']));
  }

  private level(series: string, value: number): void {
    if ((this.levels.get(series) ?? 0) === value) return;
    this.levels.set(series, value);
    this.told.push({ ns: this.clock.ns, series, value });
  }

  enter(context: 'process' | 'softirq' | 'hardirq'): void {
    this.timeline.enter(context);
    const below = this.contexts[this.contexts.length - 1];
    if (below !== undefined) this.level(`context ${below}`, 0);
    this.contexts.push(context);
    this.level(`context ${context}`, 1);
  }

  leave(): void {
    const context = this.contexts.pop();
    if (context === undefined) return;
    this.timeline.leave();
    this.level(`context ${context}`, 0);
    const below = this.contexts[this.contexts.length - 1];
    if (below !== undefined) this.level(`context ${below}`, 1);
  }

  /** Everything at a place where the stack is empty. */
  save(): () => void {
    while (this.depth > 0) this.leave();
    const { timeline, clock, seq } = this;
    const [state, at, told, levels] = [timeline.snapshot(), clock.snapshot(), [...this.told], [...this.levels]];
    return () => {
      timeline.restore(state);
      clock.restore(at);
      this.told = told;
      this.seq = seq;
      this.contexts.length = 0;
      this.levels.clear();
      for (const [series, value] of levels) this.levels.set(series, value);
    };
  }

  get depth(): number {
    return this.contexts.length;
  }
}

/** Lets random things happen. */
function play(rig: Rig, steps: number, seed: number): void {
  const below = random(seed);
  for (let i = 0; i < steps; i++) {
    rig.pass(below(4) === 0 ? below(5000) : below(40));
    const what = below(8);
    const queue = QUEUES[below(2)] ?? 'tx';
    if (what === 0 && rig.depth < 3) rig.enter((['process', 'softirq', 'hardirq'] as const)[rig.depth] ?? 'process');
    else if (what === 1) rig.leave();
    else if (what === 2) rig.event('notify', queue, { flags: below(2) });
    else rig.event(KINDS[below(KINDS.length)] ?? 'kick', queue);
  }
}

/** Everything about [fromNs, toNs), recounted from the list. */
function recount(told: readonly Told[], fromNs: number, toNs: number, isLevel: (series: string) => boolean) {
  const sums = new Map<string, number>();
  const add = (series: string, n: number): void => void sums.set(series, (sums.get(series) ?? 0) + n);
  const on = new Map<string, number>();
  for (const { ns, series, value } of told) {
    if (ns >= toNs) break;
    if (!isLevel(series)) {
      if (ns >= fromNs) add(series, 1);
      continue;
    }
    const since = on.get(series);
    if (since !== undefined) add(series, Math.max(0, ns - Math.max(since, fromNs)));
    if (value === 0) on.delete(series);
    else on.set(series, ns);
  }
  for (const [series, since] of on) add(series, Math.max(0, toNs - Math.max(since, fromNs)));
  return sums;
}

const isLevel = (series: string): boolean => series.startsWith('noNotify') || series.startsWith('context');

function items(window: TimelineWindow): TimelineItems {
  assert.equal(window.content.kind, 'items');
  return window.content;
}

function columns(window: TimelineWindow): TimelineColumns {
  assert.equal(window.content.kind, 'columns');
  return window.content;
}

const sum = (list: readonly number[] | null | undefined): number => (list ?? []).reduce((a, b) => a + b, 0);

/** Columns whose edges are whole ns, against the recount of each. */
function assertColumns(rig: Rig, fromNs: number, width: number, count: number): void {
  const window = rig.timeline.window({ fromNs, toNs: fromNs + width * count, columns: count, items: 0 });
  const content = columns(window);
  assert.equal(content.count, count);
  for (let column = 0; column < count; column++) {
    const from = fromNs + column * width;
    const expected = recount(rig.told, from, Math.min(from + width, window.endNs), isLevel);
    const found = new Map(
      window.series.flatMap((series, id) => {
        const n = content.sums[id]?.[column] ?? 0;
        return n === 0 ? [] : [[nameOf(series), n] as const];
      }),
    );
    for (const [series, n] of expected) if (n === 0) expected.delete(series);
    assert.deepEqual([...found].sort(), [...expected].sort(), `column ${column} of ${fromNs} + ${width}`);
  }
}

describe('the timeline of a run', () => {
  it('tells a window item by item as it was told', () => {
    const rig = new Rig();
    play(rig, 3000, 1);
    const below = random(7);
    for (let i = 0; i < 200; i++) {
      const fromNs = below(rig.clock.ns);
      const toNs = fromNs + 1 + below(rig.clock.ns >> 2);
      const window = rig.timeline.window({ fromNs, toNs, columns: 10, items: Infinity });
      const { ns, series, value } = items(window);
      const found = ns.map((time, at) => ({
        ns: time,
        series: nameOf(window.series[series[at] ?? -1] as Series),
        value: value[at],
      }));
      assert.deepEqual(
        found,
        rig.told.filter((t) => t.ns >= fromNs && t.ns < toNs),
      );
      window.series.forEach((s, id) => {
        const last = rig.told.findLast((t) => t.ns < fromNs && t.series === nameOf(s));
        assert.equal(window.before[id], s.kind === 'mark' ? 0 : (last?.value ?? 0), nameOf(s));
      });
    }
  });

  it('sums up columns as a plain recount does, at every zoom', () => {
    const rig = new Rig();
    play(rig, 6000, 2);
    const end = rig.clock.ns;
    assertColumns(rig, 0, Math.ceil(end / 300), 300);
    assertColumns(rig, Math.floor(end / 3), Math.ceil(end / 600), 100);
    assertColumns(rig, Math.floor(end / 2), 1, 500);
    assertColumns(rig, end - 5000, 100, 100);
  });

  it('gives items up to the limit, columns above it', () => {
    const rig = new Rig();
    play(rig, 500, 3);
    const all = rig.told.length;
    const ask = (n: number): string =>
      rig.timeline.window({ fromNs: 0, toNs: rig.clock.ns + 1, columns: 10, items: n }).content.kind;
    assert.equal(ask(all), 'items');
    assert.equal(ask(all - 1), 'columns');
  });

  it('keeps sums, and bounds, when items of long ago are dropped', () => {
    const rig = new Rig({ detailed: 4, coarse: 8 });
    play(rig, 20_000, 4);
    const end = rig.clock.ns;
    const whole = rig.timeline.window({ fromNs: 0, toNs: end, columns: 50, items: Infinity });
    const content = columns(whole);
    const expected = recount(rig.told, 0, end, isLevel);
    whole.series.forEach((series, id) => assert.equal(sum(content.sums[id]), expected.get(nameOf(series)) ?? 0));
    // what is recent is still told item by item
    assert.equal(rig.timeline.window({ fromNs: end - 5000, toNs: end, columns: 50, items: 1e6 }).content.kind, 'items');
    const { store } = rig.timeline as unknown as { store: { blocks: readonly unknown[] } };
    assert.ok(store.blocks.length <= 13, `${store.blocks.length} blocks`);
  });

  it('learns nothing from a replay, and shows the recorded future meanwhile', () => {
    const rig = new Rig();
    play(rig, 800, 5);
    const back = rig.save();
    play(rig, 800, 6);
    const query = { fromNs: 0, toNs: rig.clock.ns, columns: 10, items: Infinity };
    const before = rig.timeline.window(query);
    back();
    assert.deepEqual(rig.timeline.window(query), before);
    play(rig, 400, 6);
    assert.deepEqual(rig.timeline.window(query), before);
    play(rig, 1200, 9);
  });

  for (const limits of [undefined, { detailed: 2, coarse: 100 }])
    it(`forgets the future at a cut${limits ? ', also among blocks that have lost their items' : ''}`, () => {
      const rig = new Rig(limits);
      play(rig, 2000, 10);
      const back = rig.save();
      play(rig, 4000, 11);
      back();
      rig.timeline.cut();
      assert.equal(rig.timeline.window({ fromNs: 0, toNs: 10, columns: 1, items: 0 }).endNs, rig.clock.ns);
      const fork = new Rig(limits);
      play(fork, 2000, 10);
      fork.save();
      play(rig, 3000, 12);
      play(fork, 3000, 12);
      const end = rig.clock.ns;
      const query = { fromNs: 0, toNs: end, columns: 1, items: 0 };
      const [cut, fresh] = [rig, fork].map((r) => {
        const window = r.timeline.window(query);
        return Object.fromEntries(window.series.map((s, id) => [nameOf(s), sum(columns(window).sums[id])]));
      });
      assert.deepEqual(cut, fresh);
      const late = { fromNs: end - 3000, toNs: end, columns: 10, items: 1e6 };
      assert.deepEqual(
        items(rig.timeline.window(late)).ns,
        rig.told.filter((t) => t.ns >= late.fromNs && t.ns < end).map((t) => t.ns),
      );
    });

  it('finds the next and the previous mark, and places between items by what lines cost', () => {
    const rig = new Rig();
    play(rig, 3000, 13);
    const window = rig.timeline.window({ fromNs: 0, toNs: rig.clock.ns + 1, columns: 1, items: Infinity });
    const { ns, tick, series } = items(window);
    const kicks = tick.filter((_, i) => nameOf(window.series[series[i] ?? -1] as Series) === 'kick tx');
    const below = random(14);
    for (let i = 0; i < 300; i++) {
      const from = { tick: below(rig.clock.tick), sub: 0 };
      const next = rig.timeline.nextMark({ from, forward: true, what: ['kick'], queue: 'tx' });
      assert.equal(
        next?.tick,
        kicks.find((t) => t > from.tick),
      );
      const previous = rig.timeline.nextMark({ from, forward: false, what: ['kick'], queue: 'tx' });
      assert.equal(
        previous?.tick,
        kicks.findLast((t) => t < from.tick),
      );
    }
    for (let i = 0; i < 300; i++) {
      const time = below(rig.clock.ns);
      const at = ns.findLastIndex((t) => t <= time);
      const place = rig.timeline.placeAt(time);
      assert.ok(place.tick >= (tick[at] ?? 0) && place.tick <= (tick[at + 1] ?? rig.clock.tick), `${time}`);
    }
    assert.deepEqual(rig.timeline.placeAt(0), { tick: 0, sub: 0 });
  });
});
