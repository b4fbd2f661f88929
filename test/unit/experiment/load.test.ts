// Experiment files: what is wrong with one is told at its place, also what only shows when its scenarios are read.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { parseExperiment } from '../../../src/experiment';
import { concerns, fieldPath, withOverrides } from '../../../src/experiment/override';
import { plan } from '../../../src/experiment/plan';
import { ScenarioError } from '../../../src/scenario';
import { experiment, experiments, experimentText, problemsOf } from './support';

const variant = (fields: Readonly<Record<string, unknown>>) => ({
  name: 'a',
  scenario: '../scenarios/tx-one-packet.virtio.json',
  ...fields,
});
const sweep = { fields: ['traffic[0].count'], values: [1, 2], title: 't' };

async function refuses(fields: Readonly<Record<string, unknown>>, ...expected: readonly RegExp[]): Promise<void> {
  const problems = await problemsOf(() => plan(experiment(fields), 'full'));
  assert.equal(problems.length, expected.length, problems.join('\n'));
  for (const [i, pattern] of expected.entries()) assert.match(problems[i] ?? '', pattern);
}

describe('an experiment file', () => {
  it('refuses references to what is not there, and names what is', async () => {
    await refuses(
      { charts: [{ title: 't', y: 'kickz' }] },
      /^charts\[0\]\.y: the report has no "kickz".*kicksPerPacket/,
    );
    await refuses({ columns: { own: { title: 't', of: ['queues.tx'] } } }, /^columns\.own\.of\[0\]: .*no single value/);
    await refuses({ columns: { kicks: { title: 't', of: ['lines'] } } }, /^columns\.kicks: .*every experiment has/);
    await refuses(
      { sweep, expect: [{ flat: 'kicks', within: 1, rows: ['a', 'a @ 3', 'b', '* @ 2'] }] },
      /^expect\[0\]\.rows\[1\]: names no row; there are "a @ 1", "a @ 2"$/,
      /^expect\[0\]\.rows\[2\]: names no row/,
    );
    await refuses(
      { published: [{ row: 'x', measure: 'y', value: 1, source: 's', role: 'prediction' }] },
      /^published\[0\]\.row: names no row; there are "a"$/,
      /^published\[0\]\.measure: /,
    );
  });

  it('refuses names that are given twice or mean something else', async () => {
    await refuses({ variants: [variant({}), variant({})] }, /^variants\[1\]\.name: "a" is given twice$/);
    await refuses({ variants: [variant({ name: '*' })] }, /^variants\[0\]\.name: found "\*"/);
    await refuses({ variants: [variant({ name: 'a @ b' })] }, /^variants\[0\]\.name: .*without " @ "/);
    await refuses({ sweep: { ...sweep, values: [1, 2, 1] } }, /^sweep\.values\[2\]: "1" is given twice$/);
  });

  it('tells of a scenario that is not there at the variant, and of a broken one in its own file', async () => {
    await refuses(
      { variants: [variant({ scenario: 'none.virtio.json' })] },
      /^variants\[0\]\.scenario: .*none\.virtio\.json: there is no such file/,
    );
    const schema = { scenario: 'virtio-experiment.schema.json' };
    assert.throws(
      () => plan(experiment({ variants: [variant(schema)] }), 'full'),
      (error: unknown) =>
        error instanceof ScenarioError && error.problems.every(({ file }) => file.endsWith('experiment.schema.json')),
    );
  });

  it('tells of an override that makes no scenario at the override', async () => {
    const wrong = { 'traffic[0].count': 0, 'device.host.parameters.txTimer': 1 };
    await refuses(
      { variants: [variant({ set: wrong })] },
      /^variants\[0\]\.set\["traffic\[0\]\.count"\]: traffic\[0\]\.count: found 0, expected a whole number from 1/,
      /^variants\[0\]\.set\["device\.host\.parameters\.txTimer"\]: device\.host\.parameters\.txTimer: unknown field/,
    );
    await refuses(
      { sweep: { ...sweep, values: [1, -2] } },
      /^sweep\.values\[1\]: traffic\[0\]\.count: found -2, expected/,
    );
    await refuses(
      { sweep: { points: [{ name: 'p', set: { 'device.host.model': 'xen' } }], title: 't' } },
      /^sweep\.points\[0\]\.set\["device\.host\.model"\]: device\.host\.model: found "xen", expected one of/,
    );
    await refuses(
      { variants: [variant({ set: { 'name.x': 1 } })] },
      /^variants\[0\]\.set\["name\.x"\]: .*nothing that could hold/,
    );
    await refuses(
      { variants: [variant({ set: { 'traffic[5].count': 3 } })] },
      /^variants\[0\]\.set\["traffic\[5\]\.count"\]: .*found \[5\], and traffic has 1 entry, counted from \[0\]/,
    );
  });

  it('tells of a change for quick runs that makes no scenario, once and at whatever size it is run', async () => {
    const experiment = { variants: [variant({}), variant({ name: 'b' })], quick: { 'traffic[0].cnt': 1 } };
    await refuses(experiment, /^quick\["traffic\[0\]\.cnt"\]: traffic\[0\]\.cnt: unknown field/);
  });

  it('gives line and column', () => {
    const text = experimentText({ variants: [variant({}), variant({})] }).replaceAll(',', ',\n');
    try {
      parseExperiment(text, join(experiments, 'x.virtio-experiment.json'));
      assert.fail('it was taken');
    } catch (error) {
      assert.ok(error instanceof ScenarioError);
      assert.match(error.message, /x\.virtio-experiment\.json:6:\d+: variants\[1\]\.name: "a" is given twice$/);
    }
  });
});

describe('overrides', () => {
  it('change fields in place: lines and comments stay', () => {
    const text = '{\n  // why\n  "traffic": [\n    { "count": 1 }\n  ]\n}\n';
    assert.equal(withOverrides(text, { 'traffic[0].count': 7 }), text.replace('1', '7'));
    assert.deepEqual(JSON.parse(withOverrides('{}', { 'device.queues.rx': 8, 'costs.line': 2 })), {
      device: { queues: { rx: 8 } },
      costs: { line: 2 },
    });
    assert.deepEqual(JSON.parse(withOverrides('{"a": [1]}', { 'a[1]': 2, b: { c: null } })), {
      a: [1, 2],
      b: { c: null },
    });
  });

  it('name their fields as messages do', () => {
    assert.deepEqual(fieldPath('traffic[0].count'), ['traffic', 0, 'count']);
    assert.deepEqual(fieldPath('a[1][2].b'), ['a', 1, 2, 'b']);
    assert.ok(concerns('device.host', 'device.host.parameters.x'));
    assert.ok(concerns('traffic[0].count', 'traffic[0]'));
    assert.ok(!concerns('traffic[0]', 'traffic[1].count'));
    assert.ok(!concerns('device.host', 'device.hosts'));
  });
});
