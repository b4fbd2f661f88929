// What a run did for each packet, from its event log: kicks, exits, interrupts, latency, and the story of its ring. Pure.
import type { EventKind, LineEffect, MachineEvent } from '../../machine';

/** One packet's way: the n-th that the guest sends, or the n-th that arrives for it. */
export interface Journey {
  readonly direction: 'tx' | 'rx';
  /** from 1 */
  readonly n: number;
  /** where it begins: handed to the stack, or come from the wire */
  readonly tick: number;
  readonly fromNs: number;
  /** when it left on the wire, or was delivered to the stack; undefined: not yet, or never */
  readonly doneNs?: number;
  readonly kicks: number;
  readonly kicksSuppressed: number;
  /** raised for it and those used with it */
  readonly interrupts: number;
  /** of any kind, while the vCPU worked for it */
  readonly exits: number;
  /** what happened at its ring, in order */
  readonly story: readonly string[];
}

/** A VM exit, with its tick. */
export interface Exit {
  readonly effect: LineEffect;
  readonly tick: number;
}

type Draft = { -readonly [K in keyof Journey]: Journey[K] } & { story: string[] };

/** Events at a queue that both sides can see, and the stack's view of it. */
const STORY: ReadonlySet<EventKind> = new Set<EventKind>([
  'add',
  'expose',
  'kick',
  'kickSuppressed',
  'take',
  'sent',
  'use',
  'usedIdx',
  'interrupt',
  'interruptSuppressed',
]);
/** What the driver does at a queue; the rest is the device's. */
const DRIVERS: ReadonlySet<EventKind> = new Set<EventKind>(['add', 'expose', 'kick', 'kickSuppressed']);

/**
 * The packets of a run, in the order in which they began.
 * @param events the log, from its start
 * @param exits in their order
 */
export function journeys(events: readonly MachineEvent[], exits: readonly Exit[]): readonly Journey[] {
  const run = new Packets();
  const waiting = exits.filter(({ effect }) => effect !== 'kickSuppressed' && effect !== 'config');
  let next = 0;
  for (const event of events) {
    for (let exit = waiting[next]; exit !== undefined && exit.tick < event.position.tick; exit = waiting[++next])
      run.exit(exit.effect);
    run.event(event);
  }
  for (; next < waiting.length; next++) run.exit(waiting[next]?.effect ?? 'notify');
  return run.all;
}

class Packets {
  readonly all: Draft[] = [];
  private readonly bySkb = new Map<string | number, Draft>();
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

  event(event: MachineEvent): void {
    const { what, queue, detail } = event;
    if (what === 'skb') return this.skb(event);
    if (what === 'arrive') return this.arrive(event);
    if (what === 'irqEnter' && detail['irq'] === 'virtio0') {
      this.current = this.raised ?? this.current;
      return;
    }
    if (queue === undefined || !STORY.has(what)) return;
    const packet = DRIVERS.has(what) ? this.drivers(event, queue) : this.devices(event, queue);
    if (packet === undefined) return;
    packet.story.push(what);
    if (what === 'kick') packet.kicks++;
    else if (what === 'kickSuppressed') packet.kicksSuppressed++;
    else if (what === 'interrupt' && detail['coalesced'] !== 1) {
      packet.interrupts++;
      this.raised = packet;
    } else if (what === 'sent') packet.doneNs ??= event.timeNs;
  }

  exit(effect: LineEffect): void {
    const packet = effect === 'interrupt' ? (this.raised ?? this.current) : this.current;
    if (packet !== undefined) packet.exits++;
  }

  private skb({ detail, position, timeNs }: MachineEvent): void {
    const id = detail['id'] ?? '';
    const { op } = detail;
    if (op === 'enqueue' || op === 'xmit') {
      this.current = this.bySkb.get(id) ?? this.begin('tx', position.tick, timeNs);
      this.bySkb.set(id, this.current);
    } else if (op === 'receive') {
      const packet = this.undelivered.shift();
      if (packet === undefined) return;
      packet.doneNs = timeNs;
      this.current = packet;
    }
  }

  private arrive({ position, timeNs }: MachineEvent): void {
    const packet = this.begin('rx', position.tick, timeNs);
    this.arrived.push(packet);
    this.undelivered.push(packet);
    this.deviceAt.set('rx', packet);
  }

  private drivers({ what, detail }: MachineEvent, queue: string): Draft | undefined {
    // a receive queue is refilled for whichever packet the driver has just taken from it
    const owner = what === 'add' ? (this.bySkb.get(detail['skb'] ?? '') ?? this.current) : this.driverAt.get(queue);
    if (owner === undefined || owner.direction !== queue) return undefined;
    this.driverAt.set(queue, owner);
    if (what === 'add') this.byHead.set(`${queue} ${detail['head']}`, owner);
    if (what === 'kick') this.current = owner;
    return owner;
  }

  private devices({ what, detail }: MachineEvent, queue: string): Draft | undefined {
    if (what === 'take') {
      const owner = queue === 'rx' ? this.arrived.shift() : this.byHead.get(`${queue} ${detail['head']}`);
      if (owner !== undefined) this.deviceAt.set(queue, owner);
    }
    return this.deviceAt.get(queue);
  }

  private begin(direction: Journey['direction'], tick: number, fromNs: number): Draft {
    const n = this.all.reduce((count, packet) => count + (packet.direction === direction ? 1 : 0), 1);
    const draft: Draft = {
      direction,
      n,
      tick,
      fromNs,
      kicks: 0,
      kicksSuppressed: 0,
      interrupts: 0,
      exits: 0,
      story: [],
    };
    this.all.push(draft);
    return draft;
  }
}
