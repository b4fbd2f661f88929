// SplitTracker against a slow, obvious model over random legal traffic, and against random garbage.
import assert from 'node:assert/strict';
import {
  decodeSplit,
  OWNERS,
  Saw,
  SplitTracker,
  splitLayout,
  VRING_DESC_F_NEXT,
  type Author,
  type Owner,
} from '../../../src/virtqueue';
import { Guest, Random } from './support';

const BASE = 0x1_0000_0000n;

interface ModelChain {
  readonly descriptors: readonly number[];
  readonly bytes: number;
  state: 'building' | 'added' | 'available' | 'taken' | 'entry' | 'used';
}

/** A driver and a device that keep the rules, in lists; every store they make is told to the tracker. */
class Model {
  readonly guest: Guest;
  readonly tracker: SplitTracker;
  /** descriptors the driver may use, in the order of its free list */
  private free: number[];
  private readonly chains: ModelChain[] = [];
  private availIdx: number;
  private shownIdx: number;
  private entryIdx: number;
  private usedIdx: number;
  private readonly entryOf: ModelChain[] = [];
  added = 0;
  used = 0;
  private most = 0;

  constructor(
    readonly size: number,
    start: number,
    private readonly random: Random,
    /** 2009: freed chains are linked by `next` in the table; modern: the table is not touched */
    private readonly linksFree: boolean,
  ) {
    this.guest = new Guest(splitLayout(size, BASE, BASE + 0x4000n, BASE + 0x6000n, 0n));
    this.guest.setAvail({ idx: start });
    this.guest.setUsed({ idx: start });
    this.availIdx = this.shownIdx = this.entryIdx = this.usedIdx = start;
    this.free = Array.from({ length: size }, (_, i) => i);
    this.tracker = new SplitTracker(this.guest.layout, {
      u8: (gpa) => this.guest.ram[gpa - Number(BASE)] ?? 0,
    });
  }

  private store(author: Author, gpa: bigint, size: 1 | 2 | 4 | 8, value: bigint): number {
    const bytes = new Uint8Array(new BigUint64Array([value]).buffer, 0, size);
    this.guest.ram.set(bytes, this.guest.at(gpa));
    if (this.random.below(2) === 0) return this.tracker.observe(author, Number(gpa), size);
    return this.tracker.observeStore(author, Number(gpa), size, Number(value & 0xffffffffn), Number(value >> 32n));
  }
  private of(state: ModelChain['state']): ModelChain[] {
    return this.chains.filter((c) => c.state === state);
  }
  private holding(): number {
    return this.chains.filter((c) => c.state === 'available' || c.state === 'taken' || c.state === 'entry').length;
  }

  step(): void {
    const { random } = this;
    switch (random.below(8)) {
      case 0:
      case 1:
        return this.build();
      case 2:
        return this.add();
      case 3:
        return this.expose();
      case 4:
        return this.take();
      case 5:
        return this.writeEntry();
      case 6:
        return this.publish();
      default:
        return this.reclaim();
    }
  }

