// The lguest host of 2.6.31: when it interrupts, when it asks for kicks, and its known and possible faults.
import assert from 'node:assert/strict';
import { hostModel } from '../../../src/device';
import { BUFFERS, probe, type JsDriver } from './js-driver';
import { MAC_ADDRESS, PHYS, Rig, type RigOptions } from './rig';

const host = hostModel('lguest-2.6.31');
const NOTIFY_ON_EMPTY = 1n << 24n;

type Parameters = RigOptions['parameters'];

interface Machine {
  readonly rig: Rig;
  readonly driver: JsDriver;
}

function start(parameters: Parameters = {}, features = NOTIFY_ON_EMPTY): Machine {
  const rig = new Rig({ host, parameters, features, queues: { rx: 16, tx: 16 } });
  const driver = probe(rig);
  rig.settle();
  rig.log.length = 0;
  return { rig, driver };
}

function send({ driver }: Machine): void {
  const at = PHYS + BUFFERS;
  driver.tx.add(
    [
      { addr: at, len: 10 },
      { addr: at + 16, len: 60 },
    ],
    [],
    'skb',
  );
  driver.tx.expose();
}

function post({ driver }: Machine, count: number): void {
  for (let i = 0; i < count; i++) driver.rx.add([], [{ addr: PHYS + BUFFERS + 2048 * i, len: 1528 }], `skb ${i}`);
  driver.rx.kick();
}

function arrive({ rig }: Machine, count: number): void {
  for (let i = 0; i < count; i++) rig.tap.push(Uint8Array.from([...MAC_ADDRESS, ...new Array<number>(54).fill(i)]));
  rig.settle();
}

const counted = ({ rig }: Machine, what: string): number =>
  rig.log.filter((line) => line.startsWith(`${what} `)).length;

/** The host's next action on a queue is this one. */
function until({ rig }: Machine, what: string, thread: number): void {
  while (rig.threads?.threads[thread]?.action.do !== what) assert.ok(rig.step());
}

describe('lguest 2.6.31 TX', () => {
  it('sends all there is with NO_NOTIFY set, then interrupts once, clears it and sleeps', () => {
    const machine = start();
    for (let i = 0; i < 3; i++) send(machine);
    machine.driver.tx.notify();
    machine.rig.settle();
    assert.deepEqual(
      machine.rig.log.filter((line) => /^(notify|usedIdx|interrupt)/.test(line)),
      [
        'notify tx flags=1',
        'usedIdx tx from=0 to=1',
        'usedIdx tx from=1 to=2',
        'usedIdx tx from=2 to=3',
        'interrupt tx coalesced=0',
        'notify tx flags=0',
      ],
    );
    assert.equal(machine.rig.wire.length, 3);
  });

  it('finds what comes while it re-enables notifications, and takes the flag back', () => {
    const machine = start();
    send(machine);
    machine.driver.tx.notify();
    until(machine, 'setUsedFlags', 0);
    machine.rig.step();
    until(machine, 'setUsedFlags', 0);
    send(machine);
    machine.rig.settle();
    assert.equal(machine.rig.wire.length, 2, 'without a second kick');
  });

  it('with the fault recheck: false it sleeps on what came in between', () => {
    const machine = start({ recheck: false });
    send(machine);
    machine.driver.tx.notify();
    until(machine, 'setUsedFlags', 0);
    machine.rig.step();
    until(machine, 'setUsedFlags', 0);
    send(machine);
    assert.equal(machine.driver.tx.noNotify, true, 'so the driver does not kick');
    machine.rig.settle();
    assert.equal(machine.rig.wire.length, 1);
  });

  it('interrupts on an empty ring in spite of NO_INTERRUPT: always, or only if NOTIFY_ON_EMPTY was accepted', () => {
    const interrupts = (parameters: Parameters, features: bigint): number => {
      const machine = start(parameters, features);
      machine.driver.tx.noInterrupt = true;
      send(machine);
      machine.driver.tx.notify();
      machine.rig.settle();
      return counted(machine, 'interrupt');
    };
    assert.equal(interrupts({}, 0n), 1);
    assert.equal(interrupts({ forceOnEmpty: false }, NOTIFY_ON_EMPTY), 1);
    assert.equal(interrupts({ forceOnEmpty: false }, 0n), 0);
  });

  it('with the fault txInterrupts: false it never interrupts', () => {
    const machine = start({ txInterrupts: false });
    send(machine);
    machine.driver.tx.notify();
    machine.rig.settle();
    assert.equal(machine.driver.tx.usedIdx, 1);
    assert.equal(counted(machine, 'interrupt'), 0);
  });
});

describe('lguest 2.6.31 RX', () => {
  it('interrupts once for a burst, and with batch: false for every packet', () => {
    const interrupts = (parameters: Parameters): number => {
      const machine = start(parameters);
      post(machine, 8);
      machine.rig.log.length = 0;
      arrive(machine, 5);
      assert.equal(machine.driver.rx.usedIdx, 5);
      return counted(machine, 'interrupt');
    };
    assert.equal(interrupts({}), 1);
    assert.equal(interrupts({ batch: false }), 5);
  });

  it('divides the timeout by the packets that wait, and a timeout of 0 only looks', () => {
    const waits = (parameters: Parameters): (number | undefined)[] => {
      const machine = start(parameters);
      post(machine, 8);
      machine.rig.tap.push(...Array.from({ length: 6 }, () => new Uint8Array(60)));
      const seen: (number | undefined)[] = [];
      do {
        const action = machine.rig.threads?.threads[1]?.action;
        if (action?.do === 'wait' && action.ns !== undefined) seen.push(action.ns);
      } while (machine.rig.step());
      return seen;
    };
    const slack = 50_000;
    assert.deepEqual(waits({}), [0, 0, 0, 0, 0, 0]);
    assert.deepEqual(waits({ timeoutUs: 1 }), new Array(6).fill(1000 + slack));
    assert.deepEqual(waits({ timeoutUs: 1, perPending: true }), [1000 + slack, 0, 0, 0, 0, 0]);
    assert.deepEqual(waits({ timeoutUs: 2, perPending: true }), [2000 + slack, 1000 + slack, 0, 0, 0, 0]);
    const five = [5000, 2000, 1000, 1000, 1000].map((ns) => ns + slack);
    assert.deepEqual(waits({ timeoutUs: 5, perPending: true }), [...five, 0]);
  });

  it('interrupts when its last buffer is used, and with the fault interruptWhenFull: false never tells', () => {
    const interrupts = (parameters: Parameters): number => {
      const machine = start(parameters);
      post(machine, 4);
      machine.rig.log.length = 0;
      arrive(machine, 6);
      assert.equal(machine.driver.rx.usedIdx, 4);
      assert.equal(machine.rig.tap.length, 2);
      return counted(machine, 'interrupt');
    };
    assert.equal(interrupts({}), 1);
    assert.equal(interrupts({ interruptWhenFull: false }), 0);
  });

  it('takes its buffer before it waits for a frame, and sleeps in readv() with it', () => {
    const machine = start();
    post(machine, 2);
    machine.rig.settle();
    assert.equal(machine.rig.device.queueViews()[0]?.lastAvailIdx, 1);
    assert.equal(machine.rig.threads?.threads[1]?.waitsFor, 'readv(): a frame at the tun');
    assert.equal(machine.rig.threads.threads[0]?.waitsFor, 'read(eventfd): a kick on tx');
  });
});
