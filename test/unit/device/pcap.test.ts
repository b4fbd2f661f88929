// Reading and writing pcap: real captures, both byte orders and resolutions, and files that are cut or something else.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { PcapError, readPcap, writePcap, type PcapFile } from '../../../src/device';

const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`../../fixtures/pcap/${name}.pcap`, import.meta.url));

/** A file made by hand: magic and byte order as asked, one packet of four bytes. */
function byHand(magic: number, little: boolean, fraction: number): Uint8Array {
  const file = new Uint8Array(24 + 16 + 4);
  const view = new DataView(file.buffer);
  view.setUint32(0, magic, little);
  view.setUint16(4, 2, little);
  view.setUint16(6, 4, little);
  view.setUint32(16, 65535, little);
  view.setUint32(20, 1, little);
  view.setUint32(24, 1_700_000_000, little);
  view.setUint32(28, fraction, little);
  view.setUint32(32, 4, little);
  view.setUint32(36, 1514, little);
  file.set([1, 2, 3, 4], 40);
  return file;
}

const error = (file: Uint8Array): PcapError => {
  try {
    readPcap(file);
  } catch (e) {
    assert.ok(e instanceof PcapError);
    return e;
  }
  return assert.fail('read without an error');
};

describe('pcap', () => {
  it('reads captures of real guests', () => {
    const dhcp = readPcap(fixture('dhcp-boot'));
    assert.deepEqual(
      dhcp.packets.map((packet) => packet.bytes.length),
      [442, 590, 70, 110, 442, 590],
    );
    const ping = readPcap(fixture('ping'));
    assert.equal(ping.packets.length, 8);
    assert.equal(ping.packets[0]?.timeNs, 1_795_353_700_924_394_000n);
    assert.equal(ping.nanoseconds, false);
    assert.deepEqual(ping.cut, []);
  });

  it('reads both byte orders and both resolutions, and notes a packet that was captured short', () => {
    for (const little of [true, false]) {
      const micro = readPcap(byHand(0xa1b2c3d4, little, 7));
      const nano = readPcap(byHand(0xa1b23c4d, little, 7));
      assert.equal(micro.packets[0]?.timeNs, 1_700_000_000_000_007_000n);
      assert.equal(nano.packets[0]?.timeNs, 1_700_000_000_000_000_007n);
      assert.deepEqual([micro.nanoseconds, nano.nanoseconds], [false, true]);
      assert.deepEqual([...(nano.packets[0]?.bytes ?? [])], [1, 2, 3, 4]);
      assert.equal(nano.packets[0]?.wireLength, 1514);
      assert.deepEqual(nano.cut, [0]);
    }
  });

  it('writes what it reads, in ns to the last digit and in µs as far as they go', () => {
    const packets = readPcap(fixture('ping')).packets.map((packet, i) => ({
      ...packet,
      timeNs: packet.timeNs + BigInt(i),
    }));
    const same = (file: PcapFile, unit: bigint): void =>
      assert.deepEqual(
        file.packets.map(({ timeNs, bytes }) => [timeNs, Buffer.from(bytes).toString('hex')]),
        packets.map(({ timeNs, bytes }) => [timeNs - (timeNs % unit), Buffer.from(bytes).toString('hex')]),
      );
    same(readPcap(writePcap(packets)), 1n);
    same(readPcap(writePcap(packets, false)), 1000n);
    assert.deepEqual(readPcap(writePcap([])).packets, []);
  });

  it('says at which byte a cut file ends, wherever it is cut', () => {
    const whole = fixture('ping');
    const ends = new Set([24]);
    for (const packet of readPcap(whole).packets) ends.add([...ends].at(-1)! + 16 + packet.bytes.length);
    for (let length = 0; length < whole.length; length++) {
      const cut = whole.subarray(0, length);
      if (ends.has(length)) assert.ok(readPcap(cut).packets.length < 8);
      else assert.match(error(cut).message, /^byte \d+: .*(expected|found)/);
    }
    assert.match(
      error(whole.subarray(0, 24 + 16 + 10)).message,
      /^byte 40: the file is cut within packet 1: expected 42 bytes, found 10$/,
    );
    assert.match(
      error(whole.subarray(0, 30)).message,
      /^byte 24: the file is cut within the header of packet 1: expected 16 bytes, found 6$/,
    );
    assert.match(error(whole.subarray(0, 20)).message, /^byte 20: the file ends within its header/);
  });

  it('says what a file is that is no Ethernet pcap', () => {
    assert.match(
      error(Uint8Array.from([0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0, 0])).message,
      /pcapng file: expected a classic pcap/,
    );
    assert.match(error(new TextEncoder().encode('{"version": 1}')).message, /magic 0x7b227665: expected 0xa1b2c3d4/);
    assert.match(error(new Uint8Array(0)).message, /0 bytes/);
    const wifi = byHand(0xa1b2c3d4, true, 0);
    wifi[20] = 105;
    assert.match(error(wifi).message, /^byte 20: link type 105: expected 1 \(Ethernet\)/);
    const old = byHand(0xa1b2c3d4, true, 0);
    old[4] = 1;
    assert.match(error(old).message, /^byte 4: pcap version 1\.4/);
    const damaged = byHand(0xa1b2c3d4, true, 0);
    damaged[35] = 0xff;
    assert.match(error(damaged).message, /^byte 32: packet 1 claims 4278190084 bytes/);
  });

  it('reads a file that lies anywhere in its buffer', () => {
    const whole = fixture('ping');
    const shifted = new Uint8Array(whole.length + 3);
    shifted.set(whole, 3);
    assert.equal(readPcap(shifted.subarray(3)).packets.length, 8);
  });
});
