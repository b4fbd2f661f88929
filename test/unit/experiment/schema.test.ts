// The editor's schema of experiments says what the loader says: it is made of the same fields, and judges damaged ones alike.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundledExperimentFiles, experimentSchema, parseExperiment } from '../../../src/experiment';
import { ScenarioError } from '../../../src/scenario';
import { updating } from '../../support/golden';
import { damage, valid, type Schema } from '../../support/json-schema';
import { random } from '../../support/machine';
import { experiments } from './support';

const file = join(experiments, 'virtio-experiment.schema.json');

/** Every field there is. */
const FULL = {
  version: 1,
  name: 'n',
  description: 'd',
  claim: 'c',
  packets: 'rx',
  variants: [
    { name: 'a', scenario: 'a.virtio.json', set: { 'traffic[0].count': 5, driver: { bundled: 'x' } } },
    { name: 'b', scenario: '../b.virtio.json' },
  ],
  sweep: { fields: ['traffic[0].intervalNs'], values: [1, 2.5, 'x'], title: 't', unit: 'ns' },
  columns: { own: { title: 'o', of: ['lines'], per: ['ticks'], times: 0.5, unit: '%', hint: 'h' } },
  charts: [{ title: 't', x: 'own', y: 'kicks', xScale: 'log', yScale: 'linear', marks: [{ y: 1.5, label: 'l' }] }],
  published: [{ row: 'a @ 1', measure: 'own', value: 2.5, source: 's', role: 'prediction' }],
  expect: [
    { order: 'own', is: '>=', rows: ['a'], each: 'point', why: 'w', fullOnly: true },
    { flat: 'own', within: 15, rows: ['a'], each: 'variant', why: 'w', fullOnly: true },
    { ratio: 'own', of: 'a', to: 'b', is: '>=', value: 2, why: 'w', fullOnly: true },
    { value: 'own', is: '!=', than: 2, rows: ['* @ 1'], why: 'w', fullOnly: true },
    { near: 'own', to: 2, by: 1, rows: ['a @ 2.5'], why: 'w', fullOnly: true },
  ],
  quick: { 'traffic[0].count': 1 },
};

const POINTS = {
  ...FULL,
  sweep: {
    points: [
      { name: '1', set: { costs: {} } },
      { name: '2.5', set: {} },
    ],
    title: 't',
  },
};

function problemsOf(text: string): readonly { readonly path: string }[] {
  try {
    parseExperiment(text, '/x/test.virtio-experiment.json');
  } catch (error) {
    if (error instanceof ScenarioError) return error.problems;
    throw error;
  }
  return [];
}

/** What only the loader knows: names given twice, references to what is not there, and too many rows. */
const RULE = new RegExp(
  [
    'variants\\[\\d+\\]\\.name',
    'sweep(\\.(values\\[\\d+\\]|points\\[\\d+\\]\\.name))?',
    'columns\\.\\w+(\\.(of|per)\\[\\d+\\])?',
    'charts\\[\\d+\\]\\.[xy]',
    'published\\[\\d+\\]\\.(row|measure)',
    'expect\\[\\d+\\]\\.(order|flat|ratio|value|near|of|to|rows\\[\\d+\\])',
  ]
    .map((path) => `^${path}$`)
    .join('|'),
);

describe('the schema of experiment files', () => {
  const schema = (): Schema => JSON.parse(readFileSync(file, 'utf8')) as Schema;

  it('is the one made of the loader’s fields (UPDATE_GOLDEN=1 writes it)', () => {
    const made = `${JSON.stringify(experimentSchema(), null, 2)}\n`;
    const there = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (updating && made !== there) writeFileSync(file, made);
    assert.equal(readFileSync(file, 'utf8'), made);
  });

  it('accepts every bundled experiment', () => {
    const files = bundledExperimentFiles(experiments);
    assert.ok(files.length > 0);
    for (const path of files) assert.ok(valid(JSON.parse(readFileSync(path, 'utf8')), schema()), path);
  });

  it('accepts every field there is, as the loader does', () => {
    for (const full of [FULL, POINTS]) {
      assert.ok(valid(full, schema()));
      assert.deepEqual(problemsOf(JSON.stringify(full)), []);
    }
  });

  it('judges damaged experiments as the loader does', () => {
    const below = random(1969);
    const judge = schema();
    let refused = 0;
    for (let i = 0; i < 1500; i++) {
      let value: unknown = i % 3 === 0 ? POINTS : FULL;
      for (let n = 1 + below(2); n > 0; n--) value = damage(value, below);
      const text = JSON.stringify(value);
      const all = problemsOf(text);
      const problems = all.filter(({ path }) => !RULE.test(path));
      if (problems.length > 0) refused++;
      if (!valid(value, judge)) assert.ok(all.length > 0, `only the schema refuses ${text}`);
      else assert.deepEqual(problems, [], `only the loader refuses ${text}`);
    }
    assert.ok(refused > 400 && refused < 1500, `${refused}`);
  });
});
