// The costs behind the lguest table are derived, not fitted: the scenario's own host gives the commit's other figures back.
import assert from 'node:assert/strict';
import { runHeadless } from '../../../src/machine';
import { bundled, setupOf } from './support';

const COUNT = 500;

describe('the host of the lguest table', function () {
  this.timeout(60_000);

  /** ns from one packet that the guest is given to the next, as it mostly is. */
  async function usualNs(kind: 'ping' | 'stream', batch: boolean): Promise<number> {
    const setup = await setupOf(bundled('mail/lguest-coalescing'));
    const [stream] = setup.traffic;
    assert.ok(stream?.kind === 'stream');
    const { peerNs, atNs } = stream;
    const ping = { kind: 'ping', from: 'guest', count: COUNT, size: 98, atNs, intervalNs: 0, peerNs } as const;
    const host = { ...setup.device.host, parameters: { batch } };
    const { log, rx } = runHeadless(
      {
        ...setup,
        traffic: kind === 'ping' ? [ping] : [{ ...stream, count: COUNT }],
        device: { ...setup.device, host },
        remove: false,
      },
      { keepLog: true },
    );
    assert.equal(rx.done, COUNT);
    const times = log.filter(({ what, queue }) => what === 'usedIdx' && queue === 'rx').map(({ timeNs }) => timeNs);
    const between = times.slice(1).map((ns, i) => ns - (times[i] ?? 0));
    return between.sort((a, b) => a - b)[Math.floor(between.length / 2)] ?? 0;
  }

  it('takes 98 µs a ping, and 104 with a select() before the interrupt', async () => {
    for (const [batch, published] of [
      [false, 98_000],
      [true, 104_000],
    ] as const) {
      const found = await usualNs('ping', batch);
      assert.ok(Math.abs(found - published) < 500, `${found} ns, published ${published}`);
    }
  });

  it('takes 8.5 µs a segment while segments wait for the host', async () => {
    const published = (6.3e9 * 1448) / 2 ** 30;
    const found = await usualNs('stream', false);
    assert.ok(Math.abs(found - published) < 50, `${found} ns, published ${published.toFixed(0)}`);
  });
});
