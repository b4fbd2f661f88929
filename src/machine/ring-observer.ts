// Follows the queues from the writes to them: trackers, the events they mean, kick decisions, and what changed last.
import {
  VRING_DESC_F_INDIRECT,
  VRING_DESC_F_NEXT,
  VRING_DESC_F_WRITE,
  VRING_AVAIL_F_NO_INTERRUPT,
  VRING_USED_F_NO_NOTIFY,
  fieldAt,
  kickCount,
  needEvent,
  partSizes,
  Saw,
  SplitTracker,
  type Author,
  type SplitLayout,
  type TrackerCounters,
  type TrackerSnapshot,
} from '../virtqueue';
import { placeOf as hostPlace, type DeviceFacts } from '../device';
import type { StallKind } from '../diagnosis';
import { LAB_PAGE } from '../toolchain';
import type { RingStore } from './cpu';
import type { Detail, Hub } from './hub';
import { littleEndian, type Old } from './pages';
import type { SkbTracker } from './skb-tracker';
import type { Change, HostLine } from './types';

/** The last stores to ring fields that a stop tells, whoever looks: part of the state, so that a place looks the same however reached. */
const RECENT = 64;
/** An indirect table is looked through up to this many entries for the skb it belongs to. */
const TABLE_LIMIT = 64;

const RING_FLAGS = LAB_PAGE.ring | LAB_PAGE.loads;

interface Write {
  readonly tick: number;
  readonly ns: number;
  readonly author: Author;
  readonly who: string | undefined;
  readonly site: number | undefined;
  /** of a device's store: number of the place in its model */
  readonly place?: number | undefined;
  readonly addr: number;
  readonly size: number;
  readonly before: bigint;
  readonly after: bigint;
}

interface Ring {
  readonly name: string;
  readonly index: number;
  readonly layout: SplitLayout;
  readonly tracker: SplitTracker;
  /** guest pointers of the fields whose reading is a kick decision */
  readonly usedFlags: number;
  readonly availEvent: number;
  /** guest pointer of the descriptor table */
  readonly table: number;
  /** guest-physical range of all three parts */
  readonly from: number;
  readonly to: number;
  /** avail.idx of the last kick decision; differs from avail.idx while buffers are exposed and nobody decided */
  decided: number;
  /** that decision was a kick; undefined before the first one */
  sent: boolean | undefined;
  /** the driver looked since its last kick, and was told to kick */
  asked: boolean;
  /** sites of the driver's last add, expose, and change of its callbacks; -1 where the level does not know them */
  last: { add: number; expose: number; callbacks: number };
  /** site and tick of the last add of each head, for findings about what a head points to */
  readonly addSites: Int32Array;
}

const NO_COUNTERS: TrackerCounters = { added: 0, used: 0, bytes: 0, maxOutstanding: 0 };

export interface RingObserverState {
  readonly past: Readonly<Record<string, TrackerCounters>>;
  readonly rings: readonly {
    readonly index: number;
    readonly layout: SplitLayout;
    readonly tracker: TrackerSnapshot;
    readonly decided: number;
    readonly sent: boolean | undefined;
    readonly asked: boolean;
    readonly last: Ring['last'];
    readonly addSites: Int32Array;
  }[];
  readonly recent: readonly Write[];
}

export class RingObserver {
  private rings: Ring[] = [];
  private recent: Write[] = [];
  /** counters of queues that are no more (reset, removal), by name: those of a run go on */
  private past: Record<string, TrackerCounters> = {};
  private readonly view: DataView;
  /** buffers of the chain that is looked at: one array for all, emptied each time */
  private readonly pointers: number[] = [];

  /**
   * @param remember keep recent stores (a run that somebody looks at)
   * @param facts what was negotiated
   */
  constructor(
    private readonly hub: Hub,
    private readonly skbs: SkbTracker,
    private readonly physOffset: number,
    private readonly remember: boolean,
    private readonly facts: () => Pick<DeviceFacts, 'headerLength' | 'mergeable'>,
  ) {
    this.view = hub.cpu.view;
  }

