// Layouts, and the field at an address.
import assert from 'node:assert/strict';
import {
  fieldAt,
  fieldsIn,
  legacyLayout,
  partSizes,
  splitLayout,
  VIRTIO_RING_F_EVENT_IDX,
} from '../../../src/virtqueue';

const EVENT = 1n << BigInt(VIRTIO_RING_F_EVENT_IDX);

describe('layout', () => {
  it('places a legacy ring of 256 as virtio-pci does: avail behind the table, used on the next page', () => {
    const layout = legacyLayout(256, 0x1_2345_6000n, 4096, 0n);
    assert.equal(layout.desc, 0x1_2345_6000n);
    assert.equal(layout.avail - layout.desc, 4096n);
    assert.equal(layout.used - layout.desc, 8192n);
    assert.deepEqual(partSizes(layout), { desc: 4096, avail: 516, used: 2052 });
    assert.equal(layout.eventIdx, false);
  });

  it('gives the same place with the 2 + num and 3 + num of old and new headers', () => {
    for (let size = 4; size <= 32768; size *= 2) {
      const old = 16 * size + 2 * (2 + size);
      assert.equal(legacyLayout(size, 0n, 4096, 0n).used, BigInt(Math.ceil(old / 4096) * 4096), `size ${size}`);
    }
  });

  it('takes features from bits 28 and 29, and counts event fields only with event index', () => {
    const layout = splitLayout(8, 0n, 0x80n, 0x100n, 3n << 28n);
    assert.deepEqual([layout.indirect, layout.eventIdx], [true, true]);
    assert.deepEqual(partSizes(layout), { desc: 128, avail: 22, used: 70 });
    assert.deepEqual(partSizes({ size: 8, eventIdx: false }), { desc: 128, avail: 20, used: 68 });
  });

  it('names the field of every byte of a ring as C would, with its offset, size and address', () => {
    const layout = splitLayout(4, 0x1000n, 0x2000n, 0x3000n, EVENT);
    const at = (gpa: bigint): unknown[] => {
      const f = fieldAt(layout, gpa);
      return f === undefined ? [] : [f.field, f.kind, f.index, f.offset, f.size, f.address];
    };
    assert.deepEqual(at(0x1000n), ['desc[0].addr', 'desc.addr', 0, 0, 8, 0x1000n]);
    assert.deepEqual(at(0x1037n), ['desc[3].addr', 'desc.addr', 3, 7, 8, 0x1030n]);
    assert.deepEqual(at(0x1039n), ['desc[3].len', 'desc.len', 3, 1, 4, 0x1038n]);
    assert.deepEqual(at(0x103cn), ['desc[3].flags', 'desc.flags', 3, 0, 2, 0x103cn]);
    assert.deepEqual(at(0x103fn), ['desc[3].next', 'desc.next', 3, 1, 2, 0x103en]);
    assert.deepEqual(at(0x1040n), []);
    assert.deepEqual(at(0x2001n), ['avail.flags', 'avail.flags', -1, 1, 2, 0x2000n]);
    assert.deepEqual(at(0x2002n), ['avail.idx', 'avail.idx', -1, 0, 2, 0x2002n]);
    assert.deepEqual(at(0x200an), ['avail.ring[3]', 'avail.ring', 3, 0, 2, 0x200an]);
    assert.deepEqual(at(0x200cn), ['avail.used_event', 'avail.used_event', -1, 0, 2, 0x200cn]);
    assert.deepEqual(at(0x200en), []);
    assert.deepEqual(at(0x3000n), ['used.flags', 'used.flags', -1, 0, 2, 0x3000n]);
    assert.deepEqual(at(0x3003n), ['used.idx', 'used.idx', -1, 1, 2, 0x3002n]);
    assert.deepEqual(at(0x301dn), ['used.ring[3].id', 'used.ring.id', 3, 1, 4, 0x301cn]);
    assert.deepEqual(at(0x3020n), ['used.ring[3].len', 'used.ring.len', 3, 0, 4, 0x3020n]);
    assert.deepEqual(at(0x3024n), ['used.avail_event', 'used.avail_event', -1, 0, 2, 0x3024n]);
    assert.deepEqual(at(0x3026n), []);
    assert.deepEqual(at(0xfffn), []);
  });

  it('has no event fields without event index', () => {
    const layout = splitLayout(4, 0x1000n, 0x2000n, 0x3000n, 0n);
    assert.equal(fieldAt(layout, 0x200cn), undefined);
    assert.equal(fieldAt(layout, 0x3024n), undefined);
  });

  it('covers each part with fields, without gap or overlap', () => {
    const layout = splitLayout(8, 0x1_0000_1000n, 0x1_0000_2000n, 0x1_0000_3000n, EVENT);
    const sizes = partSizes(layout);
    for (const part of ['desc', 'avail', 'used'] as const) {
      let at = layout[part];
      for (const field of fieldsIn(layout, layout[part], sizes[part])) {
        assert.equal(field.address, at, field.field);
        assert.ok(field.field.startsWith(part));
        at += BigInt(field.size);
      }
      assert.equal(at, layout[part] + BigInt(sizes[part]));
    }
  });

  it('lists the fields that a store covers, from its middle to its middle', () => {
    const layout = splitLayout(4, 0x1000n, 0x1040n, 0x2000n, 0n);
    const names = (gpa: bigint, length: number): string[] => fieldsIn(layout, gpa, length).map((f) => f.field);
    assert.deepEqual(names(0x100an, 4), ['desc[0].len', 'desc[0].flags']);
    assert.deepEqual(names(0x103en, 8), ['desc[3].next', 'avail.flags', 'avail.idx', 'avail.ring[0]']);
    assert.deepEqual(names(0xff0n, 4), []);
    assert.deepEqual(names(0x1000n, 0), []);
  });
});
