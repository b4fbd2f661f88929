// What a driver can get wrong in a ring, each with the message that names the descriptor, what was found and what was expected.
import assert from 'node:assert/strict';
import { DeviceError, DmaFault, hostModel } from '../../../src/device';
import { BUFFERS, probe, type JsQueue } from './js-driver';
import { PHYS, Rig } from './rig';

const host = hostModel('qemu-timer');
const INDIRECT_DESC = 1n << 28n;
const HEADER = { addr: PHYS + BUFFERS, len: 10 };
const BODY = { addr: PHYS + BUFFERS + 16, len: 60 };
const TABLE = 0x30000;

/** Adds packets, damages the ring, and lets the timer flush it. */
function flush(damage: (tx: JsQueue, rig: Rig) => void, features = 0n): { error: Error | undefined; rig: Rig } {
  const rig = new Rig({ host, features });
  const { tx } = probe(rig);
  damage(tx, rig);
  tx.kick();
  rig.due.timers.add('tx_timer');
  return { error: rig.settleToError(), rig };
}

const descFlags = (tx: JsQueue, i: number, flags: number): void => tx.put16(tx.desc + 16 * i + 12, flags);
const descNext = (tx: JsQueue, i: number, next: number): void => tx.put16(tx.desc + 16 * i + 14, next);

