// What F5 on a C file can mean.
import assert from 'node:assert/strict';
import { canBeDriver, type LabFiles, usesFile } from '../../../src/panel/launch/file-role';
import type { ScenarioEntry } from '../../../src/panel/scenario-list';

const lab: LabFiles = {
  driversRoot: '/ext/drivers',
  drivers: { net: { title: '', description: '', files: ['net/net.c'], kernel: '2.6.31' } },
  workspaces: ['/w'],
};
const entry = (part: Partial<ScenarioEntry>): ScenarioEntry => ({
  path: '/s/a.virtio.json',
  origin: 'bundled',
  name: 'a',
  description: '',
  files: [],
  ...part,
});

describe('F5 on a C file', () => {
  it('finds the scenarios that compile it, also through a bundled driver', () => {
    assert.equal(usesFile(entry({ files: ['/w/a.c'] }), '/w/a.c', lab), true);
    assert.equal(usesFile(entry({ bundledDriver: 'net' }), '/ext/drivers/net/net.c', lab), true);
    assert.equal(usesFile(entry({ bundledDriver: 'net' }), '/w/net/net.c', lab), false);
    assert.equal(usesFile(entry({ bundledDriver: 'unknown' }), '/ext/drivers/net/net.c', lab), false);
  });

  it('takes a C file for a driver, but no header and no part of the kernel API', () => {
    assert.equal(canBeDriver('/w/mine.c', lab), true);
    assert.equal(canBeDriver('/ext/drivers/net/net.c', lab), true);
    assert.equal(canBeDriver('/w/mine.h', lab), false);
    assert.equal(canBeDriver('/ext/drivers/lib/net/core/dev.c', lab), false);
    assert.equal(canBeDriver('/w/virtio-lib/net/core/dev.c', lab), false);
    assert.equal(canBeDriver('/w/virtio-library.c', lab), true);
  });
});