  /** The set-up queues changed: marks their pages, and begins to follow new ones. */
  setQueues(
    queues: readonly { readonly name: string; readonly index: number; readonly layout: SplitLayout | undefined }[],
  ): void {
    const before = this.rings;
    for (const ring of before) this.markPages(ring, false);
    this.rings = [];
    for (const { name, index, layout } of queues) {
      if (layout === undefined) continue;
      const same = before.find((r) => r.index === index && sameLayout(r.layout, layout));
      this.rings.push(same ?? this.makeRing(name, index, layout));
      if (same === undefined) this.checkPlace(name, layout);
    }
    for (const ring of before) if (!this.rings.includes(ring)) this.past[ring.name] = this.counters(ring.name, ring);
    for (const ring of this.rings) this.markPages(ring, true);
    this.hub.cpu.setWatchedLoads(
      this.rings.flatMap((r) => (r.layout.eventIdx ? [r.availEvent] : [r.usedFlags])).filter((a) => this.inRam(a, 2)),
    );
  }

  // ---- writes

  /** A driver's store to a ring page, told when the log of the hooks is drained. */
  driverStore(store: RingStore): void {
    const addr = store.addr + this.physOffset;
    const ring = this.ringAt(addr, store.size);
    if (ring === undefined) return;
    if (this.remember) this.note(driverWrite(store, addr));
    const saw = ring.tracker.observeStore('driver', addr, store.size, store.afterLow, store.afterHigh);
    if (saw !== Saw.nothing) this.driverDid(ring, saw, store);
  }

  /** A device's write to a marked page has happened. */
  deviceWrote(pointer: number, size: number, before: Old, who: string, place: number | undefined): void {
    const addr = pointer + this.physOffset;
    const ring = this.ringAt(addr, size);
    if (ring === undefined) return;
    if (this.remember) {
      const { tick, ns } = this.hub.clock;
      const after = littleEndian(this.hub.cpu.ram.subarray(pointer, pointer + size));
      const old = typeof before === 'number' ? BigInt(before) : littleEndian(before);
      this.note({ tick, ns, author: 'device', who, site: undefined, place, addr, size, before: old, after });
    }
    const saw =
      typeof before === 'number'
        ? ring.tracker.observeStore(
            'device',
            addr,
            size,
            size === 2 ? this.view.getUint16(pointer, true) : this.view.getUint32(pointer, true),
            0,
          )
        : ring.tracker.observe('device', addr, size);
    if ((saw & Saw.usedIdx) !== 0) this.usedMoved(ring);
    if ((saw & Saw.bad) !== 0)
      for (const bad of ring.tracker.bads) this.hub.finding('bad-ring', `${ring.name}: ${bad.text} (by the device)`);
    else if ((saw & Saw.usedIdx) !== 0 && ring.name === 'rx') this.checkReceived(ring);
  }

  /** The person at the debugger, or the machine, has written. */
  otherWrote(author: Author, pointer: number, size: number): void {
    const addr = pointer + this.physOffset;
    this.ringAt(addr, size)?.tracker.observe(author, addr, size);
  }

  taken(queue: string, head: number): void {
    this.named(queue)?.tracker.take(head);
    this.skbs.moved(queue, head, 'host', this.hub.clock.ns);
  }

  untaken(queue: string, head: number): void {
    this.named(queue)?.tracker.untake(head);
    this.skbs.moved(queue, head, 'available', this.hub.clock.ns);
  }

  // ---- kick decisions

  /** The driver is about to read a 16-bit field that decides about a kick. */
  decisionRead(pointer: number): void {
    const ring = this.decidedBy(pointer);
    if (ring === undefined) return;
    const value = this.view.getUint16(pointer, true);
    const sent = decidesToKick(ring, value);
    ring.asked ||= sent;
    if (sent || ring.decided === ring.tracker.availIdx) return;
    ring.decided = ring.tracker.availIdx;
    ring.sent = false;
    this.hub.statistics.queue(ring.name).kicksSuppressed++;
    this.hub.lines.note('kickSuppressed');
    if (this.hub.counts !== undefined) return void this.hub.counts.kickSuppressed++;
    this.hub.emit(
      'driver',
      'kickSuppressed',
      ring.name,
      ring.layout.eventIdx ? { availEvent: value } : { flags: value },
    );
  }

