// What the documents quote from experiments: each quote is on its page, and is found stale when the experiment prints something else.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { current, numbersIn, type Printed, type Quote, type Quotes } from '../../../scripts/lib/quoted';
import { root } from '../scenario/support';

const mail = join(root, 'docs/mail');
const quotes = JSON.parse(readFileSync(join(mail, 'figures.json'), 'utf8')) as Quotes;

const printed: Printed = {
  columns: [{ id: 'kicks' }, { id: 'latencyP50' }, { id: 'packetsPerSecond' }],
  rows: [
    { name: 'flag @ wake 1 µs', values: [12, 5678, 564_912.4], report: { events: { trap: 2 } } },
    { name: 'counter @ wake 1 µs', values: [3, 999_950, 1_000_000], report: { events: {} } },
  ],
};
const quote = (text: string, ...are: Quote['are']): Quote => ({ experiment: 'test', text, are });

describe('figures that the documents quote', () => {
  it('are on their pages, once, with a source or none for each number', () => {
    for (const [page, all] of Object.entries(quotes)) {
      const text = readFileSync(join(mail, page), 'utf8');
      for (const { text: quoted, are } of all) {
        assert.equal(text.split(quoted).length - 1, 1, `${page} has not once: ${quoted}`);
        assert.equal(are.length, numbersIn(quoted).length, quoted);
        assert.ok(
          are.some((source) => source !== null),
          quoted,
        );
      }
    }
  });

  it('stay as they are while they hold: in their unit, with their decimals, round where they are round', () => {
    for (const held of [
      quote('12 kicks in 5.7 µs', 'kicks of flag @ wake 1 µs', 'latencyP50 of flag @ wake 1 µs'),
      quote('564,900 a second', 'packetsPerSecond of flag @ wake 1 µs'),
      quote('of 3.18, 4.0 to one', null, { ratio: ['kicks of flag @ wake 1 µs', 'kicks of counter @ wake 1 µs'] }),
      quote(
        '300 % more, 75 % less',
        ...[
          { more: ['kicks of flag @ wake 1 µs', 'kicks of counter @ wake 1 µs'] } as const,
          { less: ['kicks of counter @ wake 1 µs', 'kicks of flag @ wake 1 µs'] } as const,
        ],
      ),
      quote('1.00 ms, 2 crashes', 'latencyP50 of counter @ wake 1 µs', 'events.trap of flag @ wake 1 µs'),
    ])
      assert.equal(current(held, printed), held.text);
  });

  it('are renewed when they do not hold, each in its place', () => {
    const source = ['kicks of flag @ wake 1 µs', null, 'packetsPerSecond of counter @ wake 1 µs'] as const;
    assert.equal(current(quote('11, 7, 999,900', ...source), printed), '12, 7, 1,000,000');
  });

  it('need a row and a measure that are there', () => {
    assert.throws(() => current(quote('1', 'kicks of nobody'), printed), /no row nobody; there are flag @ wake 1 µs/);
    assert.throws(() => current(quote('1', 'drops of flag @ wake 1 µs'), printed), /has no drops/);
    assert.throws(() => current(quote('1', 'kicks'), printed), /expected "MEASURE of ROW"/);
  });
});
