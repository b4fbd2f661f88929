// The timeline's window as rows: each item where there is room for all, else what each series sums up to. For reading, and for screen readers.
import { duration, grouped } from '../format';
import { dataOf, seriesName } from './data';
import type { Timeline } from './state';

export interface EventRow {
  readonly cells: readonly [string, string, string, string];
  readonly tick?: number;
}

export interface EventTable {
  readonly label: string;
  readonly rows: readonly EventRow[];
}

export function tableOf(t: Timeline): EventTable {
  const { view } = t;
  if (view === undefined) return { label: 'Events in the window', rows: [] };
  const between = `${duration(t.fromNs)} to ${duration(t.toNs)}`;
  if (view.content.kind === 'items') {
    const { ns, tick, series, value } = view.content;
    const rows: EventRow[] = [];
    ns.forEach((time, i) => {
      const s = view.series[series[i] ?? -1];
      if (s === undefined || time < t.fromNs || time >= t.toNs) return;
      const said = s.kind === 'level' ? String(value[i] ?? 0) : '';
      rows.push({
        cells: [duration(time), s.what, (s.kind === 'mark' ? s.queue : s.of) ?? '', said],
        tick: tick[i] ?? 0,
      });
    });
    return { label: `Events from ${between}`, rows };
  }
  const data = dataOf(view);
  const rows = view.series.flatMap((s): EventRow[] => {
    const name = seriesName(s);
    const sum = s.kind === 'mark' ? data.count(name) : data.onFor(name);
    if (sum === 0) return [];
    const of = (s.kind === 'mark' ? s.queue : s.of) ?? '';
    return [{ cells: ['', s.what, of, s.kind === 'mark' ? `${grouped(sum)} times` : `for ${duration(sum)}`] }];
  });
  return { label: `Sums from about ${between}`, rows };
}
