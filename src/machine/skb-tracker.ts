// Pending skbs, followed by the API's calls and the rings' bytes, never by a driver's names (design: "Ownership").
import type { SkbPlace, SkbStay, SkbView } from './types';

/** Where an skb's bytes are. */
export interface SkbBytes {
  /** bytes of the frame */
  length: number;
  /** guest pointer to its first byte */
  data: number;
}

/** Reads what the tracker needs of struct sk_buff; the offsets come from debug information. */
export interface SkbReader {
  /** Fills in what the struct at this address says now. */
  read(address: number, into: SkbBytes): void;
  /** Whether the skb at this address owns the byte at a guest pointer: struct, head buffer, or a page of it. */
  covers(address: number, pointer: number): boolean;
  /** Whether the skb at this address is on a list: a neighbour of it points back. */
  listed(address: number): boolean;
  /** One line on the frame whose bytes begin at pointer `data`. */
  summary(data: number, length: number): string;
}

interface Skb extends SkbBytes {
  readonly id: number;
  readonly address: number;
  readonly bornNs: number;
  direction: 'tx' | 'rx';
  place: SkbPlace;
  sinceNs: number;
  orphaned: boolean;
  charged: boolean;
  queue: string | undefined;
  head: number | undefined;
  arrivedNs: number | undefined;
  /** length of the frame that the host put into its buffer last, bytes */
  frameBytes: number | undefined;
  /** times it left on the wire */
  sent: number;
  /** since when its sender's socket is charged for it, and when the device used it to transmit */
  chargedNs: number | undefined;
  usedNs: number | undefined;
  history: readonly SkbStay[];
  /** in no ring yet */
  loose: boolean;
}

/** Told how long an skb was kept, when it is known. */
export interface SkbWatcher {
  /** freed so long after the device had used it to transmit */
  skbHeld(ns: number): void;
  /** its sender's socket was charged for so long */
  socketHeld(ns: number): void;
}

/** A frame that the host took from the tap. */
export interface TapFrame {
  /** 1, 2, … in their order */
  readonly number: number;
  /** virtual ns at which it came to the tap */
  readonly atNs: number;
  /** length of the frame */
  readonly bytes: number;
}

/** An skb that goes to and fro, to the qdisc and back, is not told for ever. */
const STAYS = 16;

export interface SkbTrackerState {
  readonly next: number;
  readonly skbs: readonly Skb[];
  /** addresses of those that are in no ring yet, oldest first: not the order of birth, and clones share bytes */
  readonly loose: readonly number[];
  readonly unowned: readonly TapFrame[];
}

/** What LAB_SKB_* of lab/machine.h says. */
export enum SkbOp {
  Alloc,
  Enqueue,
  Dequeue,
  Xmit,
  XmitOk,
  XmitBusy,
  Orphan,
  Free,
  Receive,
  Drop,
  Own,
}

/** eth_type_trans() has taken the Ethernet header off an skb that is delivered. */
const ETH_HLEN = 14;
const NOWHERE: readonly SkbStay[] = [];
/** As many as a queue has entries. */
const MAX_UNOWNED = 32_768;

export class SkbTracker {
  private next = 1;
  /** by address; undefined for one that is gone: addresses come again, and a map that grows and shrinks costs more than they do */
  private readonly live = new Map<number, Skb | undefined>();
  /** the one asked for last: calls about the same skb come in a row */
  private last: Skb | undefined;
  /** Allocated or handed to the driver, and in no ring yet: where the owner of a new chain is looked for, newest first. */
  private loose: Skb[] = [];
  /** by head of the chain */
  private readonly chains: Readonly<Record<'rx' | 'tx', (Skb | undefined)[]>> = { rx: [], tx: [] };
  /** by queue, skbs of chains that the device has used; where somebody looks at the run */
  private readonly used = new Map<string, number>();
  /** Frames in buffers that are no skb's, oldest first: the driver makes one when it gets to them. */
  private unowned: TapFrame[] = [];

