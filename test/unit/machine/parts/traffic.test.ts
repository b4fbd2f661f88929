// Traffic streams: the order of frames, one direction each, and their state as cursors.
import assert from 'node:assert/strict';
import type { MachineTraffic } from '../../../../src/machine';
import { TrafficStream, type FrameMaker } from '../../../../src/machine/traffic';

/** A frame that says what it was made from. */
const frame: FrameMaker = (size, sequence, direction) => Uint8Array.of(size, sequence, direction === 'tx' ? 0 : 1);

const burst = (kind: 'tx' | 'rx', atNs: number, count: number, intervalNs: number, size: number): MachineTraffic => ({
  kind,
  atNs,
  count,
  intervalNs,
  size,
});

const captured: MachineTraffic = {
  kind: 'frames',
  frames: [
    { atNs: 5, direction: 'rx', bytes: Uint8Array.of(90) },
    { atNs: 20, direction: 'tx', bytes: Uint8Array.of(91) },
    { atNs: 20, direction: 'rx', bytes: Uint8Array.of(92) },
    { atNs: 50, direction: 'tx', bytes: Uint8Array.of(93) },
  ],
};

const mixed = [burst('tx', 10, 3, 10, 64), burst('rx', 0, 2, 100, 65), captured, burst('tx', 20, 2, 0, 66)];

/** `20:66,0,0`: time and bytes of all that is left. */
function drain(stream: TrafficStream): string[] {
  const list: string[] = [];
  for (let item = stream.take(); item !== undefined; item = stream.take())
    list.push(`${item.atNs}:${item.bytes.join()}`);
  return list;
}

describe('traffic', () => {
  it('falls due in order of time, and of the place in the scenario where times are equal', () => {
    const stream = new TrafficStream('tx', mixed, frame);
    assert.equal(stream.nextNs, 10);
    assert.deepEqual(drain(stream), [
      '10:64,0,0',
      '20:64,1,0',
      '20:91',
      '20:66,0,0',
      '20:66,1,0',
      '30:64,2,0',
      '50:93',
    ]);
    assert.equal(stream.nextNs, Infinity);
  });

  it('each direction has its own', () => {
    assert.deepEqual(drain(new TrafficStream('rx', mixed, frame)), ['0:65,0,1', '5:90', '20:92', '100:65,1,1']);
  });

  it('nextNs is the time of what take gives', () => {
    const stream = new TrafficStream('tx', mixed, frame);
    for (let next = stream.nextNs; next < Infinity; next = stream.nextNs) assert.equal(stream.take()?.atNs, next);
    assert.equal(stream.take(), undefined);
  });

  it('goes on from a snapshot as it did before, whatever was taken since', () => {
    for (let taken = 0; taken <= 7; taken++) {
      const stream = new TrafficStream('tx', mixed, frame);
      for (let i = 0; i < taken; i++) stream.take();
      const saved = stream.snapshot();
      const rest = drain(stream);
      stream.restore(saved);
      assert.equal(stream.nextNs, rest[0] === undefined ? Infinity : Number.parseInt(rest[0], 10));
      assert.deepEqual(drain(stream), rest);
    }
  });

  it('of nothing is nothing', () => {
    for (const sources of [[], [burst('tx', 0, 0, 1, 64)], [burst('rx', 0, 9, 1, 64)]]) {
      const stream = new TrafficStream('tx', sources, frame);
      assert.equal(stream.nextNs, Infinity);
      assert.equal(stream.take(), undefined);
    }
  });
});
