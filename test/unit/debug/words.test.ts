// Words and numbers: virtual time, durations, hexadecimal, assignments.
import assert from 'node:assert/strict';
import { splitAssignment } from '../../../src/debug/evaluate';
import { hexText } from '../../../src/debug/variables';
import { bytesText, duration, hostText, stamp } from '../../../src/debug/words';

describe('debug: words', () => {
  it('stamps virtual time as printk does', () => {
    assert.equal(stamp(12_345_678_901), '[   12.345678]');
    assert.equal(stamp(0), '[    0.000000]');
  });

  it('says durations in the unit that reads best', () => {
    assert.deepEqual([0, 840, 98_200, 150_000, 1_500_000, 2e9].map(duration), [
      '0 ns',
      '840 ns',
      '98.2 µs',
      '150 µs',
      '1.5 ms',
      '2 s',
    ]);
  });

  it('says what a host thread waits for, and since when', () => {
    const thread = {
      id: 2,
      kind: 'host',
      name: 'io',
      waitsFor: 'a kick on tx',
      sinceNs: 1_000_000,
      state: {},
    } as const;
    assert.equal(
      hostText({ ...thread, status: 'rest' }, 1_098_200),
      'waiting: a kick on tx (98.2 µs, since [    0.001000])',
    );
    assert.equal(
      hostText({ ...thread, status: 'sleeping', waitsFor: 'write() to the tap', wakeNs: 2_000_000 }, 1_500_000),
      'sleeping: write() to the tap (500 µs left, until [    0.002000])',
    );
    assert.equal(hostText({ ...thread, status: 'ready', next: 'reads avail.idx' }, 0), 'next: reads avail.idx');
    assert.equal(hostText({ ...thread, status: 'ready' }, 0), 'woken: a kick on tx');
  });

  it('shows integers in hexadecimal as two’s complement of their size, and nothing else', () => {
    assert.equal(hexText('255', 4), '0xff');
    assert.equal(hexText('-1', 2), '0xffff');
    assert.equal(hexText("97 'a'", 1), "0x61 'a'");
    for (const other of ['1.5', '1e10', '0x40', '{…}', '"12"', '-3']) assert.equal(hexText(other, undefined), other);
  });

  it('reads bytes of memory as little-endian numbers', () => {
    assert.deepEqual(['0500', '00', '00002c00', 'ffffffffffffffff'].map(bytesText), [
      '5',
      '0',
      '0x2c0000',
      '0xffffffffffffffff',
    ]);
    assert.equal(bytesText('000102030405060708'), '000102030405060708');
  });

  it('finds assignments, and only those', () => {
    assert.deepEqual(splitAssignment('vq->num_free = 3'), { target: 'vq->num_free', value: '3' });
    assert.deepEqual(splitAssignment('a[i == 2] <<= b'), { target: 'a[i == 2]', value: '(a[i == 2]) << (b)' });
    assert.deepEqual(splitAssignment('x += 1'), { target: 'x', value: '(x) + (1)' });
    for (const text of [
      'a == b',
      'a <= b',
      'a != b',
      'a >= b',
      '"a = b"',
      'f(a = b)',
      "c == '='",
      'a << 2',
      '= 3',
      'a =',
    ])
      assert.equal(splitAssignment(text), undefined, text);
  });
});