describe('chains that are wrong', () => {
  const cases: readonly [string, (tx: JsQueue, rig: Rig) => void, RegExp][] = [
    [
      'a head beyond the table',
      (tx) => {
        tx.add([HEADER, BODY], [], 'skb');
        tx.put16(tx.avail + 4, 300);
      },
      /queue tx: Guest says index 300 is available: there are 256 descriptors/,
    ],
    [
      'a next beyond the table',
      (tx) => {
        tx.add([HEADER, BODY], [], 'skb');
        descNext(tx, 0, 256);
      },
      /Desc next is 256: desc\[0\] of chain 0, queue tx, where there are 256/,
    ],
    [
      'a loop',
      (tx) => {
        tx.add([HEADER, BODY], [], 'skb');
        descFlags(tx, 1, 1);
        descNext(tx, 1, 0);
      },
      /Looped descriptor: desc\[1\] of chain 0, queue tx goes on after 256/,
    ],
    [
      'avail.idx far ahead',
      (tx) => {
        tx.put16(tx.avail + 2, 257);
      },
      /Guest moved used index from 0 to 257: 257 heads, and there are 256 entries/,
    ],
    [
      'avail.idx gone back',
      (tx) => {
        tx.put16(tx.avail + 2, 65535);
      },
      /Guest moved used index from 0 to 65535/,
    ],
    [
      'a header that is not alone',
      (tx) => tx.add([{ addr: BODY.addr, len: 70 }], [], 'skb'),
      /header not in first element: chain 0 begins with 70 bytes, expected 10/,
    ],
    [
      'only buffers to write',
      (tx) => tx.add([], [HEADER, BODY], 'skb'),
      /header not in first element: chain 0 has no device-readable element/,
    ],
    [
      'an indirect table of 17 bytes',
      (tx) => {
        tx.add([{ addr: PHYS + TABLE, len: 17 }], [], 'skb');
        descFlags(tx, 0, 4);
      },
      /Invalid size for indirect buffer table: desc\[0\] of chain 0, queue tx has len 17/,
    ],
    [
      'an indirect table in an indirect table',
      (tx) => {
        tx.addIndirect(TABLE, [HEADER, BODY], [], 'skb');
        tx.put16(TABLE + 12, 4);
      },
      /desc\[0\] of the indirect table of chain 0, queue tx: an indirect table within an indirect table/,
    ],
    [
      'a loop in an indirect table',
      (tx) => {
        tx.addIndirect(TABLE, [HEADER, BODY], [], 'skb');
        tx.put16(TABLE + 16 + 12, 1);
        tx.put16(TABLE + 16 + 14, 0);
      },
      /Looped descriptor: desc\[1\] of the indirect table of chain 0, queue tx goes on after 2/,
    ],
  ];
  for (const [name, damage, expected] of cases) {
    it(name, () => {
      const { error, rig } = flush(damage, INDIRECT_DESC);
      assert.ok(error instanceof DeviceError, String(error));
      assert.match(error.message, expected);
      assert.equal(rig.wire.length, 0);
    });
  }

  it('a pointer where a guest-physical address belongs, named with its descriptor', () => {
    const { error } = flush((tx) => tx.add([HEADER, { addr: BUFFERS, len: 60 }], [], 'skb'));
    assert.ok(error instanceof DmaFault);
    assert.equal(
      error.message,
      'desc[1] of chain 0, queue tx: guest-physical 0x40000 (60 bytes) is no RAM (RAM is 0x40000000..0x40100000); ' +
        'it is a valid pointer: was virt_to_phys() forgotten?',
    );
    assert.equal(error.write, false);
  });

  it('an indirect table that is not RAM', () => {
    const { error } = flush((tx) => {
      tx.addIndirect(TABLE, [HEADER, BODY], [], 'skb');
      tx.put64(tx.desc, 0xffff_ffff_ffff_0000n);
    }, INDIRECT_DESC);
    assert.ok(error instanceof DmaFault);
    assert.match(
      error.message,
      /^desc\[0\] of chain 0, queue tx: guest-physical 0xffffffffffff0000 \(32 bytes\) is no RAM/,
    );
  });

  it('follows an indirect table, also as the end of a direct chain, and ignores WRITE on the descriptor that points to it', () => {
    const { error, rig } = flush((tx) => {
      rig_fill(tx.rig);
      tx.addIndirect(TABLE, [HEADER, BODY], [], 'whole');
      tx.add([HEADER, { addr: PHYS + TABLE + 32, len: 16 }], [], 'mixed');
      tx.put64(TABLE + 32, BODY.addr);
      tx.put32(TABLE + 32 + 8, BODY.len);
      descFlags(tx, 2, 4 | 2);
    }, INDIRECT_DESC);
    assert.equal(error, undefined);
    assert.deepEqual(
      rig.wire.map((bytes) => bytes.length),
      [60, 60],
    );
    assert.ok(rig.wire.every((bytes) => bytes.every((byte) => byte === 0x5a)));
    assert.deepEqual(rig.violations, []);
  });

  it('reports, and lives with, what QEMU of 2009 lives with', () => {
    const { error, rig } = flush((tx) => {
      tx.addIndirect(TABLE, [HEADER, BODY], [], 'skb');
      descFlags(tx, 0, 4 | 1);
      tx.add([HEADER, BODY], [], 'next');
      // The first head exposed once more: the device has it twice before it uses it.
      descFlags(tx, 2, 1);
    });
    assert.equal(error, undefined);
    assert.match(rig.violations.join('\n'), /INDIRECT, but VIRTIO_RING_F_INDIRECT_DESC was not negotiated/);
    assert.match(rig.violations.join('\n'), /INDIRECT and NEXT together/);
    const order = flush((tx) => tx.add([HEADER], [BODY], 'skb').valueOf() && descFlags(tx, 1, 2 | 1));
    assert.match(order.rig.violations.join('\n'), /device-readable behind a device-writable one/);
  });

  it('reports a chain that is exposed again while the device has it', () => {
    const rig = new Rig({ host });
    const { tx } = probe(rig);
    tx.add([HEADER, BODY], [], 'skb');
    tx.put16(tx.avail + 6, 0);
    tx.put16(tx.avail + 2, 2);
    tx.numAdded = 0;
    rig.device.perform({ do: 'take', queue: 'tx', index: 0 });
    rig.device.perform({ do: 'take', queue: 'tx', index: 1 });
    assert.match(rig.violations.join('\n'), /avail\.ring\[1\] of tx: chain 0 is exposed again while the device has it/);
  });

  it('a ring that is not RAM', () => {
    const rig = new Rig({ host, version: 2 });
    const { tx } = probe(rig, { driverOk: false });
    rig.write(0x30, 1);
    rig.write(0x44, 0);
    rig.write(0x90, tx.avail);
    rig.write(0x94, 0);
    rig.write(0x44, 1);
    rig.write(0x70, 15);
    tx.kick();
    rig.due.timers.add('tx_timer');
    assert.match(
      rig.settleToError()?.message ?? '',
      /^read avail\.idx of tx: guest-physical 0x21002 \(2 bytes\) is no RAM .* was virt_to_phys\(\) forgotten\?/,
    );
  });

  it('sends a packet whose body is empty, wherever that points', () => {
    const { error, rig } = flush((tx) => tx.add([HEADER, { addr: 0, len: 0 }], [], 'skb'));
    assert.equal(error, undefined);
    assert.deepEqual(
      rig.wire.map((bytes) => bytes.length),
      [0],
    );
  });

  it('a queue that was never set up', () => {
    const rig = new Rig({ host });
    assert.throws(
      () => rig.device.perform({ do: 'readAvailIdx', queue: 'tx' }),
      /queue tx: the driver has not set this queue up/,
    );
  });
});

function rig_fill(rig: Rig): void {
  rig.ram.fill(0x5a, BUFFERS + 16, BUFFERS + 16 + 60);
}
