// Liveness, decided at quiescence: when nothing is due any more, who waits for whom for ever?
import { VRING_DESC_F_WRITE, type RingState } from '../virtqueue';
import { hostsOf, queueFacts, setup, vcpuOf, type QueueFacts } from './facts';
import type { DiagnosisStop } from './input';
import { atTap, count, sentence, verb } from './words';

export type StallKind =
  /** exposed buffers, and a kick that was due and never came (spec 2.7.10.1) */
  | 'lost-kick'
  /** exposed buffers that the device asked not to be told of, and will not look for */
  | 'no-kick-asked'
  /** added buffers that were never exposed */
  | 'unexposed'
  /** the device took buffers and will not use them */
  | 'held'
  /** used buffers unread with callbacks on, and no interrupt (2.7.7.2, 2.7.14) */
  | 'lost-interrupt'
  /** used buffers unread with callbacks off, and nothing that would make the driver look */
  | 'unread'
  /** a stopped TX queue that nothing will wake */
  | 'tx-stopped'
  /** a receive queue without buffers that nothing will fill */
  | 'rx-empty'
  /** an skb that the driver took and put into no ring */
  | 'parked';

export interface Stall {
  /** queue name */
  readonly queue: string;
  readonly kind: StallKind;
  /** one sentence: who waits for whom */
  readonly text: string;
}

/**
 * What is stuck. To be asked only when nothing is due: no traffic, no timer of host or guest, no work, no runnable thread. A pending
 * interrupt, a host timer or a thread that is not at rest says that something is, and then nothing is stuck.
 */
export function stall(rings: readonly RingState[], stop: DiagnosisStop): readonly Stall[] {
  if (setup(stop.device.status) !== 'driver-ok' || !isQuiet(stop)) return [];
  return rings.flatMap((ring) => {
    if (((ring.avail.idx - ring.used.idx) & 0xffff) > ring.layout.size || ring.avail.ring.length === 0) return [];
    const facts = queueFacts({ ring });
    return [
      ...driverSide(ring, facts, stop),
      ...deviceSide(ring, facts, stop),
      ...stopped(ring, facts, stop),
      ...parked(ring, stop),
    ];
  });
}

/** What the driver was given to send, and keeps beside its ring. */
function parked({ name }: RingState, stop: DiagnosisStop): readonly Stall[] {
  const kept = (stop.skbs ?? []).filter((skb) => skb.direction === 'tx' && skb.place === 'parked');
  if (kept.length === 0 || !name.startsWith('tx')) return [];
  const ids = kept
    .slice(0, 3)
    .map(({ id }) => id)
    .join(', ');
  const which = `${kept.length === 1 ? 'skb' : 'skbs'} ${ids}${kept.length > 3 ? ' …' : ''}`;
  const what = `${which} ${verb(kept.length, 'is', 'are')} with the driver and in no ring`;
  const why = `no timer, tasklet or completion is due that would send ${verb(kept.length, 'it', 'them')}`;
  return [{ queue: name, kind: 'parked', text: sentence(what, why) }];
}

/** device-writable bytes that are exposed and not used */
function writableBytes(ring: RingState): number {
  const leaves = ring.outstanding.flatMap((chain) => chain.descriptors.flatMap((d) => d.indirect ?? [d]));
  return leaves.reduce((sum, d) => sum + ((d.flags & VRING_DESC_F_WRITE) !== 0 ? d.len : 0), 0);
}

function isQuiet(stop: DiagnosisStop): boolean {
  const vcpu = vcpuOf(stop);
  const idle = vcpu === undefined || (vcpu.context === 'idle' && vcpu.blockedBy === undefined);
  const resting = hostsOf(stop).every((host) => host.status === 'rest' || host.status === 'dead');
  return idle && resting && !stop.device.irqPending && stop.device.timers.length === 0;
}

