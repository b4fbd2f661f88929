// The editor's schema says what the loader says: it is made of the same fields, and judges damaged scenarios alike.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FEATURE_BITS, HOSTS } from '../../../src/device';
import { DEFAULT_COSTS } from '../../../src/machine';
import { problemsOf, root, scenarios } from './support';
import { updating } from '../../support/golden';
import { damage, valid, type Schema } from '../../support/json-schema';
import { random } from '../../support/machine';
import { bundledScenarioFiles, scenarioSchema } from '../../../src/scenario';
import { readManifest } from '../../../src/toolchain';

const file = join(scenarios, 'virtio-scenario.schema.json');
const schema = JSON.parse(readFileSync(file, 'utf8')) as Schema;

/** Every field there is. */
const FULL = {
  version: 1,
  name: 'n',
  description: 'd',
  driver: {
    files: ['a.c', '../b.c'],
    lib: 'lib',
    defines: { DEBUG: '1' },
    patches: ['a.patch'],
    kernel: '2.6.30',
    params: { a: 1, b: true, c: 'x' },
  },
  device: {
    transport: 'mmio',
    version: 1,
    queues: { rx: 8, tx: 16 },
    misbehave: { queueSize: 100 },
    features: ['VIRTIO_NET_F_MAC', 'VIRTIO_NET_F_STATUS'],
    mac: '52:54:00:12:34:56',
    host: { model: 'qemu-timer', parameters: { txTimerNs: 5, promisc: false } },
  },
  traffic: [
    { kind: 'tx', atNs: 1, count: 2, intervalNs: 3, size: 64 },
    { kind: 'rx', atNs: 1, count: 2, intervalNs: 3, size: 64 },
    { kind: 'pcap', file: 'a.pcap', atNs: 1, backToBack: true },
    { kind: 'ping', from: 'guest', count: 2, size: 98, atNs: 1, intervalNs: 0, peerNs: 5 },
    { kind: 'stream', from: 'host', count: 2, size: 1514, window: 4, ackEvery: 2, ackSize: 60, atNs: 1, peerNs: 5 },
  ],
  costs: { line: 2, injection: 0 },
  faults: [{ kind: 'skb', nth: 1, count: 2 }],
  stopAt: { file: 'a.c', line: 3 },
  resume: {
    position: { tick: 5, sub: 1 },
    edits: [{ tick: 4, sub: 0, address: '0x1a40', bytes: '0300', text: 'vq->num_free = 3' }],
    hash: '0'.repeat(64),
    state: 'f'.repeat(64),
    pass: { file: 'a.c', line: 3, nth: 2 },
  },
  remove: false,
  physOffset: '0x100000000',
  limitNs: 1_000_000,
  expect: [{ what: 'lines', is: '>=', value: 1 }],
};

/** What only the loader knows: rules between fields. */
const RULE = /^(device\.features\[\d+\]|physOffset|traffic\[\d+\]|expect\[\d+\]\.(what|value))$/;

describe('the schema of scenario files', () => {
  it('is the one made of the loader’s fields (UPDATE_GOLDEN=1 writes it)', () => {
    const made = `${JSON.stringify(scenarioSchema(), null, 2)}\n`;
    if (updating && made !== readFileSync(file, 'utf8')) writeFileSync(file, made);
    assert.equal(readFileSync(file, 'utf8'), made);
  });

  it('accepts every bundled scenario', () => {
    const files = bundledScenarioFiles(scenarios);
    assert.ok(files.length >= 8);
    for (const path of files) {
      const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
      assert.ok(valid(value, schema), path);
    }
  });

  it('accepts every field there is, as the loader does', () => {
    assert.ok(valid(FULL, schema));
    assert.deepEqual(problemsOf(JSON.stringify(FULL)), []);
  });

  it('offers the names of features, hosts, their parameters and costs', () => {
    const text = JSON.stringify(schema);
    const hosts = HOSTS.flatMap(({ name, parameters }) => [name, ...Object.keys(parameters)]);
    for (const name of [...Object.keys(FEATURE_BITS), ...Object.keys(DEFAULT_COSTS), ...hosts])
      assert.ok(text.includes(`"${name}"`), name);
  });

  it('offers the versions of the kernel API that there are', () => {
    const { kernels } = readManifest(join(root, 'drivers'));
    assert.ok(JSON.stringify(schema).includes(JSON.stringify({ enum: Object.keys(kernels) }).slice(1, -1)));
  });

  it('judges damaged scenarios as the loader does', () => {
    const below = random(2009);
    let refused = 0;
    for (let i = 0; i < 1500; i++) {
      let value: unknown = FULL;
      for (let n = 1 + below(2); n > 0; n--) value = damage(value, below);
      const text = JSON.stringify(value);
      const problems = problemsOf(text).filter(({ path }) => !RULE.test(path));
      const ruled = problemsOf(text).some(({ path }) => RULE.test(path));
      if (problems.length > 0) refused++;
      // a feature that the schema does not know is one that the loader's rule refuses
      if (!valid(value, schema)) assert.ok(problems.length > 0 || ruled, `only the schema refuses ${text}`);
      else assert.deepEqual(problems, [], `only the loader refuses ${text}`);
    }
    assert.ok(refused > 500 && refused < 1500, `${refused}`);
  });
});
