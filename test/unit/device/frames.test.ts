// Generated frames, and the one-line summaries of these and of real ones.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { LEAST_UDP_FRAME, readPcap, sequenceOf, summarize } from '../../../src/device';
import { makeFrame } from '../../support/frames';
import { internetChecksum } from '../../../src/device/ipv4';
import { MAC_ADDRESS, random } from './rig';

const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`../../fixtures/pcap/${name}.pcap`, import.meta.url));
const hex = (bytes: string): Uint8Array => Uint8Array.from(Buffer.from(bytes.replace(/\s/g, ''), 'hex'));
const ETHERNET = '525500000202 525400123456';

/** Sum of a UDP segment and its pseudo-header: 0 when the checksum in it is right. */
function udpResidue(frame: Uint8Array): number {
  const view = new DataView(frame.buffer, frame.byteOffset);
  let pseudo = 17 + view.getUint16(38);
  for (let at = 26; at < 34; at += 2) pseudo += view.getUint16(at);
  return internetChecksum(frame.subarray(34, 14 + view.getUint16(16)), pseudo);
}

describe('generated frames', () => {
  it('have the size asked for, addresses of their direction, their number, and right checksums', () => {
    for (const size of [LEAST_UDP_FRAME, 43, 60, 64, 1514, 9000]) {
      for (const sequence of [0, 1, 255, 65536, 20_000, 0xffffffff]) {
        for (const direction of ['tx', 'rx'] as const) {
          const frame = makeFrame(size, sequence, direction, MAC_ADDRESS);
          assert.equal(frame.length, size);
          assert.deepEqual([...frame.subarray(direction === 'tx' ? 6 : 0, direction === 'tx' ? 12 : 6)], MAC_ADDRESS);
          assert.equal(internetChecksum(frame.subarray(14, 34)), 0);
          assert.equal(udpResidue(frame), 0);
          assert.equal(sequenceOf(frame), size >= LEAST_UDP_FRAME + 4 ? sequence : undefined);
        }
      }
    }
  });

  it('are bare Ethernet when they are too short for UDP', () => {
    const frame = makeFrame(18, 7, 'tx', MAC_ADDRESS);
    assert.equal(sequenceOf(frame), 7);
    assert.equal(summarize(frame), 'Ethernet type 0x88b5, 18 B');
    assert.equal(sequenceOf(makeFrame(14, 7, 'tx', MAC_ADDRESS)), undefined);
  });

  it('differ by number and are equal for equal arguments', () => {
    const made = Array.from({ length: 300 }, (_, i) =>
      Buffer.from(makeFrame(64, i, 'tx', MAC_ADDRESS)).toString('hex'),
    );
    assert.equal(new Set(made).size, 300);
    assert.deepEqual(makeFrame(64, 5, 'rx', MAC_ADDRESS), makeFrame(64, 5, 'rx', MAC_ADDRESS));
  });

  it('refuse a size that is no frame', () => {
    for (const size of [13, 0, -1, 14.5, NaN, 65550])
      assert.throws(() => makeFrame(size, 0, 'tx', MAC_ADDRESS), RangeError);
  });
});

describe('frame summaries', () => {
  it('say what real guests sent and received', () => {
    const lines = ['dhcp-boot', 'ping'].flatMap((name) =>
      readPcap(fixture(name)).packets.map((packet) => summarize(packet.bytes)),
    );
    assert.deepEqual(lines, [
      'UDP 68 → 67 DHCP, 442 B',
      'UDP 67 → 68 DHCP, 590 B',
      'ICMPv6 router solicitation, 70 B',
      'ICMPv6 router advertisement, 110 B',
      'UDP 68 → 67 DHCP, 442 B',
      'UDP 67 → 68 DHCP, 590 B',
      'ARP who-has 10.0.2.2, tell 10.0.2.15, 42 B',
      'ARP 10.0.2.2 is-at 52:55:0a:00:02:02, 64 B',
      'ICMP echo request, seq 0, 98 B',
      'ICMP echo reply, seq 0, 98 B',
      'ICMP echo request, seq 1, 98 B',
      'ICMP echo reply, seq 1, 98 B',
      'ICMP echo request, seq 2, 98 B',
      'ICMP echo reply, seq 2, 98 B',
    ]);
  });

  it('say what a generated frame is', () => {
    assert.equal(summarize(makeFrame(64, 962, 'tx', MAC_ADDRESS)), 'UDP 40962 → 9, 64 B');
    assert.equal(summarize(makeFrame(64, 962, 'rx', MAC_ADDRESS)), 'UDP 9 → 40962, 64 B');
  });

  it('know TCP with its flags, VLAN tags, fragments, IPv6 extensions and what is none of these', () => {
    const ip = (protocol: string, rest: string, fragment = '4000'): string =>
      `${ETHERNET} 0800 4500 0030 0001 ${fragment} 40 ${protocol} 0000 0a00020f 0a000202 ${rest}`;
    const syn = 'c000 0050 00000001 00000000 50 12 ffff 0000 0000 48692100';
    assert.equal(summarize(hex(ip('06', syn))), 'TCP 49152 → 80 HTTP [SYN ACK] seq 1, data 4, 58 B');
    assert.equal(summarize(hex(ip('11', syn, '0010'))), 'IPv4 fragment at 128, protocol 17, 58 B');
    assert.equal(summarize(hex(ip('2f', syn))), 'IP protocol 47, 58 B');
    assert.equal(summarize(hex(`${ETHERNET} 8100 a005 0806 ${'00'.repeat(28)}`)), 'VLAN 5 ARP operation 0, 46 B');
    const ip6 = `${ETHERNET} 86dd 60000000 0010 00 40 ${'00'.repeat(32)} 3a00000000000000 8000 0000 0001 0009`;
    assert.equal(summarize(hex(ip6)), 'ICMPv6 echo request, seq 9, 70 B');
    assert.equal(summarize(hex(`${ETHERNET} 0026 4242`)), 'IEEE 802.3, 16 B');
    assert.equal(summarize(hex(`${ETHERNET} 0806 0001`)), 'ARP, cut off, 16 B');
  });

  it('survive any bytes, at any length', () => {
    const next = random(99);
    const types = [
      [8, 0],
      [8, 6],
      [0x86, 0xdd],
      [0x81, 0],
    ];
    for (let n = 0; n < 20_000; n++) {
      const bytes = Uint8Array.from({ length: next(90) }, () => next(256));
      if (bytes.length > 14) bytes.set(types[next(4)] ?? [], 12);
      const line = summarize(bytes);
      assert.ok(line.includes(`${bytes.length} B`) && !line.includes('\n') && !line.includes('NaN'), line);
    }
  });
});
