// A chart as places on paper: axes, ticks, lines and bars in pixels. Pure.
import type { ExperimentView } from '../../src/views/experiment/protocol';

type Chart = ExperimentView['charts'][number];
type Scale = Chart['xScale'];

export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** A tick of the axis across: its name in as many lines as its neighbours leave room for, within the picture. */
export interface NamedTick extends Tick {
  readonly lines: readonly string[];
  /** where the middle of its text is */
  readonly textAt: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** the inner rectangle */
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly xTicks: readonly NamedTick[];
  readonly yTicks: readonly Tick[];
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly { readonly x: number; readonly y: number; readonly text: string }[];
  }[];
  /** width of a bar; 0 where lines are drawn */
  readonly bar: number;
  readonly marks: readonly { readonly y: number; readonly label: string }[];
}

const LEFT = 72;
const RIGHT = 16;
const TOP = 12;
const BOTTOM = 44;
/** height of a line of text, and width of one of its letters: the browser alone knows that to the pixel */
export const LINE = 13;
const LETTER = 6.8;
/** between the names of neighbours */
const GAP = 6;

/** @param unitText a value in the unit of its axis, as texts show it */
export function layout(chart: Chart, width: number, height: number): Layout {
  const [left, right] = [LEFT, width - RIGHT];
  const points = chart.series.flatMap((series) => series.points);
  const bars = chart.kind === 'bars';
  const labels = chart.series[0]?.points ?? [];
  const step = (right - left) / Math.max(1, labels.length);
  const x = axis(
    points.map((p) => p.x),
    chart.xScale,
  );
  const across = bars
    ? (value: number): number => left + step * (labels.findIndex((p) => p.x === value) + 0.5)
    : (value: number): number => left + x.share(value) * (right - left);
  // points that have names, not values, are ticks of their own
  const named = bars || points.some(({ label }) => Number.isNaN(Number(label)));
  const distinct = [...new Map(points.map((p) => [p.x, p.label])).entries()];
  const xTicks = withText(
    named && (bars || chart.xTitle !== '') && distinct.length <= MAX_NAMED
      ? distinct.map(([value, label]) => ({ at: across(value), label }))
      : x.ticks.map((value) => ({ at: across(value), label: tickText(value, chart.xUnit) })),
    width,
  );
  const lines = Math.max(1, ...xTicks.map((tick) => tick.lines.length));
  const inner = { left, right, top: TOP, bottom: height - BOTTOM - (lines - 1) * LINE };
  const y = axis([...points.map((p) => p.y), ...chart.marks.map((m) => m.y), ...(bars ? [0] : [])], chart.yScale);
  const up = (value: number): number => inner.bottom - y.share(value) * (inner.bottom - inner.top);
  return {
    width,
    height,
    ...inner,
    xTicks,
    yTicks: y.ticks.map((value) => ({ at: up(value), label: tickText(value, chart.yUnit) })),
    series: chart.series.map(({ name, points: own }) => ({
      name,
      points: own.map((p) => ({
        x: across(p.x),
        y: up(p.y),
        text: `${name}, ${p.label}: ${tickText(p.y, chart.yUnit)}`,
      })),
    })),
    bar: bars ? Math.min(48, step * 0.6) : 0,
    marks: chart.marks.map(({ y: value, label }) => ({ y: up(value), label })),
  };
}

const MAX_NAMED = 24;

/** Names side by side: none reaches into the next one, nor out of the picture. */
function withText(ticks: readonly Tick[], width: number): NamedTick[] {
  const places = ticks.map(({ at }) => at).sort((a, b) => a - b);
  const apart = Math.min(width, ...places.slice(1).map((at, i) => at - (places[i] ?? 0)));
  return ticks.map((tick) => {
    const lines = wrapped(tick.label, apart - GAP);
    const half = widest(lines) / 2;
    return { ...tick, lines, textAt: Math.max(half, Math.min(width - half, tick.at)) };
  });
}

const widest = (lines: readonly string[]): number => LETTER * Math.max(...lines.map((line) => line.length));

/** A name by its words, and by their parts at hyphens, each line as wide as there is room; what is wider stands alone. */
function wrapped(label: string, room: number): readonly string[] {
  const lines: string[] = [];
  for (const piece of label.split(/(?<=[ -])/)) {
    const longer = (lines.at(-1) ?? '') + piece;
    if (lines.length > 0 && widest([longer.trimEnd()]) <= room) lines[lines.length - 1] = longer;
    else lines.push(piece);
  }
  return lines.map((line) => line.trimEnd());
}

interface Axis {
  readonly ticks: readonly number[];
  /** 0 to 1 along the axis */
  readonly share: (value: number) => number;
}

/** An axis that holds the values, with round ticks; a logarithmic one only where all are above 0. */
export function axis(values: readonly number[], scale: Scale): Axis {
  const known = values.filter((value) => Number.isFinite(value));
  const least = Math.min(...known);
  const greatest = Math.max(...known);
  if (known.length === 0) return { ticks: [], share: () => 0 };
  return scale === 'log' && least > 0 ? logarithmic(least, greatest) : linear(Math.min(0, least), greatest);
}

const TICKS = 5;

function linear(least: number, greatest: number): Axis {
  const span = greatest - least || 1;
  const rough = span / TICKS;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * ([1, 2, 5, 10].find((m) => m * unit >= rough) ?? 10);
  const from = Math.floor(least / step) * step;
  const count = Math.max(1, Math.ceil((greatest - from) / step));
  const ticks = Array.from({ length: count + 1 }, (_, i) => Number((from + i * step).toPrecision(12)));
  const to = from + count * step;
  return { ticks, share: (value) => (value - from) / (to - from) };
}

/** Decades, and 2 and 5 in them where there are few. */
function logarithmic(least: number, greatest: number): Axis {
  const from = Math.floor(Math.log10(least));
  const to = Math.max(from + 1, Math.ceil(Math.log10(greatest)));
  const between = to - from <= 2 ? [1, 2, 5] : [1];
  const ticks = Array.from({ length: to - from }, (_, i) => between.map((m) => m * 10 ** (from + i))).flat();
  return {
    ticks: [...ticks, 10 ** to].map((tick) => Number(tick.toPrecision(12))),
    share: (value) => (Math.log10(value) - from) / (to - from),
  };
}

/** A value as an axis shows it: short. */
export function tickText(value: number, unit: Chart['yUnit']): string {
  switch (unit) {
    case 'ns':
      return scaled(value, [
        [1e9, ' s'],
        [1e6, ' ms'],
        [1e3, ' µs'],
        [1, ' ns'],
      ]);
    case 'bytes':
      return `${short(value)} B`;
    case '%':
      return `${short(value)} %`;
    case '/s':
      return `${short(value)}/s`;
    case '':
      return short(value);
  }
}

const short = (value: number): string =>
  scaled(value, [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e4, 'k', 1e3],
    [0, ''],
  ]);

function scaled(value: number, units: readonly (readonly [from: number, text: string, divisor?: number])[]): string {
  const [from, text, divisor] = units.find(([least]) => Math.abs(value) >= least) ?? [1, units.at(-1)?.[1] ?? ''];
  return `${Number((value / (divisor ?? (from || 1))).toPrecision(4))}${text}`;
}
