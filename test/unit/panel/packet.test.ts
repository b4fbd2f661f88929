// The bytes of a pending skb, decoded: real captures field by field, headers cut off anywhere, chains and the kernel's own memory.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPcap } from '../../../src/device';
import { makeFrame } from '../../support/frames';
import { composePanelState } from '../../../src/panel/compose';
import { dissectFrame } from '../../../src/panel/packet/dissect';
import { dissectNetHeader, frameOffset, netHeaderSize } from '../../../src/panel/packet/net-header';
import { readSkb } from '../../../src/panel/packet/read-skb';
import { captured, indirect, PHYS_OFFSET, ringFull } from '../../support/panel-states';

const frames = (name: string): readonly Uint8Array[] =>
  readPcap(readFileSync(join(import.meta.dirname, '../../fixtures/pcap', `${name}.pcap`))).packets.map(
    ({ bytes }) => bytes,
  );
const MAC = [0x52, 0x54, 0, 0x12, 0x34, 0x56];
const told = (bytes: Uint8Array, at = 0): string[] =>
  dissectFrame(bytes, at).map(({ layer, name, value }) => `${layer} ${name}: ${value}`);
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replace(/\s/g, ''), 'hex'));

describe('panel: a frame field by field', () => {
  it('decodes an ARP request of a real guest', () => {
    const arp = frames('ping').find((f) => f[12] === 8 && f[13] === 6);
    assert.ok(arp);
    const lines = told(arp);
    assert.ok(lines.includes('Ethernet type: 0x0806 (ARP)'), lines.join('\n'));
    assert.ok(lines.some((line) => /^ARP operation: 1 \(request\)$/.test(line)));
    assert.ok(lines.some((line) => /^ARP target IP: 10\.0\.2\.\d+$/.test(line)));
  });

  it('decodes a ping of a real guest, its header checksum right', () => {
    const echo = frames('ping').find((f) => f[23] === 1);
    assert.ok(echo);
    const lines = told(echo);
    assert.ok(lines.includes('ICMP type: 8 (echo request)'), lines.join('\n'));
    assert.ok(lines.some((line) => /^IPv4 header checksum: 0x[0-9a-f]{4} \(right\)$/.test(line)));
    const damaged = echo.slice();
    damaged[22] = (damaged[22] ?? 0) ^ 1;
    assert.ok(told(damaged).some((line) => /header checksum: .* \(wrong\)$/.test(line)));
  });

  it('decodes DHCP’s UDP of a real guest', () => {
    const lines = told(frames('dhcp-boot').find((f) => f[23] === 17) ?? new Uint8Array());
    assert.ok(lines.includes('UDP source port: 68'));
    assert.ok(lines.includes('UDP destination port: 67'));
  });

  it('covers every byte of every captured frame exactly once', () => {
    for (const name of ['ping', 'dhcp-boot'])
      for (const frame of frames(name)) {
        let at = 0;
        for (const field of dissectFrame(frame)) {
          assert.equal(field.offset, at, `${field.layer} ${field.name}`);
          at += field.length;
        }
        assert.equal(at, frame.length);
      }
  });

  it('says where a frame is cut off, at any length, and never throws', () => {
    const whole = makeFrame(80, 7, 'tx', MAC);
    for (let length = 0; length <= whole.length; length++) {
      const fields = dissectFrame(whole.slice(0, length));
      assert.equal(
        fields.reduce((sum, f) => sum + f.length, 0),
        length,
        `${length} bytes`,
      );
      if (length < 42) assert.match(fields.at(-1)?.name ?? '', /cut off/, `${length} bytes`);
    }
  });

  it('reads on behind VLAN tags', () => {
    const frame = makeFrame(64, 1, 'tx', MAC);
    const tagged = Uint8Array.from([...frame.slice(0, 12), 0x81, 0, 0x60, 0x05, ...frame.slice(12)]);
    const lines = told(tagged);
    assert.ok(lines.includes('VLAN tag: id 5, priority 3'), lines.join('\n'));
    assert.ok(lines.includes('UDP destination port: 9'));
  });

  it('decodes IPv6 with an extension header, TCP with options', () => {
    const v6 = bytesOf(`
      333300000016 525400123456 86dd
      60000000 0024 00 01 fe80000000000000505400fffe123456 ff020000000000000000000000000016
      3a00050200000100 8f00 1234 0000 0001 04000000 ff0200000000000000000001ff123456`);
    const lines = told(v6);
    assert.ok(lines.includes('IPv6 source: fe80::5054:ff:fe12:3456'), lines.join('\n'));
    assert.ok(lines.includes('IPv6 destination: ff02::16'));
    assert.ok(lines.includes('IPv6 hop-by-hop options next header: 58 (ICMPv6)'));
    assert.ok(lines.includes('ICMPv6 type: 143'));
    const tcp = bytesOf(`
      525500020202 525400123456 0800
      45000030 00014000 4006 0000 0a00020f 0a000202
      c93a 0050 00000001 00000000 7002 ffff 0000 0000 020405b4 01010402`);
    const more = told(tcp);
    assert.ok(more.includes('TCP flags: SYN'), more.join('\n'));
    assert.ok(more.includes('TCP options: 8 bytes'));
  });
});