  private build(): void {
    if (this.of('building').length > 0) return;
    const length = 1 + this.random.below(Math.min(4, this.size));
    if (this.free.length < length) return;
    const descriptors = this.free.splice(0, length);
    let bytes = 0;
    descriptors.forEach((i, n) => {
      const at = BASE + BigInt(16 * i);
      const next = descriptors[n + 1];
      assert.equal(this.store('driver', at, 8, 0x1000n + BigInt(this.random.below(1000))), 0);
      const len = 1 + this.random.below(1500);
      bytes += len;
      assert.equal(this.store('driver', at + 8n, 4, BigInt(len)), 0);
      assert.equal(this.store('driver', at + 12n, 2, next === undefined ? 0n : BigInt(VRING_DESC_F_NEXT)), 0);
      assert.equal(this.store('driver', at + 14n, 2, BigInt(next ?? this.random.below(this.size))), 0);
    });
    this.chains.push({ descriptors, bytes, state: 'building' });
  }
  private add(): void {
    const [chain] = this.of('building');
    if (chain === undefined) return;
    const head = chain.descriptors[0] as number;
    const slot = (this.availIdx & 0xffff) % this.size;
    assert.equal(this.store('driver', BASE + 0x4004n + BigInt(2 * slot), 2, BigInt(head)), Saw.add);
    assert.deepEqual(
      [this.tracker.addHeads[0], this.tracker.addSlots[0], this.tracker.addLengths[0]],
      [head, slot, chain.descriptors.length],
    );
    chain.state = 'added';
    this.availIdx += 1;
    this.added += 1;
  }
  private expose(): void {
    if (this.shownIdx === this.availIdx) return;
    assert.equal(this.store('driver', BASE + 0x4002n, 2, BigInt(this.availIdx & 0xffff)), Saw.expose);
    assert.equal(this.tracker.exposedTo, this.availIdx & 0xffff);
    this.shownIdx = this.availIdx;
    for (const chain of this.of('added')) chain.state = 'available';
    this.most = Math.max(this.most, this.holding());
  }
  private take(): void {
    const put = this.random.below(4) === 0;
    const chains = this.of(put ? 'taken' : 'available');
    if (chains.length === 0) return;
    const chain = this.random.pick(chains);
    if (put) this.tracker.untake(chain.descriptors[0] as number);
    else this.tracker.take(chain.descriptors[0] as number);
    chain.state = put ? 'available' : 'taken';
  }
  private writeEntry(): void {
    const chains = this.of('taken');
    if (chains.length === 0) return;
    const chain = this.random.pick(chains);
    const slot = (this.entryIdx & 0xffff) % this.size;
    const len = this.random.below(2000);
    const value = BigInt(chain.descriptors[0] as number) | (BigInt(len) << 32n);
    const expected = len > chain.bytes ? Saw.use | Saw.bad : Saw.use;
    assert.equal(this.store('device', BASE + 0x6004n + BigInt(8 * slot), 8, value), expected);
    chain.state = 'entry';
    this.entryOf.push(chain);
    this.entryIdx += 1;
  }
  private publish(): void {
    if (this.usedIdx === this.entryIdx) return;
    assert.equal(this.store('device', BASE + 0x6002n, 2, BigInt(this.entryIdx & 0xffff)), Saw.usedIdx);
    this.usedIdx = this.entryIdx;
    for (const chain of this.entryOf.splice(0)) {
      chain.state = 'used';
      this.used += 1;
    }
  }
  private reclaim(): void {
    const chains = this.of('used');
    if (chains.length === 0) return;
    const chain = this.random.pick(chains);
    const last = chain.descriptors[chain.descriptors.length - 1] as number;
    this.chains.splice(this.chains.indexOf(chain), 1);
    if (this.linksFree) {
      assert.equal(this.store('driver', BASE + BigInt(16 * last + 14), 2, BigInt(this.free[0] ?? 0)), 0);
      this.free = [...chain.descriptors, ...this.free];
    } else {
      // Not a byte tells that these are free: the tracker still says used, until one of them is written again.
      this.silent.push(chain.descriptors);
      this.free = [...this.free, ...chain.descriptors];
    }
  }
  private silent: (readonly number[])[] = [];

  check(): void {
    const expected: Owner[] = Array.from({ length: this.size }, () => 'free');
    const heads = Array.from({ length: this.size }, () => -1);
    const touched = new Set(this.chains.flatMap((c) => c.descriptors));
    this.silent = this.silent.filter((c) => !c.some((i) => touched.has(i)));
    const shown = [...this.silent.map((descriptors) => ({ descriptors, state: 'used' as const })), ...this.chains];
    for (const { descriptors, state } of shown) {
      for (const i of descriptors) {
        expected[i] = state === 'entry' ? 'taken' : state;
        heads[i] = state === 'building' ? -1 : (descriptors[0] as number);
      }
    }
    assert.deepEqual(
      [...this.tracker.owners].map((code) => OWNERS[code]),
      expected,
    );
    assert.deepEqual([...this.tracker.heads], heads);
    assert.equal(this.tracker.outstanding, this.holding());
    assert.equal(this.tracker.numAdded, this.of('added').length);
    const { added, used, maxOutstanding } = this.tracker.counters;
    assert.deepEqual(
      { added, used, maxOutstanding },
      { added: this.added, used: this.used, maxOutstanding: this.most },
    );
  }

