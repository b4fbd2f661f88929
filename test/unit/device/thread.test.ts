// Host threads: saving and restoring between any two actions, the shared state under a lock, and models that break the rules.
import assert from 'node:assert/strict';
import {
  describeAction,
  HOSTS,
  hostModel,
  HostModelError,
  HostThreads,
  parametersOf,
  type HostAction,
  type HostModel,
} from '../../../src/device';
import { BUFFERS, probe } from './js-driver';
import { PHYS, random, Rig } from './rig';

/** A run of both directions at random times, drawn from a seed. `between` is called before each host action. */
function run(host: HostModel, seed: number, between: (rig: Rig) => void): Rig {
  const next = random(seed);
  const rig = new Rig({ host, queues: { rx: 16, tx: 16 } });
  const { rx, tx } = probe(rig);
  const settle = rig.settle.bind(rig);
  rig.settle = () => {
    do between(rig);
    while (rig.step());
    settle();
  };
  for (let n = 0; n < 60; n++) {
    const at = PHYS + BUFFERS + 2048 * next(64);
    const what = next(6);
    if (what === 0) rig.advance(next(200_000));
    else if (what === 1) rig.tap.push(Uint8Array.from({ length: 14 + next(1000) }, () => next(256)));
    else if (
      what === 2 &&
      rx.add(
        [],
        [
          { addr: at, len: 10 },
          { addr: at + 16, len: 1518 },
        ],
        'rx',
      )
    )
      rx.kick();
    else if (what === 3 && rx.lastUsed !== rx.usedIdx) rx.get();
    else if (what === 4) while (tx.get() !== undefined);
    else if (
      tx.add(
        [
          { addr: at, len: 10 },
          { addr: at + 16, len: 60 + next(500) },
        ],
        [],
        'tx',
      )
    )
      tx.kick();
    rig.settle();
  }
  rig.advance(1_000_000);
  return rig;
}

const outcome = (rig: Rig): unknown => ({
  log: rig.log,
  wire: rig.wire.map((frame) => Buffer.from(frame).toString('hex')),
  device: rig.device.snapshot(),
  threads: rig.threads?.snapshot(),
  ram: Buffer.from(rig.ram).toString('base64'),
});

