// Entries into the driver that only begin while no other one runs, or while one sleeps: traffic to send, a sender that goes on, deferred work.
import { RUN, type GuestCalls } from './guest-calls';
import type { Hub } from './hub';
import { Livelock, type LivelockState } from './livelock';
import type { Traffic, TrafficItem } from './traffic';

/** What entering the driver needs of the machine. */
export interface EntriesPort {
  readonly traffic: Traffic;
  /** work that the driver's side has asked for */
  calls(): Pick<GuestCalls, 'wanted'>;
  /** calls an entry of the driver in process context, and brings the clock up after */
  process(name: string, ...args: number[]): number;
  /** grows with every buffer and packet that moves, and with every allocation that failed */
  moved(): number;
}

export interface EntriesState {
  readonly waiting: TrafficItem | undefined;
  readonly senderBlocked: boolean;
  readonly livelock: LivelockState;
}

const EAGAIN = -11;
/** What the sender of drivers/lib returns for a frame that it could not send (asm-generic/errno.h). */
const REASONS: Readonly<Record<number, string>> = {
  [-12]: 'ENOMEM: no memory for it',
  [-22]: 'EINVAL: shorter than an Ethernet header',
  [-90]: 'EMSGSIZE: longer than the MTU, and no TCP segment that this device would cut up (VIRTIO_NET_F_HOST_TSO4)',
  [-100]: 'ENETDOWN: the interface is down',
  [-105]: 'ENOBUFS: no memory for it',
};

export class Entries {
  private readonly livelock: Livelock;
  /** deferred work of the driver runs */
  private working = false;
  /** the item that the guest could not take: its socket's send buffer is full */
  private waiting: TrafficItem | undefined;
  private senderBlocked = false;
  /** what is being sent: by an application, and above it by the stack in a softirq that interrupted it */
  private senders: TrafficItem[] = [];

  constructor(
    private readonly hub: Hub,
    private readonly port: EntriesPort,
  ) {
    this.livelock = new Livelock(hub);
  }

  /** Virtual ns of the next entry, Infinity for none. */
  get nextNs(): number {
    if (this.port.calls().wanted.length > 0) return this.hub.clock.ns;
    if (this.senderBlocked) return Infinity;
    return this.waiting !== undefined ? this.hub.clock.ns : this.port.traffic.tx.nextNs;
  }

  /** Runs the entry that is due. */
  run(): void {
    const what = this.port.calls().wanted.shift();
    if (what === RUN.sender) this.senderBlocked = false;
    else if (what === RUN.work) this.work();
    else if (what !== undefined) this.port.process('lab_run', what);
    else this.offer();
  }

  private work(): void {
    this.working = true;
    this.port.process('lab_run', RUN.work);
    this.working = false;
    this.livelock.ran(this.port.moved());
  }

  /** A timer was set, or work queued. @param site the driver's line that did, where it is known */
  deferred(site: () => number | undefined): void {
    if (this.working) this.livelock.again(site());
  }

  private offer(): void {
    const { clock, statistics } = this.hub;
    const item = this.waiting ?? this.port.traffic.tx.take(clock.ns);
    if (item === undefined) return;
    if (this.waiting === undefined) statistics.offered('tx', clock.ns);
    this.waiting = undefined;
    this.senders.push(item);
    const result = this.port.process('lab_transmit', item.bytes.length, item.more ? 1 : 0);
    this.senders.pop();
    if (result === EAGAIN) {
      this.waiting = item;
      this.senderBlocked = !this.port.calls().wanted.includes(RUN.sender);
    } else if (result < 0) this.dropped(item, result);
  }

  /** The guest's stack gave a frame up before any driver saw it. */
  private dropped({ bytes }: TrafficItem, error: number): void {
    this.hub.statistics.tx.dropped++;
    const why = REASONS[error] ?? `error ${-error}`;
    this.hub.emit('driver', 'drop', 'tx', { bytes: bytes.length, why });
  }

  /** Bytes of the frame that is being sent. */
  get sendingFrame(): Uint8Array | undefined {
    const { length } = this.senders;
    return length === 0 ? undefined : this.senders[length - 1]?.bytes;
  }

  /**
   * What the guest's stack answers to the packet that it just received; it sends that in the same softirq. Synced.
   * @returns its bytes, 0 for no answer
   */
  beginAnswer(): number {
    const { clock, statistics } = this.hub;
    const item = this.port.traffic.answer(clock.ns, this.senders, this.waiting);
    if (item === undefined) return 0;
    statistics.offered('tx', clock.ns);
    this.senders.push(item);
    return item.bytes.length;
  }

  endAnswer(result: number): void {
    const item = this.senders.pop();
    if (item !== undefined && result < 0) this.dropped(item, result);
  }

  /** Only with an empty stack: nothing is being sent. */
  snapshot(): EntriesState {
    return { waiting: this.waiting, senderBlocked: this.senderBlocked, livelock: this.livelock.snapshot() };
  }

  restore(state: EntriesState): void {
    this.waiting = state.waiting;
    this.senderBlocked = state.senderBlocked;
    this.senders = [];
    this.working = false;
    this.livelock.restore(state.livelock);
  }
}
