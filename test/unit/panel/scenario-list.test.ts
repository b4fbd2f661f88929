// What a list of scenarios shows of a file, also of one that is broken.
import assert from 'node:assert/strict';
import { bundledGroups, bundledId, readScenarioEntry, scenarioName } from '../../../src/panel/scenario-list';

describe('an entry in the list of scenarios', () => {
  it('says name, description and the files that it compiles', () => {
    const text = JSON.stringify({ name: 'N', description: 'D', driver: { files: ['a.c', '../lib/b.c'] } });
    assert.deepEqual(readScenarioEntry('/w/s/x.virtio.json', 'workspace', text), {
      path: '/w/s/x.virtio.json',
      origin: 'workspace',
      name: 'N',
      description: 'D',
      bundledDriver: undefined,
      files: ['/w/s/a.c', '/w/lib/b.c'],
    });
  });

  it('names a bundled driver', () => {
    const entry = readScenarioEntry('/b/tx.virtio.json', 'bundled', '{"driver": {"bundled": "virtio_net-2.6.31"}}');
    assert.equal(entry.bundledDriver, 'virtio_net-2.6.31');
    assert.deepEqual(entry.files, []);
  });

  it('goes by the file name when the file is broken, and says so', () => {
    for (const text of ['', '{ "name": ', '[]', '"x"', '{"name": 3}']) {
      const entry = readScenarioEntry('/w/broken.virtio.json', 'workspace', text);
      assert.equal(entry.name, 'broken.virtio.json');
      assert.equal(entry.description, text === '{"name": 3}' ? '' : 'not valid JSON', text);
    }
  });

  it('has the id that launch configurations use', () => {
    assert.equal(bundledId('/b/scenarios/tx-one.virtio.json', '/b/scenarios'), 'tx-one');
    assert.equal(bundledId('/b/scenarios/mail/full.virtio.json', '/b/scenarios'), 'mail/full');
    assert.equal(scenarioName('/b/scenarios/mail/full.virtio.json'), 'full');
  });

  it('is in the group of its folder', () => {
    const entry = (id: string) => ({ ...readScenarioEntry(`/b/${id}.virtio.json`, 'bundled', '{}'), id });
    const ids = ['tx', 'rx', 'known-bugs/a.faulty', 'known-bugs/a.fixed', 'mail/full'];
    assert.deepEqual(
      bundledGroups(ids.map(entry)).map(({ title, entries }) => [title, entries.map(({ id }) => id)]),
      [
        ['bundled', ['tx', 'rx']],
        ['bundled: known bugs', ['known-bugs/a.faulty', 'known-bugs/a.fixed']],
        ['bundled: mail', ['mail/full']],
      ],
    );
  });
});
