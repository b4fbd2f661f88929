// A row as a scenario of its own: it runs what the row ran, and lies where no other row does.
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { parseExperiment, rowScenario } from '../../../src/experiment';
import { parseScenario } from '../../../src/scenario';
import { experiment, experiments, experimentText } from './support';

const scenario = '../scenarios/tx-burst.virtio.json';
const ROWS = {
  variants: [
    { name: 'as it is', scenario },
    { name: 'few/7', scenario, set: { 'traffic[0].count': 7 } },
    { name: 'few/8', scenario, set: { 'traffic[0].count': 8 } },
  ],
};

describe('a row as a scenario', () => {
  const folder = join(experiments, 'rows');
  const row = (name: string) => rowScenario(experiment(ROWS), name, folder);

  it('is the scenario itself where the row changes nothing, and one of its own else', () => {
    assert.equal(row('as it is').own, undefined);
    const { own } = row('few/7');
    assert.ok(own);
    const { scenario: read } = parseScenario(own.text, own.path);
    assert.match(read.name, /: few\/7$/);
    assert.equal((read.traffic[0] as { readonly count?: number }).count, 7);
  });

  it('lies where no other row does, of this experiment or of one of the same name: it can be run again', () => {
    const elsewhere = parseExperiment(experimentText(ROWS), join(experiments, '../mail/test.virtio-experiment.json'));
    const paths = [row('few/7'), row('few/8'), rowScenario(elsewhere, 'few/7', folder)].map(
      ({ own }) => own?.path ?? '',
    );
    assert.equal(new Set(paths).size, 3);
    assert.equal(row('few/7').own?.path, paths[0]);
    for (const path of paths) assert.equal(dirname(path), folder);
  });
});
