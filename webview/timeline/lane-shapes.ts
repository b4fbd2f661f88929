// The shapes of each kind of lane: item by item where there is room, in columns where there is not.
import { duration, grouped, plural } from '../format';
import type { Column, Mark, Span, WindowData } from './data';
import type { PlacedLane } from './lanes';
import { xOf, type Scale } from './scale';
import type { Findings } from './scene';
import type { Fill, Shape, Target } from './shapes';

/** What a lane is drawn into. */
export interface Room {
  readonly placed: PlacedLane;
  readonly data: WindowData;
  readonly scale: Scale;
  readonly shapes: Shape[];
  readonly targets: Target[];
}

/** px; marks that are closer become bars */
const BIN = 7;
/** px: no span is drawn narrower */
const LEAST = 1;

const inView = ({ toNs, fromNs }: { fromNs: number; toNs: number }, scale: Scale): boolean =>
  toNs >= scale.fromNs && fromNs <= scale.toNs;

/** A level's spans as bars of the lane's height; in columns as tall as their share. */
function busy(
  { placed, data, scale, shapes, targets }: Room,
  series: string,
  fill: Fill,
  words: string,
  exit?: Fill,
): void {
  const { y, height } = placed;
  if (data.exact) {
    for (const span of data.spans(series)) {
      if (!inView(span, scale)) continue;
      const box = boxOf(span, scale);
      shapes.push({ kind: 'rect', ...box, y, height, fill: exit ?? fill });
      targets.push(targetOf(placed, box, span.fromNs, () => `${words}: ${times(span)}`));
    }
    return;
  }
  for (const column of data.columns(series)) {
    if (!inView(column, scale)) continue;
    const box = boxOf(column, scale);
    const share = Math.min(1, column.sum / (column.toNs - column.fromNs));
    const h = Math.max(1, share * height);
    shapes.push({ kind: 'rect', ...box, y: y + height - h, height: h, fill: exit ?? fill });
    const text = (): string => `${words}: ${(100 * share).toFixed(share < 0.1 ? 1 : 0)} % of ${times(column)}`;
    targets.push(targetOf(placed, box, column.fromNs, text));
  }
}

export function contextLane(room: Room, of: string): void {
  busy(room, `context ${of}`, 'driver', of);
  busy(room, `exit ${of}`, 'driver', `VM exit in ${of} context`, 'exit');
}

export function hostLane(room: Room, of: string): void {
  busy(room, `host ${of}`, 'device', `${of} at work`);
}

export function noticesLane(room: Room, side: 'driver' | 'device', queue: string): void {
  const { placed, data, scale, shapes, targets } = room;
  const { y, height } = placed;
  const driver = side === 'driver';
  const [sent, suppressed, level] = driver
    ? ['kick', 'kickSuppressed', 'noNotify']
    : ['interrupt', 'interruptSuppressed', 'noInterrupt'];
  const flag = driver ? 'NO_NOTIFY' : 'NO_INTERRUPT';
  const spans: readonly (Span | Column)[] = data.exact
    ? data.spans(`${level} ${queue}`)
    : data.columns(`${level} ${queue}`);
  for (const span of spans) {
    if (!inView(span, scale)) continue;
    const box = boxOf(span, scale);
    shapes.push({ kind: 'rect', ...box, y: y + 1, height: height - 2, fill: 'band' });
    targets.push(targetOf(placed, box, span.fromNs, () => `${flag} of ${queue} set: ${times(span)}`));
  }
  const bins = new Bins(scale.width);
  const words = driver ? 'kick' : 'interrupt';
  for (const [series, hollow] of [
    [`${sent} ${queue}`, false],
    [`${suppressed} ${queue}`, true],
  ] as const) {
    if (data.exact) for (const mark of data.marks(series)) bins.mark(xOf(scale, mark.ns), mark, hollow);
    else
      for (const column of data.columns(series))
        bins.column(xOf(scale, (column.fromNs + column.toNs) / 2), column, hollow);
  }
  const fill: Fill = side;
  for (const bin of bins.all()) {
    const { mark } = bin;
    const count = bin.sent + bin.suppressed;
    if (mark !== undefined && count === 1) {
      const x = xOf(scale, mark.ns);
      const hollow = bin.suppressed === 1;
      shapes.push({ kind: 'mark', x, y: y + height / 2, shape: driver ? 'down' : 'diamond', fill, hollow });
      const text = (): string => `${words} ${queue}${hollow ? ' suppressed' : ''} at ${duration(mark.ns)}`;
      targets.push(targetOf(placed, { x: x - 4, width: 8 }, mark.ns, text, { tick: mark.tick, seq: mark.seq }));
      continue;
    }
    // by count, on a logarithmic scale: one among a thousand is still seen
    const tall = Math.min(1, 0.5 + Math.log2(count) / 16) * (height - 2);
    const solid = bin.sent === 0 ? 0 : Math.max(2, (tall * bin.sent) / count);
    const base = y + height - 1;
    const box = { x: bin.x + 1, width: BIN - 2 };
    if (bin.suppressed > 0) {
      const top = Math.max(3, tall - solid);
      shapes.push({ kind: 'rect', ...box, y: base - solid - top, height: top, fill, hollow: true });
    }
    if (solid > 0) shapes.push({ kind: 'rect', ...box, y: base - solid, height: solid, fill });
    const text = (): string =>
      `${plural(bin.sent, words)} ${queue}, ${grouped(bin.suppressed)} suppressed, about ${duration(bin.ns)}`;
    targets.push(targetOf(placed, box, bin.ns, text));
  }
}