describe('host threads', () => {
  // the liar is no host for a driver that believes what it reads
  for (const host of HOSTS.filter(({ name }) => name !== 'liar'))
    it(`of ${host.name} go on as if nothing had happened when device and threads are saved and restored before every action`, () =>
      goOnAfterRestore(host));

  function goOnAfterRestore(host: HostModel): void {
    for (let seed = 1; seed <= 12; seed++) {
      const plain = run(host, seed, () => undefined);
      let saved = 0;
      const restored = run(host, seed, (rig) => {
        const device = structuredClone(rig.device.snapshot());
        const threads = structuredClone(rig.threads?.snapshot());
        assert.ok(threads);
        rig.device.restore(device);
        rig.threads = new HostThreads(host, {}, rig.device.facts());
        rig.threads.restore(threads);
        assert.deepEqual(rig.device.snapshot(), device);
        assert.deepEqual(rig.threads.snapshot(), threads);
        saved++;
      });
      assert.ok(saved > 100, `only ${saved} places were tried`);
      assert.deepEqual(outcome(restored), outcome(plain));
    }
  }

  it('are back at the saved place after having gone on', () => {
    const host = hostModel('qemu-timer');
    const rig = new Rig({ host });
    const { tx } = probe(rig);
    for (let i = 0; i < 3; i++)
      tx.add(
        [
          { addr: PHYS + BUFFERS, len: 10 },
          { addr: PHYS + BUFFERS + 16, len: 60 },
        ],
        [],
        'skb',
      );
    tx.kick();
    rig.timers.clear();
    rig.due.timers.add('tx_timer');
    const actions: HostAction[] = [];
    const snapshots: { device: unknown; threads: unknown; ram: Uint8Array }[] = [];
    do {
      const thread = rig.threads?.threads[1];
      assert.ok(thread && rig.threads);
      actions.push(thread.action);
      snapshots.push({ device: rig.device.snapshot(), threads: rig.threads.snapshot(), ram: rig.ram.slice() });
    } while (rig.step());
    assert.ok(actions.length > 20);
    for (let i = actions.length - 1; i >= 0; i--) {
      const saved = snapshots[i] as { device: never; threads: never; ram: Uint8Array };
      rig.device.restore(saved.device);
      rig.threads?.restore(saved.threads);
      rig.ram.set(saved.ram);
      assert.deepEqual(rig.threads?.threads[1]?.action, actions[i]);
    }
  });

  it('share one state under a lock, and the one away from rest holds it', () => {
    const rig = new Rig({ host: hostModel('qemu-timer') });
    probe(rig);
    const [vcpu, loop] = rig.threads?.threads ?? [];
    assert.ok(vcpu && loop && rig.threads);
    assert.equal(vcpu.state, loop.state);
    assert.equal(rig.threads.lockHolder, undefined);
    vcpu.complete({ on: 'kick', queue: 'tx' });
    assert.equal(rig.threads.lockHolder, vcpu);
    assert.equal(vcpu.waitsFor, 'arm tx_timer, 150000 ns');
    vcpu.complete(undefined);
    assert.equal(loop.state['tx_timer_active'], true);
    vcpu.complete(undefined);
    assert.equal(rig.threads.lockHolder, undefined);
    assert.equal(vcpu.waitsFor, 'ioctl(KVM_RUN): an exit');
    vcpu.kill();
    assert.equal(vcpu.waitsFor, 'nothing: it is dead');
  });

  it('of a model without a lock have a state each', () => {
    const rig = new Rig({ host: hostModel('liar') });
    probe(rig);
    const [tx, rx] = rig.threads?.threads ?? [];
    assert.ok(tx && rx);
    assert.notEqual(tx.state, rx.state);
  });

  it('say what is wrong with a model', () => {
    const facts = new Rig({ host: hostModel('liar') }).device.facts();
    const model = (run: HostModel['threads'] extends (p: never) => readonly (infer T)[] ? T : never): HostModel => ({
      ...hostModel('liar'),
      threads: () => [run],
    });
    const sleepy = model({
      name: 'sleepy',
      initial: {},
      *run() {
        for (;;) yield { do: 'sleep', ns: 1, text: '' };
      },
    });
    assert.throws(
      () => new HostThreads(sleepy, {}, facts),
      new HostModelError('sleepy', 'the first action of a thread must be `rest` or `loop`'),
    );
    const short = model({
      name: 'short',
      initial: {},
      *run() {
        yield { do: 'rest', for: [], text: '' };
        return undefined as never;
      },
    });
    const threads = new HostThreads(short, {}, facts);
    assert.throws(() => threads.threads[0]?.complete(undefined), /short: its loop ended/);
  });
});

describe('host models', () => {
  it('are found by name, and a wrong name lists those there are', () => {
    assert.equal(hostModel('qemu-timer').kick, 'synchronous');
    assert.throws(() => hostModel('qemu'), /no host model is called "qemu"; there are: qemu-timer, .*liar/);
    assert.equal(new Set(HOSTS.map((host) => host.name)).size, HOSTS.length);
  });

  it('have parameters with defaults and clear refusals', () => {
    const host = hostModel('qemu-timer');
    const { txTimerNs, promisc, ...rest } = parametersOf(host, { txTimerNs: 5000 });
    assert.deepEqual({ txTimerNs, promisc }, { txTimerNs: 5000, promisc: true });
    assert.deepEqual(Object.keys(rest).length, Object.keys(host.parameters).length - 2);
    assert.throws(
      () => parametersOf(host, { txTimer: 1 }),
      /host qemu-timer has no parameter "txTimer"; it has: txTimerNs, promisc/,
    );
    assert.throws(
      () => parametersOf(host, { txTimerNs: -1 }),
      /parameter txTimerNs = -1: expected a whole number, at least 0/,
    );
    assert.throws(() => parametersOf(host, { txTimerNs: true }), /expected a whole number/);
    assert.throws(() => parametersOf(host, { promisc: 1 }), /parameter promisc = 1: expected true or false/);
  });

  it('use their parameters', () => {
    const rig = new Rig({ host: hostModel('qemu-timer'), parameters: { txTimerNs: 7000 } });
    probe(rig);
    rig.write(0x50, 1);
    assert.deepEqual([...rig.timers], [['tx_timer', 7000]]);
  });

  it('describe every action that a run yields', () => {
    const seen = new Map<string, string>();
    run(hostModel('qemu-timer'), 3, (rig) => {
      for (const { action } of rig.threads?.threads ?? []) seen.set(action.do, describeAction(action));
    });
    assert.ok(seen.size >= 12, [...seen.keys()].join());
    assert.equal(new Set(seen.values()).size, seen.size);
    assert.ok([...seen.values()].every((text) => text.length > 8));
  });
});