  /** @param remember keep where each has been: somebody looks at this run */
  constructor(
    private readonly reader: SkbReader,
    private readonly watcher: SkbWatcher,
    private readonly remember = true,
  ) {}

  /**
   * One call of the API.
   * @param sending the call was made on behalf of an application that sends
   * @returns the skb's id, 0 when the tracker does not know it
   */
  call(op: SkbOp, address: number, nowNs: number, sending: boolean): number {
    if (op === SkbOp.Alloc) return this.alloc(address, nowNs, sending).id;
    const skb = this.at(address);
    if (skb === undefined) return 0;
    switch (op) {
      case SkbOp.Enqueue:
      case SkbOp.XmitBusy:
        skb.direction = 'tx';
        this.move(skb, 'qdisc', nowNs);
        break;
      case SkbOp.Dequeue:
        this.move(skb, 'built', nowNs);
        break;
      case SkbOp.Xmit:
        skb.direction = 'tx';
        this.reader.read(skb.address, skb);
        this.move(skb, 'parked', nowNs);
        break;
      case SkbOp.XmitOk:
        break;
      case SkbOp.Orphan:
        skb.orphaned = true;
        this.discharge(skb, nowNs);
        break;
      case SkbOp.Own:
        skb.charged = true;
        skb.chargedNs = nowNs;
        break;
      case SkbOp.Receive:
        this.reader.read(skb.address, skb);
        this.move(skb, 'delivered', nowNs);
        break;
      case SkbOp.Drop:
      case SkbOp.Free:
        this.discharge(skb, nowNs);
        if (skb.usedNs !== undefined) this.watcher.skbHeld(nowNs - skb.usedNs);
        this.forget(skb);
        break;
    }
    return skb.id;
  }

  /** This chain was filled with the frame, or a part of it. */
  arrived(queue: string, head: number, frame: TapFrame): void {
    const skb = this.chain(queue)[head];
    if (skb !== undefined) {
      skb.arrivedNs = frame.atNs;
      skb.frameBytes = frame.bytes;
    } else if (this.unowned.length === 0 || this.unowned[this.unowned.length - 1]?.number !== frame.number) {
      this.unowned.push(frame);
      if (this.unowned.length > MAX_UNOWNED) this.unowned.shift();
    }
  }

  /**
   * When the frame in the skb at this address came to the tap, virtual ns; undefined when it did not come from there. An skb made
   * after the buffer was used holds the oldest frame of its length: a driver delivers in order, and older ones were dropped.
   */
  arrivalOf(address: number): number | undefined {
    const skb = this.at(address);
    if (skb === undefined || skb.arrivedNs !== undefined || this.unowned.length === 0) return skb?.arrivedNs;
    this.reader.read(address, skb);
    const found = this.unowned.findIndex(({ bytes }) => bytes === skb.length + ETH_HLEN);
    skb.arrivedNs = this.unowned.splice(0, found + 1)[found]?.atNs;
    return skb.arrivedNs;
  }

  /** A chain was added to a ring: `addresses` are its descriptors' guest pointers. Finds whose it is. */
  added(queue: string, head: number, addresses: readonly number[], writable: boolean, nowNs: number): number {
    const skb = this.owner(addresses, writable);
    // A head that is added again is no more its last owner's, who may not have been freed yet.
    const last = this.chain(queue)[head];
    if (last !== undefined && (skb !== undefined || isDone(last.place))) this.unchain(last);
    if (skb === undefined) return 0;
    skb.queue = queue;
    skb.head = head;
    skb.direction = writable ? 'rx' : 'tx';
    this.chain(queue)[head] = skb;
    this.move(skb, 'added', nowNs);
    return skb.id;
  }

  /** A chain moved on: exposed, taken, used … Returns the skb's id and age in ns since it was born, or undefined. */
  moved(queue: string, head: number, place: SkbPlace, nowNs: number): { id: number; bornNs: number } | undefined {
    const skb = this.chain(queue)[head];
    if (skb === undefined) return undefined;
    this.move(skb, place, nowNs);
    return skb;
  }

