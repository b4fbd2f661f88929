// The driver in pieces: every answer to every question works, in every mode of receive buffers, and does what its file says.
import assert from 'node:assert/strict';
import type { MachineEvent, RunResult } from '../../../src/machine';
import { allAnswers, AS_OF_2_6_31, ideas, type Answers } from '../../support/ideas';
import { run, scenario } from './support';

const SMALL = ['VIRTIO_NET_F_MAC', 'VIRTIO_NET_F_STATUS', 'VIRTIO_F_NOTIFY_ON_EMPTY'];
const MODES = {
  small: SMALL,
  mergeable: [...SMALL, 'VIRTIO_NET_F_MRG_RXBUF'],
  big: [...SMALL, 'VIRTIO_NET_F_GUEST_CSUM', 'VIRTIO_NET_F_GUEST_TSO4'],
} as const;

/** An answer that does not go with all of the others, or not with every mode. */
const NEEDS: Readonly<Record<string, Answers>> = {
  rxbuf_pages: { keep: 'tokens' },
  rxbuf_in_place: { keep: 'tokens' },
};
const ONLY: Readonly<Record<string, keyof typeof MODES>> = { rxbuf_in_place: 'mergeable' };
const answersWith = (prefix: string, answer: string): Answers => ({
  ...NEEDS[`${prefix}_${answer}`],
  [prefix]: answer,
});

async function outcome(
  answers: Answers,
  fields: Readonly<Record<string, unknown>>,
  params?: Readonly<Record<string, number>>,
): Promise<RunResult> {
  return run(scenario({ driver: ideas(answers, params), ...fields }), { keepLog: true });
}

const only = ({ log }: RunResult, what: MachineEvent['what'], queue: string): MachineEvent[] =>
  log.filter((e) => e.what === what && e.queue === queue);

