// Reports: expectations by dotted path, and what makes a run pass.
import assert from 'node:assert/strict';
import { passed, reportOf, reportText, type Expectation, type Report } from '../../../src/scenario';
import { bundled, problemsOf, run, scenario, scenarioText } from './support';

describe('the report', function () {
  this.timeout(60_000);
  let plain: Report;
  let evaluated: (...expect: Expectation[]) => Report;

  before(async () => {
    const loaded = bundled('tx-one-packet');
    const result = await run(loaded);
    evaluated = (...expect) => reportOf({ name: 'n', expect }, result);
    plain = evaluated();
    assert.deepEqual(plain.findings, []);
  });

  it('has the fields of the contract, events that did not happen included', () => {
    assert.deepEqual(Object.keys(plain), [
      'version',
      'scenario',
      'virtualNs',
      'ticks',
      'lines',
      'exits',
      'queues',
      'packets',
      'cost',
      'events',
      'findings',
      'expectations',
    ]);
    assert.equal(plain.events['trap'], 0);
    assert.equal(plain.events['timerFire'], 1);
    assert.deepEqual(plain.packets.tx.offered, 1);
    assert.ok(plain.packets.tx.latencyNs.max > 150_000);
    assert.deepEqual(JSON.parse(JSON.stringify(plain)), plain);
  });

  it('says how long it took from the first packet offered to the last one done', async () => {
    // the first is offered at 1 ms and is sent when the host's timer fires; the last one, when its own does
    assert.ok(plain.packets.tx.spanNs >= plain.packets.tx.latencyNs.max);
    assert.ok(plain.packets.tx.spanNs < plain.packets.tx.latencyNs.max + 1000);
    assert.equal(plain.packets.rx.spanNs, 0);
    const paced = scenario({ traffic: [{ kind: 'rx', atNs: 5_000_000, count: 11, intervalNs: 1_000_000 }] });
    const { rx, tx } = reportOf(paced.scenario, await run(paced)).packets;
    assert.ok(rx.spanNs >= 10_000_000 && rx.spanNs < 11_000_000, `${rx.spanNs}`);
    assert.equal(tx.spanNs, 0);
  });

  it('compares in six ways', () => {
    const cases: [Expectation['is'], number, boolean][] = [
      ['==', 1, true],
      ['==', 2, false],
      ['!=', 2, true],
      ['<', 2, true],
      ['<', 1, false],
      ['<=', 1, true],
      ['>', 0, true],
      ['>', 1, false],
      ['>=', 1, true],
      ['>=', 2, false],
    ];
    for (const [is, value, ok] of cases) {
      const [e] = evaluated({ what: 'queues.tx.kicks', is, value }).expectations;
      assert.deepEqual(e, { what: 'queues.tx.kicks', expected: `${is} ${value}`, actual: '1', ok });
    }
    assert.equal(evaluated({ what: 'scenario', is: '==', value: 'n' }).expectations[0]?.ok, true);
    assert.equal(evaluated({ what: 'queues.tx.kicks', is: '==', value: '1' }).expectations[0]?.ok, false);
  });

  it('has no value for a finding that was not made: that fails, whatever was expected', () => {
    for (const is of ['==', '!='] as const) {
      const [e] = evaluated({ what: 'findings.0.id', is, value: 'leak-1' }).expectations;
      assert.deepEqual([e?.actual, e?.ok], ['none', false]);
    }
  });

  it('fails with an expectation, or with findings that nobody expected', () => {
    const { findings: _none, ...rest } = plain;
    const leak = { id: 'leak-1', text: 'an skb', where: 'a.c:1 in f', position: { tick: 1, sub: 0 } };
    const found: Report = { ...rest, findings: [leak] };
    assert.ok(passed(plain));
    assert.ok(!passed(evaluated({ what: 'lines', is: '==', value: 1 })));
    assert.ok(!passed(found));
    const expectations = [{ what: 'findings.length', expected: '== 1', actual: '1', ok: true }];
    assert.ok(passed({ ...found, expectations }));
    assert.match(reportText(found), /^ {2}1 finding:\n {4}a\.c:1 in f: an skb \[leak-1\]$/m);
  });

  it('knows at loading which paths lead nowhere', () => {
    const told = (what: string): string => problemsOf(scenarioText({ expect: [{ what, value: 1 }] }))[0]?.message ?? '';
    for (const path of ['lines', 'queues.rx.interrupts.raised', 'events.napi', 'findings.length', 'findings.3.text'])
      assert.equal(told(path), '', path);
    assert.match(told('queues.tx'), /^"queues\.tx" is no single value: expected one of queues\.tx\.added, /);
    assert.match(told('packets.tx.delivered'), /expected one of offered, sent, dropped, spanNs, latencyNs in place of/);
    assert.match(told('events.kicks'), /in place of "kicks"/);
    for (const path of ['constructor', '__proto__.x', 'lines.toString', 'findings.x.id', 'queues.tx.kicks.'])
      assert.notEqual(told(path), '', path);
  });

  it('reads as text', () => {
    const text = reportText(evaluated({ what: 'queues.tx.kicks', is: '==', value: 2 }));
    assert.match(text, /^n\n {2}1\.\d+ ms of virtual time, [\d,]+ lines of the driver, [\d,]+ ticks\n/);
    assert.match(text, /^ {2}tx: 1 offered, 1 sent, 0 dropped; latency 1\d\d\.\d* µs median/m);
    assert.match(text, /^ {2}queue +added +used +kicks/m);
    assert.match(text, /^ {2}FAILED {2}queues\.tx\.kicks == 2: it is 1$/m);
  });
});
