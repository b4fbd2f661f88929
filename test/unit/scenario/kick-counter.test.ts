// The mail's counter: what driver and host do for a packet, and that no distance of two packets loses a kick.
import assert from 'node:assert/strict';
import { bundled, problemsOf, run, scenario, scenarioText } from './support';

/** No interrupt for what was sent (napi_tx off), so that the vCPU is free when the host asks for kicks again. */
const COUNTER = {
  driver: { bundled: 'virtio_net-5.10', patches: ['../drivers/mail/kick-counter.patch'], params: { napi_tx: false } },
};
const device = (parameters: object = {}): object => ({
  version: 2,
  features: ['VIRTIO_NET_F_MAC', 'LAB_RING_F_KICK_COUNT'],
  host: { model: 'vhost', parameters },
});

/** Pairs of packets, ever further apart; a pair every 100 µs. */
const pairs = (upToNs: number, stepNs: number): object[] =>
  Array.from({ length: Math.ceil(upToNs / stepNs) }, (_, i) => ({
    kind: 'tx',
    atNs: 1_000_000 + 100_000 * i,
    count: 2,
    intervalNs: stepNs * i,
    size: 64,
  }));

describe('the counter of kicks', function () {
  this.timeout(60_000);

  it('is a kick for a sleeping host, none until it has answered, and one after that', async () => {
    const traffic = [
      { kind: 'tx', atNs: 1_000_000, count: 3, intervalNs: 1000 },
      { kind: 'tx', atNs: 1_100_000, count: 1 },
    ];
    const { log, findings } = await run(scenario({ ...COUNTER, device: device(), traffic }), {
      keepLog: true,
    });
    assert.deepEqual(findings, []);
    const of = log.filter((e) => e.queue === 'tx' && e.timeNs >= 1_000_000);
    const told = of.flatMap(({ what, detail }) => {
      if (what === 'kick') return ['kick'];
      if (what === 'kickSuppressed') return [`suppressed, answered ${Number(detail['flags']) / 2}`];
      if (what === 'notify') return [`answered ${Number(detail['flags']) / 2}`];
      return what === 'usedIdx' ? ['used'] : [];
    });
    const burst = ['kick', 'suppressed, answered 0', 'suppressed, answered 0', 'used', 'used', 'used', 'answered 1'];
    assert.deepEqual(told, [...burst, 'kick', 'used', 'answered 2']);
  });

  for (const eventfdWake of [0, 500, 4000, 20_000])
    it(`leaves no packet behind, however far from the one before it: a host that wakes in ${eventfdWake} ns`, async () => {
      const traffic = pairs(Math.min(eventfdWake, 4000) + 4000, 20);
      const costs = { eventfdWake };
      const sent = await run(scenario({ ...COUNTER, device: device(), costs, traffic }));
      assert.deepEqual(sent.findings, []);
      assert.ok(sent.tx.latencyNs.max < eventfdWake + 20_000, `waited ${sent.tx.latencyNs.max} ns`);
      const faulty = await run(scenario({ ...COUNTER, device: device({ recheck: false }), costs, traffic }));
      if (eventfdWake === 0) assert.ok(faulty.tx.latencyNs.max > 50_000, 'a host that does not look again loses one');
    });

  it('needs the barrier between answering and looking again, where stores of the host show late', async () => {
    const traffic = pairs(6000, 20);
    const late = async (mb: boolean): Promise<number> => {
      const to = {
        ...COUNTER,
        device: device({ storeBuffer: 6, mb }),
        costs: { eventfdWake: 0, hostRead: 100 },
        traffic,
      };
      return (await run(scenario(to))).tx.latencyNs.max;
    };
    assert.ok((await late(true)) < 20_000);
    assert.ok((await late(false)) > 50_000);
  });

  it('kicks once for each wake-up, where the flag kicks for each packet until it is set', async () => {
    const counter = await run(bundled('mail/kick-suppression-counter'));
    assert.ok((counter.queues['tx']?.kicks ?? 0) <= counter.cost.wakeups.host);
    assert.deepEqual(counter.queues['tx']?.added, 1000);
  });

  it('is refused beside the event index', () => {
    const features = ['VIRTIO_RING_F_EVENT_IDX', 'LAB_RING_F_KICK_COUNT'];
    const [problem] = problemsOf(scenarioText({ device: { version: 2, features, host: { model: 'vhost' } } }));
    assert.match(problem?.message ?? '', /both say when to kick: take one/);
  });
});
