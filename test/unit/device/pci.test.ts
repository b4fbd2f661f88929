// Legacy virtio-pci through NetDevice: I/O ports by the rules of spec 4.1.4.8, an ISR whose reading clears it, a driver that scribbles.
import assert from 'node:assert/strict';
import { ACKNOWLEDGE, DRIVER, DRIVER_OK, hostModel } from '../../../src/device';
import { PHYS, random, Rig } from './rig';

const host = hostModel('qemu-timer');
const MAC = 1n << 5n;
const NOTIFY_ON_EMPTY = 1n << 24n;
const PORT = {
  hostFeatures: 0,
  guestFeatures: 4,
  queuePfn: 8,
  queueNum: 12,
  queueSel: 14,
  queueNotify: 16,
  status: 18,
  isr: 19,
  config: 20,
} as const;
/** pages of the two rings, and a frame behind them */
const RINGS = [(PHYS + 0x10000) / 4096, (PHYS + 0x14000) / 4096] as const;

const rigOf = (): Rig => new Rig({ host, transport: 'pci', features: MAC });

/** As a driver of 2009 finds and starts it. */
function probe(rig: Rig): void {
  rig.write(PORT.status, 0, 1);
  rig.write(PORT.status, ACKNOWLEDGE, 1);
  rig.write(PORT.status, ACKNOWLEDGE | DRIVER, 1);
  rig.write(PORT.guestFeatures, rig.read(PORT.hostFeatures));
  RINGS.forEach((pfn, queue) => {
    rig.write(PORT.queueSel, queue, 2);
    assert.equal(rig.read(PORT.queueNum, 2), 256);
    rig.write(PORT.queuePfn, pfn);
  });
  rig.write(PORT.status, ACKNOWLEDGE | DRIVER | DRIVER_OK, 1);
}

describe('legacy virtio-pci', () => {
  it('is found, accepts features and queues, and no rule is broken', () => {
    const rig = rigOf();
    probe(rig);
    assert.deepEqual(rig.violations, []);
    assert.ok(rig.device.running);
    assert.equal(rig.device.features, MAC | NOTIFY_ON_EMPTY);
    assert.equal(rig.device.facts().legacy, true);
    const [rx, tx] = rig.device.queueViews();
    assert.equal(rx?.layout?.desc, BigInt(RINGS[0] * 4096));
    // spec 2.7.2: 4096 bytes of descriptors, then avail, then used on the next page
    assert.equal(tx?.layout?.used, BigInt(RINGS[1] * 4096 + 0x2000));
    assert.equal(rig.read(PORT.queuePfn), RINGS[1]);
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5].map((i) => rig.read(PORT.config + i, 1)),
      rig.device.facts().mac,
    );
  });

  it('tells of an interrupt once: reading ISR clears it, and the next raise is an edge again', () => {
    const rig = rigOf();
    probe(rig);
    const interrupt = (): void => void rig.device.perform({ do: 'interrupt', queue: 'tx' });
    assert.equal(rig.read(PORT.isr, 1), 0);
    interrupt();
    assert.equal(rig.device.interruptStatus, 1);
    assert.equal(rig.read(PORT.isr, 1), 1);
    assert.equal(rig.read(PORT.isr, 1), 0);
    assert.equal(rig.device.readKind(PORT.isr), 'interruptStatus');
    assert.equal(rig.device.readKind(PORT.status), 'config');
    assert.equal(rig.device.writeKind(PORT.queueNotify), 'notify');
  });

  it('hands a kick to the host that serves the queue', () => {
    const rig = rigOf();
    probe(rig);
    rig.log.length = 0;
    rig.write(PORT.queueNotify, 1, 2);
    assert.deepEqual(rig.log, ['kick tx forced=0', 'timerArm tx name=tx_timer ns=150000', 'notify tx flags=1']);
  });

  it('forgets all at a reset', () => {
    const rig = rigOf();
    probe(rig);
    rig.write(PORT.status, 0, 1);
    assert.equal(rig.device.running, false);
    assert.equal(rig.read(PORT.queuePfn), 0);
    assert.equal(rig.read(PORT.guestFeatures), 0);
    assert.ok(rig.device.queueViews().every(({ ready }) => !ready));
  });

  const wrong: readonly (readonly [string, (rig: Rig) => void, RegExp])[] = [
    ['a status of 32 bits', (rig) => rig.write(PORT.status, 1), /Device Status is accessed with 8 bits/],
    ['a notify of 32 bits', (rig) => rig.write(PORT.queueNotify, 0), /Queue Notify is accessed with 16 bits/],
    ['a port between registers', (rig) => rig.write(10, 0, 2), /no register begins there/],
    ['a write of the size', (rig) => rig.write(PORT.queueNum, 8, 2), /Queue Size is read-only/],
    ['a write of ISR', (rig) => rig.write(PORT.isr, 0, 1), /ISR Status is read-only/],
    ['a kick of no queue', (rig) => rig.write(PORT.queueNotify, 2, 2), /this device has queues 0\.\.1/],
    [
      'a ring for no queue',
      (rig) => {
        rig.write(PORT.queueSel, 7, 2);
        rig.write(PORT.queuePfn, 1);
      },
      /Queue Select is 7/,
    ],
    ['features too late', (rig) => rig.write(PORT.guestFeatures, 0), /features are settled already/],
    ['configuration beyond the end', (rig) => void rig.read(PORT.config + 6, 2), /beyond the 6 bytes/],
    ['a hypercall', (rig) => rig.hypercall(17, 0n), /reached by its I\/O ports/],
  ];
  for (const [what, access, says] of wrong)
    it(`names what is wrong with ${what}`, () => {
      const rig = rigOf();
      probe(rig);
      access(rig);
      assert.equal(rig.violations.length, 1);
      assert.match(rig.violations[0] ?? '', says);
      assert.ok(rig.device.running);
    });

  it('kicks of a queue that is not set up, and features never offered, are named too', () => {
    const rig = rigOf();
    rig.write(PORT.queueNotify, 0, 2);
    rig.write(PORT.guestFeatures, 0xffffffff);
    assert.match(rig.violations[0] ?? '', /that queue is not set up/);
    assert.match(rig.violations[1] ?? '', /VIRTIO_NET_F_CSUM.* was never offered; ignored/);
    assert.equal(rig.device.features, MAC | NOTIFY_ON_EMPTY);
  });

  it('survives a driver that scribbles over it, goes back to snapshots, and works for the next one', () => {
    const rig = rigOf();
    const below = random(1009);
    for (let n = 0; n < 20_000; n++) {
      const offset = below(40);
      const size = [1, 2, 4, 8][below(4)] ?? 4;
      if (below(3) === 0) assert.ok(Number.isInteger(rig.device.read(offset, size)));
      else rig.device.write(offset, size, below(4) === 0 ? below(2 ** 32) : below(300));
      if (n % 5000 === 0) {
        const saved = rig.device.snapshot();
        const other = rigOf();
        other.device.restore(saved);
        assert.deepEqual(other.device.snapshot(), saved);
      }
    }
    rig.violations.length = 0;
    probe(rig);
    assert.deepEqual(rig.violations, []);
    assert.ok(rig.device.running);
  });
});