  /** A chain left on the wire. Returns the skb's id, when it was born and how often it was sent by now; undefined for none. */
  sent(
    queue: string,
    head: number,
    nowNs: number,
  ): { readonly id: number; readonly bornNs: number; readonly sent: number } | undefined {
    const skb = this.chain(queue)[head];
    if (skb === undefined) return undefined;
    skb.sent++;
    this.move(skb, 'host', nowNs);
    return skb;
  }

  /**
   * A chain was added that no skb on its way to a ring owns: the skb that is in a ring already, and owns it. Asked for
   * device-readable chains only: received pages go round.
   */
  addedAgain(addresses: readonly number[]): { readonly id: number; readonly head: number } | undefined {
    for (const { id, address, head, place } of this.inOrder())
      if (head !== undefined && !isDone(place) && addresses.some((pointer) => this.reader.covers(address, pointer)))
        return { id, head };
    return undefined;
  }

  /** Id of the skb at this address, when a list has it. */
  listedAt(address: number): number | undefined {
    const skb = this.at(address);
    return skb !== undefined && this.reader.listed(address) ? skb.id : undefined;
  }

  /** Where the skb at this address is exposed to the device, which has not used it yet; undefined when it is not. */
  exposedAt(address: number): { readonly id: number; readonly queue: string; readonly head: number } | undefined {
    const skb = this.at(address);
    if (skb?.queue === undefined || skb.head === undefined) return undefined;
    if (skb.place !== 'available' && skb.place !== 'host') return undefined;
    return { id: skb.id, queue: skb.queue, head: skb.head };
  }

  /** Skbs of a queue whose chain the device has used, and which are not freed, received, or sent on another head yet. */
  usedIn(queue: string): number {
    return this.used.get(queue) ?? 0;
  }

  /** What is still pending, in order of birth. `leaked`: the driver is gone, so all of it is lost. */
  view(leaked: boolean): SkbView[] {
    return this.inOrder().map((skb) => ({
      id: skb.id,
      address: skb.address,
      length: skb.length,
      direction: skb.direction,
      place: leaked ? 'leaked' : skb.orphaned && skb.place === 'used' ? 'orphaned' : skb.place,
      queue: skb.queue,
      head: skb.head,
      bornNs: skb.bornNs,
      sinceNs: skb.sinceNs,
      history: skb.history,
      orphaned: skb.orphaned,
      charged: skb.charged,
      summary: this.summaryOf(skb),
    }));
  }

  /** Of its frame, as soon as that is there: an skb that is empty itself gets its bytes from pages, before it is delivered. */
  private summaryOf({ direction, place, data, length, frameBytes }: Skb): string {
    if (direction === 'tx') return this.reader.summary(data, length);
    if (place === 'delivered') return this.reader.summary(data - ETH_HLEN, length + ETH_HLEN);
    const holds = isDone(place) && frameBytes !== undefined && frameBytes <= length;
    return holds ? this.reader.summary(data, frameBytes) : '';
  }

  snapshot(): SkbTrackerState {
    return {
      next: this.next,
      skbs: this.inOrder().map((skb) => ({ ...skb })),
      loose: Array.from(this.loose, (skb) => skb.address),
      unowned: [...this.unowned],
    };
  }

  restore(state: SkbTrackerState): void {
    this.next = state.next;
    this.live.clear();
    this.loose = [];
    this.last = undefined;
    this.chains.rx.length = 0;
    this.chains.tx.length = 0;
    this.used.clear();
    this.unowned = [...state.unowned];
    for (const saved of state.skbs) {
      const skb = { ...saved };
      this.live.set(skb.address, skb);
      if (skb.queue !== undefined && skb.head !== undefined) this.chain(skb.queue)[skb.head] = skb;
      this.countUsed(skb, 1);
    }
    for (const address of state.loose) {
      const skb = this.at(address);
      if (skb !== undefined) this.loose.push(skb);
    }
  }

  private chain(queue: string): (Skb | undefined)[] {
    return queue === 'tx' ? this.chains.tx : this.chains.rx;
  }

