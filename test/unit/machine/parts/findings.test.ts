// Findings: numbered by kind, told once, never so many that the one that ends a run is lost, and placed in the source.
import assert from 'node:assert/strict';
import { Findings, isDriverSite, whereText } from '../../../../src/machine/findings';
import { firstSite, virtioNet } from '../../../support/machine';

const at = { tick: 5, sub: 0 };

describe('findings', function () {
  this.timeout(30_000);

  it('are numbered by kind and placed at their line', async () => {
    const program = await virtioNet();
    const findings = new Findings(program);
    const site = firstSite(program, 'start_xmit');
    const line = program.sites[site]?.line;
    const where = `drivers/virtio_net/virtio_net-2.6.31.c:${line} in start_xmit`;
    assert.equal(whereText(program, site), where);
    assert.equal(findings.add('warn', 'a', at, 7, site)?.where, where);
    findings.add('trap', 'b', at, 7, undefined);
    findings.add('warn', 'c', at, 7, undefined);
    assert.deepEqual(
      findings.all.map((f) => [f.id, f.text, f.where]),
      [
        ['warn-1', 'a', where],
        ['trap-1', 'b', undefined],
        ['warn-2', 'c', undefined],
      ],
    );
  });

  it('without a line of their own are at the last place that belongs to them, and name all', async () => {
    const program = await virtioNet();
    const findings = new Findings(program);
    const [allocated, freed] = [firstSite(program, 'start_xmit'), firstSite(program, 'xmit_skb')];
    const related = [{ text: 'allocated', site: allocated }, { text: 'freed', site: freed }, { text: 'somewhere' }];
    const found = findings.add('use-after-free', 'x', at, 7, undefined, related);
    assert.equal(found?.where, whereText(program, freed));
    assert.deepEqual(
      found?.related?.map((r) => r.text),
      [`allocated at ${whereText(program, allocated)}`, `freed at ${whereText(program, freed)}`, 'somewhere'],
    );
  });

  it('are told once; what is the same does not hang on the line, which only one level knows', async () => {
    const findings = new Findings(await virtioNet());
    assert.ok(findings.add('warn', 'a', at, 7, 3));
    assert.equal(findings.add('warn', 'a', { tick: 9, sub: 0 }, 8, undefined), undefined);
    assert.ok(findings.add('bug', 'a', at, 7, 3));
    assert.equal(findings.all.length, 2);
  });

  it('keep their line when a replay comes by again at the level that knows none', async () => {
    const program = await virtioNet();
    const findings = new Findings(program);
    const [site, freed] = [firstSite(program, 'start_xmit'), firstSite(program, 'xmit_skb')];
    const start = findings.snapshot();
    findings.add('warn', 'a', at, 7, site, [{ text: 'freed', site: freed }]);
    findings.add('leak', 'b', at, 7, undefined, [{ text: 'allocated', site: freed }]);
    const first = findings.snapshot();
    findings.restore(start);
    findings.add('warn', 'a', at, 7, undefined, [{ text: 'freed' }]);
    findings.add('leak', 'b', at, 7, undefined, [{ text: 'allocated' }]);
    assert.deepEqual(findings.snapshot(), first);
    findings.restore(start);
    assert.equal(findings.add('warn', 'a', { tick: 6, sub: 0 }, 7, undefined)?.where, undefined, 'elsewhere it is new');
  });

  it('of one kind may be many; those of another are still told', async () => {
    const findings = new Findings(await virtioNet());
    for (let i = 0; i < 1000; i++) findings.add('bad-ring', `entry ${i}`, at, 7, undefined);
    const told = findings.all.length;
    assert.ok(told >= 10 && told <= 100, `${told}`);
    assert.equal(findings.add('trap', 'the end', at, 7, undefined)?.id, 'trap-1');
    assert.equal(findings.all.length, told + 1);
  });

  it('are restored to a snapshot', async () => {
    const findings = new Findings(await virtioNet());
    findings.add('warn', 'a', at, 7, undefined);
    const saved = findings.snapshot();
    findings.add('warn', 'b', at, 7, undefined);
    findings.restore(saved);
    assert.deepEqual(findings.all, saved);
    assert.equal(findings.add('warn', 'b', at, 7, undefined)?.id, 'warn-2');
    assert.equal(saved.length, 1);
  });

  it('the driver’s own lines are told from the kernel API’s', async () => {
    const program = await virtioNet();
    for (const [name, own] of [
      ['start_xmit', true],
      ['vring_add_buf', false],
      ['dev_queue_xmit', false],
    ] as const)
      assert.equal(isDriverSite(program, firstSite(program, name)), own, name);
    assert.equal(isDriverSite(program, -1), false);
    assert.equal(whereText(program, 1e6), 'site 1000000');
  });
});
