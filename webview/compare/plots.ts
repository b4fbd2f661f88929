// The two timelines of a packet: drawn with the ring panel's lanes on one axis, which begins where the packet does in each run.
import type { PacketSide, PacketView, PartingMark, Side } from '../../src/views/compare/protocol';
import { duration } from '../format';
import { lanesOf, type Lane, type PlacedLane } from '../timeline/lanes';
import { paint, prepare } from '../timeline/paint';
import { recordOf, targetAt, type Recording } from '../timeline/scene';
import { xOf } from '../timeline/scale';
import type { Shape, Target } from '../timeline/shapes';
import type { Surface } from '../timeline/surface';
import { timelineOf, windowOf, type Model, type Window } from './state';

/** Lanes of the packet's own queue, the same for both runs. */
export function lanesOfPacket({ left, right }: PacketView, direction: string): readonly PlacedLane[] {
  const wanted = (lane: Lane): boolean => lane.kind !== 'places' && (!('queue' in lane) || lane.queue === direction);
  return lanesOf([left?.window, right?.window], wanted);
}

/** What a mark is called. */
export const MARKS: Readonly<Record<PartingMark['is'], string>> = {
  event: 'first difference',
  time: 'most of the time',
};

export interface Plot extends Recording {
  /** above what was recorded: the packet's ends, where the runs part, where the machine stands */
  readonly over: readonly Shape[];
}

/** What is drawn of one run. @param view its timeline @param width px @param ended nothing comes after what is recorded */
function plotOf(
  { left, right, mark }: PacketView,
  side: Side,
  view: PacketSide['window'] | undefined,
  lanes: readonly PlacedLane[],
  window: Window,
  width: number,
  ended: boolean,
): Plot | undefined {
  const [own, other] = side === 'left' ? [left, right] : [right, left];
  if (own === undefined) return undefined;
  const record = recordOf({ view, overview: other?.window, whole: own.window, ...window }, width, lanes);
  const moment = mark && own.story[mark.at];
  const target: Target[] = [];
  if (moment !== undefined) {
    const x = xOf(record.scale, moment.ns);
    const text = `${MARKS[mark?.is ?? 'event']}: ${moment.what} at ${duration(moment.ns)}`;
    target.push({ x1: x - 2, x2: x + 2, y1: 0, y2: 34, text, fromNs: moment.ns, tick: moment.tick });
  }
  return { ...record, over: over(own, record, moment, ended), targets: [...record.targets, ...target] };
}

function over(
  side: PacketSide,
  { scale, height }: Recording,
  moment: PacketSide['story'][number] | undefined,
  ended: boolean,
): Shape[] {
  const shapes: Shape[] = [];
  const inView = (ns: number): boolean => ns >= scale.fromNs && ns <= scale.toNs;
  const upright = (ns: number, fill: 'fg' | 'dim' | 'warn', dash: boolean): number => {
    const x = xOf(scale, ns);
    shapes.push({ kind: 'line', x1: x, y1: 16, x2: x, y2: height, fill, dash });
    return x;
  };
  const caption = (x: number, text: string, fill: 'dim' | 'warn', y: number): void => {
    const before = x > scale.width - 110;
    shapes.push({ kind: 'text', x: before ? x - 4 : x + 4, y, text, align: before ? 'right' : 'left', fill });
  };
  if (inView(0)) upright(0, 'dim', false);
  if (side.doneNs !== undefined && inView(side.doneNs)) caption(upright(side.doneNs, 'dim', true), 'done', 'dim', 37);
  if (side.window.endNs < scale.toNs && inView(side.window.endNs))
    caption(upright(side.window.endNs, 'dim', true), ended ? 'end of the run' : 'not run yet', 'dim', 52);
  if (inView(side.atNs) && side.atNs < side.window.endNs)
    caption(upright(side.atNs, 'fg', false), 'stands here', 'dim', 67);
  if (moment !== undefined && inView(moment.ns)) {
    const x = upright(moment.ns, 'warn', true);
    shapes.push({ kind: 'mark', x, y: 19, shape: 'down', fill: 'warn' });
    caption(x + 3, moment.what, 'warn', 22);
  }
  return shapes;
}

/** What is under the pointer in one of the plots. */
export function pointedAt(plots: Readonly<Partial<Record<Side, Plot>>>, { pointer }: Model): Target | undefined {
  const plot = pointer && plots[pointer.side];
  return plot && pointer && targetAt(plot.targets, pointer.x, pointer.y);
}

/** Paints the plots into the canvases that the page has for them. */
export function paintPlots(surface: Surface, plots: Readonly<Partial<Record<Side, Plot>>>): void {
  const root = document.getElementById('timeline');
  surface.follow(root?.querySelector('.tl-plot') ?? null);
  const { width } = surface;
  if (!root || width <= 0) return;
  for (const side of ['left', 'right'] as const) {
    const plot = plots[side];
    const canvas = root.querySelector<HTMLCanvasElement>(`.tl-canvas.${side}`);
    const ink = canvas && plot && prepare(canvas, width, plot.height);
    if (!ink) continue;
    const palette = surface.colours(root);
    paint(ink, plot.shapes, palette);
    paint(ink, plot.over, palette);
  }
}

/** Both plots of the packet that is shown. @param width px */
export function plotsOf(model: Model, width: number): Readonly<Partial<Record<Side, Plot>>> {
  const { packet, state } = model;
  if (packet === undefined || width <= 0) return {};
  const direction = state?.rows[packet.row]?.label.split(' ')[0] ?? '';
  const lanes = lanesOfPacket(packet, direction);
  const window = windowOf(model);
  const [left, right] = (['left', 'right'] as const).map((side) =>
    plotOf(packet, side, timelineOf(model, side), lanes, window, width, state?.ended[side] ?? false),
  );
  return { ...(left && { left }), ...(right && { right }) };
}
