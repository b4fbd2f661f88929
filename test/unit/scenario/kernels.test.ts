// The drivers of 2.6.30, 2.6.32 and 2.6.34 where they differ from 2.6.31: full ring, completion, receive buffers, lack of memory.
import assert from 'node:assert/strict';
import { goldenLine, type MachineEvent, type RunResult } from '../../../src/machine';
import { assertGolden } from '../../support/golden';
import { run, scenario } from './support';

const SMALL = ['VIRTIO_NET_F_MAC', 'VIRTIO_NET_F_STATUS', 'VIRTIO_F_NOTIFY_ON_EMPTY'];
const MERGEABLE = [...SMALL, 'VIRTIO_NET_F_MRG_RXBUF'];

interface Outcome {
  readonly result: RunResult;
  /** from 1 ms on, when traffic begins, to the driver's removal */
  readonly list: readonly MachineEvent[];
}

async function outcome(kernel: string, fields: Readonly<Record<string, unknown>>): Promise<Outcome> {
  const result = await run(scenario({ driver: { bundled: `virtio_net-${kernel}` }, ...fields }), { keepLog: true });
  const first = result.log.findIndex((e) => e.timeNs >= 1_000_000);
  const reset = result.log.findIndex((e, i) => i > first && e.what === 'status');
  return { result, list: result.log.slice(first, reset) };
}

/** Of an skb's life what these sequences are about: when its socket is told, and when it is freed. */
const transmit = (e: MachineEvent): boolean => e.what !== 'skb' || /^(free|orphan)$/.test(String(e.detail['op']));

const LETTERS: Readonly<Partial<Record<MachineEvent['what'], string>>> = {
  kickSuppressed: 'k',
  timerFire: 't',
  usedIdx: 'u',
  interruptSuppressed: 'i',
  queueStop: 's',
  queueWake: 'w',
};

/** K kick, F forced kick, I interrupt, + another while one is pending, o an skb orphaned, f freed; and LETTERS. */
function notation(list: readonly MachineEvent[]): string {
  const letter = ({ what, detail }: MachineEvent): string => {
    if (what === 'kick') return detail['forced'] === 1 ? 'F' : 'K';
    if (what === 'interrupt') return detail['coalesced'] === 1 ? '+' : 'I';
    if (what === 'skb') return { orphan: 'o', free: 'f' }[String(detail['op'])] ?? '';
    return LETTERS[what] ?? '';
  };
  return list.map(letter).join('');
}