  /** The ring whose driver decides about kicks by what is at this pointer. */
  private decidedBy(pointer: number): Ring | undefined {
    for (const ring of this.rings)
      if ((ring.layout.eventIdx ? ring.availEvent : ring.usedFlags) === pointer) return ring;
    return undefined;
  }

  kicked(queue: string): void {
    const ring = this.named(queue);
    if (ring === undefined) return;
    ring.decided = ring.tracker.availIdx;
    ring.sent = true;
    if (!ring.asked && (ring.tracker.usedFlags & VRING_USED_F_NO_NOTIFY) !== 0 && ring.name === 'rx')
      this.hub.finding(
        'needless-kick',
        `${queue}: a kick that the device asked not to get: used.flags has NO_NOTIFY, and the driver has not looked (spec 2.7.10.1)`,
      );
    ring.asked = false;
  }

  // ---- views

  /** Counters of a queue over the whole run. */
  counters(name: string, ring: Pick<Ring, 'tracker'> | undefined = this.named(name)): TrackerCounters {
    const past = this.past[name] ?? NO_COUNTERS;
    const now = ring?.tracker.counters ?? NO_COUNTERS;
    return {
      added: past.added + now.added,
      used: past.used + now.used,
      bytes: past.bytes + now.bytes,
      maxOutstanding: Math.max(past.maxOutstanding, now.maxOutstanding),
    };
  }

  tracker(index: number): SplitTracker | undefined {
    return this.rings.find((r) => r.index === index)?.tracker;
  }

  /** avail.idx when the driver last decided about a kick, and whether it sent one; nothing of a queue that is not set up. */
  kickDecision(index: number): { readonly kickedIdx?: number; readonly kickSent?: boolean } {
    const ring = this.rings.find((r) => r.index === index);
    if (ring === undefined) return {};
    return { kickedIdx: ring.decided, ...(ring.sent !== undefined && { kickSent: ring.sent }) };
  }

  /** Site of the driver's line that wrote the entry of avail.ring at an index, where the level knows it. */
  addedAt(queue: string, index: number): number | undefined {
    const ring = this.named(queue);
    return ring && this.addedSite(queue, ring.tracker.availHead(index));
  }

  /** Site of the driver's line that added this chain last, where the level knows it. */
  addedSite(queue: string, head: number): number | undefined {
    const site = this.named(queue)?.addSites[head] ?? -1;
    return site < 0 ? undefined : site;
  }

  /** The driver's last line that has to do with a stall, where the level knows it. */
  lastSite(queue: string, kind: StallKind): number | undefined {
    const last = this.named(queue)?.last;
    if (last === undefined) return undefined;
    const site = siteOf(last, kind);
    return site < 0 ? undefined : site;
  }

  changes(): Change[] {
    return this.recent.flatMap((write): Change[] => {
      const ring = this.ringAt(write.addr, write.size);
      const field = ring && fieldAt(ring.layout, BigInt(write.addr));
      if (ring === undefined || field === undefined) return [];
      const whole = write.size <= field.size;
      return [
        {
          position: { tick: write.tick, sub: 0 },
          timeNs: write.ns,
          author: write.author,
          queue: ring.name,
          field: whole ? field.field : `${field.field} and on, ${write.size} bytes`,
          before: valueText(field.kind, write.before),
          after: valueText(field.kind, write.after),
          site: write.site,
          thread: write.author === 'device' ? write.who : undefined,
          host: hostLine(write.place),
          address: write.addr - this.physOffset,
          size: write.size,
        },
      ];
    });
  }

  snapshot(): RingObserverState {
    return {
      past: { ...this.past },
      rings: this.rings.map(({ index, layout, tracker, decided, sent, asked, last, addSites }) => ({
        index,
        layout,
        tracker: tracker.snapshot(),
        decided,
        sent,
        asked,
        last: { ...last },
        addSites: addSites.slice(),
      })),
      recent: [...this.recent],
    };
  }

