// The decoder against rings of real guests: what QEMU said of each queue is what the bytes decode to.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { decodeSplit, walkChain, type ReadMemory, type RingState, type SplitLayout } from '../../../src/virtqueue';

const folder = new URL('../../fixtures/qemu-rings/', import.meta.url);

interface Capture {
  queueSize: number;
  features?: { event_idx: boolean; indirect_desc: boolean };
  parts: Record<'desc' | 'avail' | 'used', { gpa: string; fileOffset: number; length: number }>;
  expected: {
    availIdx: number;
    usedIdx: number;
    availFlags: number;
    usedFlags: number;
    usedEvent?: number;
    availEvent?: number;
    inFlight: number;
    qemuView?: { lastAvailIdx: number; usedIdx: number };
    outstandingInOrder: number[];
  };
}

interface Loaded {
  readonly capture: Capture;
  readonly layout: SplitLayout;
  readonly read: ReadMemory;
  readonly ring: RingState;
}

function load(name: string): Loaded {
  const capture = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as Capture;
  const bytes = readFileSync(new URL(`${name}.bin`, folder));
  const { desc, avail, used } = capture.parts;
  const layout: SplitLayout = {
    format: 'split',
    size: capture.queueSize,
    desc: BigInt(desc.gpa),
    avail: BigInt(avail.gpa),
    used: BigInt(used.gpa),
    eventIdx: capture.features?.event_idx ?? false,
    indirect: capture.features?.indirect_desc ?? false,
  };
  const read: ReadMemory = (addr, length) => {
    const part = [desc, avail, used].find(
      (p) => addr >= BigInt(p.gpa) && addr + BigInt(length) <= BigInt(p.gpa) + BigInt(p.length),
    );
    if (part === undefined) return undefined;
    const from = part.fileOffset + Number(addr - BigInt(part.gpa));
    return bytes.subarray(from, from + length);
  };
  return { capture, layout, read, ring: decodeSplit(read, layout, { name }) };
}

const names = readdirSync(folder)
  .filter((file) => file.endsWith('.bin'))
  .map((file) => file.slice(0, -'.bin'.length));

describe('captured rings', () => {
  it('are all there', () => assert.equal(names.length, 18));

  for (const name of names) {
    it(`${name} decodes to what QEMU said`, () => {
      const { capture, layout, read, ring } = load(name);
      const { expected } = capture;
      assert.deepEqual(ring.problems, []);
      assert.equal(ring.descriptors.length, capture.queueSize);
      assert.equal(ring.avail.idx, expected.availIdx);
      assert.equal(ring.used.idx, expected.usedIdx);
      assert.equal(ring.avail.flags, expected.availFlags);
      assert.equal(ring.used.flags, expected.usedFlags);
      assert.equal(ring.avail.usedEvent, layout.eventIdx ? expected.usedEvent : undefined);
      assert.equal(ring.used.availEvent, layout.eventIdx ? expected.availEvent : undefined);
      assert.equal(ring.outstanding.length, expected.inFlight);
      assert.deepEqual(
        ring.outstanding.map((chain) => chain.head),
        expected.outstandingInOrder,
      );
      if (expected.qemuView) assert.equal(ring.used.idx, expected.qemuView.usedIdx);
      for (const chain of ring.outstanding) {
        assert.equal(chain.error, undefined);
        assert.deepEqual(
          walkChain(read, layout, chain.head).descriptors.map((d) => d.index),
          chain.descriptors.map((d) => d.index),
        );
        for (const d of chain.descriptors) assert.equal(ring.descriptors[d.index]?.chain, chain.head);
      }
    });
  }

  it('hold receive buffers in the shape their driver posts: Linux one descriptor, iPXE two', () => {
    const shapes = (name: string): string[] => [
      ...new Set(load(name).ring.outstanding.map((c) => c.descriptors.map((d) => `${d.len}:${d.flags}`).join(' '))),
    ];
    assert.deepEqual(shapes('ipxe-modern-virtio-net-q0'), ['12:3 1518:2']);
    for (const shape of shapes('split-noevidx-noindir-virtio-net-q0')) assert.match(shape, /^\d+:2$/);
  });
});
