// What moves over the timeline while the machine does: playhead, drag, the recorded future, and both of them in the strip of the run. Pure.
import { duration } from '../format';
import { xOf, type Scale } from './scale';
import { endOf, type Timeline } from './state';

/** In px of the plot. What is absent is not in view. */
export interface Playhead {
  readonly at?: number;
  readonly time: string;
  /** on which side of the line the time stands: it does not leave the plot */
  readonly side: 'start' | 'middle' | 'end';
  /** where the reader has dragged it to */
  readonly scrub?: number;
  /** from the playhead to the end of the record */
  readonly future: { readonly x: number; readonly width: number };
}

/** px that half of the time takes */
const HALF = 38;

export function playheadOf(t: Timeline, width: number): Playhead {
  const scale: Scale = { fromNs: t.fromNs, toNs: t.toNs, width };
  const x = xOf(scale, t.atNs);
  const from = Math.max(0, x);
  return {
    ...(x >= 0 && x <= width && { at: x }),
    time: duration(t.atNs),
    side: x < HALF ? 'start' : x > width - HALF ? 'end' : 'middle',
    ...(t.scrub !== undefined && { scrub: xOf(scale, t.scrub.ns) }),
    future: { x: from, width: Math.max(0, Math.min(width, xOf(scale, endOf(t))) - from) },
  };
}

/** The same in the strip of the whole run: where the machine stands, and the window in view. */
export function stripOf(
  t: Timeline,
  width: number,
): { readonly at: number; readonly x: number; readonly width: number } {
  const scale: Scale = { fromNs: 0, toNs: Math.max(1, endOf(t)), width };
  const x = Math.max(0, xOf(scale, t.fromNs));
  return { at: xOf(scale, t.atNs), x, width: Math.max(3, Math.min(width, xOf(scale, t.toNs)) - x) };
}