  /** RAM must be restored already: trackers read it when they are made. */
  restore(state: RingObserverState, nameOf: (index: number) => string): void {
    this.setQueues(state.rings.map(({ index, layout }) => ({ index, layout, name: nameOf(index) })));
    for (const saved of state.rings) {
      const ring = this.rings.find((r) => r.index === saved.index);
      if (ring === undefined) continue;
      ring.tracker.restore(saved.tracker);
      ring.decided = saved.decided;
      ring.sent = saved.sent;
      ring.asked = saved.asked;
      ring.last = { ...saved.last };
      ring.addSites.set(saved.addSites);
    }
    this.past = { ...state.past };
    this.recent = [...state.recent];
  }

  // ---- inside

  private makeRing(name: string, index: number, layout: SplitLayout): Ring {
    const sizes = partSizes(layout);
    const [desc, avail, used] = [Number(layout.desc), Number(layout.avail), Number(layout.used)];
    const tracker = new SplitTracker(layout, {
      u8: (addr) => this.hub.cpu.ram[addr - this.physOffset] ?? 0,
    });
    return {
      name,
      index,
      layout,
      tracker,
      usedFlags: used - this.physOffset,
      availEvent: used + 4 + 8 * layout.size - this.physOffset,
      table: desc - this.physOffset,
      from: Math.min(desc, avail, used),
      to: Math.max(desc + sizes.desc, avail + sizes.avail, used + sizes.used),
      decided: tracker.availIdx,
      sent: undefined,
      asked: false,
      last: { add: -1, expose: -1, callbacks: -1 },
      addSites: new Int32Array(layout.size).fill(-1),
    };
  }

  /** The pages that hold rings. */
  pages(): number[] {
    return this.rings.flatMap((ring) => this.pagesOf(ring));
  }

  private markPages(ring: Ring, on: boolean): void {
    const { cpu } = this.hub;
    for (const page of this.pagesOf(ring)) {
      const flags = cpu.pageFlags(page);
      cpu.setPageFlags(page, on ? flags | RING_FLAGS : flags & ~RING_FLAGS);
    }
  }

  private pagesOf({ layout }: Ring): number[] {
    return this.pagesIn(layout).filter((page) => !this.onStack(page));
  }

  private pagesIn(layout: SplitLayout): number[] {
    const sizes = partSizes(layout);
    const parts = [
      [Number(layout.desc), sizes.desc],
      [Number(layout.avail), sizes.avail],
      [Number(layout.used), sizes.used],
    ] as const;
    const pages: number[] = [];
    for (const [at, size] of parts) {
      const pointer = at - this.physOffset;
      if (!this.inRam(pointer, size)) continue;
      for (let page = pointer >>> 12; page <= (pointer + size - 1) >>> 12; page++) pages.push(page);
    }
    return pages;
  }

  /** A call's frame is gone when it returns. Stores to it are not looked at, at run level: there is nothing to be followed. */
  private checkPlace(name: string, layout: SplitLayout): void {
    if (this.pagesIn(layout).some((page) => this.onStack(page)))
      this.hub.finding(
        'bad-ring',
        `${name}: its ring is set up on the C stack, where it lasts as long as a call: what is stored there is not followed`,
      );
  }

  private onStack(page: number): boolean {
    const { from, to } = this.hub.cpu.stackPages;
    return page >= from && page < to;
  }

  private inRam(pointer: number, size: number): boolean {
    return pointer >= 0 && pointer + size <= this.hub.cpu.ram.length;
  }

