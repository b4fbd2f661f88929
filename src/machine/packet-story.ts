// A run told packet by packet: kicks, exits, interrupts, lines and latency of each, and the story of its ring. Pure.
import type { EffectList, EventKind, LineEffect } from './types';

/** One thing that happened to a packet or at its ring. */
export interface PacketEvent {
  readonly what: EventKind;
  /** empty: of no queue */
  readonly queue: string;
  /** of an skb: `enqueue`, `xmit` or `receive` */
  readonly op: string;
  /** of an skb, the one that is added included; of an interrupt: 1 when it was coalesced; -1: none */
  readonly id: number;
  /** of a chain; -1: none */
  readonly head: number;
  /** lines that the vCPU has run by then */
  readonly lines: number;
  /** virtual ns */
  readonly ns: number;
  readonly tick: number;
}

/** What a run did for its packets, in numbers. */
export interface PacketCounts {
  readonly kicks: number;
  readonly kicksSuppressed: number;
  /** raised for it and those used with it; not those that found one pending */
  readonly interrupts: number;
  /** of any kind but config, while the vCPU worked for it */
  readonly exits: number;
  /** driver and kernel API lines that the vCPU ran while it worked for it, or for nothing else since */
  readonly lines: number;
}

/** One packet's way: the n-th that the guest sends, or the n-th that arrives for it. */
export interface Journey extends PacketCounts {
  readonly direction: 'tx' | 'rx';
  /** from 1 */
  readonly n: number;
  /** where it begins: handed to the stack, or come from the wire */
  readonly tick: number;
  readonly fromNs: number;
  /** when it left on the wire, or was delivered to the stack; undefined: not yet, or never */
  readonly doneNs?: number;
  /** what happened at its ring, in order */
  readonly story: readonly StoryEvent[];
}

export interface StoryEvent {
  readonly what: EventKind;
  /** virtual ns */
  readonly ns: number;
  readonly tick: number;
}

export interface PacketRun {
  /** in the order in which they began: the first ones */
  readonly packets: readonly Journey[];
  /** over all packets */
  readonly totals: PacketCounts & {
    readonly tx: number;
    readonly rx: number;
    /** of those that are done, and their latencies summed up, ns */
    readonly done: number;
    readonly latencyNs: number;
  };
  /** false: what is kept of a run was full before it ended */
  readonly whole: boolean;
  /** the run is recorded up to its end */
  readonly ended: boolean;
}

type Draft = { -readonly [K in keyof Journey]: Journey[K] } & { story: StoryEvent[] };

/** What the driver does at a queue; the rest is the device's. */
const DRIVERS: ReadonlySet<EventKind> = new Set<EventKind>(['add', 'expose', 'kick', 'kickSuppressed']);

/** Told the events of a run in their order, and then its end. */
export class PacketStory {
  private readonly packets: Draft[] = [];
  private readonly totals = {
    tx: 0,
    rx: 0,
    done: 0,
    latencyNs: 0,
    kicks: 0,
    kicksSuppressed: 0,
    interrupts: 0,
    exits: 0,
    lines: 0,
  };
  private readonly bySkb = new Map<number, Draft>();
  /** by queue and head: whose chain it is */
  private readonly byHead = new Map<string, Draft>();
  /** the packet that each side of a queue is at */
  private readonly driverAt = new Map<string, Draft>();
  private readonly deviceAt = new Map<string, Draft>();
  /** frames that came from the wire and were not taken yet, and those that are not delivered yet */
  private readonly arrived: Draft[] = [];
  private readonly undelivered: Draft[] = [];
  /** the one that the vCPU works for */
  private current: Draft | undefined;
  /** whose use raised the interrupt that is pending */
  private raised: Draft | undefined;
  private readonly exits: EffectList;
  private nextExit = 0;
  private lines = 0;
  private ended = false;

  /** @param limit packets told one by one */
  constructor(
    exits: EffectList,
    private readonly limit: number,
  ) {
    this.exits = exits.filter(({ effect }) => effect !== 'kickSuppressed' && effect !== 'config');
  }

