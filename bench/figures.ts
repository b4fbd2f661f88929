// Figures of the bench: measured values with their spread, and the table that is printed at the end.

/** One row of the table: several measurements of the same thing. */
export interface Figure {
  readonly name: string;
  readonly values: readonly number[];
  readonly unit: string;
  /** what the project promises: a bound in the figure's unit, `< 300`; or words */
  readonly promise?: string;
  readonly note?: string;
}

/** The value below which the share `p` (0..1) of the values lie; NaN of none. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** `12.3`, `1 234`: three digits that count. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) < 100) return value.toPrecision(3);
  return value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ' ');
}

function spread(values: readonly number[]): string {
  return values.length < 2 ? '' : `${digits(Math.min(...values))} - ${digits(Math.max(...values))}`;
}

/** Whether the median keeps what was promised; undefined where nothing is, or no bound. */
export function kept({ values, promise }: Figure): boolean | undefined {
  const [, relation, bound] = /^([<>]=?) ([\d.]+)/.exec(promise ?? '') ?? [];
  const value = median(values);
  if (relation === undefined || Number.isNaN(value)) return undefined;
  if (value === Number(bound)) return relation.endsWith('=');
  return value < Number(bound) === relation.startsWith('<');
}

/** The figures as lines of text: name, median, least and most, number of values, what was promised, and that it is not kept. */
export function table(figures: readonly Figure[]): string[] {
  const head = ['figure', 'median', 'unit', 'min - max', 'n', 'promised', ''];
  const rows = figures.map((f) => [
    f.name,
    digits(median(f.values)),
    f.unit,
    spread(f.values),
    String(f.values.length),
    kept(f) === false ? `${f.promise}: missed` : (f.promise ?? ''),
    f.note ?? '',
  ]);
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const right = new Set([1, 4]);
  return all.map((row) =>
    row
      .map((cell, column) =>
        right.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}