describe('panel: the virtio-net header', () => {
  it('is 10 bytes, or 12 with mergeable buffers or version 1, and 16 with what was skipped behind it', () => {
    assert.equal(netHeaderSize([]), 10);
    assert.equal(netHeaderSize([15]), 12);
    assert.equal(netHeaderSize([32]), 12);
    assert.equal(netHeaderSize([4, 15]), 16);
    const bytes = bytesOf('00 00 0000 0000 0000 0000 0100 0201 0000');
    assert.equal(dissectNetHeader(bytes, 16).at(-1)?.value, '258');
    assert.equal(frameOffset(bytes, 16), 16 + 258);
    assert.equal(frameOffset(bytes, 12), 12);
  });

  it('names its fields, little-endian', () => {
    const fields = dissectNetHeader(bytesOf('01 81 3600 b405 2200 1000 0200'), 12);
    assert.deepEqual(
      fields.map(({ name, value }) => `${name} ${value}`),
      [
        'flags NEEDS_CSUM',
        'gso_type TCPV4 ECN',
        'hdr_len 54',
        'gso_size 1460',
        'csum_start 34',
        'csum_offset 16',
        'num_buffers 2',
      ],
    );
    assert.equal(dissectNetHeader(new Uint8Array(4), 10)[0]?.name, 'cut off');
  });
});

describe('panel: the bytes of a pending skb', () => {
  it('are those of its chain, the header before the frame', () => {
    const { stop, ctx } = ringFull();
    const state = composePanelState(stop, ctx);
    const frame = makeFrame(554, 20, 'tx', MAC);
    const data = state.queues.find((q) => q.ring.name === 'tx')?.ring.descriptors[10];
    assert.ok(data);
    ctx.ram.set(frame, Number(BigInt(data.addr) - PHYS_OFFSET));
    const bytes = readSkb(state, 20, ctx);
    assert.deepEqual(bytes?.parts.map(({ name, length }) => [name, length]), [['desc 9', 12], ['desc 10', 554]]); // prettier-ignore
    assert.equal(bytes?.length, 566);
    assert.equal(bytes?.hex.slice(24), Buffer.from(frame).toString('hex'));
    assert.ok(
      bytes?.fields.some(({ layer, name, offset }) => layer === 'UDP' && name === 'source port' && offset === 46),
    );
    assert.deepEqual(bytes?.position, stop.position);
  });

  it('say that a posted buffer is empty, with the room there is', () => {
    const { stop, ctx } = captured();
    const state = composePanelState(stop, ctx);
    const bytes = readSkb(state, 1, ctx);
    assert.equal(bytes?.hex, '');
    assert.match(bytes?.note ?? '', /^an empty buffer: \d+ bytes that the device may write$/);
  });

  it('go through an indirect table', () => {
    const { stop, ctx } = indirect();
    const skb = { ...ringFull().stop.skbs[4], id: 7, head: 4 };
    const state = composePanelState({ ...stop, skbs: [skb as (typeof stop.skbs)[number]] }, ctx);
    const names = readSkb(state, 7, ctx)?.parts.map(({ name }) => name);
    assert.deepEqual(names, ['desc 4.0', 'desc 4.1', 'desc 4.2']);
  });

  it('say why there are none where struct sk_buff is unknown, and nothing of an skb that is gone', () => {
    const { stop, ctx } = ringFull();
    const state = composePanelState(stop, ctx);
    assert.match(readSkb(state, 25, ctx)?.note ?? '', /does not describe struct sk_buff/);
    assert.equal(readSkb(state, 999, ctx), undefined);
  });

  it('stay within RAM whatever a descriptor claims', () => {
    const { stop, ctx } = ringFull();
    const state = composePanelState(stop, ctx);
    const queues = state.queues.map((q) => ({
      ...q,
      ring: {
        ...q.ring,
        descriptors: q.ring.descriptors.map((d) => ({
          ...d,
          addr: '0xffffffffffffff00',
          len: 0xffff_ffff,
          flags: 1,
          next: d.index,
        })),
      },
    }));
    assert.equal(readSkb({ ...state, queues }, 20, ctx)?.hex, '');
  });
});