describe('the driver in pieces', function () {
  this.timeout(120_000);

  for (const [prefix, answer] of allAnswers())
    it(`${prefix}_${answer}: bursts both ways in each mode, and nothing is lost`, async () => {
      assert.ok(prefix in AS_OF_2_6_31, `${prefix}_ is a question`);
      for (const [mode, features] of Object.entries(MODES)) {
        if (mode !== (ONLY[`${prefix}_${answer}`] ?? mode)) continue;
        const modern = answer === 'inline';
        const legacy = features.filter((name) => !modern || name !== 'VIRTIO_F_NOTIFY_ON_EMPTY');
        const result = await outcome(answersWith(prefix, answer), {
          device: { version: modern ? 2 : 1, features: legacy, queues: { rx: 64, tx: 64 } },
          traffic: [
            { kind: 'tx', count: 100, intervalNs: 3000, size: 600 },
            { kind: 'rx', count: 100, intervalNs: 9000, size: 1514 },
          ],
        });
        assert.deepEqual([result.tx.done, result.rx.done], [100, 100], mode);
        // packets that nobody frees any more are what these two are about
        const kinds = result.findings.map(({ kind }) => kind);
        assert.deepEqual(kinds, answer === 'poll' || answer === 'half' ? kinds.filter((k) => k === 'stall') : []);
      }
    });

  it('keep_lists with pages says what does not go together', async () => {
    const { log, rx } = await outcome({ rxbuf: 'pages' }, {});
    assert.equal(rx.done, 0);
    assert.match(
      log.map(({ detail }) => String(detail['text'] ?? '')).join('\n'),
      /keep_lists\.c keeps skbs, and receive buffers are pages: use keep_tokens\.c/,
    );
  });

  it('keep_tokens frees packets in flight and the tables of indirect buffers', async () => {
    for (const keep of ['lists', 'tokens']) {
      const features = [...MODES.mergeable, 'VIRTIO_RING_F_INDIRECT_DESC'];
      // the timer of the host would send them after 10 s
      const host = { model: 'qemu-timer', parameters: { txTimerNs: 10_000_000_000 } };
      const result = await outcome(
        { keep, completion: 'orphan' },
        { device: { features, host }, traffic: [{ kind: 'tx', count: 7 }], limitNs: 2_000_000 },
      );
      assert.equal(only(result, 'take', 'tx').length, 0, 'all seven are in the ring at removal');
      const leaks = result.findings
        .filter(({ kind }) => kind === 'leak')
        .map(({ text }) => text.replace(/ at [0-9a-f]+/, ''));
      assert.deepEqual(leaks, keep === 'tokens' ? [] : Array<string>(7).fill('kmalloc-32: 32 bytes were never freed'));
    }
  });

  describe('full: 40 packets at a ring of 16 descriptors, a host that is slow to wake', () => {
    const fields = {
      device: { features: SMALL, queues: { rx: 64, tx: 16 }, host: { model: 'lguest-2.6.31' } },
      costs: { eventfdWake: 100_000 },
      traffic: [{ kind: 'tx', count: 40, intervalNs: 2000 }],
    };
    for (const [answer, params, busy, waiting] of [
      ['park', undefined, false, 1],
      ['busy', undefined, true, 0],
      ['queue_n', { extra: 16 }, false, 17],
    ] as const)
      it(`${answer}: ${busy ? 'back to the qdisc' : `${waiting} outside the ring`}`, async () => {
        const result = await outcome({ full: answer }, fields, params);
        const states = result.log.filter((e) => e.what === 'skb').map((e) => String(e.detail['op']));
        assert.equal(states.includes('busy'), busy);
        assert.equal(result.tx.done, 40);
        assert.ok(only(result, 'queueStop', 'tx').length > 0);
        assert.deepEqual(result.findings, []);
        // what start_xmit took over and is not in the ring: the most there ever was
        let outside = 0;
        let most = 0;
        for (const { what, queue, detail } of result.log) {
          if (what === 'skb' && detail['op'] === 'xmitOk') most = Math.max(most, outside);
          if (what === 'skb' && detail['op'] === 'xmit') outside++;
          if (what === 'skb' && detail['op'] === 'busy') outside--;
          if (what === 'add' && queue === 'tx') outside--;
        }
        assert.equal(most, waiting);
      });

    it('stop_early: a ring that is never found full, with 20 descriptors of it left', async () => {
      const result = await outcome(
        { full: 'stop_early' },
        { ...fields, device: { ...fields.device, queues: { rx: 64, tx: 64 } } },
      );
      assert.equal(result.tx.done, 40);
      assert.equal(result.queues['tx']?.maxOutstanding, (64 - 20) / 2 + 1);
      assert.deepEqual(result.findings, []);
    });
  });

  describe('completion: when the last of three packets is freed', () => {
    const traffic = [{ kind: 'tx', count: 3, intervalNs: 1_000_000 }];
    for (const [answer, freed, stalled] of [
      ['poll', 2, true],
      ['orphan', 2, false],
      ['tasklet', 3, false],
      ['timer', 3, false],
      ['half', 2, true],
    ] as const)
      it(`${answer}: ${freed} of 3 before removal${stalled ? ', and somebody waits' : ''}`, async () => {
        const { log, findings } = await outcome({ completion: answer }, { device: { features: SMALL }, traffic });
        const reset = log.findLastIndex((e) => e.what === 'status' && e.detail['to'] === 0);
        const ends = log.slice(0, reset).filter((e) => e.what === 'skb' && e.detail['op'] === 'free');
        assert.equal(ends.length, freed);
        assert.deepEqual(
          findings.map(({ kind, text }) => [kind, /^\d+/.exec(text)?.[0]]),
          stalled ? [['stall', '1']] : [],
        );
        if (answer === 'timer') assert.equal(Math.round((ends.at(-1)?.timeNs ?? 0) / 1e6), 100, '25 jiffies of 4 ms');
      });

    it('half: interrupts begin when half of the ring is in use', async () => {
      const result = await outcome(
        { completion: 'half', txirq: 'off' },
        { device: { features: SMALL, queues: { rx: 64, tx: 64 } }, traffic: [{ kind: 'tx', count: 20 }] },
      );
      const asked = result.log.findIndex((e) => e.what === 'callbacks' && e.queue === 'tx' && e.detail['flags'] === 0);
      assert.equal(
        only({ ...result, log: result.log.slice(0, asked) }, 'expose', 'tx').length,
        17,
        '34 of 64 descriptors',
      );
      assert.equal(result.queues['tx']?.interrupts.delivered, 1);
    });
  });

  it('txirq_off: the one interrupt of a fresh queue is gone', async () => {
    const counts = [];
    for (const txirq of ['as_found', 'off']) {
      const traffic = [{ kind: 'tx', count: 5, intervalNs: 500_000 }];
      const { queues } = await outcome({ txirq, completion: 'orphan' }, { device: { features: SMALL }, traffic });
      counts.push(queues['tx']?.interrupts.delivered);
    }
    assert.deepEqual(counts, [1, 0]);
  });

  it('header: two descriptors, one, or a table', async () => {
    const descriptors = async (header: string, more: readonly string[]): Promise<unknown[]> => {
      const features = ['VIRTIO_NET_F_MAC', 'VIRTIO_NET_F_STATUS', ...more];
      const result = await outcome({ header, completion: 'orphan' }, { device: { version: 2, features } });
      assert.equal(result.tx.done, 1);
      return only(result, 'add', 'tx').map((e) => e.detail['descriptors']);
    };
    assert.deepEqual(await descriptors('separate', []), [2]);
    assert.deepEqual(await descriptors('inline', []), [1]);
    assert.deepEqual(await descriptors('separate', ['VIRTIO_RING_F_INDIRECT_DESC']), [1]);
  });

  it('header_inline kills QEMU of 2009, which wants the header alone', async () => {
    const { findings } = await outcome({ header: 'inline' }, { device: { features: SMALL } });
    assert.match(
      findings[0]?.text ?? '',
      /virtio-net header not in first element: chain 0 begins with 74 bytes, expected 10/,
    );
  });

  it('refill: kicks for 300 packets, one kick a packet or one for half a ring', async () => {
    const exposures: Record<string, number> = {};
    for (const refill of ['half', 'every_packet', 'always', 'thread']) {
      const result = await outcome(
        { refill },
        { device: { features: MODES.mergeable }, traffic: [{ kind: 'rx', count: 300, intervalNs: 20_000 }] },
      );
      assert.equal(result.rx.done, 300);
      assert.deepEqual(result.findings, []);
      // without the first, at probe
      exposures[refill] = only(result, 'expose', 'rx').length - 1;
    }
    assert.deepEqual(exposures, { half: 2, every_packet: 300, always: 2, thread: 2 });
  });

  describe('oom: memory is short for nine attempts, and the ring runs empty', () => {
    const fields = {
      device: { queues: { rx: 16, tx: 16 }, features: SMALL },
      faults: [{ kind: 'skb', nth: 9, count: 9 }],
      traffic: [{ kind: 'rx', count: 12, intervalNs: 100_000 }],
    };
    for (const [answer, delivered] of [
      ['next_packet', 8],
      ['timer', 12],
      ['work', 12],
    ] as const)
      it(`${answer}: ${delivered} of 12 arrive`, async () => {
        const { rx, findings } = await outcome({ oom: answer }, fields);
        assert.equal(rx.done, delivered);
        assert.deepEqual(
          findings.map(({ kind }) => kind),
          delivered === 12 ? [] : ['stall'],
        );
      });
  });
});
