// Traffic streams: the order of frames, one direction each, and their state as cursors.
import assert from 'node:assert/strict';
import { PEER_MAC, sequenceOf } from '../../../../src/device';
import type { MachineTraffic } from '../../../../src/machine';
import { Traffic, type TrafficStream } from '../../../../src/machine/traffic';

const MAC = [0x52, 0x54, 0, 0x12, 0x34, 0x56];

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

/** `64,0,peer`: size, number and receiver of a generated frame; a captured one as it is. */
function words(bytes: Uint8Array): string {
  if (bytes.length === 1) return bytes.join();
  return [bytes.length, sequenceOf(bytes), PEER_MAC.every((b, i) => bytes[i] === b) ? 'peer' : 'guest'].join();
}

/** `20:66,0,peer`: time and frame of all that is left. */
function drain(stream: TrafficStream): string[] {
  const list: string[] = [];
  for (let item = stream.take(); item !== undefined; item = stream.take())
    list.push(`${item.atNs}:${words(item.bytes)}`);
  return list;
}

describe('traffic', () => {
  it('falls due in order of time, and of the place in the scenario where times are equal', () => {
    const stream = new Traffic(mixed, MAC).tx;
    assert.equal(stream.nextNs, 10);
    assert.deepEqual(drain(stream), [
      '10:64,0,peer',
      '20:64,1,peer',
      '20:91',
      '20:66,0,peer',
      '20:66,1,peer',
      '30:64,2,peer',
      '50:93',
    ]);
    assert.equal(stream.nextNs, Infinity);
  });

  it('each direction has its own', () => {
    assert.deepEqual(drain(new Traffic(mixed, MAC).rx), ['0:65,0,guest', '5:90', '20:92', '100:65,1,guest']);
  });

  it('packets of a burst fall due together, and all but the last have more behind them', () => {
    const items: MachineTraffic[] = [{ kind: 'tx', atNs: 100, count: 5, intervalNs: 50, size: 64, burst: 2 }];
    const stream = new Traffic(items, MAC).tx;
    const seen: [number, boolean][] = [];
    for (let item = stream.take(); item !== undefined; item = stream.take()) seen.push([item.atNs, item.more]);
    assert.deepEqual(seen, [
      [100, true],
      [100, false],
      [150, true],
      [150, false],
      [200, false],
    ]);
  });

  it('nextNs is the time of what take gives', () => {
    const stream = new Traffic(mixed, MAC).tx;
    for (let next = stream.nextNs; next < Infinity; next = stream.nextNs) assert.equal(stream.take()?.atNs, next);
    assert.equal(stream.take(), undefined);
  });

  it('goes on from a snapshot as it did before, whatever was taken since', () => {
    for (let taken = 0; taken <= 7; taken++) {
      const traffic = new Traffic(mixed, MAC);
      const stream = traffic.tx;
      for (let i = 0; i < taken; i++) stream.take();
      const saved = traffic.snapshot();
      const rest = drain(stream);
      traffic.restore(saved);
      assert.equal(stream.nextNs, rest[0] === undefined ? Infinity : Number.parseInt(rest[0], 10));
      assert.deepEqual(drain(stream), rest);
    }
  });

  it('of nothing is nothing', () => {
    for (const sources of [[], [burst('tx', 0, 0, 1, 64)], [burst('rx', 0, 9, 1, 64)]]) {
      const stream = new Traffic(sources, MAC).tx;
      assert.equal(stream.nextNs, Infinity);
      assert.equal(stream.take(), undefined);
    }
  });
});