  /** In order of birth. */
  private inOrder(): Skb[] {
    return [...this.live.values()].filter((skb) => skb !== undefined).sort((a, b) => a.id - b.id);
  }

  private at(address: number): Skb | undefined {
    if (this.last?.address !== address) this.last = this.live.get(address);
    return this.last;
  }

  private alloc(address: number, nowNs: number, sending: boolean): Skb {
    const skb: Skb = {
      id: this.next++,
      address,
      bornNs: nowNs,
      direction: sending ? 'tx' : 'rx',
      place: 'built',
      sinceNs: nowNs,
      length: 0,
      data: 0,
      orphaned: false,
      charged: false,
      queue: undefined,
      head: undefined,
      arrivedNs: undefined,
      frameBytes: undefined,
      sent: 0,
      chargedNs: undefined,
      usedNs: undefined,
      history: this.remember ? [{ place: 'built', sinceNs: nowNs }] : NOWHERE,
      loose: true,
    };
    this.live.set(address, skb);
    this.last = skb;
    this.loose.push(skb);
    return skb;
  }

  /** The newest loose skb that owns one of the chain's buffers. */
  private owner(addresses: readonly number[], writable: boolean): Skb | undefined {
    let found: Skb | undefined;
    for (const skb of this.loose) {
      if (writable !== (skb.place === 'built')) continue;
      if (!this.coversOne(skb, addresses)) continue;
      found = skb;
    }
    if (found !== undefined) this.reader.read(found.address, found);
    return found;
  }

  private coversOne({ address }: Skb, addresses: readonly number[]): boolean {
    for (const pointer of addresses) if (this.reader.covers(address, pointer)) return true;
    return false;
  }

  private move(skb: Skb, place: SkbPlace, nowNs: number): void {
    this.countUsed(skb, -1);
    if (this.remember && place !== skb.place)
      skb.history = [...skb.history.slice(1 - STAYS), { place, sinceNs: nowNs }];
    skb.place = place;
    skb.sinceNs = nowNs;
    if (place === 'used' && skb.direction === 'tx') skb.usedNs = nowNs;
    if (isLoose(place)) {
      this.unchain(skb);
      this.setLoose(skb, true);
    } else this.setLoose(skb, false);
    if (place === 'delivered') this.unchain(skb);
    this.countUsed(skb, 1);
  }

  private countUsed(skb: Skb, by: 1 | -1): void {
    if (!this.remember) return;
    const { place, queue } = skb;
    if (queue === undefined || (place !== 'used' && place !== 'merging')) return;
    this.used.set(queue, this.usedIn(queue) + by);
  }

  /** Its sender's socket is charged no more. */
  private discharge(skb: Skb, nowNs: number): void {
    skb.charged = false;
    if (skb.chargedNs !== undefined) this.watcher.socketHeld(nowNs - skb.chargedNs);
    skb.chargedNs = undefined;
  }

  private unchain(skb: Skb): void {
    if (skb.queue === undefined || skb.head === undefined) return;
    this.countUsed(skb, -1);
    this.chain(skb.queue)[skb.head] = undefined;
    skb.queue = undefined;
    skb.head = undefined;
  }

  private setLoose(skb: Skb, loose: boolean): void {
    if (skb.loose === loose) return;
    skb.loose = loose;
    if (loose) this.loose.push(skb);
    else if (this.loose[this.loose.length - 1] === skb) this.loose.pop();
    else this.loose.splice(this.loose.indexOf(skb), 1);
  }

  private forget(skb: Skb): void {
    this.unchain(skb);
    this.setLoose(skb, false);
    this.live.set(skb.address, undefined);
    this.last = undefined;
  }
}

/** The device has used the chain: its head is the driver's again. */
function isDone(place: SkbPlace): boolean {
  return place === 'used' || place === 'merging' || place === 'reclaimed';
}

function isLoose(place: SkbPlace): boolean {
  return place === 'built' || place === 'parked';
}
