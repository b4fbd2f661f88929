// Notification suppression: whether a kick or an interrupt would be sent, and the reason in words.
import { VRING_AVAIL_F_NO_INTERRUPT, VRING_USED_F_NO_NOTIFY } from './constants';
import type { RingState } from './state';

/**
 * Whether moving an index from `old` to `next` passes the event index (spec 2.7.7.2, 2.7.10.1; vring_need_event of Linux). All modulo 65536.
 */
export function needEvent(event: number, next: number, old: number): boolean {
  return ((next - event - 1) & 0xffff) < ((next - old) & 0xffff);
}

/** Kicks counted in a side's flags (LAB_RING_F_KICK_COUNT): sent in avail.flags, answered in used.flags. Modulo 32768. */
export const kickCount = (flags: number): number => flags >>> 1;

/** What decides a notification and is not in the ring. */
export interface NotificationFacts {
  /** VIRTIO_F_NOTIFY_ON_EMPTY was negotiated (spec 6.3, legacy). */
  readonly notifyOnEmpty?: boolean;
  /** avail.idx when the driver last decided about a kick; without it, avail.idx as it stands. */
  readonly kickedIdx?: number;
  /** used.idx when the device last decided about an interrupt; without it, used.idx as it stands. */
  readonly signalledIdx?: number;
}

/** What a verdict was made from. */
export type Basis =
  /** one bit: a hint of the other side */
  | { readonly kind: 'flags'; readonly name: 'NO_NOTIFY' | 'NO_INTERRUPT'; readonly set: boolean }
  /** the window from `old` to `next`: the notification is due when the entry `event` is in it */
  | {
      readonly kind: 'event';
      readonly name: 'avail_event' | 'used_event';
      readonly event: number;
      readonly old: number;
      readonly next: number;
    };

export interface Verdict {
  readonly sent: boolean;
  /** a clause for a sentence, without a full stop */
  readonly why: string;
  readonly basis: Basis;
}

/**
 * Whether a kick after exposing what is added (or the next buffer), and an interrupt after using the next buffer, would be sent.
 * Where a side has moved its index since it last decided, that movement is what is judged.
 */
export function notifications(
  ring: RingState,
  facts: NotificationFacts = {},
): { readonly kick: Verdict; readonly interrupt: Verdict } {
  return { kick: kickVerdict(ring, facts), interrupt: interruptVerdict(ring, facts) };
}

/**
 * Chains in avail.ring that avail.idx has not passed. From the observed owners where there are any: the driver's own num_added
 * counts what was added since its last kick, which since Linux 3.3 is exposed already.
 */
export function addedChains(ring: RingState): number {
  if (ring.descriptors.some((d) => d.owner !== 'unknown')) {
    return ring.descriptors.filter((d) => d.owner === 'added' && d.chain === d.index).length;
  }
  return ring.progress.numAdded ?? 0;
}

function kickVerdict(ring: RingState, facts: NotificationFacts): Verdict {
  if (ring.used.availEvent !== undefined) {
    const old = facts.kickedIdx ?? ring.avail.idx;
    const exposed = (ring.avail.idx + addedChains(ring)) & 0xffff;
    return eventVerdict('avail_event', ring.used.availEvent, exposed === old ? (old + 1) & 0xffff : exposed, old);
  }
  if (ring.layout.kickCount === true) return countVerdict(ring);
  return flagVerdict('NO_NOTIFY', 'used', (ring.used.flags & VRING_USED_F_NO_NOTIFY) !== 0);
}

function interruptVerdict(ring: RingState, facts: NotificationFacts): Verdict {
  const byRing = interruptByRing(ring, facts);
  if (byRing.sent || facts.notifyOnEmpty !== true) return byRing;
  // The device asks after it used a buffer: the ring is empty when that was the last one.
  const left = (ring.avail.idx - ring.used.idx) & 0xffff;
  if (left <= 1)
    return {
      ...byRing,
      sent: true,
      why: `${byRing.why}, but the ring runs empty and NOTIFY_ON_EMPTY was negotiated`,
    };
  return {
    ...byRing,
    why: `${byRing.why}; NOTIFY_ON_EMPTY forces one only with the last of ${left} outstanding buffers`,
  };
}

function interruptByRing(ring: RingState, facts: NotificationFacts): Verdict {
  if (ring.avail.usedEvent !== undefined) {
    const old = facts.signalledIdx ?? ring.used.idx;
    return eventVerdict(
      'used_event',
      ring.avail.usedEvent,
      ring.used.idx === old ? (old + 1) & 0xffff : ring.used.idx,
      old,
    );
  }
  return flagVerdict('NO_INTERRUPT', 'avail', (ring.avail.flags & VRING_AVAIL_F_NO_INTERRUPT) !== 0);
}

/** The mail's counter: a kick is due when the device has answered as many as the driver has sent. */
function countVerdict(ring: RingState): Verdict {
  const [sent, answered] = [kickCount(ring.avail.flags), kickCount(ring.used.flags)];
  const equal = sent === answered;
  return {
    sent: equal,
    why: `avail.flags counts ${sent} kicks, and used.flags ${answered} that were answered: ${equal ? 'equal' : 'not equal'}`,
    basis: { kind: 'flags', name: 'NO_NOTIFY', set: !equal },
  };
}

const flagVerdict = (name: 'NO_NOTIFY' | 'NO_INTERRUPT', part: 'used' | 'avail', set: boolean): Verdict => ({
  sent: !set,
  why: `${name} is ${set ? 'set' : 'clear'} in ${part}.flags`,
  basis: { kind: 'flags', name, set },
});

function eventVerdict(name: 'avail_event' | 'used_event', event: number, next: number, old: number): Verdict {
  const sent = needEvent(event, next, old);
  const left = (next - event - 1) & 0xffff;
  const right = (next - old) & 0xffff;
  return {
    sent,
    why: `${name} is ${event}: (u16)(${next} - ${event} - 1) = ${left} < (u16)(${next} - ${old}) = ${right} is ${sent}`,
    basis: { kind: 'event', name, event, old, next },
  };
}
