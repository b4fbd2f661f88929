// What the timeline draws, as plain shapes, and what lies under the pointer. Pure: the same state gives the same shapes.
import { dataOf, type WindowData } from './data';
import { heightOf, lanesOf, type PlacedLane } from './lanes';
import { contextLane, depthLane, hostLane, noticesLane, placesLane, timerLane } from './lane-shapes';
import { ticks, xOf, type Scale } from './scale';
import type { Fill, Shape, Target } from './shapes';
import { endOf, type Timeline } from './state';

/** What is drawn, and what of other windows counts for its scale: the whole run's, and one that `view` is a part of. */
type Windows = Pick<Timeline, 'view' | 'overview'> & { readonly whole?: Timeline['view'] };

/** What was recorded, as it is drawn wherever the playhead stands. */
export interface Recording {
  readonly height: number;
  readonly lanes: readonly PlacedLane[];
  readonly scale: Scale;
  readonly unit: string;
  readonly shapes: readonly Shape[];
  readonly targets: readonly Target[];
}

export interface Scene extends Recording {
  /** stops, findings and the end of the record: drawn above the fade of the recorded future */
  readonly places: readonly Shape[];
}

export interface Findings {
  readonly timeNs: number;
  readonly text: string;
  readonly tick: number;
}

/** All but what moves with the machine. @param width px of the plot */
export const sceneOf = (t: Timeline, findings: readonly Findings[], width: number): Scene =>
  withPlaces(recordOf(t, width), t, findings);

/** Depends on the windows and on what of them is in view, and on nothing else: what moves the playhead alone finds it drawn. */
export function recordOf(
  t: Windows & Pick<Timeline, 'fromNs' | 'toNs'>,
  width: number,
  lanes: readonly PlacedLane[] = lanesOf([t.overview, t.view]),
): Recording {
  const height = heightOf(lanes);
  const scale: Scale = { fromNs: t.fromNs, toNs: t.toNs, width };
  const axis = ticks(scale);
  const shapes: Shape[] = [];
  const targets: Target[] = [];
  for (const { x, label } of axis.ticks) {
    shapes.push({ kind: 'line', x1: x, y1: 16, x2: x, y2: height, fill: 'grid' });
    shapes.push({ kind: 'text', x: x + 3, y: 11, text: label, align: 'left', fill: 'dim' });
  }
  const data = t.view && dataOf(t.view);
  if (data) for (const lane of lanes) drawLane(lane, data, t, scale, shapes, targets);
  for (const lane of lanes)
    if (lane.lane.kind === 'depth' || lane.lane.kind === 'notices')
      shapes.push({ kind: 'line', x1: 0, y1: lane.y + lane.height, x2: width, y2: lane.y + lane.height, fill: 'grid' });
  return { height, lanes, scale, unit: axis.unit, shapes, targets };
}

/** The stops and what was found, and the end of the record, above what was recorded. */
export function withPlaces(
  record: Recording,
  t: Pick<Timeline, 'view' | 'overview' | 'atNs' | 'stops'>,
  findings: readonly Findings[],
): Scene {
  const shapes: Shape[] = [];
  const targets: Target[] = [];
  const { scale, lanes, height } = record;
  const placed = lanes.find(({ lane }) => lane.kind === 'places');
  if (placed && t.view) placesLane({ placed, data: dataOf(t.view), scale, shapes, targets }, t.stops, findings);
  const end = xOf(scale, endOf(t));
  if (end >= 0 && end < scale.width) {
    shapes.push({ kind: 'line', x1: end, y1: 16, x2: end, y2: height, fill: 'dim', dash: true });
    if (scale.width - end > 80)
      shapes.push({ kind: 'text', x: end + 6, y: 28, text: 'not run yet', align: 'left', fill: 'dim' });
  }
  return { ...record, places: shapes, targets: [...record.targets, ...targets] };
}

function drawLane(
  placed: PlacedLane,
  data: WindowData,
  t: Windows,
  scale: Scale,
  shapes: Shape[],
  targets: Target[],
): void {
  const room = { placed, data, scale, shapes, targets };
  const { lane } = placed;
  switch (lane.kind) {
    case 'context':
      return contextLane(room, lane.of);
    case 'host':
      return hostLane(room, lane.of);
    case 'notices':
      return noticesLane(room, lane.side, lane.queue);
    case 'timer':
      return timerLane(room, lane.of);
    case 'depth':
      return depthLane(room, lane.queue, greatestDepth(t, lane.queue));
    case 'places':
      return;
  }
}

/** The same scale for every window of a run. */
function greatestDepth(t: Windows, queue: string): number {
  const peaks = [t.overview, t.view, t.whole].flatMap((window) =>
    window ? ['outstanding', 'unreclaimed'].map((series) => dataOf(window).peak(`${series} ${queue}`)) : [],
  );
  return Math.max(1, ...peaks);
}

/** px within which a mark is hit */
const NEAR = 5;

/** What is under the pointer: the nearest mark, else what lies there. */
export function targetAt(targets: readonly Target[], x: number, y: number): Target | undefined {
  let best: Target | undefined;
  let least = Infinity;
  for (const target of targets) {
    if (y < target.y1 || y > target.y2) continue;
    const away = Math.max(0, target.x1 - x, x - target.x2) + (target.tick === undefined ? NEAR / 2 : 0);
    const reach = target.tick === undefined ? NEAR / 2 : NEAR;
    if (away > reach || away >= least) continue;
    [best, least] = [target, away];
  }
  return best;
}

/** The strip of the whole run: what the vCPU and the queues did. @param end of the run, virtual ns */
export function overviewShapes(
  t: Pick<Timeline, 'view' | 'overview'>,
  end: number,
  width: number,
  height: number,
): Shape[] {
  const scale: Scale = { fromNs: 0, toNs: end, width };
  const shapes: Shape[] = [];
  const data = t.overview && dataOf(t.overview);
  if (data) {
    const column = (end / width) * 2;
    const rise = (series: string, share: (c: { sum: number; peak: number }) => number, fill: Fill): void => {
      for (const c of data.columns(series)) {
        const h = Math.max(1, Math.min(1, share(c)) * (height - 4));
        const x = xOf(scale, c.fromNs);
        shapes.push({ kind: 'rect', x, y: height - h, width: Math.max(1, xOf(scale, c.toNs) - x), height: h, fill });
      }
    };
    for (const queue of ['rx', 'tx']) {
      const most = Math.max(1, greatestDepth(t, queue));
      rise(
        `outstanding ${queue}`,
        ({ peak }) => peak / most / (queue === 'tx' ? 1 : 2),
        queue === 'tx' ? 'deviceDim' : 'grid',
      );
    }
    for (const context of ['process', 'softirq', 'hardirq'])
      rise(`context ${context}`, ({ sum }) => (0.7 * sum) / column, 'driverDim');
  }
  return shapes;
}
