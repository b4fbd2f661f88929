// The table of the bench: medians, spreads, and a text that a reader can trust.
import assert from 'node:assert/strict';
import { digits, kept, median, percentile, table } from '../../../bench/figures';

describe('figures of the bench', () => {
  it('have the median and percentiles of their values, in whatever order they came', () => {
    assert.equal(median([9, 1, 5]), 5);
    assert.equal(
      percentile(
        Array.from({ length: 100 }, (_, i) => 99 - i),
        0.99,
      ),
      99,
    );
    assert.equal(percentile([7], 0.99), 7);
    assert.ok(Number.isNaN(median([])));
  });

  it('are printed with three digits that count', () => {
    assert.deepEqual([0.01234, 0.1234, 12.34, 123.4, 1234.5, 1234567].map(digits), [
      '0.0123',
      '0.123',
      '12.3',
      '123',
      '1 235',
      '1 234 567',
    ]);
  });

  it('stand in a table with their spread, their number and what was promised', () => {
    const lines = table([
      { name: 'step', values: [2, 1, 4], unit: 'ms', promise: '< 3' },
      { name: 'size of the package', values: [26.6], unit: 'MiB' },
    ]);
    assert.deepEqual(
      lines.map((line) => line.split(/ {2,}/)),
      [
        ['figure', 'median', 'unit', 'min - max', 'n', 'promised'],
        ['step', '2.00', 'ms', '1.00 - 4.00', '3', '< 3'],
        ['size of the package', '26.6', 'MiB', '1'],
      ],
    );
    assert.equal(lines[1]?.indexOf('ms'), lines[2]?.indexOf('MiB'), 'columns are aligned');
  });

  it('say where the median does not keep what was promised', () => {
    const keeps = (promise: string | undefined, ...values: number[]): boolean | undefined =>
      kept({ name: 'a', values, unit: 'ms', ...(promise !== undefined && { promise }) });
    assert.deepEqual([keeps('< 3', 2.9), keeps('< 3', 3), keeps('< 3', 9, 1, 2)], [true, false, true]);
    assert.deepEqual([keeps('<= 15', 15), keeps('<= 1.10', 1.2)], [true, false]);
    assert.deepEqual([keeps('>= 250', 250), keeps('>= 250', 249)], [true, false]);
    assert.deepEqual([keeps(undefined, 1), keeps('the same', 1), keeps('< 3')], [undefined, undefined, undefined]);
    const [, row] = table([{ name: 'step', values: [4], unit: 'ms', promise: '< 3' }]);
    assert.match(row ?? '', /< 3: missed/);
  });
});
