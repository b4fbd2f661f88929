// The QEMU timer host sending: reference sequences A, B and C as far as the device's side of them goes.
import assert from 'node:assert/strict';
import { hostModel } from '../../../src/device';
import { BUFFERS, probe, type JsDriver } from './js-driver';
import { PHYS, Rig } from './rig';

const host = hostModel('qemu-timer');
const TIMER = 150_000;

function start(): { rig: Rig; driver: JsDriver; send: (tag: number) => boolean } {
  const rig = new Rig({ host });
  const driver = probe(rig);
  rig.log.length = 0;
  const send = (tag: number): boolean => {
    const packet = BUFFERS + 128 * (tag % 256);
    rig.ram.fill(tag & 0xff, packet + 16, packet + 16 + 64);
    const phys = PHYS + packet;
    return driver.tx.add(
      [
        { addr: phys, len: 10 },
        { addr: phys + 16, len: 64 },
      ],
      [],
      `skb ${tag}`,
    );
  };
  return { rig, driver, send };
}

/** What the 2.6.31 driver does in its TX interrupt, as far as the ring sees it. */
function handleInterrupt(rig: Rig, driver: JsDriver): number {
  driver.tx.noInterrupt = true;
  rig.irqPending = false;
  rig.write(0x64, rig.read(0x60));
  let freed = 0;
  while (driver.tx.get() !== undefined) freed++;
  return freed;
}

describe('qemu-timer TX', () => {
  it('A: one packet from idle: kick, timer, NO_NOTIFY, 150 µs, sent, used, interrupt', () => {
    const { rig, driver, send } = start();
    send(1);
    assert.equal(driver.tx.kick(), true);
    assert.equal(driver.tx.noNotify, true);
    assert.equal(rig.wire.length, 0);
    rig.advance(TIMER - 1);
    assert.equal(rig.wire.length, 0);
    rig.advance(1);
    assert.deepEqual(rig.log, [
      'kick tx forced=0',
      'timerArm tx name=tx_timer ns=150000',
      'notify tx flags=1',
      'timerFire tx_timer',
      'notify tx flags=0',
      'take tx head=0 descriptors=2 bytes=74',
      'sent tx bytes=64',
      'use tx slot=0 id=0 len=74',
      'usedIdx tx from=0 to=1',
      'interrupt tx coalesced=0',
    ]);
    assert.deepEqual([...(rig.wire[0] ?? [])], new Array(64).fill(1));
    assert.equal(rig.read(0x60), 1);
    assert.equal(driver.tx.noNotify, false);
    assert.equal(handleInterrupt(rig, driver), 1);
    assert.equal(rig.read(0x60), 0);
    assert.deepEqual(rig.violations, []);
  });

  it('B after A: ten packets within 150 µs: one kick, nine suppressed interrupts, one on empty', () => {
    const { rig, driver, send } = start();
    send(0);
    driver.tx.kick();
    rig.advance(TIMER);
    handleInterrupt(rig, driver);
    rig.log.length = 0;
    const kicked: boolean[] = [];
    for (let i = 1; i <= 10; i++) {
      send(i);
      kicked.push(driver.tx.kick());
      rig.advance(1000);
    }
    rig.advance(TIMER);
    assert.deepEqual(kicked, [true, ...new Array<boolean>(9).fill(false)]);
    const count = (what: string): number => rig.log.filter((line) => line.startsWith(`${what} `)).length;
    assert.equal(count('use'), 10);
    assert.equal(count('interruptSuppressed'), 9);
    assert.equal(count('interrupt'), 1);
    assert.equal(rig.log[rig.log.length - 1], 'interrupt tx coalesced=0');
    assert.deepEqual(
      rig.wire.slice(1).map((frame) => frame[0]),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
  });

  it('B from a fresh device: callbacks are on, so each packet interrupts until the driver says no', () => {
    const { rig, driver, send } = start();
    for (let i = 1; i <= 10; i++) {
      send(i);
      driver.tx.kick();
    }
    rig.advance(TIMER);
    const interrupts = rig.log.filter((line) => line.startsWith('interrupt '));
    assert.deepEqual(interrupts, [
      'interrupt tx coalesced=0',
      ...new Array<string>(9).fill('interrupt tx coalesced=1'),
    ]);
  });

  it('C: a full ring forces a kick, which flushes all 128 at once and stops the timer', () => {
    const { rig, driver, send } = start();
    driver.tx.noInterrupt = true;
    for (let i = 0; i < 128; i++) {
      assert.equal(send(i), true);
      assert.equal(driver.tx.kick(), i === 0);
    }
    rig.log.length = 0;
    assert.equal(send(128), false);
    assert.equal(rig.wire.length, 128);
    assert.deepEqual(rig.log.slice(0, 3), ['kick tx forced=1', 'notify tx flags=0', 'timerCancel tx name=tx_timer']);
    assert.equal(rig.log[rig.log.length - 1], 'interrupt tx coalesced=0');
    assert.equal(driver.tx.usedIdx, 128);
    assert.equal(rig.timers.size, 0);
    assert.equal(handleInterrupt(rig, driver), 128);
    send(128);
    assert.equal(driver.tx.kick(), true);
    rig.advance(TIMER);
    assert.equal(rig.wire.length, 129);
  });

  it('wraps avail.idx and used.idx from 65535 to 0', () => {
    const { rig, driver, send } = start();
    driver.tx.noInterrupt = true;
    rig.quiet = true;
    for (let i = 0; i < 65600; i++) {
      if (!send(i)) {
        while (driver.tx.get() !== undefined);
        send(i);
      }
      driver.tx.kick();
    }
    rig.advance(TIMER);
    assert.equal(rig.wire.length, 65600);
    assert.equal(driver.tx.usedIdx, 65600 - 65536);
  });
});
