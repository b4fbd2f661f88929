// Which lines led to kicks, exits and interrupts: counted as far as the run is, and known again after going back and forth.
import assert from 'node:assert/strict';
import type { LineEffects } from '../../../../src/machine';
import { LineEffectLog, type EffectPlace } from '../../../../src/machine/line-effects';
import { firstSite, machine, rx, setup, toEnd, tx, virtioNet } from '../../../support/machine';

const text = (effects: LineEffects): string[] =>
  effects.map(({ site, counts }) => `${site}: ${JSON.stringify(counts)}`).sort();

describe('line effects', () => {
  let place: EffectPlace | undefined;
  const log = (): LineEffectLog => new LineEffectLog(true, { tick: 5 }, () => place);

  it('count for the line and for the driver’s own', () => {
    const effects = log();
    place = { line: 4, own: 9 };
    effects.note('notify');
    effects.note('notify');
    place = { line: 9, own: 9 };
    effects.note('interrupt');
    place = { line: 5, own: undefined };
    effects.note('config');
    assert.deepEqual(
      effects.list.map(({ effect, tick }) => `${effect} ${tick}`),
      ['notify 5', 'notify 5', 'interrupt 5', 'config 5'],
    );
    assert.deepEqual(text(effects.effects), ['4: {"notify":2}', '5: {"config":1}', '9: {"notify":2,"interrupt":1}']);
  });

  it('are those of the place that the run went back to, and known again when it comes by without lines', () => {
    const effects = log();
    place = { line: 1, own: 1 };
    effects.note('notify');
    const mark = effects.snapshot();
    place = { line: 2, own: 2 };
    effects.note('kickSuppressed');
    const after = text(effects.effects);
    effects.restore(mark);
    assert.deepEqual(text(effects.effects), ['1: {"notify":1}']);
    place = undefined;
    effects.note('kickSuppressed');
    assert.deepEqual(text(effects.effects), after);
  });

  it('of a future that was dropped are not taken for those that come instead', () => {
    const effects = log();
    place = { line: 1, own: 1 };
    effects.note('notify');
    effects.restore(0);
    effects.cut();
    place = undefined;
    effects.note('interrupt');
    assert.deepEqual(effects.effects, []);
  });

  it('of a long run take their memory as they come', () => {
    const effects = log();
    place = { line: 3, own: 3 };
    for (let i = 0; i < 5000; i++) effects.note('notify');
    assert.deepEqual(text(effects.effects), ['3: {"notify":5000}']);
  });

  it('are not kept when nobody looks', () => {
    const effects = new LineEffectLog(false, { tick: 5 }, () => ({ line: 1, own: 1 }));
    effects.note('notify');
    assert.deepEqual(effects.effects, []);
  });
});

describe('line effects of a machine', function () {
  this.timeout(60_000);

  it('add up to what the run has counted, at its end and on the way back', async () => {
    const driver = await virtioNet();
    const to = setup(driver, {
      queues: { rx: 32, tx: 16 },
      traffic: [tx(30, 200), rx(8, 20_000)],
      stopSites: [firstSite(driver, 'start_xmit')],
    });
    const handle = await machine(to);
    const begin = await handle.start();
    const early = text(await handle.lineEffects());
    const end = await toEnd(handle);
    const effects = await handle.lineEffects();
    const at = (name: string): LineEffects =>
      effects.filter(({ site }) => driver.functions[driver.sites[site]?.func ?? -1]?.name === name);
    const sum = (list: LineEffects, what: keyof LineEffects[number]['counts']): number =>
      list.reduce((total, { counts }) => total + (counts[what] ?? 0), 0);
    const kicks = end.queues.reduce((total, { counters }) => total + counters.kicks, 0);
    assert.ok(kicks > 2);
    assert.equal(sum(at('vm_notify'), 'notify'), kicks);
    // the driver's own lines: what it calls the kick from
    assert.ok(sum(at('start_xmit'), 'notify') > 0);
    assert.ok(sum(at('vm_interrupt'), 'interruptAck') > 0);
    await handle.run({ kind: 'goto', position: begin.position });
    assert.deepEqual(text(await handle.lineEffects()), early);
    await handle.run({ kind: 'goto', position: end.position });
    assert.deepEqual(text(await handle.lineEffects()), text(effects));
  });
});
