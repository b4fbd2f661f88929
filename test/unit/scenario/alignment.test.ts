// Where a received packet lies, by hand: who accesses it at an address that is no multiple of the size, and what that costs.
import assert from 'node:assert/strict';
import type { RunResult } from '../../../src/machine';
import { ideas, type Answers } from '../../support/ideas';
import { run, scenario } from './support';

const FEATURES = ['VIRTIO_NET_F_MAC', 'VIRTIO_NET_F_STATUS', 'VIRTIO_NET_F_MRG_RXBUF'];
const SKIP = 'LAB_NET_F_RX_SKIP';
const PACKETS = 20;

interface Variant {
  readonly rxbuf: string;
  readonly ipAlign?: number;
  /** parameter of the host, which the driver can read if the feature is offered */
  readonly rxSkip?: number;
  readonly offered?: boolean;
  readonly costs?: Readonly<Record<string, number>>;
  readonly size?: number;
}

async function receive(
  { rxbuf, ipAlign, rxSkip = 0, offered = false, costs = {}, size = 200 }: Variant,
  level: 'run' | 'debug' | 'measure' = 'measure',
): Promise<RunResult> {
  const answers: Answers = { rxbuf, keep: 'tokens' };
  const result = await run(
    scenario({
      driver: ideas(answers, ipAlign === undefined ? undefined : { ip_align: ipAlign }),
      device: {
        features: offered ? [...FEATURES, SKIP] : FEATURES,
        host: { model: 'qemu-timer', parameters: { rxSkip } },
      },
      traffic: [{ kind: 'rx', count: PACKETS, intervalNs: 100_000, size }],
      costs,
    }),
    { level },
  );
  assert.equal(result.rx.done, PACKETS);
  assert.deepEqual(result.findings, []);
  return result;
}

/**
 * An IPv4 header of 20 bytes at an address that is 2 off a multiple of 4: five words of 32 bits for its checksum, and source and
 * destination once more for the route. Its length, 16 bits at offset 2, is aligned wherever the header begins at an even address.
 */
const MISALIGNED = 5 + 2;

describe('alignment of received packets', function () {
  this.timeout(60_000);

  for (const [what, variant, guest, host] of [
    // written behind 12 bytes of header; the first 128 are copied to where skb_reserve(NET_IP_ALIGN) has made the IP header aligned
    ['copied to a head', { rxbuf: 'pages' }, 0, 0],
    ['copied to a head that was there before', { rxbuf: 'head_page' }, 0, 0],
    // frame at 12, IP header at 26
    ['in place', { rxbuf: 'in_place' }, MISALIGNED, 0],
    // frame at 14, IP header at 28
    ['in place, NET_IP_ALIGN in front', { rxbuf: 'in_place', ipAlign: 2 }, 0, 1],
    // header of 16 bytes: frame at 18, IP header at 32
    ['in place, two bytes skipped', { rxbuf: 'in_place', offered: true, rxSkip: 2 }, 0, 1],
    // frame at 16, IP header at 30
    ['in place, none skipped', { rxbuf: 'in_place', offered: true, rxSkip: 0 }, MISALIGNED, 0],
    // frame at 12: a host that was not asked skips nothing
    ['in place, a driver that cannot be told', { rxbuf: 'in_place', rxSkip: 2 }, MISALIGNED, 0],
  ] as const satisfies readonly (readonly [string, Variant, number, number])[])
    it(`${what}: ${guest} unaligned accesses of the guest and ${host} of the host, a packet`, async () => {
      const { cost } = await receive(variant);
      assert.deepEqual(cost.unaligned, { guestPerPacket: guest, host: host * PACKETS });
    });

  it('each costs what the scenario says, at every level, and nothing if it says nothing', async () => {
    const p50 = async (variant: Variant, level?: 'run' | 'debug'): Promise<number> =>
      (await receive(variant, level)).rx.latencyNs.p50;
    const variant = { rxbuf: 'in_place' };
    const free = await p50(variant, 'run');
    for (const level of ['run', 'debug', undefined] as const) {
      assert.equal(await p50({ ...variant, costs: { guestUnaligned: 100 } }, level), free + 100 * MISALIGNED);
      assert.equal(await p50({ ...variant, costs: { unaligned: 300 } }, level), free, 'the host writes aligned');
    }
    const aligned = { ...variant, ipAlign: 2 };
    assert.equal(await p50({ ...aligned, costs: { guestUnaligned: 100 } }, 'run'), await p50(aligned, 'run'));
    assert.equal(await p50({ ...aligned, costs: { unaligned: 300 } }, 'run'), (await p50(aligned, 'run')) + 300);
  });

  it('a packet of three buffers: what follows the first is where its page begins, or its buffer', async () => {
    // 4096 bytes but for struct skb_shared_info, which 18 fragments make 256 bytes long: 3840 a buffer
    const merged = (more: Partial<Variant>): Promise<RunResult> =>
      receive({ rxbuf: 'in_place', size: 9014, ...more }, 'run');
    assert.equal((await merged({})).cost.unaligned.host, 0);
    assert.equal((await merged({ ipAlign: 2 })).cost.unaligned.host, 3 * PACKETS);
    assert.equal((await merged({ offered: true, rxSkip: 2 })).cost.unaligned.host, PACKETS);
  });

  it('pages in place want mergeable buffers, and say so', async () => {
    const { findings, log } = await run(
      scenario({
        driver: ideas({ rxbuf: 'in_place', keep: 'tokens' }),
        device: { features: ['VIRTIO_NET_F_MAC'] },
        traffic: [],
      }),
      { keepLog: true },
    );
    const told = [...findings.map(({ text }) => text), ...log.map(({ detail }) => String(detail['text'] ?? ''))];
    assert.match(told.join('\n'), /one page for a packet: offer VIRTIO_NET_F_MRG_RXBUF/);
  });
});
