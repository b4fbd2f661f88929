// Running experiments: side by side with the same result, progress, cancelling, and rows that fail.
import assert from 'node:assert/strict';
import { experimentMarkdown, experimentPassed, experimentText } from '../../../src/experiment';
import { RunCancelled } from '../../../src/machine';
import { experiment, run } from './support';

const scenario = '../scenarios/tx-burst.virtio.json';
const TWO = {
  variants: [
    { name: 'timer', scenario },
    { name: 'many', scenario, set: { 'traffic[0].count': 200 } },
  ],
};
const LONG = {
  variants: [{ name: 'long', scenario, set: { 'traffic[0].count': 100_000_000, 'traffic[0].intervalNs': 100 } }],
};

describe('running an experiment', function () {
  this.timeout(120_000);

  it('gives the same result whatever runs beside what', async () => {
    const sweep = { fields: ['traffic[0].intervalNs'], values: [0, 2000, 50_000], title: 'interval' };
    const loaded = experiment({ ...TWO, sweep });
    const alone = await run(loaded, { parallel: 1 });
    assert.deepEqual(await run(loaded, { parallel: 4 }), alone);
    assert.deepEqual(JSON.parse(JSON.stringify(alone)), alone);
    assert.deepEqual(
      alone.rows.map(({ name }) => name),
      ['timer', 'many'].flatMap((variant) => [0, 2000, 50_000].map((ns) => `${variant} @ ${ns}`)),
    );
  });

  it('has the standard columns, and its own first', async () => {
    const columns = {
      own: { title: 'bytes per kick', of: ['queues.tx.bytes'], per: ['queues.tx.kicks'], unit: 'bytes' },
    };
    const { rows, columns: heads } = await run(experiment({ ...TWO, columns }));
    const value = (row: number, id: string) => rows[row]?.values[heads.findIndex((c) => c.id === id)];
    assert.equal(heads[0]?.id, 'own');
    assert.equal(value(0, 'own'), 760);
    assert.equal(value(0, 'kicks'), 1);
    assert.equal(value(0, 'kicksPerPacket'), 0.1);
    assert.equal(value(0, 'drops'), 0);
    const { exits, packets } = rows[0]?.report ?? assert.fail('no report');
    assert.equal(value(0, 'exits'), exits.notify + exits.interruptStatus + exits.interruptAck + exits.injection);
    assert.equal(value(0, 'latencyMax'), packets.tx.latencyNs.max);
    assert.equal(value(0, 'packetsPerSecond'), (10 / packets.tx.spanNs) * 1e9);
  });

  it('holds a scenario that is run as it is to its promises, and a changed one to those about findings', async () => {
    const { rows } = await run(experiment(TWO));
    assert.deepEqual(
      rows.map(({ report, ok }) => [report?.expectations.length, ok]),
      [
        [7, true],
        [1, true],
      ],
    );
    const silent = {
      name: 'lie',
      scenario,
      set: { 'device.host': { model: 'liar', parameters: { lie: 1, honest: 0 } } },
    };
    const lied = await run(experiment({ variants: [silent] }));
    assert.ok(!lied.rows[0]?.ok);
    assert.ok(!experimentPassed(lied));
    assert.match(experimentText(lied), /^ {2}FAILED {2}lie: findings\.length == 0: it is [1-9]/m);
  });

  it('fails when what it expects does not hold', async () => {
    const result = await run(experiment({ ...TWO, expect: [{ order: 'kicks', is: '>', why: 'for a test' }] }));
    assert.ok(!experimentPassed(result));
    assert.match(experimentText(result), /^ {2}FAILED {2}kicks: falling: it is 1, \d+ \(for a test\)$/m);
    assert.match(experimentMarkdown(result), /^- \*\*fails\*\*: kicks: falling \(1, \d+\)$/m);
  });

  it('compares with what was published', async () => {
    const published = [{ row: 'timer', measure: 'kicks', value: 4, source: 'a test', role: 'calibration' }];
    const full = await run(experiment({ ...TWO, published }));
    assert.deepEqual(full.published, [
      {
        row: 'timer',
        measure: 'kicks',
        predicted: 1,
        published: 4,
        ratio: 0.25,
        role: 'calibration',
        source: 'a test',
      },
    ]);
    assert.deepEqual((await run(experiment({ ...TWO, published }), { size: 'quick' })).published, []);
  });

  it('draws bars without a sweep, and a line for each variant with one', async () => {
    const charts = [{ title: 't', y: 'kicks' }];
    const bars = (await run(experiment({ ...TWO, charts }))).charts[0];
    assert.equal(bars?.kind, 'bars');
    assert.deepEqual(
      bars?.series.map(({ points }) => points.map(({ label, x }) => [label, x])),
      [
        [
          ['timer', 0],
          ['many', 1],
        ],
      ],
    );
    const sweep = { fields: ['traffic[0].count'], values: [1, 3], title: 'packets' };
    const lines = (await run(experiment({ ...TWO, charts, sweep }))).charts[0];
    assert.equal(lines?.kind, 'lines');
    assert.deepEqual(
      lines?.series.map(({ name, points }) => [name, points.map(({ x }) => x)]),
      [
        ['timer', [1, 3]],
        ['many', [1, 3]],
      ],
    );
  });

  it('tells how far it is', async () => {
    const seen: string[] = [];
    await run(experiment(TWO), {
      parallel: 1,
      onProgress: ({ done, total, row }) => seen.push(`${done}/${total} ${row}`),
    });
    assert.deepEqual(seen, ['0/2 timer', '1/2 timer', '1/2 many', '2/2 many']);
  });

  it('is given up while it runs, hours before its end, and before it does', async () => {
    const controller = new AbortController();
    // by then its driver is there and it runs; if not, it is given up while that is compiled
    const onProgress = (): void => void setTimeout(() => controller.abort(), 1500);
    await assert.rejects(run(experiment(LONG), { signal: controller.signal, onProgress }), RunCancelled);
    await assert.rejects(run(experiment(TWO), { signal: AbortSignal.abort() }), RunCancelled);
  });
});
