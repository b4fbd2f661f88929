// Scenario files: defaults, and what is said about those that are wrong.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadScenario, ScenarioError } from '../../../src/scenario';
import { problemsOf, QEMU_TIMER, scenario, scenarioText } from './support';

/** Problems as `path: message`. */
const told = (text: string): string[] => problemsOf(text).map(({ path, message }) => `${path}: ${message}`);
const with_ = (fields: Readonly<Record<string, unknown>>): string[] => told(scenarioText(fields));

describe('loading a scenario', () => {
  it('fills in what is left out', () => {
    assert.deepEqual(scenario().scenario, {
      version: 1,
      name: 'test',
      description: '',
      driver: { bundled: 'virtio_net-2.6.31' },
      device: {
        transport: 'mmio',
        version: 1,
        queues: { rx: 256, tx: 256 },
        features: ['VIRTIO_NET_F_MAC'],
        mac: '52:54:00:12:34:56',
        host: { model: 'qemu-timer', parameters: QEMU_TIMER },
      },
      traffic: [{ kind: 'tx', atNs: 1_000_000, count: 1, intervalNs: 0, size: 64 }],
      costs: {},
      faults: [],
      remove: true,
      physOffset: '0x40000000',
      limitNs: 60_000_000_000,
      expect: [],
    });
  });

  it('keeps what is given, and fills in only the rest of an object', () => {
    const { device, stopAt, expect } = scenario({
      device: { queues: { tx: 16 }, host: { model: 'qemu-timer', parameters: { txTimerNs: 1 } } },
      stopAt: null,
      expect: [{ what: 'lines', value: 3 }],
    }).scenario;
    assert.deepEqual(device.queues, { rx: 256, tx: 16 });
    assert.deepEqual(device.host.parameters, { ...QEMU_TIMER, txTimerNs: 1 });
    assert.equal(stopAt, null);
    assert.deepEqual(expect, [{ what: 'lines', is: '==', value: 3 }]);
  });

  it('reads comments and trailing commas', () => {
    const text = '{\n  // two\n  "version": 1, "name": "n", /* three */ "driver": { "bundled": "x", },\n}';
    assert.deepEqual(problemsOf(text), []);
  });

  it('says where each problem is, all at once, in the order of the file', () => {
    const text = `{
  "version": 1,
  "name": "n",
  "driver": { "bundled": "x" },
  "trafic": [],
  "device": { "queues": { "tx": 100 }, "mac": "52:54" },
  "expect": [{ "what": "queues.tx.kick", "value": 1 }]
}`;
    assert.deepEqual(
      problemsOf(text).map(({ line, column, path }) => [line, column, path]),
      [
        [5, 3, 'trafic'],
        [6, 33, 'device.queues.tx'],
        [6, 47, 'device.mac'],
        [7, 24, 'expect[0].what'],
      ],
    );
  });

  it('says what was found and what is expected', () => {
    assert.deepEqual(with_({ traffic: [{ kind: 'tx', size: 13 }] }), [
      'traffic[0].size: found 13, expected a whole number from 14 to 65549 (bytes)',
    ]);
    assert.deepEqual(with_({ traffic: [{ kind: 'xt' }] }), [
      'traffic[0].kind: found "xt", expected one of "tx", "rx", "ping", "stream", "pcap"',
    ]);
    assert.deepEqual(with_({ driver: {} }), [
      'driver: found an empty object, expected { "bundled": … } or { "files": … }',
    ]);
    assert.deepEqual(with_({ remove: 'yes' }), ['remove: found "yes", expected true or false']);
    assert.deepEqual(with_({ faults: [{ kind: 'skb' }] }), [
      'faults[0].nth: missing: add it; expected a whole number from 1 to 1000000000000',
    ]);
    assert.match(with_({ costs: { lines: 1 } })[0] ?? '', /^costs\.lines: unknown field; expected one of line, /);
    assert.match(
      with_({ device: { host: { model: 'qemu-timer', parameters: { timer: 1 } } } })[0] ?? '',
      /^device\.host\.parameters\.timer: unknown field; expected one of txTimerNs, promisc, /,
    );
  });

  it('refuses what no device can be', () => {
    assert.deepEqual(with_({ device: { features: ['VIRTIO_NET_F_MAC', 'VIRTIO_NET_F_MRG_RXBUFS'] } }), [
      'device.features[1]: unknown feature "VIRTIO_NET_F_MRG_RXBUFS"; did you mean VIRTIO_NET_F_MRG_RXBUF?',
    ]);
    const version1 = 'VIRTIO_F_VERSION_1';
    assert.match(with_({ device: { features: [version1] } })[0] ?? '', /^device\.features\[0\]: VIRTIO_F_VERSION_1 is/);
    assert.deepEqual(with_({ device: { version: 2, features: [version1] } }), []);
    assert.equal(with_({ device: { version: 2, features: ['VIRTIO_F_NOTIFY_ON_EMPTY'] } }).length, 1);
    assert.match(with_({ physOffset: '0x40000001' })[0] ?? '', /^physOffset: found 0x40000001, expected a multiple of/);
    assert.match(with_({ physOffset: '0xffffffffffffffff' })[0] ?? '', /^physOffset: found/);
  });

  it('refuses traffic after the end of the run, and numbers that are none', () => {
    assert.match(
      with_({ limitNs: 5_000_000, traffic: [{ kind: 'tx', count: 11, intervalNs: 1_000_000 }] })[0] ?? '',
      /^traffic\[0\]: its last packet falls due at 11000000 ns, .*raise limitNs/,
    );
    assert.equal(with_({ limitNs: 1.5 }).length, 1);
    assert.equal(told(scenarioText().replace('"version":1', '"version":1e999')).length, 1);
  });

  it('takes only relative paths', () => {
    for (const file of ['/etc/passwd', 'C:\\x.pcap', '\\\\server\\x', ''])
      assert.match(
        with_({ traffic: [{ kind: 'pcap', file }] })[0] ?? '',
        /^traffic\[0\]\.file: found .*relative/,
        file,
      );
  });

  it('refuses a field that is given twice', () => {
    const text = scenarioText().replace('"name"', '"name":"other","name"');
    assert.deepEqual(told(text), ['name: given twice; keep one of them']);
  });

  it('survives whatever is in the file', () => {
    assert.match(told('')[0] ?? '', /empty|not valid JSON/);
    assert.match(told('{"a" 1}')[0] ?? '', /^: not valid JSON: colon expected$/);
    assert.match(told('[1]')[0] ?? '', /^: found a list of 1, expected an object with version/);
    assert.ok(told('['.repeat(500_000)).length > 0);
    assert.ok(told(`{"version":1,"name":"n","driver":{"__proto__":1,"constructor":2}}`).length > 0);
    assert.deepEqual(with_({ toString: 1 }).length, 1);
  });

  it('names a file that cannot be read', () => {
    const folder = mkdtempSync(join(tmpdir(), 'virtio-lab-scenario-'));
    try {
      const message = (path: string): string => {
        try {
          loadScenario(path);
        } catch (error) {
          assert.ok(error instanceof ScenarioError);
          return error.message;
        }
        return '';
      };
      const missing = join(folder, 'none.virtio.json');
      assert.equal(message(missing), `${missing}:1:1: cannot be read: there is no such file; check the path`);
      assert.match(message(folder), /is no file/);
      const big = join(folder, 'big.virtio.json');
      writeFileSync(big, ' '.repeat((1 << 20) + 1));
      assert.match(message(big), /expected a scenario of at most 1 MiB/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