interface Bin {
  readonly x: number;
  readonly ns: number;
  sent: number;
  suppressed: number;
  mark: Mark | undefined;
}

/** Marks by the place they take: what falls into one bin cannot be told apart. */
class Bins {
  private readonly bins = new Map<number, Bin>();

  constructor(private readonly width: number) {}

  mark(x: number, mark: Mark, hollow: boolean): void {
    this.add(x, mark.ns, 1, hollow, mark);
  }

  column(x: number, { fromNs, sum }: Column, hollow: boolean): void {
    this.add(x, fromNs, sum, hollow, undefined);
  }

  all(): Iterable<Bin> {
    return this.bins.values();
  }

  private add(x: number, ns: number, count: number, hollow: boolean, mark: Mark | undefined): void {
    if (x < -BIN || x > this.width + BIN) return;
    const at = Math.floor(x / BIN);
    const bin = this.bins.get(at) ?? { x: at * BIN, ns, sent: 0, suppressed: 0, mark };
    if (hollow) bin.suppressed += count;
    else bin.sent += count;
    this.bins.set(at, bin);
  }
}

export function timerLane(room: Room, of: string): void {
  const { placed, data, scale, shapes, targets } = room;
  const series = `timer ${of}`;
  const y = placed.y + placed.height / 2;
  if (!data.exact) return busy(room, series, 'device', `${of} armed`);
  for (const span of data.spans(series)) {
    const due = { fromNs: span.fromNs, toNs: span.fromNs + span.value };
    if (!inView({ fromNs: span.fromNs, toNs: Math.max(span.toNs, due.toNs) }, scale)) continue;
    const [x1, x2] = [xOf(scale, span.fromNs), xOf(scale, span.toNs)];
    shapes.push({ kind: 'line', x1, y1: y, x2, y2: y, fill: 'device' });
    shapes.push({ kind: 'rect', x: x1 - 1, y: y - 4, width: 2, height: 8, fill: 'device' });
    const fired = !span.open && span.toNs >= due.toNs;
    if (fired) shapes.push({ kind: 'mark', x: x2, y, shape: 'diamond', fill: 'device' });
    else {
      shapes.push({ kind: 'line', x1: x2, y1: y, x2: xOf(scale, due.toNs), y2: y, fill: 'device', dash: true });
      if (!span.open) shapes.push({ kind: 'mark', x: x2, y, shape: 'cross', fill: 'fg' });
    }
    const text = (): string => {
      const dueAt = `due at ${duration(due.toNs)}`;
      return `${of} armed: ${times(span)}, ${fired ? 'fired' : span.open ? dueAt : `deleted, was ${dueAt}`}`;
    };
    targets.push(targetOf(placed, { x: x1, width: Math.max(1, x2 - x1) }, span.fromNs, text));
  }
}

/** What stands in a lane of depth, the most first: each is drawn over those that it is part of. */
const DEPTHS = [
  { series: 'unreclaimed', fill: 'driverHatch', words: 'not reclaimed, used or not,' },
  { series: 'outstanding', fill: 'deviceHatch', words: 'outstanding' },
  { series: 'taken', fill: 'device', words: 'taken by the device' },
] as const;

