// Pending skbs of a real run: the way each has come, and its bytes in a ring and before it is in one.
import assert from 'node:assert/strict';
import type { PanelSkb, SkbBytes } from '../../../src/panel/protocol';
import { MERGEABLE, rx, setup, SMALL, tx, virtioNet } from '../../support/machine';
import { RealPanel } from '../../support/real-panel';

describe('panel: skbs of a real run, in words', function () {
  this.timeout(60_000);

  it('tell the length of the whole frame', async () => {
    const panel = await RealPanel.start(setup(await virtioNet(), { traffic: [tx(1, 0, 1514)] }));
    await panel.handle.run({ kind: 'goto', position: await panel.handle.placeAt(1_050_000) });
    const skb = panel.state().skbs.find(({ direction }) => direction === 'tx');
    assert.match(skb?.summary ?? '', /^UDP \d+ → 9, 1514 B$/);
  });

  for (const [name, features] of Object.entries({ small: SMALL, mergeable: MERGEABLE }))
    it(`tell what a receive buffer holds from when the device has used it: ${name}`, async () => {
      const panel = await RealPanel.start(
        setup(await virtioNet(), { features, queues: { rx: 256, tx: 16 }, traffic: [rx(1, 0, 200)] }),
      );
      await panel.handle.run({ kind: 'goto', position: await panel.handle.placeAt(1_003_000) });
      const seen: string[] = [];
      const look = (): void => {
        for (const { place, where, summary } of panel.state().skbs)
          if (place !== 'posted') seen.push(`${where}: ${summary}`);
      };
      for (let { tick } = panel.state().position; seen.every((text) => !text.startsWith('delivered')); tick += 3) {
        assert.ok(tick < 100_000, seen.join('\n'));
        await panel.handle.run({ kind: 'goto', position: { tick, sub: 0 } });
        look();
      }
      // the driver copies the beginning of a page into the skb, when it makes the packet
      const before = name === 'small' ? ': UDP 9 → 40000, 200 B' : ': ';
      assert.deepEqual(
        [...new Set(seen)],
        [
          'head 0, taken by the device: ',
          `head 0, used.ring[0], to be received${before}`,
          `reclaimed by the driver, not delivered yet${before}`,
          'delivered to the stack: UDP 9 → 40000, 200 B',
        ],
      );
    });
});

describe('panel: skbs of a real run', function () {
  this.timeout(60_000);
  let panel: RealPanel;

  before(async () => {
    // more than the ring has room for: some wait in it, and some before it
    panel = await RealPanel.start(setup(await virtioNet(), { queues: { rx: 16, tx: 16 }, traffic: [tx(30)] }));
    // before the host's timer fires
    await panel.handle.run({ kind: 'goto', position: await panel.handle.placeAt(1_100_000) });
  });

  const pending = (): readonly PanelSkb[] => panel.state().skbs.filter(({ direction }) => direction === 'tx');
  async function bytesOf(skb: PanelSkb | undefined): Promise<SkbBytes> {
    assert.ok(skb);
    const answer = await panel.answer({ type: 'readSkb', id: skb.id });
    assert.ok(answer?.type === 'skbBytes');
    return answer.bytes;
  }
  const value = ({ fields }: SkbBytes, layer: string, name: string): string | undefined =>
    fields.find((f) => f.layer === layer && f.name === name)?.value;

  it('tell their places in order, up to where they are, and since when', () => {
    assert.ok(pending().length > 0);
    for (const { history, bornNs, sinceNs, place } of pending()) {
      assert.deepEqual(history[0], { place: 'built', sinceNs: bornNs });
      assert.deepEqual(history.at(-1), { place, sinceNs });
      const times = history.map((stay) => stay.sinceNs);
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
      );
    }
  });

  it('have the bytes that the device will read, the header first, when they are in a ring', async () => {
    const bytes = await bytesOf(pending().find(({ head }) => head !== undefined));
    assert.equal(bytes.length, 12 + 64);
    assert.equal(value(bytes, 'virtio-net header', 'gso_type'), 'NONE');
    assert.equal(value(bytes, 'UDP', 'destination port'), '9');
    assert.equal(value(bytes, 'IPv4', 'source'), '10.0.2.15');
    assert.match(value(bytes, 'IPv4', 'header checksum') ?? '', /\(right\)$/);
  });

  it('have the kernel’s bytes, without a header, before they are in one', async () => {
    const bytes = await bytesOf(pending().find(({ head }) => head === undefined));
    assert.deepEqual(
      bytes.parts.map(({ name, length }) => [name, length]),
      [['skb->data', 64]],
    );
    assert.equal(value(bytes, 'virtio-net header', 'flags'), undefined);
    assert.equal(value(bytes, 'UDP', 'destination port'), '9');
  });
});
