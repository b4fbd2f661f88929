// decodeSplit: what it makes of rings that are right, rings that are wrong in one way, and rings of random bytes.
import assert from 'node:assert/strict';
import {
  decodeSplit,
  OWNERS,
  splitLayout,
  walkChain,
  VRING_DESC_F_INDIRECT,
  VRING_DESC_F_NEXT,
  VRING_DESC_F_WRITE,
  type RingState,
  type SplitLayout,
} from '../../../src/virtqueue';
import { Guest, Random } from './support';

const BASE = 0x1_0000_0000n;
const TABLE = BASE + 0x3000n;
const INDIRECT = 1n << 28n;
const EVENT = 1n << 29n;

const guestOf = (size = 8, features = INDIRECT): Guest =>
  new Guest(splitLayout(size, BASE, BASE + 0x1000n, BASE + 0x2000n, features));
const decode = (guest: Guest): RingState => decodeSplit(guest.read, guest.layout, { name: 'tx', index: 1 });
const heads = (ring: RingState): number[] => ring.outstanding.map((chain) => chain.head);

/** One chain at head 0, exposed. */
function oneChain(change: (guest: Guest) => void = () => {}, features = INDIRECT): RingState {
  const guest = guestOf(8, features);
  guest.chain([0, 1]);
  guest.setAvail({ idx: 1, ring: { 0: 0 } });
  change(guest);
  return decode(guest);
}

