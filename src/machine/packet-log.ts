// What happened to packets and at their rings, in order and from power-on: kept for whoever compares runs, past what the event log keeps.
import type { Clock } from './clock';
import { doubled } from './doubled';
import { PacketStory, type PacketEvent, type PacketRun } from './packet-story';
import type { EffectList, EventKind, MachineEvent } from './types';

/** Records kept of a run, some 15 a packet; later packets are not told. */
const LIMIT = 1 << 20;
const RECORD = 5;

/** The events that tell a packet's way, as they are numbered in the record. */
const KINDS: readonly EventKind[] = [
  'skb',
  'arrive',
  'irqEnter',
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
  'end',
];
const NUMBER = new Map(KINDS.map((kind, number) => [kind, number]));
/** Operations on an skb that tell where a packet begins and ends. */
const OPS = ['enqueue', 'xmit', 'receive'];
const QUEUES = ['', 'rx', 'tx'];

/**
 * The record, in plain numbers: kind and queue, id, head, and the lines that the vCPU has run by then; beside it time and tick.
 * Going back is forgetting how much there was, not what: a replay tells the same again.
 */
export class PacketLog {
  private small = new Int32Array(256 * RECORD);
  /** two a record: ns, tick */
  private large = new Float64Array(256 * 2);
  private count = 0;
  /** the first that is not known yet */
  private known = 0;
  private full = false;

  /** @param on false: a run that nobody looks at; nothing is kept */
  constructor(
    private readonly on: boolean,
    private readonly clock: Pick<Clock, 'lines'>,
  ) {}

  /** Something happened. Synced. */
  event({ what, queue, detail, position, timeNs }: MachineEvent): void {
    const kind = this.on ? NUMBER.get(what) : undefined;
    if (kind === undefined) return;
    const op = what === 'skb' ? OPS.indexOf(String(detail['op'])) : 0;
    if (op < 0 || (what === 'irqEnter' && !String(detail['irq']).startsWith('virtio'))) return;
    if (this.count >= LIMIT) {
      this.full = true;
      return;
    }
    const at = this.count++;
    if (at < this.known) return;
    this.grow(at);
    const id = what === 'skb' ? detail['id'] : what === 'interrupt' ? detail['coalesced'] : detail['skb'];
    this.small.set(
      [
        kind * QUEUES.length + Math.max(0, QUEUES.indexOf(queue ?? '')),
        op,
        Number(id ?? -1),
        Number(detail['head'] ?? -1),
        this.clock.lines,
      ],
      at * RECORD,
    );
    this.large[2 * at] = timeNs;
    this.large[2 * at + 1] = position.tick;
    this.known = at + 1;
  }

  /**
   * The run packet by packet, its recorded future included.
   * @param exits VM exits in their order
   * @param limit packets told one by one, in the order in which they began; all are counted
   */
  run(exits: EffectList, limit: number): PacketRun {
    const story = new PacketStory(exits, limit);
    for (let at = 0; at < this.known; at++) story.event(this.recordAt(at));
    return story.end(!this.full);
  }

  snapshot(): number {
    return this.count;
  }

  restore(count: number): void {
    this.count = count;
  }

  /** What was recorded after this place will not happen. */
  cut(): void {
    this.known = this.count;
    this.full = false;
  }

  private recordAt(at: number): PacketEvent {
    const [code = 0, op = 0, id = -1, head = -1, lines = 0] = this.small.subarray(at * RECORD, (at + 1) * RECORD);
    return {
      what: KINDS[Math.floor(code / QUEUES.length)] ?? 'end',
      queue: QUEUES[code % QUEUES.length] ?? '',
      op: OPS[op] ?? '',
      id,
      head,
      lines,
      ns: this.large[2 * at] ?? 0,
      tick: this.large[2 * at + 1] ?? 0,
    };
  }

  private grow(at: number): void {
    if (at * RECORD < this.small.length) return;
    this.small = doubled(this.small);
    this.large = doubled(this.large);
  }
}
