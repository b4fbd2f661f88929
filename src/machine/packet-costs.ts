// What a packet costs besides time: lines between packets, descriptors, copies, unaligned transfers, wake-ups, and skbs held on to.
import type { HostAction } from '../device';
import { Samples, type SamplesState, type Spread } from './samples';

/** The costs of a run; totals where a name does not say otherwise. */
export interface PacketCost {
  /**
   * Driver and kernel API lines that the guest ran from one packet to the next, whatever for. tx: from one call of the driver's
   * transmit function to the next; rx: from one packet's delivery to the stack to the next. The first packet has none.
   */
  readonly linesPerPacket: { readonly tx: Spread; readonly rx: Spread };
  /** Descriptors that the device followed, those of indirect tables included, for a packet sent or delivered; 0 without packets. */
  readonly descriptorsPerPacket: { readonly tx: number; readonly rx: number };
  /** Bytes of the guest's memcpy() and memmove(), and of the host's copies between packet buffers and the tap. */
  readonly bytesCopied: { readonly guest: number; readonly host: number };
  /**
   * guestPerPacket: its loads and stores at an address that is no multiple of their size; memcpy() has none. Null unless the run was
   * measured. host: pieces of a packet, one a descriptor, that begin at an address that is no multiple of 4; a total.
   */
  readonly unaligned: { readonly guestPerPacket: number | null; readonly host: number };
  /**
   * Divisions and remainders of 32-bit integers in code that is stepped, a packet: 20 to 40 cycles each on a CPU of 2009, where a mask
   * is one. At -O0 those by a constant are among them, which a kernel's compiler makes shifts of: it is the difference between two
   * drivers that counts. Null unless the run was measured.
   */
  readonly divisionsPerPacket: number | null;
  /** Times that a host thread was woken from its sleep; spurious: it slept again without having found anything to do. */
  readonly wakeups: { readonly host: number; readonly spurious: number };
  /** From the device's use of a transmit buffer until its skb was freed, ns. */
  readonly skbHeldNs: Spread;
  /** From an skb's allocation for its sender until the sender's socket was no more charged for it (freed, or orphaned), ns. */
  readonly socketHeldNs: Spread;
  /**
   * Cache lines of 64 bytes that the guest's loads and stores touched, a packet: without the C stack, which at -O0 holds what a
   * kernel keeps in registers, and without the allocators' poison. Null unless the run was measured.
   */
  readonly cacheLines: CacheLineCost | null;
}

/** What only a run at measure level knows, from the first packet to the last. */
export interface Measured {
  readonly unalignedPerPacket: number;
  readonly divisionsPerPacket: number;
  readonly cacheLines: CacheLineCost;
}

export interface CacheLineCost {
  readonly touchedPerPacket: number;
  /** of them, those that the device had written last: they come from the other side's cache */
  readonly fromOtherSidePerPacket: number;
}

/** A host thread between sleeps. */
enum Awake {
  no,
  /** it has only looked so far */
  looking,
  working,
}

export interface PacketCostState {
  readonly counts: PacketCosts['counts'];
  readonly awake: readonly Awake[];
  readonly taken: { readonly tx: number; readonly rx: number };
  readonly samples: Readonly<Record<keyof PacketCosts['samples'], SamplesState>>;
}

/** Whether a thread that does this looks whether there is something to do, or says that it sleeps. */
function looks(kind: HostAction['do']): boolean {
  switch (kind) {
    case 'readAvailIdx':
    case 'readAvailFlags':
    case 'setUsedFlags':
    case 'loop':
    case 'rest':
    case 'wait':
    case 'sleep':
    case 'readUsedEvent':
    case 'availBytes':
    case 'setAvailEvent':
    case 'mb':
    case 'pollTap':
    case 'suppressInterrupt':
      return true;
    default:
      return false;
  }
}

export class PacketCosts {
  readonly counts = {
    copiedByGuest: 0,
    copiedByHost: 0,
    unalignedByHost: 0,
    wakeups: 0,
    spurious: 0,
    descriptorsTx: 0,
    descriptorsRx: 0,
    /** value of the line counter at the last packet, -1 before the first */
    lineTx: -1,
    lineRx: -1,
  };
  readonly samples = {
    linesTx: new Samples(),
    linesRx: new Samples(),
    skbHeld: new Samples(),
    socketHeld: new Samples(),
  };
  private awake: Awake[] = [];
  /** descriptors of the chain taken last */
  private takenTx = 0;
  private takenRx = 0;

