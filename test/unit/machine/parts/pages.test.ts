// The page map: what no driver may write, and the watched ranges with what they held before a write.
import assert from 'node:assert/strict';
import { DmaFault } from '../../../../src/device';
import { Clock } from '../../../../src/machine/clock';
import { Cpu } from '../../../../src/machine/cpu';
import { deviceWatch, littleEndian, mapPages, Watches } from '../../../../src/machine/pages';
import { LAB_PAGE, RAM_SIZE } from '../../../../src/toolchain';
import { virtioNet } from '../../../support/machine';

async function cpu(): Promise<Cpu> {
  const pages = RAM_SIZE / 65536;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  return new Cpu(await virtioNet(), memory, new Clock(), 1, { copiedByGuest: 0 }, () => undefined);
}

describe('page map', function () {
  this.timeout(30_000);

  it('protects the NULL page, the pages of the hooks and all beyond RAM, and nothing else', async () => {
    const c = await cpu();
    mapPages(c);
    const { from, to } = c.runtimePages;
    assert.ok(to > from);
    const end = c.ram.length >>> 12;
    for (let page = 0; page < end + 100; page++) {
      const expected = page === 0 || (page >= from && page < to) || page >= end;
      assert.equal(c.pageFlags(page) === LAB_PAGE.protected, expected, `page ${page}`);
    }
    assert.equal(c.pageFlags((1 << 20) - 1), LAB_PAGE.protected);
  });

  it('refuses a device that was sent to the pages of the hooks', async () => {
    const c = await cpu();
    mapPages(c);
    const watch = deviceWatch(c, () => assert.fail('nothing is written'));
    const from = c.runtimePages.from * 4096;
    for (const [pointer, size] of [
      [from, 2],
      [from - 1, 2],
      [from - 4096, 3 * 4096],
    ] as const)
      assert.throws(
        () => watch.beforeWrite(pointer, size),
        (error: Error) => {
          assert.ok(error instanceof DmaFault);
          assert.match(error.message, /belongs to the lab/);
          return true;
        },
      );
    watch.beforeWrite(from - 2, 2);
  });

  it('of watches marks the pages of its ranges, over page borders, and unmarks them', async () => {
    const c = await cpu();
    mapPages(c);
    c.setPageFlags(20, LAB_PAGE.ring);
    const watches = new Watches(c);
    watches.set([{ address: 20 * 4096 - 1, size: 2 }], [30]);
    assert.ok(watches.any);
    assert.deepEqual(
      [18, 19, 20, 21, 30].map((page) => c.pageFlags(page)),
      [0, LAB_PAGE.watched, LAB_PAGE.watched | LAB_PAGE.ring, 0, LAB_PAGE.watched],
    );
    watches.set([], []);
    assert.ok(!watches.any);
    assert.deepEqual(
      [19, 20, 30].map((page) => c.pageFlags(page)),
      [0, LAB_PAGE.ring, 0],
    );
  });

  it('two watches that share a page, and one of them goes', async () => {
    const c = await cpu();
    const watches = new Watches(c);
    watches.set(
      [
        { address: 40 * 4096, size: 4 },
        { address: 40 * 4096 + 8, size: 4 },
      ],
      [],
    );
    watches.set([{ address: 40 * 4096 + 8, size: 4 }], []);
    assert.equal(c.pageFlags(40), LAB_PAGE.watched);
  });

  it('tells which ranges a write touched, and what they held before and hold now', async () => {
    const c = await cpu();
    const watches = new Watches(c);
    const at = 50 * 4096;
    c.ram.set([1, 2, 3, 4], at);
    watches.set(
      [
        { address: at, size: 2 },
        { address: at + 2, size: 2 },
      ],
      [],
    );
    const write = (pointer: number, bytes: readonly number[]): unknown => {
      c.ram.set(bytes, pointer);
      return watches
        .touched(pointer, bytes.length)
        .map(({ address, before, after }) => [address - at, [...before], [...after]]);
    };
    assert.deepEqual(write(at + 1, [9, 8]), [
      [0, [1, 2], [1, 9]],
      [2, [3, 4], [8, 4]],
    ]);
    assert.deepEqual(write(at + 1, [7]), [[0, [1, 9], [1, 7]]]);
    assert.deepEqual(write(at + 4, [1]), []);
    assert.deepEqual(write(at - 1, [5]), []);
  });

  it('ignores ranges that are no RAM', async () => {
    const c = await cpu();
    const watches = new Watches(c);
    for (const range of [
      { address: c.ram.length - 1, size: 2 },
      { address: -4, size: 4 },
      { address: 8192, size: 0 },
    ])
      watches.set([range], []);
    assert.ok(!watches.any);
  });

  it('reads values as the guest has them', () => {
    assert.equal(littleEndian(Uint8Array.of(0x34, 0x12)), 0x1234n);
    assert.equal(littleEndian(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0x80, 0xff)), 0x8000000000000001n);
    assert.equal(littleEndian(new Uint8Array(0)), 0n);
  });
});
