// A device that lies, seeded: every lie ends in a finding, whatever the driver makes of it; never in a crash or a hang.
import assert from 'node:assert/strict';
import { MachineRefusal, type MachineSetup } from '../../../src/machine';
import { headless, machine, MERGEABLE, rx, setup, SMALL, toEnd, tx, virtioNet } from '../../support/machine';

/** Parameter `lie` of the host model, and what its finding says. */
const LIES: readonly (readonly [name: string, text: RegExp])[] = [
  ['used id out of range', /^(rx|tx): used\.ring\[\d+\]\.id: found \d+, expected below (16|32) \(queue size\)/],
  ['used id that is no head', /^(rx|tx): used\.ring\[\d+\]\.id: found \d+, which is .*, expected the head/],
  ['a chain used twice', /^(rx|tx): used\.ring\[\d+\]\.id: found \d+, which is used, expected the head/],
  ['used.idx jumps', /^(rx|tx): used\.(idx: moved from \d+ to \d+, \d+ forward|.*; and \d+ more that used\.idx)/],
  ['used.idx goes back', /^(rx|tx): used\.idx: moved from \d+ to \d+, \d+ back/],
  ['a length beyond the buffer', /^(rx|tx): used\.ring\[\d+\]\.len: found \d+, expected at most \d+/],
  ['a length without the header', /^rx: used\.ring\[\d+\]\.len: found \d, expected at least 1[02]/],
];

async function scenario(features: bigint, parameters: Record<string, number>): Promise<MachineSetup> {
  return setup(await virtioNet(), {
    features,
    queues: { rx: 32, tx: 16 },
    traffic: [tx(20, 30_000), rx(20, 30_000)],
    host: { model: 'liar', parameters },
    // A driver of 2009 that has marked a ring as broken polls it for ever.
    costs: { softLockup: 1e6 },
  });
}

describe('a lying device', function () {
  this.timeout(40_000);

  LIES.forEach(([name, text], i) =>
    it(`${name}: found, with small and with mergeable buffers`, async () => {
      for (const features of [SMALL, MERGEABLE]) {
        const result = headless(await scenario(features, { seed: 3, honest: 2, lie: i + 1 }), { level: 'run' });
        assert.ok(
          result.findings.some((f) => f.kind === 'bad-ring' && text.test(f.text) && f.text.endsWith('(by the device)')),
          result.findings.map((f) => f.text).join('\n'),
        );
        assert.deepEqual(
          result.findings.filter((f) => f.kind === 'internal'),
          [],
        );
      }
    }),
  );

  it('always ends in a finding, whatever it says, and never runs on', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const to = await scenario(seed % 2 === 0 ? SMALL : MERGEABLE, { seed, honest: seed % 4 });
      const result = headless(to, { level: 'run' });
      assert.ok(result.findings.length > 0, `seed ${seed}`);
      assert.ok(!result.findings.some((f) => f.kind === 'internal'), JSON.stringify(result.findings));
      assert.ok(result.virtualNs <= to.limitNs + 2e6);
      assert.ok(result.log.some((e) => e.what === 'end'));
    }
  });

  it('tells the same lies for the same seed, at both levels', async () => {
    const to = await scenario(MERGEABLE, { seed: 9, honest: 1 });
    const run = headless(to, { level: 'run' });
    assert.deepEqual(headless(to, { level: 'debug' }).text, run.text);
    assert.deepEqual(headless(to, { level: 'run' }).text, run.text);
    assert.notDeepEqual(headless(await scenario(MERGEABLE, { seed: 10, honest: 1 }), { level: 'run' }).text, run.text);
  });

  it('that tells none is a device like any other', async () => {
    const result = headless(await scenario(MERGEABLE, { seed: 1, honest: 1000 }));
    assert.deepEqual(result.findings, []);
    assert.deepEqual([result.tx.done, result.rx.done], [20, 20]);
  });

  it('is found at its store: a session stops there, on the host’s thread, and goes on', async () => {
    const handle = await machine(await scenario(SMALL, { seed: 3, honest: 2, lie: 1 }));
    await handle.setEventBreakpoints([{ id: 'bad', what: ['finding'], condition: 'kind == "bad-ring"' }]);
    const lie = await handle.start();
    assert.equal(lie.reason.kind, 'event');
    assert.match(lie.threads.find((t) => t.id === lie.thread)?.name ?? '', /^liar/);
    assert.equal(lie.findings.length, 1);
    const last = lie.changes.at(-1);
    assert.match(last?.field ?? '', /^used\.ring\[/);
    assert.equal(last?.author, 'device');
    await handle.setEventBreakpoints([]);
    const end = await toEnd(handle);
    assert.ok(end.findings.length > 1);
    await assert.rejects(handle.run({ kind: 'continue' }), MachineRefusal);
    const back = await handle.run({ kind: 'goto', position: lie.position });
    assert.deepEqual(back.findings, lie.findings);
    await handle.dispose();
  });
});