/** Chains that are exposed and not used, of them those that the device has taken, and above them those used and not reclaimed. */
export function depthLane(room: Room, queue: string, greatest: number): void {
  const { placed, data, scale, shapes, targets } = room;
  const { y, height } = placed;
  const rise = (n: number): number => Math.max(1, (n / greatest) * (height - 4));
  const steps = (series: string): readonly { fromNs: number; toNs: number; value: number }[] =>
    data.exact
      ? data.spans(`${series} ${queue}`)
      : data.columns(`${series} ${queue}`).map(({ fromNs, toNs, peak }) => ({ fromNs, toNs, value: peak }));
  for (const { series, fill, words } of DEPTHS)
    for (const step of steps(series)) {
      if (!inView(step, scale)) continue;
      const box = boxOf(step, scale);
      const h = rise(step.value);
      shapes.push({ kind: 'rect', ...box, y: y + height - h, height: h, fill });
      const text = (): string => `${grouped(step.value)} ${words} on ${queue}: ${times(step)}`;
      targets.push(targetOf(placed, box, step.fromNs, text));
    }
  shapes.push({ kind: 'text', x: scale.width - 2, y: y + 8, text: grouped(greatest), align: 'right', fill: 'dim' });
  if (queue !== 'tx') return;
  const stopped: readonly (Span | Column)[] = data.exact ? data.spans('queueStopped') : data.columns('queueStopped');
  for (const span of stopped) {
    if (!inView(span, scale)) continue;
    const box = boxOf(span, scale);
    shapes.push({ kind: 'rect', ...box, y, height: 3, fill: 'warn' });
    targets.push(targetOf(placed, box, span.fromNs, () => `transmit queue stopped: ${times(span)}`, { y2: y + 4 }));
  }
}

/** Rare events that are told in the lane of places, and how they are drawn. */
const RARE: readonly { series: string; words: string; shape: 'cross' | 'square'; fill: Fill }[] = [
  { series: 'trap', words: 'trap', shape: 'cross', fill: 'error' },
  { series: 'edit', words: 'edited in the debugger', shape: 'square', fill: 'dim' },
  { series: 'printk', words: 'printk', shape: 'square', fill: 'grid' },
];

export function placesLane(room: Room, stops: readonly number[], findings: readonly Findings[]): void {
  const { placed, data, scale, shapes, targets } = room;
  const y = placed.y + placed.height / 2;
  const put = (
    ns: number,
    shape: 'up' | 'cross' | 'square',
    fill: Fill,
    text: () => string,
    to: Pick<Target, 'tick' | 'seq'>,
  ): void => {
    if (ns < scale.fromNs || ns > scale.toNs) return;
    const x = xOf(scale, ns);
    shapes.push({ kind: 'mark', x, y, shape, fill });
    targets.push(targetOf(placed, { x: x - 4, width: 8 }, ns, text, to));
  };
  if (data.exact)
    for (const { series, words, shape, fill } of RARE)
      for (const { ns, tick, seq } of data.marks(series))
        put(ns, shape, fill, () => `${words} at ${duration(ns)}`, { tick, seq });
  for (const ns of stops) put(ns, 'up', 'dim', () => `stopped at ${duration(ns)}`, {});
  for (const { timeNs, text, tick } of findings) put(timeNs, 'cross', 'error', () => text, { tick });
}

function boxOf({ fromNs, toNs }: { fromNs: number; toNs: number }, scale: Scale): { x: number; width: number } {
  const x = Math.max(-1, xOf(scale, fromNs));
  return { x, width: Math.max(LEAST, Math.min(scale.width + 1, xOf(scale, toNs)) - x) };
}

/** @param words made when the target is pointed at: a window has thousands of targets */
const targetOf = (
  { y, height }: PlacedLane,
  box: { readonly x: number; readonly width: number },
  fromNs: number,
  words: () => string,
  more: Pick<Target, 'tick' | 'seq'> & { readonly y2?: number } = {},
): Target => ({
  x1: box.x,
  x2: box.x + box.width,
  y1: y,
  y2: y + height,
  fromNs,
  ...more,
  get text() {
    return words();
  },
});

const times = ({ fromNs, toNs }: { fromNs: number; toNs: number }): string =>
  `${duration(fromNs)} to ${duration(toNs)} (${duration(toNs - fromNs)})`;