/** Buffers on their way to the device. */
function driverSide(ring: RingState, facts: QueueFacts, stop: DiagnosisStop): readonly Stall[] {
  const { name } = ring;
  const found: Stall[] = [];
  const { untaken, added, taken, owed, decided } = facts;
  const frames = facts.receive ? stop.device.tapFrames : 0;
  // Posted receive buffers wait for frames, those that the device has taken already too: that is their work.
  const working = facts.receive && frames === 0;
  if (untaken > 0 && !working) {
    const waiting = frames > 0 ? `${atTap(frames)}, and ` : '';
    const size = frames > 0 ? `, ${count(writableBytes(ring), 'byte')},` : '';
    const waits = `${waiting}${count(untaken, 'exposed buffer')} of ${name}${size} ${verb(untaken, 'waits', 'wait')} for the device`;
    const them = verb(untaken, 'it', 'them');
    const kick =
      decided === 'kicked'
        ? `for another kick, and the driver has sent its kick for ${them} already`
        : decided === 'not to kick'
          ? `for a kick, and the driver decided not to kick for ${them} before the device asked`
          : 'for a kick that the driver never sent';
    found.push(
      owed.sent
        ? {
            queue: name,
            kind: 'lost-kick',
            text: sentence(waits, `the device sleeps and waits ${kick}: ${owed.why}`),
          }
        : {
            queue: name,
            kind: 'no-kick-asked',
            text: sentence(waits, `the device sleeps without a timer, and the driver need not kick: ${owed.why}`),
          },
    );
  }
  if (taken > 0 && !working) {
    const text = sentence(
      `the device holds ${count(taken, 'buffer')} of ${name} and has nothing to do that would use ${verb(taken, 'it', 'them')}`,
    );
    found.push({ queue: name, kind: 'held', text });
  }
  // A driver may put off the kick for receive buffers as long as the device has others.
  if (added > 0 && !(facts.receive && untaken > 0)) {
    const what = `${count(added, 'buffer')} of ${name} ${verb(added, 'is', 'are')} in avail.ring and ${verb(added, 'was', 'were')} never exposed`;
    found.push({
      queue: name,
      kind: 'unexposed',
      text: sentence(what, `avail.idx is still ${ring.avail.idx}: the driver has not kicked since`),
    });
  }
  return found;
}

/** Buffers on their way back to the driver. */
function deviceSide(ring: RingState, facts: QueueFacts, stop: DiagnosisStop): readonly Stall[] {
  const { name } = ring;
  const unread = facts.unread ?? 0;
  if (unread > 0 && !facts.receive && onlyOrphans(stop)) return [];
  if (unread > 0) {
    const waits = `${count(unread, 'used buffer')} of ${name} ${verb(unread, 'waits', 'wait')} for the driver`;
    const { sent, why } = facts.callbacks;
    return sent
      ? [
          {
            queue: name,
            kind: 'lost-interrupt',
            text: sentence(waits, `it waits for an interrupt, and none is pending: ${why}`),
          },
        ]
      : [
          {
            queue: name,
            kind: 'unread',
            text: sentence(
              waits,
              `no interrupt will come (${why}), and no timer, tasklet or poll of the driver's is due`,
            ),
          },
        ];
  }
  if (facts.receive && facts.untaken + facts.taken + facts.added === 0) {
    const text = sentence(
      `the ${name} queue has no buffer for the device to receive into, and nothing is due that would post one`,
    );
    return [{ queue: name, kind: 'rx-empty', text }];
  }
  return [];
}

/**
 * Whether all that was sent and not freed is orphaned (skb_orphan, 2.6.32 and on): their senders were told long ago, and a driver
 * may free them when it sends the next one.
 */
function onlyOrphans({ skbs = [] }: DiagnosisStop): boolean {
  const used = skbs.filter(({ direction, place }) => direction === 'tx' && (place === 'used' || place === 'orphaned'));
  return used.length > 0 && used.every(({ place }) => place === 'orphaned');
}

function stopped(ring: RingState, facts: QueueFacts, stop: DiagnosisStop): readonly Stall[] {
  if (!ring.name.startsWith('tx') || !stop.netdev.queueStopped) return [];
  const waiting = stop.netdev.qdiscLength;
  const outstanding = facts.untaken + facts.taken;
  const why =
    outstanding === 0 && (facts.unread ?? 0) === 0
      ? 'nothing is outstanding, so no completion will wake it'
      : 'it waits for a completion that does not come';
  const text = sentence(`the ${ring.name} queue is stopped with ${count(waiting, 'skb')} in the qdisc`, why);
  return [{ queue: ring.name, kind: 'tx-stopped', text }];
}
