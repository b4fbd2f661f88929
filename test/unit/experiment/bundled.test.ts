// The bundled experiments: each holds what it expects, at the reduced size that it has for tests, and has the rows that documents quote.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  bundledExperimentFiles,
  experimentId,
  experimentPassed,
  experimentText,
  loadExperiment,
} from '../../../src/experiment';
import { current, type Quotes } from '../../../scripts/lib/quoted';
import { root } from '../scenario/support';
import { experiments, run } from './support';

const ALL = bundledExperimentFiles(experiments);
const QUOTES = Object.values(JSON.parse(readFileSync(join(root, 'docs/mail/figures.json'), 'utf8')) as Quotes).flat();

describe('bundled experiments', function () {
  this.timeout(120_000);

  it('have names of their own, a description and a claim, and expect something', () => {
    const loaded = ALL.map(loadExperiment);
    assert.ok(loaded.length > 0);
    assert.equal(new Set(loaded.map(({ value }) => value.name)).size, loaded.length);
    for (const { value, file } of loaded) {
      assert.ok(value.description.length > 40, file);
      assert.ok(value.claim.length > 20, file);
      assert.ok(value.expect.length > 0, file);
    }
  });

  for (const file of ALL)
    it(`${experimentId(file)}: holds what it expects`, async () => {
      const result = await run(loadExperiment(file), { size: 'quick' });
      assert.ok(experimentPassed(result), experimentText(result));
      for (const quote of QUOTES) if (quote.experiment === experimentId(file)) current(quote, result);
    });
});