  /** A packet is handed to the driver, or delivered to the stack, when the guest has run so many lines. */
  packet(direction: 'tx' | 'rx', lines: number): void {
    const { counts, samples } = this;
    if (direction === 'tx') {
      if (counts.lineTx >= 0) samples.linesTx.add(lines - counts.lineTx);
      counts.lineTx = lines;
    } else {
      if (counts.lineRx >= 0) samples.linesRx.add(lines - counts.lineRx);
      counts.lineRx = lines;
    }
  }

  /** A host thread was woken from its sleep. */
  woken(thread: number): void {
    this.counts.wakeups++;
    this.awake[thread] = Awake.looking;
  }

  /** A host thread has done something of this kind; `result` as its action says. */
  acted(thread: number, kind: HostAction['do'], result: unknown): void {
    if (this.awake[thread] !== Awake.looking || looks(kind)) return;
    const polls = kind === 'nextFrame' || kind === 'peekFrame';
    if (!polls || result !== undefined) this.awake[thread] = Awake.working;
  }

  /** A host thread sleeps again. */
  sleeps(thread: number): void {
    if (this.awake[thread] === Awake.looking) this.counts.spurious++;
    this.awake[thread] = Awake.no;
  }

  /** The device has put the chain taken last back. */
  putBack(queue: string): void {
    this.took(queue, -(queue === 'tx' ? this.takenTx : this.takenRx));
  }

  /** It has taken a chain of so many descriptors. */
  took(queue: string, descriptors: number): void {
    if (queue === 'tx') this.takenTx = descriptors;
    else this.takenRx = descriptors;
    if (queue === 'tx') this.counts.descriptorsTx += descriptors;
    else this.counts.descriptorsRx += descriptors;
  }

  /**
   * @param packets that were sent, and delivered
   * @param measured what only a measured run knows
   */
  summary(packets: { readonly tx: number; readonly rx: number }, measured: Measured | undefined): PacketCost {
    const { counts, samples } = this;
    return {
      linesPerPacket: { tx: samples.linesTx.summary(), rx: samples.linesRx.summary() },
      descriptorsPerPacket: {
        tx: perPacket(counts.descriptorsTx, packets.tx),
        rx: perPacket(counts.descriptorsRx, packets.rx),
      },
      bytesCopied: { guest: counts.copiedByGuest, host: counts.copiedByHost },
      unaligned: { guestPerPacket: measured?.unalignedPerPacket ?? null, host: counts.unalignedByHost },
      divisionsPerPacket: measured?.divisionsPerPacket ?? null,
      wakeups: { host: counts.wakeups, spurious: counts.spurious },
      skbHeldNs: samples.skbHeld.summary(),
      socketHeldNs: samples.socketHeld.summary(),
      cacheLines: measured?.cacheLines ?? null,
    };
  }

  snapshot(): PacketCostState {
    const { linesTx, linesRx, skbHeld, socketHeld } = this.samples;
    return {
      counts: { ...this.counts },
      awake: [...this.awake],
      taken: { tx: this.takenTx, rx: this.takenRx },
      samples: {
        linesTx: linesTx.snapshot(),
        linesRx: linesRx.snapshot(),
        skbHeld: skbHeld.snapshot(),
        socketHeld: socketHeld.snapshot(),
      },
    };
  }

  restore(state: PacketCostState): void {
    Object.assign(this.counts, state.counts);
    this.awake = [...state.awake];
    this.takenTx = state.taken.tx;
    this.takenRx = state.taken.rx;
    this.samples.linesTx.restore(state.samples.linesTx);
    this.samples.linesRx.restore(state.samples.linesRx);
    this.samples.skbHeld.restore(state.samples.skbHeld);
    this.samples.socketHeld.restore(state.samples.socketHeld);
  }
}

/** A mean to three digits after the point: a number of a report. */
export function perPacket(total: number, packets: number): number {
  return packets === 0 ? 0 : Math.round((1000 * total) / packets) / 1000;
}
