// The bundled scenarios by name, those in folders of their own too.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundledScenarioFiles, findScenario, scenarioId } from '../../../src/scenario';
import { scenarioText } from './support';

describe('the list of scenarios', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'virtio-lab-list-'));
    mkdirSync(join(folder, 'lab/mail/deep'), { recursive: true });
    mkdirSync(join(folder, 'lab/empty.virtio.json'));
    for (const id of ['lab/zero', 'lab/mail/b', 'lab/mail/a', 'lab/mail/deep/c', 'outside'])
      writeFileSync(join(folder, `${id}.virtio.json`), scenarioText());
    writeFileSync(join(folder, 'lab/mail/README.md'), 'about them\n');
  });
  after(() => rmSync(folder, { recursive: true }));

  it('has the folder’s own first, then those of the folders below, each by the name of its path', () => {
    const lab = join(folder, 'lab');
    const ids = bundledScenarioFiles(lab).map((file) => scenarioId(file, lab));
    assert.deepEqual(ids, ['zero', 'mail/a', 'mail/b', 'mail/deep/c']);
    for (const id of ids) assert.equal(findScenario(id, lab, folder), join(lab, `${id}.virtio.json`));
  });

  it('finds no bundled scenario outside of its folder', () => {
    for (const name of ['../outside', 'mail/../../outside', '/zero', 'mail//a', 'mail/'])
      assert.throws(() => findScenario(name, join(folder, 'lab'), join(folder, 'lab/mail/deep')), /no scenario/, name);
  });
});