  private driverDid(ring: Ring, saw: number, store: RingStore): void {
    const { tracker, last } = ring;
    if ((saw & Saw.add) !== 0) last.add = store.site;
    if ((saw & Saw.expose) !== 0) last.expose = store.site;
    const callbacks = (saw & Saw.callbacks) !== 0 && !onlyCounts(ring, store);
    if (callbacks) last.callbacks = store.site;
    if ((saw & Saw.add) !== 0)
      for (let i = 0; i < tracker.addCount; i++) {
        const head = tracker.addHeads[i] ?? 0;
        ring.addSites[head] = store.site;
        const skb = this.ownerOfChain(ring, head, store);
        if (this.hub.counts !== undefined) this.hub.counts.add++;
        else this.addSeen(ring, head, tracker.addLengths[i] ?? 0, skb, store);
      }
    if ((saw & Saw.expose) !== 0) {
      for (let i = tracker.exposedFrom; i !== tracker.exposedTo; i = (i + 1) & 0xffff)
        this.skbs.moved(ring.name, tracker.availHead(i), 'available', store.ns);
      if (this.hub.counts !== undefined) this.hub.counts.expose++;
      else
        this.hub.emit(
          'driver',
          'expose',
          ring.name,
          { from: tracker.exposedFrom, to: tracker.exposedTo },
          placeOf(store),
        );
    }
    if (callbacks)
      if (this.hub.counts !== undefined) this.hub.counts.callbacks++;
      else
        this.hub.emit(
          'driver',
          'callbacks',
          ring.name,
          tracker.usedEvent === undefined ? { flags: tracker.availFlags } : { usedEvent: tracker.usedEvent },
          placeOf(store),
        );
    if ((saw & Saw.bad) !== 0)
      for (const bad of tracker.bads)
        this.hub.finding('bad-ring', `${ring.name}: ${bad.text} (by the driver)`, { store: placeOf(store) });
  }

  private addSeen(ring: Ring, head: number, descriptors: number, skb: number, store: RingStore): void {
    const detail: Detail = skb === 0 ? { head, descriptors } : { head, descriptors, skb };
    this.hub.emit('driver', 'add', ring.name, detail, placeOf(store));
  }

  /** Entries published together on a receive queue are one packet's (spec 5.1.6.4.1): all but a single one are merged. */
  private usedMoved(ring: Ring): void {
    const { tracker } = ring;
    const count = (tracker.usedTo - tracker.usedFrom) & 0xffff;
    if (count > ring.layout.size) return;
    const place = ring.name === 'rx' && count > 1 ? 'merging' : 'used';
    for (let i = 0; i < count; i++)
      this.skbs.moved(ring.name, tracker.usedId(tracker.usedFrom + i), place, this.hub.clock.ns);
  }

  /** A received packet begins with its header (spec 5.1.6.4). A merged one has it in its first buffer only. */
  private checkReceived({ name, tracker, layout }: Ring): void {
    const { headerLength, mergeable } = this.facts();
    const count = mergeable ? 1 : (tracker.usedTo - tracker.usedFrom) & 0xffff;
    for (let i = 0; i < count; i++) {
      const slot = (tracker.usedFrom + i) % layout.size;
      const len = tracker.usedLen(slot);
      if (len >= headerLength) continue;
      const expected = `expected at least ${headerLength}, its struct virtio_net_hdr`;
      this.hub.finding('bad-ring', `${name}: used.ring[${slot}].len: found ${len}, ${expected} (by the device)`);
    }
  }

  /** Finds the skb whose memory a chain points to. Returns its id, 0 for none. */
  private ownerOfChain(ring: Ring, head: number, store: RingStore): number {
    // one by one: setting the length of an array is a call into the engine
    while (this.pointers.length > 0) this.pointers.pop();
    const writable = this.collect(ring.table, head, ring.layout.size, true);
    const skb = this.skbs.added(ring.name, head, this.pointers, writable, store.ns);
    const again = skb === 0 && !writable ? this.skbs.addedAgain(this.pointers) : undefined;
    if (again !== undefined)
      this.hub.finding(
        'sent-twice',
        `skb ${again.id} is added to ${ring.name} again, as chain ${head}, while its chain ${again.head} is in the ring: it will be sent twice`,
        { store: placeOf(store) },
      );
    return skb;
  }

