// Samples and counters: exact while few, an even sample when many, and restored whole.
import assert from 'node:assert/strict';
import { Samples, type SamplesState } from '../../../../src/machine/samples';
import { Statistics, type StatisticsState } from '../../../../src/machine/statistics';
import { random } from '../../../support/machine';

/** A snapshot's own values, apart from the memory that they share with the run. */
function own(latency: SamplesState): SamplesState {
  return { ...latency, values: latency.values.slice() };
}

function whole(state: StatisticsState): StatisticsState {
  return { ...state, txLatency: own(state.txLatency), rxLatency: own(state.rxLatency) };
}

describe('latencies', () => {
  it('of none are 0', () => assert.deepEqual(new Samples().summary(), { p50: 0, p99: 0, max: 0 }));

  it('are exact up to the limit', () => {
    const latencies = new Samples();
    const draw = random(5);
    const values = Array.from({ length: 1001 }, () => draw(1_000_000));
    for (const value of values) latencies.add(value);
    const sorted = values.sort((a, b) => a - b);
    assert.deepEqual(latencies.summary(), { p50: sorted[500], p99: sorted[990], max: sorted[1000] });
  });

  it('beyond the limit are an even sample in bounded memory, and the maximum stays exact', () => {
    const latencies = new Samples();
    const count = 5 * Samples.LIMIT;
    for (let i = 0; i < count; i++) latencies.add(i);
    latencies.add(10 * count);
    latencies.add(1);
    const { p50, p99, max } = latencies.summary();
    assert.equal(max, 10 * count);
    assert.ok(Math.abs(p50 / count - 0.5) < 0.001, `${p50}`);
    assert.ok(Math.abs(p99 / count - 0.99) < 0.001, `${p99}`);
    assert.ok(latencies.snapshot().values.length < Samples.LIMIT);
  });

  it('go on from a snapshot as they did before', () => {
    const latencies = new Samples();
    const add = (from: number, to: number): void => {
      for (let i = from; i < to; i++) latencies.add((i * 7919) % 100_003);
    };
    add(0, Samples.LIMIT + 17);
    const saved = latencies.snapshot();
    add(Samples.LIMIT + 17, 2 * Samples.LIMIT + 5);
    const [state, summary] = [latencies.snapshot(), latencies.summary()];
    latencies.restore(saved);
    assert.deepEqual(own(latencies.snapshot()), own(saved));
    add(Samples.LIMIT + 17, 2 * Samples.LIMIT + 5);
    assert.deepEqual(own(latencies.snapshot()), own(state));
    assert.deepEqual(latencies.summary(), summary);
  });
});

describe('statistics', () => {
  it('are restored whole, queues that came since included, and a snapshot keeps its values', () => {
    const statistics = new Statistics();
    statistics.queue('tx').kicks = 3;
    statistics.exits.notify = 4;
    statistics.tx.offered = 5;
    const saved = statistics.snapshot();
    const copy = structuredClone(whole(saved));
    statistics.queue('tx').kicks++;
    statistics.queue('rx').raised = 9;
    statistics.exits.injection = 1;
    statistics.rx.dropped = 2;
    statistics.txLatency.add(100);
    assert.deepEqual(whole(saved), copy);
    statistics.restore(saved);
    assert.deepEqual(whole(statistics.snapshot()), copy);
    statistics.queue('tx').kicks++;
    assert.deepEqual(whole(saved), copy);
  });
});
