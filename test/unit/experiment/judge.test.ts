// Expectations across rows: each kind can hold and fail, for all rows, for some, and apart for each variant or point.
import assert from 'node:assert/strict';
import { judge, type JudgedRow } from '../../../src/experiment/judge';
import type { Expected } from '../../../src/experiment';

/** Rows of two variants at two points: their values of every measure. */
const ROWS: readonly JudgedRow[] = (
  [
    ['a', '1', 1],
    ['a', '2', 2],
    ['b', '1', 10],
    ['b', '2', 19],
  ] as const
).map(([variant, point, value]) => ({ name: `${variant} @ ${point}`, variant, point, value: () => value }));

const said = (fields: object, rows = ROWS) => judge({ why: '', fullOnly: false, ...fields } as Expected, rows);
const holds = (fields: object): boolean => said(fields).ok;

describe('expectations across rows', () => {
  it('order rows as they are named', () => {
    assert.ok(holds({ order: 'm', is: '<' }));
    assert.ok(!holds({ order: 'm', is: '>' }));
    assert.ok(holds({ order: 'm', is: '>', rows: ['b @ 2', 'b @ 1', 'a @ 2'] }));
    assert.ok(!holds({ order: 'm', is: '<', rows: ['b', 'a'] }));
    assert.ok(holds({ order: 'm', is: '<', rows: ['b', 'a'], each: 'variant' }));
    assert.ok(!holds({ order: 'm', is: '<', rows: ['b', 'a'], each: 'point' }));
    assert.ok(!holds({ order: 'm', is: '<', rows: ['a @ 1', 'a @ 1'] }));
    assert.ok(holds({ order: 'm', is: '<=', rows: ['a @ 1', 'a @ 1'] }));
  });

  it('hold rows flat, in percent above the least', () => {
    assert.ok(holds({ flat: 'm', within: 100, rows: ['a'] }));
    assert.ok(!holds({ flat: 'm', within: 99, rows: ['a'] }));
    assert.ok(holds({ flat: 'm', within: 100, each: 'variant' }));
    assert.ok(!holds({ flat: 'm', within: 100, each: 'point' }));
  });

  it('divide one row by another, or pair by pair', () => {
    assert.ok(holds({ ratio: 'm', of: 'b @ 1', to: 'a @ 1', is: '==', value: 10 }));
    assert.ok(holds({ ratio: 'm', of: 'b', to: 'a', is: '>=', value: 9.5 }));
    assert.ok(!holds({ ratio: 'm', of: 'b', to: 'a', is: '>=', value: 10 }));
    assert.ok(holds({ ratio: 'm', of: '*', to: 'a @ 1', is: '>=', value: 1 }));
    assert.ok(!holds({ ratio: 'm', of: '*', to: 'a', is: '>=', value: 0 }));
  });

  it('compare each row with a number', () => {
    assert.ok(holds({ value: 'm', is: '>=', than: 1 }));
    assert.ok(!holds({ value: 'm', is: '<', than: 19 }));
    assert.ok(holds({ near: 'm', to: 19, by: 0, rows: ['b @ 2'] }));
    assert.ok(!holds({ near: 'm', to: 17, by: 1, rows: ['b @ 2'] }));
    assert.ok(holds({ near: 'm', to: 18, by: 1, rows: ['b @ 2'] }));
  });

  it('fail where there is no value, and say so', () => {
    const none: JudgedRow = { name: 'c', variant: 'c', value: () => null };
    const rows = [...ROWS, none];
    for (const fields of [
      { order: 'm', is: '<' },
      { flat: 'm', within: 1e9 },
      { value: 'm', is: '>=', than: 0 },
      { near: 'm', to: 0, by: 1e9 },
      { ratio: 'm', of: 'c', to: 'a @ 1', is: '>=', value: 0 },
      { ratio: 'm', of: 'a @ 1', to: 'c', is: '>=', value: 0 },
    ]) {
      const { ok, actual } = said(fields, rows);
      assert.ok(!ok, JSON.stringify(fields));
      assert.match(actual, /none/);
    }
  });

  it('tell what is expected of what, and of many only what fails', () => {
    assert.equal(said({ value: 'm', is: '<', than: 19 }).what, 'm < 19');
    assert.equal(said({ value: 'm', is: '<', than: 19 }).actual, 'b @ 2: 19');
    assert.equal(said({ order: 'm', is: '<', each: 'point' }).actual, '1: 1, 10; 2: 2, 19');
    assert.equal(said({ order: 'm', is: '>', rows: ['a', 'b'] }).what, 'm: falling: a, b');
  });
});
