// The bundled scenarios: each holds what it promises, and runs the same twice and at both levels.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventLine } from '../../../src/machine';
import { bundledScenarios, passed, reportOf, reportText, scenarioId, type Report } from '../../../src/scenario';
import { driverPages } from '../../support/machine';
import { root, run, scenarios, setupOf } from './support';

const ALL = bundledScenarios(scenarios);
const idOf = ({ file }: { readonly file: string }): string => scenarioId(file, scenarios);
/** Those to begin with; folders have the ones of a subject. */
const FIRST = ALL.filter((loaded) => !idOf(loaded).includes('/'));
const NAMES = [
  'Capture: ARP and three pings',
  'Capture: iPXE asks for an address',
  'Modern: a small driver with ring code of its own',
  'Modern: virtio_net of Linux 5.10',
  'RX: a burst of 100, refilled',
  'RX: mergeable buffers',
  'RX: one packet',
  'TX: a burst of 10 within 150 µs',
  'TX: one packet, QEMU 150 µs timer',
  'TX: ring full',
];

/** The lines of findings are known at debug level only. */
const withoutLines = (report: Report): Report => ({
  ...report,
  findings: report.findings.map((finding) => ({ ...finding, where: undefined })),
});

describe('bundled scenarios', function () {
  this.timeout(60_000);

  it('are these to begin with, each with a description and expectations', () => {
    assert.deepEqual(FIRST.map(({ scenario: { name } }) => name).sort(), NAMES);
    for (const { scenario } of FIRST) {
      assert.ok(scenario.expect.length >= 5, scenario.name);
      assert.ok(scenario.remove);
    }
  });

  it('have names of their own, a description, and something that they promise', () => {
    assert.equal(new Set(ALL.map(({ scenario }) => scenario.name)).size, ALL.length);
    for (const loaded of ALL) {
      assert.ok(loaded.scenario.description.length > 40, idOf(loaded));
      assert.ok(loaded.scenario.expect.length > 0, idOf(loaded));
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
    const first = FIRST.includes(loaded);
    it(`${name}: holds what it promises, twice and at both levels alike`, async () => {
      const outcome = async (level: 'run' | 'debug') => {
        const result = await run(loaded, { level, keepLog: true });
        const report = withoutLines(reportOf(loaded.scenario, result));
        return { report, log: result.log.map(eventLine), ram: Buffer.from(driverPages(result)) };
      };
      const { report, log, ram } = await outcome('run');
      assert.ok(passed(report), reportText(report));
      // a log is kept in memory up to a length
      const events = Object.values(report.events).reduce((sum, n) => sum + n, 0);
      assert.ok(log.length === events || (!first && log.length < events), `${log.length} of ${events} events`);
      for (const level of first ? (['run', 'debug'] as const) : (['debug'] as const)) {
        const again = await outcome(level);
        assert.deepEqual(again.report, report, level);
        assert.deepEqual(again.log, log, level);
        assert.ok(again.ram.equals(ram), `RAM at ${level} level`);
      }
    });

    it(`${name}: has a place to stop first`, async () => {
      const { program, stopSites } = await setupOf(loaded, { stop: true });
      if (!first) return;
      assert.equal(stopSites.length, 1);
      const site = program.sites[stopSites[0] ?? -1];
      const { stopAt } = loaded.scenario;
      assert.ok(stopAt && 'function' in stopAt);
      assert.equal(program.functions[site?.func ?? -1]?.name, stopAt.function);
    });
  }
});
