// Pending skbs of a real run: the way each has come, and its bytes in a ring and before it is in one.
import assert from 'node:assert/strict';
import type { PanelSkb, SkbBytes } from '../../../src/panel/protocol';
import { setup, tx, virtioNet } from '../../support/machine';
import { RealPanel } from '../../support/real-panel';

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
