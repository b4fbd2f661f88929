// The bundled scenarios: each holds what it promises, and runs the same twice and at both levels.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventLine } from '../../../src/machine';
import { bundledScenarios, passed, reportOf, reportText } from '../../../src/scenario';
import { driverPages } from '../../support/machine';
import { root, run, scenarios, setupOf } from './support';

const ALL = bundledScenarios(scenarios);
const NAMES = [
  'Capture: ARP and three pings',
  'Capture: iPXE asks for an address',
  'Modern: a small driver with ring code of its own',
  'RX: a burst of 100, refilled',
  'RX: mergeable buffers',
  'RX: one packet',
  'TX: a burst of 10 within 150 µs',
  'TX: one packet, QEMU 150 µs timer',
  'TX: ring full',
];

describe('bundled scenarios', function () {
  this.timeout(60_000);

  it('are these, each with a description and expectations', () => {
    assert.deepEqual(ALL.map(({ scenario: { name } }) => name).sort(), NAMES);
    for (const { scenario } of ALL) {
      assert.ok(scenario.description.length > 40, scenario.name);
      assert.ok(scenario.expect.length >= 5, scenario.name);
      assert.ok(scenario.remove);
    }
  });

  it('play captures that are the ones of the fixtures', () => {
    for (const name of ['ping.pcap', 'dhcp-boot.pcap'])
      assert.deepEqual(
        readFileSync(join(scenarios, 'pcap', name)),
        readFileSync(join(root, 'test/fixtures/pcap', name)),
      );
  });

  for (const loaded of ALL) {
    const { name } = loaded.scenario;
    it(`${name}: holds what it promises, twice and at both levels alike`, async () => {
      const outcome = async (level: 'run' | 'debug') => {
        const result = await run(loaded, { level, keepLog: true });
        const report = reportOf(loaded.scenario, result);
        return { report, log: result.log.map(eventLine), ram: Buffer.from(driverPages(result)) };
      };
      const first = await outcome('run');
      assert.ok(passed(first.report), reportText(first.report));
      assert.equal(
        first.log.length,
        Object.values(first.report.events).reduce((sum, n) => sum + n, 0),
      );
      for (const level of ['run', 'debug'] as const) {
        const again = await outcome(level);
        assert.deepEqual(again.report, first.report, level);
        assert.deepEqual(again.log, first.log, level);
        assert.ok(again.ram.equals(first.ram), `RAM at ${level} level`);
      }
    });

    it(`${name}: has a place to stop first`, async () => {
      const { program, stopSites } = await setupOf(loaded, { stop: true });
      assert.equal(stopSites.length, 1);
      const site = program.sites[stopSites[0] ?? -1];
      const { stopAt } = loaded.scenario;
      assert.ok(stopAt && 'function' in stopAt);
      assert.equal(program.functions[site?.func ?? -1]?.name, stopAt.function);
    });
  }
});
