// SplitTracker: what single writes mean, bad ones, batches told late, checkpoints.
import assert from 'node:assert/strict';
import {
  OWNERS,
  Saw,
  SplitTracker,
  splitLayout,
  VIRTIO_F_IN_ORDER,
  VIRTIO_RING_F_EVENT_IDX,
  VRING_DESC_F_INDIRECT,
  VRING_DESC_F_NEXT,
  VRING_DESC_F_WRITE,
  type Author,
  type NumberMemory,
  type Owner,
} from '../../../src/virtqueue';
import { Guest } from './support';

const BASE = 0x4000_0000n;

/** A ring of `size` in a guest, and writes to it that the tracker sees one by one. */
class Rig {
  readonly guest: Guest;
  readonly tracker: SplitTracker;
  private readonly memory: NumberMemory;

  constructor(size = 8, { eventIdx = false, inOrder = false, startIdx = 0 } = {}) {
    const bit = (on: boolean, number: number): bigint => (on ? 1n << BigInt(number) : 0n);
    const features = bit(eventIdx, VIRTIO_RING_F_EVENT_IDX) | bit(inOrder, VIRTIO_F_IN_ORDER);
    this.guest = new Guest(splitLayout(size, BASE, BASE + 0x1000n, BASE + 0x2000n, features));
    this.guest.setAvail({ idx: startIdx });
    this.guest.setUsed({ idx: startIdx });
    const at = (gpa: number): number => gpa - Number(BASE);
    this.memory = {
      u8: (gpa) => this.guest.ram[at(gpa)] ?? 0,
    };
    this.tracker = new SplitTracker(this.guest.layout, this.memory);
  }

  store(author: Author, gpa: bigint, size: 1 | 2 | 4 | 8, value: bigint | number): number {
    const at = this.guest.at(gpa);
    const bytes = new DataView(new ArrayBuffer(8));
    bytes.setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true);
    for (let i = 0; i < size; i++) this.guest.ram[at + i] = bytes.getUint8(i);
    return this.tracker.observe(author, Number(gpa), size);
  }
  memset(author: Author, gpa: bigint, length: number): number {
    this.guest.ram.fill(0, this.guest.at(gpa), this.guest.at(gpa, length));
    return this.tracker.observe(author, Number(gpa), length);
  }
  /** Linux 2.6.31's order of stores: flags, addr, len, and `next` only where the chain goes on. */
  build(...chain: readonly number[]): void {
    chain.forEach((i, n) => {
      const at = BASE + BigInt(16 * i);
      const next = chain[n + 1];
      this.store('driver', at + 12n, 2, next === undefined ? 0 : VRING_DESC_F_NEXT);
      this.store('driver', at, 8, 0x4000_8000n + BigInt(i));
      this.store('driver', at + 8n, 4, 100 + i);
      if (next !== undefined) this.store('driver', at + 14n, 2, next);
    });
  }
  /** One descriptor with NEXT, whatever `next` names. */
  link(i: number, next: number): void {
    this.store(
      'driver',
      BASE + BigInt(16 * i + 8),
      8,
      100n | (BigInt(VRING_DESC_F_NEXT) << 32n) | (BigInt(next) << 48n),
    );
  }
  slot(index: number, head: number): number {
    return this.store('driver', BASE + 0x1004n + BigInt(2 * (index % this.guest.layout.size)), 2, head);
  }
  availIdx(idx: number): number {
    return this.store('driver', BASE + 0x1002n, 2, idx);
  }
  entry(index: number, id: number, len = 0, author: Author = 'device'): number {
    const at = BASE + 0x2004n + BigInt(8 * (index % this.guest.layout.size));
    return this.store(author, at, 8, BigInt(id) | (BigInt(len) << 32n));
  }
  usedIdx(idx: number): number {
    return this.store('device', BASE + 0x2002n, 2, idx);
  }
  owners(): Owner[] {
    return [...this.tracker.owners].map((code) => OWNERS[code] as Owner);
  }
  owner(i: number): Owner | undefined {
    return OWNERS[this.tracker.owners[i] as number];
  }
  get badKinds(): string[] {
    return this.tracker.bads.map((b) => b.kind);
  }
}

