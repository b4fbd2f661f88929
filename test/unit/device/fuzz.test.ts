// Rings full of rubbish and hosts that lie: the device comes to rest or gives up with a typed error, always, and the same way each time.
import assert from 'node:assert/strict';
import { DeviceError, DmaFault, HOSTS, hostModel, type HostModel } from '../../../src/device';
import { BUFFERS, probe, type JsQueue } from './js-driver';
import { PHYS, random, Rig } from './rig';

const MRG_RXBUF = 1n << 15n;
const INDIRECT_DESC = 1n << 28n;
/** More than any ring of 64 entries can ask for before an error is due. */
const MOST_ACTIONS = 100_000;

/** Fills a queue's descriptors and rings with bytes that are rubbish, but often nearly right. */
function scribble(queue: JsQueue, next: (below: number) => number): void {
  const size = queue.size;
  for (let i = 0; i < size; i++) {
    const at = queue.desc + 16 * i;
    const address =
      [PHYS + BUFFERS + next(0x10000), PHYS + next(1 << 20), next(1 << 20), next(2 ** 32), 0xffffffffff000000][
        next(5)
      ] ?? 0;
    queue.put64(at, next(4) > 0 ? PHYS + BUFFERS + 16 * next(4096) : address);
    queue.put32(at + 8, [10, 12, 60, 1518, 4096, 0, 16 * next(70), next(2 ** 32)][next(8)] ?? 0);
    queue.put16(at + 12, next(3) === 0 ? next(65536) : next(8));
    queue.put16(at + 14, next(8) === 0 ? next(65536) : next(size));
  }
  for (let i = 0; i < size; i++) queue.put16(queue.avail + 4 + 2 * i, next(16) === 0 ? next(65536) : next(size));
  queue.put16(queue.avail, next(4) === 0 ? next(65536) : next(2));
  queue.put16(queue.avail + 2, next(3) === 0 ? next(65536) : next(size + 2));
}

function outcomeOf(host: HostModel, seed: number): string {
  const next = random(seed);
  const features = (next(2) ? MRG_RXBUF : 0n) | (next(2) ? INDIRECT_DESC : 0n);
  const version = next(2) === 0 ? 1 : 2;
  const rig = new Rig({ host, version, features, queues: { rx: 64, tx: 64 } });
  const { rx, tx } = probe(rig);
  let error: Error | undefined;
  for (let round = 0; round < 4 && error === undefined; round++) {
    scribble(rx, next);
    scribble(tx, next);
    for (let i = 0; i < 3; i++) rig.tap.push(new Uint8Array(14 + next(3000)));
    rig.due.kicks.add('tx').add('rx');
    rig.expireAll();
    error = rig.settleToError();
    assert.ok(rig.performed < MOST_ACTIONS, `seed ${seed}: still busy after ${rig.performed} actions`);
  }
  if (error === undefined) return 'rest';
  assert.ok(error instanceof DeviceError || error instanceof DmaFault, `seed ${seed}: ${error.stack}`);
  assert.match(error.message, /\b(rx|tx)\b/, `the message names no queue: ${error.message}`);
  return error.message;
}

describe('rings full of rubbish', () => {
  for (const host of HOSTS)
    it(`never crash or hang the device: ${host.name}, 1,000 seeds`, () => {
      const outcomes = new Map<string, number>();
      for (let seed = 1; seed <= 1000; seed++) {
        const kind = outcomeOf(host, seed).replace(/\d+/g, '#').slice(0, 40);
        outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
      }
      assert.ok(outcomes.size >= 5, `the seeds reach too little: ${JSON.stringify([...outcomes])}`);
    });

  it('end the same way each time', () => {
    for (const host of HOSTS)
      for (let seed = 1; seed <= 50; seed++) assert.equal(outcomeOf(host, seed), outcomeOf(host, seed));
  });
});

/** What an honest driver sees of a lying host, as words. */
function lies(lie: number, seed: number, host: HostModel = hostModel('liar')): string[] {
  const rig = new Rig({ host, queues: { rx: 16, tx: 16 }, parameters: { seed, lie, honest: 2 } });
  const { tx } = probe(rig);
  const seen: string[] = [];
  let used = 0;
  for (let i = 0; i < 12; i++) {
    tx.add(
      [
        { addr: PHYS + BUFFERS, len: 10 },
        { addr: PHYS + BUFFERS + 16, len: 60 },
      ],
      [],
      `skb ${i}`,
    );
    tx.kick();
    rig.settle();
    const moved = (tx.usedIdx - used) & 0xffff;
    const { id, len } = tx.used_(used);
    if (moved > 1) seen.push(moved > 16 ? 'index far off' : 'index too far');
    else if (id >= 16) seen.push('id out of range');
    else if (!tx.data.has(id)) seen.push('id not a head');
    else if (len > 70) seen.push('too long');
    if (seen.length > 0) break;
    tx.get();
    used = tx.usedIdx;
  }
  return seen;
}

describe('the lying host', () => {
  it('tells each lie it is asked for', () => {
    assert.deepEqual(lies(1, 1), ['id out of range']);
    assert.deepEqual(lies(2, 1), ['id not a head']);
    assert.deepEqual(lies(3, 1), ['index too far']);
    assert.match(lies(4, 1)[0] ?? '', /^index/);
    assert.deepEqual(lies(5, 1), ['index far off']);
    assert.deepEqual(lies(6, 1), ['too long']);
  });

  it('tells the same lies for the same seed, and others for another', () => {
    const log = (seed: number): string => {
      const rig = new Rig({ host: hostModel('liar'), queues: { rx: 16, tx: 16 }, parameters: { seed } });
      const { rx, tx } = probe(rig);
      for (let i = 0; i < 7; i++) {
        tx.add([{ addr: PHYS + BUFFERS, len: 10 }], [], 'tx');
        rx.add([], [{ addr: PHYS + BUFFERS + 2048 * i, len: 1528 }], 'rx');
        tx.kick();
        rx.kick();
        rig.tap.push(new Uint8Array(60));
        rig.settle();
      }
      return rig.log.join('\n');
    };
    assert.equal(log(5), log(5));
    const different = new Set([1, 2, 3, 4, 5, 6, 7, 8].map(log));
    assert.ok(different.size >= 6, `${different.size} different logs of 8 seeds`);
  });
});