describe('drivers of other kernels', function () {
  this.timeout(60_000);

  describe('sequence F: no memory for receive buffers', () => {
    // 8 buffers of 2 descriptors. The 10th skb is the first that is not to be had, when 3 buffers are left; 9 attempts fail.
    const fields = {
      device: { queues: { rx: 16, tx: 16 }, features: SMALL },
      faults: [{ kind: 'skb', nth: 10, count: 9 }],
      traffic: [{ kind: 'rx', count: 12, intervalNs: 100_000 }],
    };
    const filling = (e: MachineEvent): boolean =>
      e.queue === 'rx' && ['add', 'expose', 'kick', 'notify', 'usedIdx'].includes(e.what);

    it('2.6.30: eight packets, and the ring is dead although there is memory again', async () => {
      const { result, list } = await outcome('2.6.30', fields);
      assert.equal(result.rx.done, 8);
      assert.deepEqual(
        result.findings.map(({ kind, text }) => [kind, text]),
        [
          [
            'stall',
            'The rx queue has no buffer for the device to receive into, and nothing is due that would post one.',
          ],
        ],
      );
      assertGolden('sequence-f-2.6.30.txt', list.filter(filling).map(goldenLine));
    });

    it('2.6.31: the work item tries each 500 ms while the ring is empty, and all packets arrive', async () => {
      const { result, list } = await outcome('2.6.31', fields);
      assert.equal(result.rx.done, 12);
      assert.deepEqual(result.findings, []);
      assertGolden('sequence-f-2.6.31.txt', list.filter(filling).map(goldenLine));
      const retries = list.filter((e) => e.what === 'kick' && e.queue === 'rx').map((e) => Math.round(e.timeNs / 1e6));
      assert.deepEqual(retries, [500, 1000], 'jiffies of HZ / 2 from the last packet on');
    });
  });

  for (const kernel of ['2.6.32', '2.6.34']) {
    it(`${kernel}: one packet: orphaned after the kick, freed by the next one only`, async () => {
      const traffic = [{ kind: 'tx', count: 2, intervalNs: 1_000_000 }];
      const { result, list } = await outcome(kernel, { device: { features: MERGEABLE }, traffic });
      assert.equal(notation(list), 'KotuIfKotui');
      assert.deepEqual(result.findings, [], 'the second one stays in the ring, and nobody waits for it');
      assertGolden(`tx-one-${kernel}.txt`, list.filter(transmit).map(goldenLine));
    });

    it(`${kernel}: the queue stops with room for one longest packet left, and nothing is forced`, async () => {
      const traffic = [{ kind: 'tx', count: 130 }];
      const { result, list } = await outcome(kernel, { device: { features: MERGEABLE }, traffic });
      // 256 descriptors, 2 a packet, 2 + MAX_SKB_FRAGS = 20 kept: 119 packets leave 18
      assert.match(notation(list.filter((e) => e.what !== 'skb')), /^Kk{118}st(u[I+])+w/);
      assert.equal(list.filter((e) => e.what === 'kick' && e.detail['forced'] === 1).length, 0);
      assert.equal(result.tx.done, 130);
      assert.equal(result.tx.dropped, 0);
      assert.deepEqual(result.findings, []);
    });

    it(`${kernel}: one packet arrives`, async () => {
      const { result, list } = await outcome(kernel, {
        device: { features: MERGEABLE },
        traffic: [{ kind: 'rx', count: 1 }],
      });
      assert.equal(result.rx.done, 1);
      assert.ok(result.rx.latencyNs.max > 0);
      assert.deepEqual(result.findings, []);
      assertGolden(`rx-one-${kernel}.txt`, list.map(goldenLine));
    });
  }

  for (const kernel of ['2.6.30', '2.6.32', '2.6.34'])
    for (const [mode, features, queues] of [
      ['small', SMALL, { rx: 64, tx: 64 }],
      ['mergeable', MERGEABLE, { rx: 64, tx: 64 }],
      ['big', [...SMALL, 'VIRTIO_NET_F_GUEST_CSUM', 'VIRTIO_NET_F_GUEST_TSO4'], { rx: 64, tx: 64 }],
      ['mergeable, indirect', [...MERGEABLE, 'VIRTIO_RING_F_INDIRECT_DESC'], { rx: 64, tx: 64 }],
    ] as const)
      it(`${kernel}, ${mode}: bursts both ways, refilled; removal loses no packet`, async () => {
        const { result } = await outcome(kernel, {
          device: { features, queues },
          traffic: [
            { kind: 'tx', count: 150, intervalNs: 4000, size: 1514 },
            { kind: 'rx', count: 150, intervalNs: 9000, size: 1514 },
          ],
          limitNs: 30_000_000,
        });
        assert.equal(result.tx.done, 150);
        assert.equal(result.rx.done, 150);
        const lost = result.findings.map(({ kind, text }) => `${kind}: ${text.replace(/ at [0-9a-f]+/, '')}`);
        // the tables of what was in the ring at removal: detach_unused_buf() frees them, and there is none before 2.6.34
        const tables = kernel === '2.6.32' && mode.endsWith('indirect');
        const leaked = 'leak: kmalloc-32: 32 bytes were never freed';
        // one by one as far as a report tells them, and then how many more
        const told = lost.filter((text) => !/^leak: \d+ more objects of kmalloc-32 were never freed$/.test(text));
        assert.deepEqual([...new Set(told)], tables ? [leaked] : []);
        assert.ok(tables || told.length === lost.length);
      });
});
