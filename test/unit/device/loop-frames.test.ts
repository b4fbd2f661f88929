// Echo and TCP frames of closed loops: right checksums at every size and number, and read back as what they are.
import assert from 'node:assert/strict';
import { EchoFrames, readEcho, readSegment, SegmentFrames, summarize } from '../../../src/device';
import { internetChecksum } from '../../../src/device/ipv4';
import { random } from '../../support/machine';

const MAC = [0x52, 0x54, 0, 0x12, 0x34, 0x56];

/** The checksums of the IPv4 header and of what it carries; 0 each when they are right. */
function checksums(frame: Uint8Array): readonly [number, number] {
  const view = new DataView(frame.buffer, frame.byteOffset);
  const end = 14 + view.getUint16(16);
  const tcp = frame[23] === 6;
  // the pseudo-header of RFC 9293: addresses, protocol, length
  const pseudo = [26, 28, 30, 32].reduce((total, at) => total + view.getUint16(at), 6 + end - 34);
  return [internetChecksum(frame.subarray(14, 34)), internetChecksum(frame.subarray(34, end), tcp ? pseudo : 0)];
}

describe('frames of closed loops', () => {
  it('echoes of any size and number have right checksums and say what they are', () => {
    const below = random(1);
    for (const size of [42, 43, 60, 98, 1514, 65549]) {
      const frames = new EchoFrames(size, 0x4c01, 'tx', MAC);
      for (const number of [0, 1, 65535, 65536, below(1e9)]) {
        for (const reply of [false, true]) {
          const frame = reply ? frames.reply(number) : frames.request(number);
          assert.equal(frame.length, size);
          assert.deepEqual(checksums(frame), [0, 0], `${size} ${number}`);
          assert.deepEqual(readEcho(frame), { reply, identifier: 0x4c01, sequence: number & 0xffff });
          assert.equal(frame[6], reply ? 0x52 : MAC[0]);
          const kind = reply ? 'reply' : 'request';
          assert.equal(summarize(frame), `ICMP echo ${kind}, seq ${number & 0xffff}, ${size} B`);
        }
      }
    }
  });

  it('segments and ACKs of any number have right checksums and say what they are', () => {
    const below = random(2);
    for (const size of [55, 56, 1514, 65549]) {
      const frames = new SegmentFrames(size, 60, 40000, 5001, 'tx', MAC);
      for (const number of [0, 1, 44, 65536, below(1e9)]) {
        const data = frames.segment(number);
        assert.deepEqual(checksums(data), [0, 0], `${size} ${number}`);
        const sequence = (1 + number * (size - 54)) % 2 ** 32;
        const ports = { sourcePort: 40000, destinationPort: 5001 };
        assert.deepEqual(readSegment(data), { ...ports, sequence, acknowledged: 1, data: size - 54 });
        assert.equal(summarize(data), `TCP 40000 → 5001 [PSH ACK] seq ${sequence}, data ${size - 54}, ${size} B`);
        const ack = frames.ack(number);
        assert.deepEqual(checksums(ack), [0, 0], `ack ${number}`);
        const back = { sourcePort: 5001, destinationPort: 40000 };
        assert.deepEqual(readSegment(ack), { ...back, sequence: 1, acknowledged: sequence, data: 0 });
      }
    }
  });

  it('what is cut short, or of another kind, is neither', () => {
    const echo = new EchoFrames(98, 1, 'rx', MAC).request(0);
    const data = new SegmentFrames(1514, 60, 1, 2, 'rx', MAC).segment(0);
    assert.equal(readEcho(echo.subarray(0, 97)), undefined);
    assert.equal(readSegment(data.subarray(0, 1513)), undefined);
    assert.equal(readEcho(data), undefined);
    assert.equal(readSegment(echo), undefined);
    for (let length = 0; length < 60; length++) {
      assert.equal(readEcho(echo.subarray(0, length)), undefined);
      assert.equal(readSegment(data.subarray(0, length)), undefined);
    }
    // the beginning is enough when the whole was there
    assert.equal(readSegment(data.subarray(0, 54), 1514)?.data, 1460);
  });

  it('no frame is smaller than its headers', () => {
    assert.throws(() => new EchoFrames(41, 1, 'tx', MAC), RangeError);
    assert.throws(() => new SegmentFrames(1514, 53, 1, 2, 'tx', MAC), RangeError);
  });
});