describe('decodeSplit', () => {
  it('decodes both rings, the table, and the chains between the indices in order of exposure', () => {
    const guest = guestOf(8, EVENT);
    guest.chain([3, 6, 1], VRING_DESC_F_WRITE);
    guest.chain([7]);
    guest.setAvail({ flags: 1, idx: 65537 & 0xffff, ring: { 7: 7, 0: 3 }, usedEvent: 12 });
    guest.setUsed({ flags: 1, idx: 65535, ring: { 6: [5, 77] }, availEvent: 13 });
    const ring = decode(guest);
    assert.deepEqual(ring.problems, []);
    assert.deepEqual([ring.name, ring.index, ring.version], ['tx', 1, 1]);
    assert.deepEqual([ring.avail.flags, ring.avail.idx, ring.avail.usedEvent], [1, 1, 12]);
    assert.deepEqual([ring.used.flags, ring.used.idx, ring.used.availEvent], [1, 65535, 13]);
    assert.deepEqual(ring.used.ring[6], { id: 5, len: 77 });
    assert.deepEqual(
      ring.outstanding.map((c) => [c.head, c.descriptors.map((d) => d.index)]),
      [
        [7, [7]],
        [3, [3, 6, 1]],
      ],
    );
    assert.deepEqual(ring.descriptors[6], {
      index: 6,
      addr: BASE + 0x8000n + 0x600n,
      len: 100,
      flags: VRING_DESC_F_NEXT | VRING_DESC_F_WRITE,
      next: 1,
      owner: 'unknown',
      chain: 3,
    });
    assert.equal(ring.descriptors[0]?.chain, undefined);
  });

  it('reads the indirect table that a chain ends in', () => {
    const ring = oneChain((guest) => {
      guest.desc(1, { addr: TABLE, len: 32, flags: VRING_DESC_F_INDIRECT });
      guest.desc(0, { addr: 1n, len: 4, flags: VRING_DESC_F_NEXT }, TABLE);
      guest.desc(0, { addr: 5n, len: 10, flags: VRING_DESC_F_NEXT, next: 1 }, TABLE);
      guest.desc(1, { addr: 9n, len: 20, flags: VRING_DESC_F_WRITE }, TABLE);
    });
    assert.deepEqual(ring.problems, []);
    assert.deepEqual(
      ring.descriptors[1]?.indirect?.map((d) => [d.index, d.addr, d.len, d.chain]),
      [
        [0, 5n, 10, 0],
        [1, 9n, 20, 0],
      ],
    );
    assert.equal(ring.outstanding[0]?.descriptors[1], ring.descriptors[1]);
  });

  it('takes owners and chains from a tracker, and decodes what is added but not exposed', () => {
    const guest = guestOf();
    guest.desc(2, { addr: TABLE, len: 16, flags: VRING_DESC_F_INDIRECT });
    guest.chain([4]);
    guest.setAvail({ idx: 1, ring: { 0: 4, 1: 2 } });
    const owners = new Uint8Array(8);
    const at = new Int32Array(8).fill(-1);
    owners[4] = OWNERS.indexOf('taken');
    owners[2] = OWNERS.indexOf('added');
    owners[5] = OWNERS.indexOf('used');
    at[2] = 2;
    at[4] = 4;
    at[5] = 5;
    const ring = decodeSplit(guest.read, guest.layout, { owners, heads: at });
    assert.deepEqual(heads(ring), [4]);
    assert.deepEqual(
      ring.descriptors.map((d) => d.owner),
      ['free', 'free', 'added', 'free', 'taken', 'used', 'free', 'free'],
    );
    assert.equal(ring.descriptors[2]?.indirect?.[0]?.owner, 'added');
    assert.equal(ring.descriptors[5]?.chain, 5);
    assert.equal(ring.descriptors[0]?.chain, undefined);
  });

  it('gives a tracker order of exposure, chains that avail.ring has lost first', () => {
    const guest = guestOf(4);
    for (const i of [0, 1, 2]) guest.chain([i]);
    guest.setAvail({ idx: 10, ring: { 0: 3, 1: 1, 2: 3, 3: 2 } });
    guest.setUsed({ idx: 7 });
    const owners = Uint8Array.from([3, 3, 4, 0]);
    const ring = decodeSplit(guest.read, guest.layout, { owners, heads: Int32Array.from([0, 1, 2, -1]) });
    assert.deepEqual(heads(ring), [0, 2, 1]);
  });

  describe('without a tracker, of a device that uses buffers out of order', () => {
    it('finds the outstanding heads by what both rings still hold', () => {
      // Exposed 0,1,2,3, used 1,2,3: the entry between the indices names 3, but 0 is what is outstanding.
      const guest = guestOf(8);
      for (const i of [0, 1, 2, 3]) guest.chain([i]);
      guest.setAvail({ idx: 8 + 4, ring: { 4: 4, 5: 5, 6: 6, 7: 7, 0: 0, 1: 1, 2: 2, 3: 3 } });
      guest.setUsed({
        idx: 8 + 3,
        ring: { 3: [3, 0], 4: [4, 0], 5: [5, 0], 6: [6, 0], 7: [7, 0], 0: [1, 0], 1: [2, 0], 2: [3, 0] },
      });
      const ring = decode(guest);
      assert.deepEqual(heads(ring), [0]);
      assert.deepEqual(ring.problems, []);
    });

    it('says so when the bytes do not tell', () => {
      const guest = guestOf(4);
      guest.setAvail({ idx: 100, ring: { 0: 2, 1: 2, 2: 2, 3: 2 } });
      guest.setUsed({ idx: 98, ring: { 0: [3, 0], 1: [1, 0], 2: [0, 0], 3: [3, 0] } });
      assert.match(decode(guest).problems[0] ?? '', /out of order.*do not tell which 2 are outstanding/);
    });
  });

  describe('says what is wrong, and goes on', () => {
    const cases: readonly (readonly [string, RegExp, (guest: Guest) => void, bigint?])[] = [
      [
        'avail.idx too far',
        /^avail\.idx: found 9 with used\.idx 0: 9 buffers outstanding, expected 0 to 8/,
        (g) => g.setAvail({ idx: 9 }),
      ],
      ['avail.idx behind', /^avail\.idx: found 1 with used\.idx 3: 2 behind it/, (g) => g.setUsed({ idx: 3 })],
      [
        'unknown avail.flags',
        /^avail\.flags: found 0x8001, expected 0 or 1 \(NO_INTERRUPT\)/,
        (g) => g.setAvail({ flags: 0x8001 }),
      ],
      ['unknown used.flags', /^used\.flags: found 0x2, expected 0 or 1 \(NO_NOTIFY\)/, (g) => g.setUsed({ flags: 2 })],
      ['head out of range', /^head: found 8, expected below 8/, (g) => g.setAvail({ ring: { 0: 8 } })],
      ['head twice', /^avail\.ring: head 0 is outstanding twice/, (g) => g.setAvail({ idx: 2, ring: { 1: 0 } })],
      [
        'chain into another',
        /^desc\[5\]\.next: found 1, which is in the chain of head 0 already/,
        (g) => (g.desc(5, { len: 1, flags: VRING_DESC_F_NEXT, next: 1 }), g.setAvail({ idx: 2, ring: { 1: 5 } })),
      ],
      [
        'head inside another chain',
        /^avail\.ring: found head 1, which is in the chain of head 0/,
        (g) => g.setAvail({ idx: 2, ring: { 1: 1 } }),
      ],
      [
        'next out of range',
        /^desc\[1\]\.next: found 99, expected below 8/,
        (g) => g.desc(1, { flags: VRING_DESC_F_NEXT, next: 99 }),
      ],
      [
        'loop',
        /^desc\[1\]\.next: found 0, which is in this chain already \(a loop\)/,
        (g) => g.desc(1, { flags: VRING_DESC_F_NEXT, next: 0 }),
      ],
      [
        'readable after writable',
        /^desc\[1\]\.flags: found a device-readable buffer behind device-writable desc\[0\], expected it before/,
        (g) => g.desc(0, { flags: VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, next: 1 }),
      ],
      [
        'more than 2^32 bytes',
        /^chain of head 0: found 8589934590 bytes, expected at most 2\^32/,
        (g) => {
          g.desc(0, { len: 0xffffffff, flags: VRING_DESC_F_NEXT, next: 1 });
          g.desc(1, { len: 0xffffffff });
        },
      ],
      [
        'INDIRECT and NEXT',
        /^desc\[1\]\.flags: found INDIRECT and NEXT together/,
        (g) => g.desc(1, { addr: TABLE, len: 16, flags: 5, next: 2 }),
      ],
      [
        'INDIRECT not negotiated',
        /^desc\[1\]\.flags: found INDIRECT, expected it only with VIRTIO_RING_F_INDIRECT_DESC/,
        (g) => g.desc(1, { addr: TABLE, len: 16, flags: VRING_DESC_F_INDIRECT }),
        0n,
      ],
      [
        'table of odd length',
        /^desc\[1\]\.len: found 24, expected a multiple of 16/,
        (g) => g.desc(1, { addr: TABLE, len: 24, flags: 4 }),
      ],
      [
        'table of no length',
        /^desc\[1\]\.len: found 0, expected a multiple of 16/,
        (g) => g.desc(1, { addr: TABLE, len: 0, flags: 4 }),
      ],
      [
        'huge table',
        /^desc\[1\]\.len: found a table of 268435455 descriptors/,
        (g) => g.desc(1, { addr: TABLE, len: 0xfffffff0, flags: 4 }),
      ],
      [
        'table outside RAM',
        /^desc\[1\]\.addr: found 0xffffffffffffffff, expected 32 bytes of indirect table in RAM/,
        (g) => g.desc(1, { addr: 0xffff_ffff_ffff_ffffn, len: 32, flags: 4 }),
      ],
      [
        'table in a table',
        /^desc\[1\] → \[0\]\.flags: found INDIRECT inside an indirect table/,
        (g) => (g.desc(1, { addr: TABLE, len: 16, flags: 4 }), g.desc(0, { flags: 4, len: 16 }, TABLE)),
      ],
      [
        'table left by next',
        /^desc\[1\] → \[0\]\.next: found 2, expected below 2 \(entries of the table\)/,
        (g) => (g.desc(1, { addr: TABLE, len: 32, flags: 4 }), g.desc(0, { flags: 1, next: 2 }, TABLE)),
      ],
      [
        'loop in a table',
        /^desc\[1\] → \[1\]\.next: found 0, which is in this chain already/,
        (g) => (
          g.desc(1, { addr: TABLE, len: 32, flags: 4 }),
          g.desc(0, { flags: 1, next: 1 }, TABLE),
          g.desc(1, { flags: 1, next: 0 }, TABLE)
        ),
      ],
      [
        'chain longer than the queue',
        /^desc\[1\] → \[7\]: found descriptor 9 of its chain, expected at most 8/,
        (g) => {
          g.desc(1, { addr: TABLE, len: 16 * 9, flags: 4 });
          for (let i = 0; i < 9; i++) g.desc(i, { len: 1, flags: i < 8 ? 1 : 0, next: i + 1 }, TABLE);
        },
      ],
      [
        'used id out of range',
        /^used\.ring\[0\]\.id: found 8, expected below 8/,
        (g) => g.setUsed({ idx: 1, ring: { 0: [8, 0] } }),
      ],
    ];
    for (const [name, text, change, features] of cases) {
      it(name, () => {
        const ring = oneChain(change, features);
        assert.ok(
          ring.problems.some((p) => text.test(p)),
          ring.problems.join('\n') || 'no problem found',
        );
        assert.equal(ring.descriptors.length, 8);
      });
    }

    it('keeps what a broken walk reached', () => {
      const ring = oneChain((g) => g.desc(1, { flags: VRING_DESC_F_NEXT, next: 99 }));
      assert.deepEqual(
        ring.outstanding[0]?.descriptors.map((d) => d.index),
        [0, 1],
      );
      assert.equal(ring.outstanding[0]?.error, ring.problems[0]);
    });

    it('a driver index that cannot be', () => {
      const guest = guestOf();
      const ring = decodeSplit(guest.read, guest.layout, { progress: { lastUsedIdx: 9 } });
      assert.match(ring.problems[0] ?? '', /^used\.idx: found 0 with last_used_idx 9, expected 0 to 8/);
    });

    it('parts outside RAM, one by one', () => {
      for (const [part, text] of [
        ['desc', /^descriptor table: 128 bytes at 0x10 are not all in RAM/],
        ['avail', /^avail: 20 bytes at 0x10/],
        ['used', /^used: 68 bytes at 0x10/],
      ] as const) {
        const guest = guestOf();
        const layout: SplitLayout = { ...guest.layout, [part]: 0x10n };
        const ring = decodeSplit(guest.read, layout);
        assert.equal(ring.problems.length, 1);
        assert.match(ring.problems[0] ?? '', text);
        assert.deepEqual(ring.outstanding, []);
        assert.equal(walkChain(guest.read, layout, 0).error === undefined, part !== 'desc');
      }
    });

    it('queue sizes that are none', () => {
      const guest = guestOf();
      for (const size of [0, -1, 2.5, NaN, Infinity, 32769]) {
        const ring = decodeSplit(guest.read, { ...guest.layout, size });
        assert.match(ring.problems[0] ?? '', /^queue size: found .*, expected a power of two from 1 to 32768/);
        assert.deepEqual([ring.descriptors, ring.outstanding], [[], []]);
      }
      assert.match(decodeSplit(guest.read, { ...guest.layout, size: 6 }).problems[0] ?? '', /^queue size: found 6/);
    });
  });

  describe('random bytes', () => {
    for (let seed = 1; seed <= 8; seed++) {
      it(`never throws, never hangs, and keeps its lists bounded: seed ${seed}`, () => {
        const random = new Random(seed);
        for (let n = 0; n < 150; n++) {
          const size = random.pick([1, 2, 8, 64, 256]);
          const part = (): bigint => BASE + BigInt(random.below(0x4000));
          const layout = splitLayout(size, part(), part(), part(), BigInt(random.below(4)) << 28n);
          const guest = new Guest(layout, BASE, 0x3000);
          random.bytes(guest.ram);
          // Some garbage is nearly right: small numbers are heads, flags and indices.
          if (random.below(2) === 0)
            for (let i = 0; i < guest.ram.length; i++) if (random.below(2) === 0) guest.ram[i] = 0;
          const ring = decodeSplit(guest.read, layout);
          assert.ok(ring.problems.length <= 51);
          assert.ok(ring.outstanding.length <= size);
          const reached = ring.outstanding.flatMap((chain) => chain.descriptors.map((d) => d.index));
          assert.equal(new Set(reached).size, reached.length, 'a descriptor is in one chain only');
          const chain = walkChain(guest.read, layout, random.below(size));
          assert.ok(chain.descriptors.length <= size);
        }
      });
    }

    it('a full ring of the largest size, every descriptor an indirect table', () => {
      const size = 32768;
      const layout = splitLayout(size, 0n, 0x80000n, 0x100000n, INDIRECT);
      const ram = new Uint8Array(0x200000);
      const view = new DataView(ram.buffer);
      for (let i = 0; i < size; i++) {
        view.setUint32(16 * i + 8, 16 * 4096, true);
        view.setUint16(16 * i + 12, VRING_DESC_F_INDIRECT, true);
        view.setUint16(0x80004 + 2 * i, i, true);
      }
      view.setUint16(0x80002, size, true);
      const ring = decodeSplit((addr, length) => ram.subarray(Number(addr), Number(addr) + length), layout);
      assert.equal(ring.outstanding.length, size);
      assert.ok(
        ring.problems.some((p) => /^indirect tables: more than 65536 descriptors/.test(p)),
        ring.problems.join('\n'),
      );
    });
  });
});
