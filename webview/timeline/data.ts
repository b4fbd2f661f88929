// A window of the timeline by series: spans of levels, marks, and columns where there are too many of either.
import type { Series, TimelineWindow } from '../../src/panel/protocol';

export interface Span {
  readonly fromNs: number;
  readonly toNs: number;
  readonly value: number;
  /** the level is still the same where the window, or the record, ends */
  readonly open: boolean;
}

export interface Mark {
  readonly ns: number;
  readonly tick: number;
  /** number of the event in the log */
  readonly seq: number;
}

/** What a column of a series says. */
export interface Column {
  readonly fromNs: number;
  readonly toNs: number;
  /** marks in it, or ns for which the level was not 0 */
  readonly sum: number;
  /** greatest value of a level */
  readonly peak: number;
}

export const seriesName = (s: Series): string => `${s.what} ${(s.kind === 'mark' ? s.queue : s.of) ?? ''}`.trim();

const known = new WeakMap<TimelineWindow, WindowData>();

/** A window as data; each window is taken apart once. */
export function dataOf(window: TimelineWindow): WindowData {
  const data = known.get(window) ?? new WindowData(window);
  known.set(window, data);
  return data;
}

export class WindowData {
  private readonly ids = new Map<string, number>();
  /** by series, the places of its items in the window's lists */
  private readonly items: readonly number[][];
  private readonly spansOf = new Map<string, readonly Span[]>();
  private readonly peaks = new Map<string, number>();

  constructor(readonly window: TimelineWindow) {
    window.series.forEach((series, id) => this.ids.set(seriesName(series), id));
    this.items = window.series.map(() => []);
    const { content } = window;
    if (content.kind !== 'items') return;
    for (let i = 0; i < content.series.length; i++) this.items[content.series[i] ?? -1]?.push(i);
  }

  get exact(): boolean {
    return this.window.content.kind === 'items';
  }

  has(series: string): boolean {
    return this.ids.has(series);
  }

  /** The times for which a level is not 0, with its value; for an exact window. */
  spans(series: string): readonly Span[] {
    const known = this.spansOf.get(series);
    if (known) return known;
    const spans = this.makeSpans(series);
    this.spansOf.set(series, spans);
    return spans;
  }

  private makeSpans(series: string): readonly Span[] {
    const id = this.ids.get(series);
    const { fromNs, toNs, endNs, before, content } = this.window;
    if (id === undefined || content.kind !== 'items') return [];
    const spans: Span[] = [];
    let value = before[id] ?? 0;
    let since = fromNs;
    for (const at of this.items[id] ?? []) {
      const ns = content.ns[at] ?? 0;
      if (value !== 0) spans.push({ fromNs: since, toNs: ns, value, open: false });
      value = content.value[at] ?? 0;
      since = ns;
    }
    const end = Math.min(toNs, endNs);
    if (value !== 0 && end > since) spans.push({ fromNs: since, toNs: end, value, open: true });
    return spans;
  }

  /** For an exact window. */
  marks(series: string): Mark[] {
    const id = this.ids.get(series);
    const { content } = this.window;
    if (id === undefined || content.kind !== 'items') return [];
    const { ns, tick, value } = content;
    return (this.items[id] ?? []).map((at) => ({ ns: ns[at] ?? 0, tick: tick[at] ?? 0, seq: value[at] ?? 0 }));
  }

  /** The columns that are not 0; for a window in columns. */
  columns(series: string): Column[] {
    const id = this.ids.get(series);
    const { content, fromNs, toNs } = this.window;
    if (id === undefined || content.kind !== 'columns') return [];
    const sums = content.sums[id];
    const peaks = content.peaks[id];
    if (sums === null || sums === undefined) return [];
    const width = (toNs - fromNs) / content.count;
    return sums.flatMap((sum, column) =>
      sum === 0
        ? []
        : [{ fromNs: fromNs + column * width, toNs: fromNs + (column + 1) * width, sum, peak: peaks?.[column] ?? 1 }],
    );
  }

  /** How many marks of a series the window has. */
  count(series: string): number {
    return this.exact ? this.marks(series).length : this.columns(series).reduce((sum, column) => sum + column.sum, 0);
  }

  /** ns for which a level is not 0 in the window. */
  onFor(series: string): number {
    return this.exact
      ? this.spans(series).reduce((sum, span) => sum + span.toNs - span.fromNs, 0)
      : this.columns(series).reduce((sum, column) => sum + column.sum, 0);
  }

  /** Greatest value of a level in the window. */
  peak(series: string): number {
    const known = this.peaks.get(series);
    if (known !== undefined) return known;
    let peak = 0;
    if (this.exact) for (const { value } of this.spans(series)) peak = Math.max(peak, value);
    else for (const column of this.columns(series)) peak = Math.max(peak, column.peak);
    this.peaks.set(series, peak);
    return peak;
  }
}
