// Where the tracks of the drawn ring lie, and SVG paths of its arcs and lines.
import type { Track } from '../hands';
import type { Scale } from './scale';
import { slotAt } from './scale';

/** The drawing's own units: it is scaled to the width there is. */
export const WIDTH = 364;
export const HEIGHT = 344;
export const CX = WIDTH / 2;
export const CY = HEIGHT / 2;

/** inner and outer radius of each track; the used and avail rings count by index, so they lie together */
export const TRACKS: Readonly<Record<Track, readonly [inner: number, outer: number]>> = {
  used: [111, 128],
  avail: [91, 109],
  desc: [50, 83],
};
/** between avail and desc: the way from a slot to the head it names */
export const BETWEEN = 87;
/** inside desc: the way from a descriptor to the next */
export const INSIDE = 44;
/** where a hand's mark stands */
export const RIM = 137;

type Point = readonly [x: number, y: number];

/** A point by radius and angle in degrees, clockwise from the top. */
export function point(radius: number, angle: number): Point {
  const a = (angle - 90) * (Math.PI / 180);
  return [CX + radius * Math.cos(a), CY + radius * Math.sin(a)];
}

const xy = ([x, y]: Point): string => `${x.toFixed(1)} ${y.toFixed(1)}`;

/** A sector of a ring between two radii. */
export function sector(inner: number, outer: number, start: number, end: number): string {
  if (end - start < 2) {
    // narrower than anybody can see: straight lines are drawn faster
    return `M${xy(point(outer, start))}L${xy(point(outer, end))}L${xy(point(inner, end))}L${xy(point(inner, start))}Z`;
  }
  const large = end - start > 180 ? 1 : 0;
  return `M${xy(point(outer, start))}A${outer} ${outer} 0 ${large} 1 ${xy(point(outer, end))}L${xy(point(inner, end))}A${inner} ${inner} 0 ${large} 0 ${xy(point(inner, start))}Z`;
}

/** Along a circle the shorter way round, from one angle to another. */
function along(radius: number, from: number, to: number): string {
  const turn = ((((to - from) % 360) + 540) % 360) - 180;
  return `A${radius} ${radius} 0 0 ${turn >= 0 ? 1 : 0} ${xy(point(radius, to))}`;
}

/** A line that leaves one radius at an angle, goes round on a circle, and comes to another radius at another angle. */
export const link = (leave: number, from: number, radius: number, to: number, arrive: number): string =>
  `M${xy(point(leave, from))}L${xy(point(radius, from))}${along(radius, from, to)}L${xy(point(arrive, to))}`;

export const spoke = (inner: number, outer: number, angle: number): string =>
  `M${xy(point(inner, angle))}L${xy(point(outer, angle))}`;

/** The track and slot under a point of the drawing; undefined between tracks and in the gap. */
export function slotUnder(
  scales: Readonly<Record<Track, Scale>>,
  x: number,
  y: number,
): { readonly track: Track; readonly slot: number } | undefined {
  const radius = Math.hypot(x - CX, y - CY);
  const angle = ((Math.atan2(y - CY, x - CX) * 180) / Math.PI + 450) % 360;
  for (const track of Object.keys(TRACKS) as Track[]) {
    const [inner, outer] = TRACKS[track];
    if (radius < inner || radius > outer) continue;
    const slot = slotAt(scales[track], angle);
    return slot === undefined ? undefined : { track, slot };
  }
  return undefined;
}