  /**
   * Follows a chain and notes where its buffers are, as guest pointers.
   * @param tables indirect tables are followed
   * @returns whether a buffer of it is device-writable
   */
  private collect(table: number, first: number, size: number, tables: boolean): boolean {
    let writable = false;
    for (let index = first, n = 0; index < size && n < size && n < TABLE_LIMIT; n++) {
      const at = table + 16 * index;
      if (!this.inRam(at, 16)) break;
      const flags = this.view.getUint16(at + 12, true);
      const pointer = this.view.getUint32(at, true) + 2 ** 32 * this.view.getUint32(at + 4, true) - this.physOffset;
      if ((flags & VRING_DESC_F_INDIRECT) !== 0) {
        const inner = tables && this.collect(pointer, 0, this.view.getUint32(at + 8, true) >>> 4, false);
        return writable || inner;
      }
      this.pointers.push(pointer);
      writable ||= (flags & VRING_DESC_F_WRITE) !== 0;
      if ((flags & VRING_DESC_F_NEXT) === 0) break;
      index = this.view.getUint16(at + 14, true);
    }
    return writable;
  }

  private ringAt(addr: number, size: number): Ring | undefined {
    for (const ring of this.rings) if (addr < ring.to && addr + size > ring.from) return ring;
    return undefined;
  }

  private named(queue: string): Ring | undefined {
    for (const ring of this.rings) if (ring.name === queue) return ring;
    return undefined;
  }

  private note(write: Write): void {
    // Of more than 8 bytes only the first are kept: that those are as they were says nothing of the others.
    if (write.size > 8 && write.before === write.after) return;
    this.recent.push(write);
    if (this.recent.length >= 2 * RECENT) this.recent = this.recent.slice(-RECENT);
  }
}

/** Where the driver left its side as it is: what it added, exposed, or how it set its callbacks. */
function siteOf({ add, expose, callbacks }: Ring['last'], kind: StallKind): number {
  if (kind === 'unexposed') return add;
  const unread = kind === 'unread' || kind === 'lost-interrupt';
  return unread && callbacks >= 0 ? callbacks : expose;
}

/** The value that the driver reads of used.flags or avail_event tells it to kick. */
function decidesToKick({ layout, tracker, decided }: Ring, value: number): boolean {
  if (layout.eventIdx) return needEvent(value, tracker.availIdx, decided);
  if (layout.kickCount === true) return kickCount(value) === kickCount(tracker.availFlags);
  return (value & VRING_USED_F_NO_NOTIFY) === 0;
}

/** A store to avail.flags that counts a kick, and leaves the callbacks as they are. */
function onlyCounts({ layout }: Ring, store: RingStore): boolean {
  return layout.kickCount === true && ((store.beforeLow ^ store.afterLow) & VRING_AVAIL_F_NO_INTERRUPT) === 0;
}

function placeOf(store: RingStore): { tick: number; ns: number; site: number | undefined } {
  return { tick: store.tick, ns: store.ns, site: store.site < 0 ? undefined : store.site };
}

/** The line of a host model that has this place. */
function hostLine(place: number | undefined): HostLine | undefined {
  const found = place === undefined ? undefined : hostPlace(place);
  return found && { file: found.file, line: found.line };
}

function driverWrite(store: RingStore, addr: number): Write {
  return {
    tick: store.tick,
    ns: store.ns,
    author: 'driver',
    who: undefined,
    site: store.site < 0 ? undefined : store.site,
    addr,
    size: store.size,
    before: BigInt(store.beforeLow) | (BigInt(store.beforeHigh) << 32n),
    after: BigInt(store.afterLow) | (BigInt(store.afterHigh) << 32n),
  };
}

function sameLayout(a: SplitLayout, b: SplitLayout): boolean {
  return (
    a.size === b.size &&
    a.desc === b.desc &&
    a.avail === b.avail &&
    a.used === b.used &&
    a.eventIdx === b.eventIdx &&
    a.kickCount === b.kickCount &&
    a.inOrder === b.inOrder &&
    a.indirect === b.indirect
  );
}

function valueText(kind: string, value: bigint): string {
  return kind === 'desc.addr' || kind.endsWith('flags') ? `0x${value.toString(16)}` : String(value);
}
