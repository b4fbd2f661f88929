// The QEMU timer host receiving: when it takes a frame, how it spreads it over buffers, and when it stops polling the tap.
import assert from 'node:assert/strict';
import { hostModel } from '../../../src/device';
import { BUFFERS, probe, type JsDriver } from './js-driver';
import { MAC_ADDRESS, Rig, type RigOptions } from './rig';

const host = hostModel('qemu-timer');
const MRG_RXBUF = 1n << 15n;
const PAGE = 4096;

/** A frame for the guest: its address, then a counting pattern. */
function frame(length: number, to: readonly number[] = MAC_ADDRESS): Uint8Array {
  const bytes = Uint8Array.from({ length }, (_, i) => (i * 7) & 0xff);
  bytes.set(to, 0);
  return bytes;
}

function start(options: Partial<RigOptions> = {}): { rig: Rig; driver: JsDriver } {
  const rig = new Rig({ host, ...options });
  const driver = probe(rig);
  rig.log.length = 0;
  return { rig, driver };
}

/** Posts mergeable pages; the pages of buffers 0.. lie one behind the other. */
function postPages({ rig, driver }: { rig: Rig; driver: JsDriver }, count: number): void {
  for (let i = 0; i < count; i++) {
    assert.ok(driver.rx.add([], [{ addr: rig.memory.base + BUFFERS + PAGE * i, len: PAGE }], `page ${i}`));
  }
}

/** Posts small buffers as 2.6.31 does: a header of its own, then 1518 bytes. */
function postSmall({ rig, driver }: { rig: Rig; driver: JsDriver }, count: number, size = 1518): void {
  for (let i = 0; i < count; i++) {
    const at = rig.memory.base + BUFFERS + 2048 * i;
    assert.ok(
      driver.rx.add(
        [],
        [
          { addr: at, len: 10 },
          { addr: at + 16, len: size },
        ],
        `skb ${i}`,
      ),
    );
  }
}

const bytesAt = (rig: Rig, pointer: number, length: number): number[] => [
  ...rig.ram.subarray(pointer, pointer + length),
];

