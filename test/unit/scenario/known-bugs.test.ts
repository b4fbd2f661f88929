// The known bugs: each faulty scenario ends with the finding that names what went wrong, its fix ends clean.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadScenario, passed, reportOf, reportText, type LoadedScenario } from '../../../src/scenario';
import { driversRoot, run, scenarios } from './support';

const folder = join(scenarios, 'known-bugs');
const names = [...new Set(readdirSync(folder).map((file) => file.replace(/\.(faulty|fixed)\.virtio\.json$/, '')))];
const load = (name: string, which: 'faulty' | 'fixed'): LoadedScenario =>
  loadScenario(join(folder, `${name}.${which}.virtio.json`));

/** What is wrong with each, as its first finding (or another one) says it; and where, when a line of the driver's side is to blame. */
const BUGS: Readonly<Record<string, { readonly text: RegExp; readonly where?: RegExp; readonly finding?: number }>> = {
  'capacity-promised': { text: /Unexpected full queue/, where: /virtio_net-2\.6\.34\.c:\d+ in start_xmit$/ },
  'freed-skb-sent': {
    text: /^trap: a read beyond RAM .* read from freed memory/,
    where: /virtio_net-2\.6\.31\.c \(patched\):\d+ in fill_header$/,
  },
  'full-ring-is-no-oom': { text: /deferred work ran 20 times/, where: /in refill_work$/ },
  'host-enables-without-recheck': {
    text: /1 exposed buffer of tx waits for the device.* decided not to kick for it before the device asked/,
    where: /in vring_kick$/,
  },
  'host-never-interrupts-tx': { text: /3 used buffers of tx wait for the driver/, where: /./ },
  'interrupt-after-disable': { text: /kernel BUG at virtio_ring\.c/, where: /in vring_disable_cb$/ },
  'interrupt-before-enable': { text: /kernel BUG at virtio_ring\.c/, where: /in vring_enable_cb$/ },
  'kick-only-when-empty': {
    text: /1 exposed buffer of tx waits for the device.* a kick that the driver never sent/,
    where: /in vring_kick$/,
  },
  'last-batch-not-kicked': { text: /4 buffers of tx .* never exposed/, where: /in vring_add_buf$/ },
  'last-used-idx-wide': { text: /id \d+ is not a head!/, where: /virtio_ring\.c \(patched\):\d+ in vring_get_buf$/ },
  'lguest-without-mb': {
    text: /1 exposed buffer of tx waits for the device.* decided not to kick for it before the device asked/,
    where: /in vring_kick$/,
  },
  'napi-does-not-restart': { text: /1 used buffer of rx waits for the driver/, where: /in vring_enable_cb$/ },
  'napi-enable-without-poll': { text: /1 used buffer of rx waits for the driver/, where: /./ },
  'parked-skb-sent-twice': { text: /skb \d+ is added to tx again/, where: /in vring_add_buf$/ },
  'parked-skb-stays': { text: /Skb \d+ is with the driver and in no ring/, where: /./ },
  'qemu-rx-without-recheck': {
    text: /152 frames wait at the tap, and 58 exposed buffers of rx.* decided not to kick for them before the device asked/,
    where: /in vring_kick$/,
  },
  'ring-size-no-power-of-two': {
    text: /avail\.ring\[0\]: changed to 72 while exposed.* its slot has jumped from 35 to 0: 65536 is no multiple of 100/,
    where: /virtio_ring\.c \(patched\):\d+ in vring_add_buf$/,
  },
  'rx-refill-forces-kick': { text: /a kick that the device asked not to get/, where: /./ },
  'sixteen-pages': {
    text: /32 frames wait at the tap, and 16 exposed buffers of rx, 65536 bytes, wait for the device.* has sent its kick for them already/,
    where: /in vring_kick$/,
  },
  // the first one is the driver's own: "Unexpected full queue", which it says with the fix, too
  'skb-left-on-send-list': { text: /skb 288 is freed while it is on a list/, where: /in __kfree_skb$/, finding: 1 },
  'skbs-never-freed': { text: /5 used buffers of tx wait for the driver; no interrupt/, where: /in vring_disable_cb$/ },
  'spec-sample-loop': { text: /an endless loop/, where: /ring_minimal\.c \(patched\):\d+ in received$/ },
};

describe('known bugs', function () {
  this.timeout(120_000);

  it('are these, in pairs of one title each, with the commit that they are about', () => {
    assert.deepEqual(names.sort(), Object.keys(BUGS).sort());
    for (const name of names) {
      const [faulty, fixed] = [load(name, 'faulty').scenario, load(name, 'fixed').scenario];
      assert.match(faulty.name, /^Faulty: /);
      assert.match(fixed.name, /^Fixed: /);
      assert.deepEqual(faulty.traffic, fixed.traffic, name);
      assert.deepEqual(faulty.faults, fixed.faults, name);
      assert.ok(
        faulty.expect.some(({ what }) => what.startsWith('findings.0.')),
        name,
      );
      assert.ok(
        fixed.expect.some(({ what }) => what === 'findings.length'),
        name,
      );
    }
  });

  it('have patches that say what is wrong, and all of them are used', () => {
    const patches = readdirSync(join(driversRoot, 'known-bugs')).filter((file) => file.endsWith('.patch'));
    const used = names
      .flatMap((name) => [load(name, 'faulty'), load(name, 'fixed')])
      .flatMap(({ scenario }) => scenario.driver.patches ?? []);
    assert.deepEqual([...new Set(used.map((path) => path.split('/').pop()))].sort(), patches.sort());
    for (const patch of patches)
      assert.match(readFileSync(join(driversRoot, 'known-bugs', patch), 'utf8'), /^Subject: .+\n\n(.+\n)+/, patch);
  });

  for (const name of names) {
    it(`${name}: the faulty one is found out`, async () => {
      const loaded = load(name, 'faulty');
      const result = await run(loaded);
      const report = reportOf(loaded.scenario, result);
      assert.ok(passed(report), reportText(report));
      const bug = BUGS[name];
      const first = report.findings[bug?.finding ?? 0];
      assert.match(first?.text ?? '', bug?.text ?? /^$/);
      const where = bug?.where;
      if (where === undefined) assert.equal(first?.where, undefined);
      else assert.match(first?.where ?? '', where);
    });

    it(`${name}: the fixed one ends clean`, async () => {
      const loaded = load(name, 'fixed');
      const report = reportOf(loaded.scenario, await run(loaded));
      assert.ok(passed(report), reportText(report));
    });
  }

  it('are found with their lines when accesses are measured, too', async () => {
    const faulty = load('skb-left-on-send-list', 'faulty');
    const plain = await run(faulty);
    const measured = await run(faulty, { level: 'measure' });
    assert.match(measured.findings[0]?.where ?? '', /in start_xmit$/);
    assert.deepEqual(measured.findings, plain.findings);
    assert.equal(plain.cost.cacheLines, null);
    assert.notEqual(measured.cost.cacheLines, null);
  });
});
