// The event index as a window on a line of indices: where the notification is wanted, and from where to where the index moves.
import type { Basis } from '../src/panel/protocol';

export type EventBasis = Extract<Basis, { kind: 'event' }>;

/** Places on a line, in percent. */
export interface EventWindow {
  readonly event: number;
  readonly from: number;
  readonly to: number;
  /** a mark an entry, where they are few enough to be told apart */
  readonly ticks: readonly number[];
  /** entries between the event and the window that are left out of the line */
  readonly gap?: number;
}

/** entries drawn one by one: a short window is shown with its neighbours */
const LEAST = 9;
const MOST = 40;
/** percent left free at both ends, so that a number fits below its place */
const MARGIN = 8;

const u16 = (n: number): number => n & 0xffff;
/** How far it is from one index to another, at most half-way round in either direction. */
const distance = (from: number, to: number): number => {
  const d = u16(to - from);
  return d > 0x7fff ? d - 0x10000 : d;
};

/** Lays out event, old and next in their order; the notification is due when old ≤ event < next. */
export function eventWindow({ event, old, next }: EventBasis): EventWindow {
  const width = u16(next - old);
  const at = distance(old, event);
  const needed = Math.max(at + 1, width) - Math.min(at, 0);
  const low = Math.min(at, 0) - Math.max(0, Math.ceil((LEAST - needed) / 2));
  const span = Math.max(LEAST, needed);
  const place = (n: number, of: number): number => MARGIN + (n / of) * (100 - 2 * MARGIN);
  if (span <= MOST) {
    return {
      event: place(at - low + 0.5, span),
      from: place(-low, span),
      to: place(width - low, span),
      ticks: Array.from({ length: span + 1 }, (_, i) => place(i, span)),
    };
  }
  // far apart: the window and the event at the two ends, and a break between them
  const wide = 30;
  return at < 0
    ? { event: MARGIN, from: 100 - MARGIN - wide, to: 100 - MARGIN, ticks: [], gap: -at }
    : at < width
      ? { event: place(at + 0.5, width), from: MARGIN, to: 100 - MARGIN, ticks: [] }
      : { event: 100 - MARGIN, from: MARGIN, to: MARGIN + wide, ticks: [], gap: at - width };
}

/** `(u16)(2 − 65532 − 1) = 5 < (u16)(2 − 1) = 1`: vring_need_event of Linux with its values. */
export function formula({ event, old, next }: EventBasis): string {
  return `(u16)(${next} − ${event} − 1) = ${u16(next - event - 1)} < (u16)(${next} − ${old}) = ${u16(next - old)}`;
}