describe('SplitTracker', () => {
  it('follows one chain all the way round', () => {
    const rig = new Rig();
    const { tracker } = rig;
    rig.build(2, 5);
    assert.deepEqual([rig.owner(2), rig.owner(5), rig.owner(0)], ['building', 'building', 'free']);

    assert.equal(rig.slot(0, 2), Saw.add);
    assert.equal(tracker.addCount, 1);
    assert.deepEqual([tracker.addSlots[0], tracker.addHeads[0], tracker.addLengths[0]], [0, 2, 2]);
    assert.deepEqual([rig.owner(2), rig.owner(5), tracker.heads[5]], ['added', 'added', 2]);
    assert.equal(tracker.numAdded, 1);

    assert.equal(rig.availIdx(1), Saw.expose);
    assert.deepEqual([tracker.exposedFrom, tracker.exposedTo], [0, 1]);
    assert.deepEqual(
      [rig.owner(2), rig.owner(5), tracker.numAdded, tracker.outstanding],
      ['available', 'available', 0, 1],
    );

    tracker.take(2);
    assert.equal(rig.owner(5), 'taken');
    tracker.untake(2);
    assert.equal(rig.owner(5), 'available');
    tracker.take(2);

    assert.equal(rig.entry(0, 2, 207), Saw.use);
    assert.deepEqual([tracker.useCount, tracker.useSlots[0], tracker.usedId(0), tracker.usedLen(0)], [1, 0, 2, 207]);
    assert.equal(rig.owner(2), 'taken');
    assert.equal(rig.usedIdx(1), Saw.usedIdx);
    assert.deepEqual([tracker.usedFrom, tracker.usedTo], [0, 1]);
    assert.deepEqual([rig.owner(2), rig.owner(5)], ['used', 'used']);
    assert.deepEqual(tracker.counters, { added: 1, used: 1, bytes: 207, maxOutstanding: 1 });

    // detach_buf: the last descriptor of the chain is linked in front of the free list.
    rig.store('driver', BASE + 16n * 5n + 14n, 2, 0);
    assert.deepEqual([rig.owner(2), rig.owner(5), tracker.heads[2], tracker.heads[5]], ['free', 'free', -1, -1]);
  });

  it('takes a rewritten descriptor of a used chain as being built, and the rest of the chain as free', () => {
    const rig = new Rig();
    rig.build(0, 1, 2);
    rig.slot(0, 0);
    rig.availIdx(1);
    rig.entry(0, 0);
    rig.usedIdx(1);
    rig.store('driver', BASE + 16n, 8, 0x1234n);
    assert.deepEqual(rig.owners().slice(0, 3), ['free', 'building', 'free']);
  });

  it('takes nothing at set-up for work: zeroing, linking the free list, memory that held something else', () => {
    const rig = new Rig(8, { startIdx: 77 });
    let saw = rig.memset('driver', BASE, 0x3000);
    for (let i = 0; i < 7; i++) saw |= rig.store('driver', BASE + BigInt(16 * i + 14), 2, i + 1);
    assert.equal(saw & ~(Saw.callbacks | Saw.notify), 0);
    assert.deepEqual(new Set(rig.owners()), new Set(['free']));
    assert.equal(rig.tracker.outstanding, 0);
    rig.build(0);
    assert.equal(rig.slot(0, 0), Saw.add);
    assert.equal(rig.availIdx(1), Saw.expose);
    assert.equal(rig.tracker.outstanding, 1);
  });

  it('sees a chain whose avail.ring entry was written before its descriptors', () => {
    const rig = new Rig();
    assert.equal(rig.slot(0, 3), 0);
    rig.build(3, 4);
    assert.equal(rig.availIdx(1), Saw.add | Saw.expose);
    assert.deepEqual([rig.tracker.addHeads[0], rig.tracker.addLengths[0], rig.owner(4)], [3, 2, 'available']);
  });

  it('sees a chain that is posted again without a rewrite, by its entry or by avail.idx alone', () => {
    const rig = new Rig(2);
    rig.build(1);
    rig.slot(0, 1);
    rig.availIdx(1);
    rig.entry(0, 1);
    rig.usedIdx(1);
    assert.equal(rig.slot(1, 1), Saw.add);
    assert.equal(rig.availIdx(2), Saw.expose);
    rig.entry(1, 1);
    rig.usedIdx(2);
    assert.equal(rig.availIdx(3), Saw.add | Saw.expose);
    assert.equal(rig.owner(1), 'available');
    assert.equal(rig.tracker.counters.added, 3);
  });

  it('walks an added chain again when the driver changed it before exposing', () => {
    const rig = new Rig();
    rig.build(0, 1);
    rig.slot(0, 0);
    rig.store('driver', BASE + 14n, 2, 6);
    rig.build(6);
    rig.availIdx(1);
    assert.deepEqual([rig.owner(0), rig.owner(1), rig.owner(6)], ['available', 'building', 'available']);
  });

  it('takes one used entry for all that were exposed before it, in order', () => {
    for (const inOrder of [true, false]) {
      const rig = new Rig(8, { inOrder });
      for (const head of [0, 1, 2]) {
        rig.build(head);
        rig.slot(head, head);
      }
      rig.availIdx(3);
      // spec 2.7.9: the entry is that of the last buffer, and stands where the batch begins
      rig.entry(0, 2);
      const saw = rig.store('device', BASE + 0x2002n, 2, 3);
      assert.equal((saw & Saw.bad) !== 0, !inOrder);
      if (!inOrder) continue;
      assert.deepEqual(
        [0, 1, 2].map((head) => rig.owner(head)),
        ['used', 'used', 'used'],
      );
      assert.deepEqual(
        [0, 1, 2].map((index) => rig.tracker.usedId(index)),
        [0, 1, 2],
      );
      assert.equal(rig.tracker.counters.used, 3);
    }
  });

  it('understands stores over two fields', () => {
    const rig = new Rig(8, { eventIdx: true });
    rig.build(3);
    // flags 1, idx 1, ring[0] 3, ring[1] 0
    assert.equal(rig.store('driver', BASE + 0x1000n, 8, 0x0000_0003_0001_0001n), Saw.add | Saw.expose | Saw.callbacks);
    assert.equal(rig.tracker.availFlags, 1);
    // ring[7] and used_event
    assert.equal(rig.store('driver', BASE + 0x1004n + 14n, 4, 0x0005_0000), Saw.callbacks);
    assert.equal(rig.tracker.usedEvent, 5);
    // used.ring[7].len and avail_event, the entry being bad
    assert.equal(rig.store('device', BASE + 0x2000n + 4n + 60n, 8, 0x0009_0000_0001n), Saw.use | Saw.notify | Saw.bad);
    assert.equal(rig.tracker.availEvent, 9);
    // flags and idx of used, with the entry already there
    rig.entry(0, 3);
    assert.equal(rig.store('device', BASE + 0x2000n, 4, 0x0001_0001), Saw.usedIdx | Saw.notify);
    assert.equal(rig.tracker.usedFlags, 1);
    assert.equal(rig.owner(3), 'used');
  });

  it('says nothing about flags written with the value they had, nor about writes elsewhere', () => {
    const rig = new Rig();
    assert.equal(rig.store('driver', BASE + 0x1000n, 2, 0), 0);
    assert.equal(rig.store('driver', BASE + 0x1000n, 2, 1), Saw.callbacks);
    assert.equal(rig.store('driver', BASE + 0x1000n, 2, 1), 0);
    assert.equal(rig.store('device', BASE + 0x2000n, 2, 1), Saw.notify);
    assert.equal(rig.store('device', BASE + 0x2000n, 2, 1), 0);
    assert.equal(rig.store('driver', BASE + 0x3000n, 8, -1), 0);
    assert.equal(rig.store('driver', BASE + 0x1000n + 20n, 2, 1), 0, 'used_event is not there without event index');
  });

  it('completes a used entry with its len when id and len come apart', () => {
    const rig = new Rig();
    rig.build(4);
    rig.slot(0, 4);
    rig.availIdx(1);
    assert.equal(rig.store('device', BASE + 0x2004n, 4, 4), 0);
    assert.equal(rig.store('device', BASE + 0x2008n, 4, 12), Saw.use);
  });

  it('counts readable bytes whole and writable ones as far as used.len says, in indirect tables too', () => {
    const rig = new Rig();
    const table = BASE + 0x5000n;
    rig.guest.desc(0, { len: 10, flags: VRING_DESC_F_NEXT, next: 2 }, table);
    rig.guest.desc(1, { len: 7000, flags: VRING_DESC_F_NEXT, next: 1 }, table);
    rig.guest.desc(2, { len: 500, flags: VRING_DESC_F_WRITE }, table);
    rig.store('driver', BASE, 8, table);
    rig.store('driver', BASE + 8n, 8, 48n | (BigInt(VRING_DESC_F_INDIRECT) << 32n));
    rig.slot(0, 0);
    rig.availIdx(1);
    rig.entry(0, 0, 60);
    rig.usedIdx(1);
    assert.equal(rig.tracker.counters.bytes, 70);
  });

  it('wraps from 65535 to 0', () => {
    const rig = new Rig(4, { startIdx: 65534 });
    for (let n = 0; n < 4; n++) {
      const idx = 65534 + n;
      rig.build(n);
      assert.equal(rig.slot(idx, n), Saw.add);
      assert.equal(rig.availIdx((idx + 1) & 0xffff), Saw.expose);
    }
    assert.equal(rig.tracker.outstanding, 4);
    for (let n = 0; n < 4; n++) rig.entry(65534 + n, n);
    assert.equal(rig.usedIdx(2), Saw.usedIdx);
    assert.deepEqual([rig.tracker.usedFrom, rig.tracker.usedTo, rig.tracker.outstanding], [65534, 2, 0]);
    assert.deepEqual(rig.owners(), ['used', 'used', 'used', 'used']);
    assert.equal(rig.tracker.counters.maxOutstanding, 4);
  });

  it('knows what is exposed where the slot jumps as the index wraps, in a ring of no power of two', () => {
    // 65536 is 6 × 10922 + 4: index 65535 has slot 3, and 0 slot 0
    const rig = new Rig(6, { startIdx: 65533 });
    for (let n = 0; n < 3; n++) {
      rig.build(n);
      rig.slot(65533 + n, n);
      rig.availIdx((65534 + n) & 0xffff);
    }
    rig.build(3);
    assert.equal(rig.slot(0, 3), Saw.add, 'slot 0: nothing is exposed there, 65533 has slot 1');
    rig.availIdx(1);
    rig.build(4);
    assert.equal(rig.slot(1, 4), Saw.bad);
    assert.match(
      rig.tracker.bads[0]?.text ?? '',
      /^avail\.ring\[1\]: changed to 4 while exposed.* its slot has jumped from 3 to 0: 65536 is no multiple of 6$/,
    );
  });

  describe('bad writes', () => {
    const exposed = (): Rig => {
      const rig = new Rig();
      rig.build(0, 1);
      rig.slot(0, 0);
      rig.availIdx(1);
      return rig;
    };
    const cases: readonly (readonly [string, Saws, string, RegExp, (rig: Rig) => number])[] = [
      ['head out of range', 'bad', 'range', /^avail\.ring\[1\]: found head 8, expected below 8/, (r) => r.slot(1, 8)],
      [
        'head available already',
        'bad',
        'double-add',
        /^avail\.ring\[1\]: found head 0, which is available/,
        (r) => r.slot(1, 0),
      ],
      [
        'chain into one that is available',
        'add',
        'double-add',
        /^desc\[3\]\.next: found 1, which is in the chain of head 0/,
        (r) => (r.link(3, 1), r.slot(1, 3)),
      ],
      [
        'avail.idx too far',
        'expose',
        'avail-jump',
        /^avail\.idx: moved from 1 to 9, 9 ahead of used\.idx 0, expected .* at most 8/,
        (r) => r.availIdx(9),
      ],
      ['avail.idx back', 'expose', 'avail-jump', /moved from 1 to 0, 1 back/, (r) => r.availIdx(0)],
      ['used id out of range', 'use', 'range', /^used\.ring\[0\]\.id: found 4294967295/, (r) => r.entry(0, 0xffffffff)],
      [
        'used id no head',
        'use',
        'not-outstanding',
        /^used\.ring\[0\]\.id: found 1, which is in the chain of head 0/,
        (r) => r.entry(0, 1),
      ],
      ['used id free', 'use', 'not-outstanding', /found 5, which is free/, (r) => r.entry(0, 5)],
      [
        'used twice',
        'use',
        'not-outstanding',
        /found 0, which is used/,
        (r) => (r.entry(0, 0), r.usedIdx(1), r.entry(1, 0)),
      ],
      [
        'used len beyond the chain',
        'use',
        'used-len',
        /^used\.ring\[0\]\.len: found 900000, expected at most \d+, all of chain 0$/,
        (r) => r.entry(0, 0, 900_000),
      ],
      [
        'used.idx past avail.idx',
        'usedIdx',
        'used-jump',
        /1 outstanding/,
        (r) => (r.entry(0, 0), r.entry(1, 0), r.usedIdx(2)),
      ],
      ['used.idx back', 'usedIdx', 'used-jump', /moved from 0 to 65535, 1 back/, (r) => r.usedIdx(65535)],
      [
        'exposed descriptor changed',
        'bad',
        'exposed-write',
        /^desc\[1\]: changed while its chain \(head 0\) is available/,
        (r) => r.store('driver', BASE + 16n + 8n, 4, 1),
      ],
      ['exposed slot changed', 'bad', 'exposed-write', /^avail\.ring\[0\]: changed to 7/, (r) => r.slot(0, 7)],
      [
        'device in the table',
        'bad',
        'wrong-side',
        /^descriptor table: written by the device/,
        (r) => r.store('device', BASE + 64n, 8, 1),
      ],
      [
        'device in avail',
        'callbacks',
        'wrong-side',
        /^avail: written by the device/,
        (r) => r.store('device', BASE + 0x1000n, 2, 1),
      ],
      [
        'driver in used',
        'notify',
        'wrong-side',
        /^used: written by the driver/,
        (r) => r.store('driver', BASE + 0x2000n, 2, 1),
      ],
    ];
    for (const [name, also, kind, text, write] of cases) {
      it(name, () => {
        const rig = exposed();
        const saw = write(rig);
        assert.equal(saw, Saw.bad | Saw[also]);
        assert.ok(rig.badKinds.includes(kind), rig.badKinds.join());
        assert.match(rig.tracker.bads.find((b) => b.kind === kind)?.text ?? '', text);
      });
    }

    it('reports a bad used entry once: when written, not again when used.idx passes it', () => {
      const rig = exposed();
      assert.equal(rig.entry(0, 5), Saw.use | Saw.bad);
      assert.equal(rig.usedIdx(1), Saw.usedIdx);
      assert.equal(rig.owner(0), 'available');
    });

    it('reports an entry that used.idx passes without its having been written', () => {
      const rig = new Rig();
      rig.build(3);
      rig.slot(0, 3);
      rig.availIdx(1);
      assert.equal(rig.usedIdx(1), Saw.usedIdx | Saw.bad);
      assert.deepEqual(rig.badKinds, ['not-outstanding']);
    });

    it('reports entries that one move of used.idx passes as one mistake', () => {
      const rig = new Rig();
      for (const head of [3, 4, 5]) rig.build(head);
      [3, 4, 5].forEach((head, slot) => rig.slot(slot, head));
      rig.availIdx(3);
      rig.entry(0, 4);
      assert.equal(rig.usedIdx(3), Saw.usedIdx | Saw.bad);
      assert.deepEqual(rig.badKinds, ['not-outstanding']);
      assert.match(rig.tracker.bads[0]?.text ?? '', /^used\.ring\[1\]\.id: found 0, .*; and 1 more that used\.idx/);
    });

    it('reports loops and chains that leave the table, and records what was reached', () => {
      const rig = new Rig();
      rig.link(0, 1);
      rig.link(1, 0);
      assert.equal(rig.slot(0, 0), Saw.add | Saw.bad);
      assert.match(
        rig.tracker.bads[0]?.text ?? '',
        /^desc\[1\]\.next: found 0, which is in this chain already \(a loop\)/,
      );
      assert.equal(rig.tracker.addLengths[0], 2);
      rig.link(4, 600);
      assert.equal(rig.slot(1, 4), Saw.add | Saw.bad);
      assert.match(rig.tracker.bads[0]?.text ?? '', /^desc\[4\]\.next: found 600, expected below 8/);
    });
  });

  it('gives stores told late the meaning they had: same codes and owners as one by one', () => {
    const now = new Rig();
    const late = new Rig();
    const log: { author: Author; gpa: bigint; size: 1 | 2 | 4 | 8; value: bigint }[] = [];
    const codes: number[] = [];
    const store = now.store.bind(now);
    now.store = (author, gpa, size, value) => {
      log.push({ author, gpa, size, value: BigInt(value) });
      const saw = store(author, gpa, size, value);
      codes.push(saw);
      return saw;
    };
    for (let n = 0; n < 20; n++) {
      now.build(n % 4, 4 + (n % 4));
      now.slot(n, n % 4);
      now.availIdx(n + 1);
      now.entry(n, n % 4, n);
      now.usedIdx(n + 1);
    }
    late.guest.ram.set(now.guest.ram);
    const again = log.map(({ author, gpa, size, value }) =>
      late.tracker.observeStore(
        author,
        Number(gpa),
        size,
        Number(value & 0xffffffffn),
        Number((value >> 32n) & 0xffffffffn),
      ),
    );
    assert.deepEqual(again, codes);
    assert.deepEqual(late.tracker.snapshot(), now.tracker.snapshot());
  });

  it('restores a snapshot, and goes on from it as the first time', () => {
    const rig = new Rig();
    rig.build(0, 1);
    rig.slot(0, 0);
    const before = rig.tracker.snapshot();
    const ram = rig.guest.ram.slice();
    const goOn = (): unknown => {
      rig.availIdx(1);
      rig.tracker.take(0);
      rig.entry(0, 0, 9);
      rig.usedIdx(1);
      return rig.tracker.snapshot();
    };
    const after = goOn();
    assert.notDeepEqual(after, before);
    rig.guest.ram.set(ram);
    rig.tracker.restore(before);
    assert.deepEqual(rig.tracker.snapshot(), before);
    assert.deepEqual(goOn(), after);
    assert.deepEqual(structuredClone(after), after);
  });

  it('starts over at reset and keeps its counters', () => {
    const rig = new Rig();
    rig.build(0);
    rig.slot(0, 0);
    rig.availIdx(1);
    rig.guest.ram.fill(0);
    rig.tracker.reset();
    assert.deepEqual(new Set(rig.owners()), new Set(['free']));
    assert.equal(rig.tracker.outstanding, 0);
    assert.equal(rig.tracker.counters.added, 1);
  });
});

type Saws = keyof typeof Saw;