  checkDecoded(): void {
    const ring = decodeSplit(this.guest.read, this.guest.layout, {
      owners: this.tracker.owners,
      heads: this.tracker.heads,
    });
    assert.deepEqual(ring.problems, []);
    const outstanding = this.chains.filter(
      (c) => c.state === 'available' || c.state === 'taken' || c.state === 'entry',
    );
    assert.deepEqual(
      ring.outstanding.map((c) => c.descriptors.map((d) => d.index).join()).sort(),
      outstanding.map((c) => c.descriptors.join()).sort(),
    );
  }
}

describe('SplitTracker over random traffic', () => {
  for (const [seed, size, start, linksFree] of [
    [1, 1, 0, true],
    [2, 4, 65530, true],
    [3, 8, 65400, false],
    [4, 64, 65500, true],
    [5, 256, 65400, false],
  ] as const) {
    it(`agrees with the model: seed ${seed}, ${size} entries from ${start}${linksFree ? ', free list in the table' : ''}`, () => {
      const model = new Model(size, start, new Random(seed), linksFree);
      for (let n = 0; n < 6000; n++) {
        model.step();
        model.check();
        if (n % 50 === 0) model.checkDecoded();
      }
      assert.ok(start === 0 || start + model.used > 65536, `no wrap: only ${model.used} used`);
      assert.ok(model.used > 100, `only ${model.used} used`);
    });
  }
});

describe('SplitTracker over garbage', () => {
  for (let seed = 10; seed < 16; seed++) {
    it(`never throws and keeps its tables whole: seed ${seed}`, () => {
      const random = new Random(seed);
      const size = random.pick([1, 2, 8, 32]);
      // Parts that overlap, too: a driver may name any address.
      const layout = splitLayout(
        size,
        BASE,
        BASE + BigInt(random.below(0x300)),
        BASE + BigInt(random.below(0x300)),
        BigInt(random.below(2)) << 29n,
      );
      const guest = new Guest(layout, BASE, 0x800);
      random.bytes(guest.ram);
      const memory = {
        u8: (gpa: number) => guest.ram[gpa - Number(BASE)] ?? 0,
      };
      const tracker = new SplitTracker(layout, memory);
      let saw = 0;
      for (let n = 0; n < 20000; n++) {
        const author = random.pick<Author>(['driver', 'device', 'debugger', 'machine']);
        const at = random.below(0x500) - 0x40;
        const length = random.pick([1, 2, 2, 2, 4, 8, 3, 100, 0, 0x800]);
        const small = random.below(3) === 0;
        for (let i = 0; i < length; i++) {
          if (at + i >= 0 && at + i < guest.ram.length)
            guest.ram[at + i] = small ? random.below(size + 1) : random.below(256);
        }
        const gpa = Number(BASE) + at;
        saw |=
          length > 0 && length <= 8 && random.below(2) === 0
            ? tracker.observeStore(author, gpa, length, random.below(2 ** 32), random.below(2 ** 32))
            : tracker.observe(author, gpa, length);
        tracker.take(random.below(size * 2) - size);
        if (random.below(3) === 0) tracker.untake(random.below(size));
        for (let i = 0; i < size; i++) {
          assert.ok((tracker.owners[i] as number) < OWNERS.length);
          const head = tracker.heads[i] as number;
          assert.ok(head >= -1 && head < size);
          if (head >= 0) assert.equal(tracker.heads[head], head, `heads[${i}] is ${head}, which is no head`);
        }
        for (const bad of tracker.bads) assert.match(bad.text, /(found|changed|moved|written).*, expected/);
      }
      assert.ok((saw & Saw.bad) !== 0);
      const decoded = decodeSplit(guest.read, layout, { owners: tracker.owners, heads: tracker.heads });
      assert.equal(decoded.descriptors.length, size);
    });
  }
});