describe('qemu-timer RX', () => {
  it('copies a frame behind a zeroed header into a small buffer and interrupts once', () => {
    const machine = start();
    const { rig, driver } = machine;
    rig.ram.fill(0xee, BUFFERS, BUFFERS + 2048);
    postSmall(machine, 3);
    driver.rx.kick();
    rig.log.length = 0;
    rig.tap.push(frame(60));
    rig.settle();
    assert.deepEqual(rig.log, [
      'notify rx flags=1',
      'arrive rx bytes=60',
      'take rx head=0 descriptors=2 bytes=1528',
      'use rx slot=0 id=0 len=70',
      'usedIdx rx from=0 to=1',
      'interrupt rx coalesced=0',
    ]);
    assert.deepEqual(bytesAt(rig, BUFFERS, 10), new Array<number>(10).fill(0));
    assert.deepEqual(bytesAt(rig, BUFFERS + 16, 60), [...frame(60)]);
    assert.equal(rig.ram[BUFFERS + 16 + 60], 0xee, 'nothing behind the frame is touched');
    assert.deepEqual(driver.rx.get(), { token: 'skb 0', len: 70 });
  });

  it('spills a large frame over mergeable buffers and publishes them together', () => {
    const machine = start({ features: MRG_RXBUF });
    const { rig, driver } = machine;
    postPages(machine, 20);
    driver.rx.kick();
    rig.log.length = 0;
    rig.tap.push(frame(9000));
    rig.settle();
    assert.deepEqual(
      rig.log.filter((line) => /^(use|usedIdx|interrupt) /.test(line)),
      [
        'use rx slot=0 id=0 len=4096',
        'use rx slot=1 id=1 len=4096',
        'use rx slot=2 id=2 len=820',
        'usedIdx rx from=0 to=3',
        'interrupt rx coalesced=0',
      ],
    );
    assert.deepEqual(bytesAt(rig, BUFFERS, 12), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0]);
    assert.deepEqual(bytesAt(rig, BUFFERS + 12, 9000), [...frame(9000)]);
  });

  it('says one buffer in num_buffers to every modern driver', () => {
    const machine = start({ version: 2, physOffset: 0x1_0000_0000n });
    const { rig, driver } = machine;
    driver.rx.add([], [{ addr: rig.memory.base + BUFFERS, len: 1530 }], 'skb');
    driver.rx.kick();
    rig.tap.push(frame(100));
    rig.settle();
    assert.deepEqual(bytesAt(rig, BUFFERS, 12), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
    assert.deepEqual(driver.rx.get(), { token: 'skb', len: 112 });
  });

  it('waits for ever with 16 mergeable pages: 65536 bytes are posted, and it wants 65546', () => {
    const machine = start({ features: MRG_RXBUF });
    const { rig, driver } = machine;
    postPages(machine, 16);
    driver.rx.kick();
    rig.tap.push(frame(60));
    rig.settle();
    assert.equal(rig.device.tapPolled, false);
    assert.equal(driver.rx.noNotify, false);
    assert.equal(rig.tap.length, 1);
    rig.advance(1_000_000_000);
    assert.equal(driver.rx.usedIdx, 0);
    driver.rx.add([], [{ addr: rig.memory.base + BUFFERS + 16 * PAGE, len: PAGE }], 'page 16');
    assert.equal(driver.rx.kick(), true);
    assert.equal(rig.tap.length, 0);
    assert.equal(driver.rx.usedIdx, 1);
  });

  it('stalls when buffers come without a kick between its check and the clearing of NO_NOTIFY (06b129701)', () => {
    const machine = start();
    const { rig, driver } = machine;
    postSmall(machine, 1);
    driver.rx.kick();
    rig.tap.push(frame(60));
    rig.settle();
    assert.equal(driver.rx.noNotify, true);
    rig.tap.push(frame(60));
    // The main loop looks and finds nothing; then the driver posts, and sees NO_NOTIFY still set.
    while (rig.threads?.threads[1]?.action.do !== 'setUsedFlags') assert.ok(rig.step());
    driver.rx.get();
    postSmall(machine, 1);
    assert.equal(driver.rx.kick(), false);
    rig.advance(1_000_000_000);
    assert.equal(rig.tap.length, 1, 'the frame waits although a buffer is there');
    driver.rx.notify();
    assert.equal(rig.tap.length, 0);
  });

  it('keeps the second interrupt of a burst pending, and suppresses none that the driver wants', () => {
    const machine = start();
    const { rig, driver } = machine;
    postSmall(machine, 3);
    driver.rx.kick();
    rig.log.length = 0;
    rig.tap.push(frame(60), frame(61));
    rig.settle();
    const interrupts = (): string[] => rig.log.filter((line) => line.startsWith('interrupt'));
    assert.deepEqual(interrupts(), ['interrupt rx coalesced=0', 'interrupt rx coalesced=1']);
    driver.rx.noInterrupt = true;
    postSmall(machine, 1);
    rig.log.length = 0;
    rig.tap.push(frame(62));
    rig.settle();
    // One buffer was exposed before, and the fourth not: the queue is empty, and NOTIFY_ON_EMPTY was accepted.
    assert.deepEqual(interrupts(), ['interrupt rx coalesced=1']);
    driver.rx.kick();
    postSmall(machine, 1);
    driver.rx.expose();
    rig.log.length = 0;
    rig.tap.push(frame(63));
    rig.settle();
    assert.deepEqual(interrupts(), [
      'interruptSuppressed rx why=avail.flags has NO_INTERRUPT, and the queue is not empty',
    ]);
  });

  it('filters by address only when it is not promiscuous', () => {
    const machine = start({ parameters: { promisc: false } });
    const { rig, driver } = machine;
    postSmall(machine, 4);
    driver.rx.kick();
    rig.log.length = 0;
    rig.tap.push(frame(60, [2, 0, 0, 0, 0, 9]), frame(61), frame(62, [255, 255, 255, 255, 255, 255]));
    rig.settle();
    assert.equal(driver.rx.usedIdx, 2);
    assert.ok(rig.log.includes('drop rx bytes=60 why=not for this MAC address'));
    const open = start();
    postSmall(open, 4);
    open.driver.rx.kick();
    open.rig.tap.push(frame(60, [2, 0, 0, 0, 0, 9]));
    open.rig.settle();
    assert.equal(open.driver.rx.usedIdx, 1);
  });

  it('gives up, as QEMU does, on a frame that fits into no buffer', () => {
    const machine = start();
    postSmall(machine, 3, 100);
    machine.driver.rx.kick();
    machine.rig.tap.push(frame(1000));
    assert.match(
      machine.rig.settleToError()?.message ?? '',
      /queue rx: virtio-net truncating packet: 100 of 1000 bytes fit into one buffer/,
    );
    const merged = start({ features: MRG_RXBUF });
    merged.driver.rx.add([], [{ addr: merged.rig.memory.base + BUFFERS, len: 65546 }], 'big');
    merged.driver.rx.kick();
    merged.rig.tap.push(frame(65549 + 100));
    assert.match(
      merged.rig.settleToError()?.message ?? '',
      /truncating packet: 65534 of 65649 bytes fit into 1 buffers, and no more/,
    );
  });
});