  event(event: PacketEvent): void {
    this.before(event);
    const { what, queue } = event;
    if (what === 'end') this.ended = true;
    else if (what === 'skb') this.skb(event);
    else if (what === 'arrive') this.arrive(event);
    else if (what === 'irqEnter') this.current = this.raised ?? this.current;
    else if (queue !== '') this.atRing(event);
  }

  /** @param whole all of the run was told */
  end(whole: boolean): PacketRun {
    for (; this.nextExit < this.exits.length; this.nextExit++) this.exit(this.exits[this.nextExit]?.effect ?? 'notify');
    const { packets, totals, ended } = this;
    return { packets, totals, whole, ended };
  }

  /** The exits and lines since the last event belong to the packet that the vCPU was at. */
  private before({ tick, lines }: PacketEvent): void {
    for (
      let exit = this.exits[this.nextExit];
      exit !== undefined && exit.tick < tick;
      exit = this.exits[++this.nextExit]
    )
      this.exit(exit.effect);
    if (this.current !== undefined) this.count(this.current, 'lines', lines - this.lines);
    this.lines = lines;
  }

  private exit(effect: LineEffect): void {
    const packet = effect === 'interrupt' ? (this.raised ?? this.current) : this.current;
    if (packet !== undefined) this.count(packet, 'exits', 1);
  }

  private count(packet: Draft, what: keyof PacketCounts, by: number): void {
    packet[what] += by;
    this.totals[what] += by;
  }

  private done(packet: Draft, ns: number): void {
    if (packet.doneNs !== undefined) return;
    packet.doneNs = ns;
    this.totals.done++;
    this.totals.latencyNs += ns - packet.fromNs;
  }

  private atRing(event: PacketEvent): void {
    const { what, queue, id, ns, tick } = event;
    const packet = DRIVERS.has(what) ? this.drivers(event, queue) : this.devices(event, queue);
    if (packet === undefined) return;
    packet.story.push({ what, ns, tick });
    if (what === 'kick') this.count(packet, 'kicks', 1);
    else if (what === 'kickSuppressed') this.count(packet, 'kicksSuppressed', 1);
    else if (what === 'interrupt' && id !== 1) {
      this.count(packet, 'interrupts', 1);
      this.raised = packet;
    } else if (what === 'sent') this.done(packet, ns);
  }

  private skb({ op, id, tick, ns }: PacketEvent): void {
    if (op === 'receive') {
      const packet = this.undelivered.shift();
      if (packet === undefined) return;
      this.done(packet, ns);
      this.current = packet;
      return;
    }
    this.current = this.bySkb.get(id) ?? this.begin('tx', tick, ns);
    this.bySkb.set(id, this.current);
  }

  private arrive({ tick, ns }: PacketEvent): void {
    const packet = this.begin('rx', tick, ns);
    this.arrived.push(packet);
    this.undelivered.push(packet);
    this.deviceAt.set('rx', packet);
  }

  private drivers({ what, id, head }: PacketEvent, queue: string): Draft | undefined {
    // a receive queue is refilled for whichever packet the driver has just taken from it
    const owner = what === 'add' ? (this.bySkb.get(id) ?? this.current) : this.driverAt.get(queue);
    if (owner === undefined || owner.direction !== queue) return undefined;
    this.driverAt.set(queue, owner);
    if (what === 'add') this.byHead.set(`${queue} ${head}`, owner);
    if (what === 'kick') this.current = owner;
    return owner;
  }

  private devices({ what, head }: PacketEvent, queue: string): Draft | undefined {
    if (what === 'take') {
      const owner = queue === 'rx' ? this.arrived.shift() : this.byHead.get(`${queue} ${head}`);
      if (owner !== undefined) this.deviceAt.set(queue, owner);
    }
    return this.deviceAt.get(queue);
  }

  private begin(direction: Journey['direction'], tick: number, fromNs: number): Draft {
    const n = ++this.totals[direction];
    const counts = { kicks: 0, kicksSuppressed: 0, interrupts: 0, exits: 0, lines: 0 };
    const draft: Draft = { direction, n, tick, fromNs, ...counts, story: [] };
    if (this.packets.length < this.limit) this.packets.push(draft);
    return draft;
  }
}
