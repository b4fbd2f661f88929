// The rows of an experiment: every variant at every point of the sweep, and how files refer to them. Pure.
import type { Experiment, Overrides, RowReference, Variant } from './types';

export interface Row {
  /** `variant` or `variant @ point` */
  readonly name: string;
  readonly variant: Variant;
  /** its place in `variants` */
  readonly at: number;
  readonly point?: Point;
}

/** One point of a sweep. */
export interface Point {
  readonly name: string;
  /** the value; where that is no number, the point's place */
  readonly x: number;
  readonly set: Overrides;
  /** where the experiment says so: its value, or its overrides */
  readonly place: FieldPath;
}

type FieldPath = readonly (string | number)[];

/** The points of a sweep, in order. */
export function pointsOf({ sweep }: Experiment): readonly Point[] {
  if (sweep === undefined) return [];
  if ('points' in sweep)
    return sweep.points.map(({ name, set }, at) => ({ name, x: at, set, place: ['sweep', 'points', at, 'set'] }));
  return sweep.values.map((value, at) => ({
    name: String(value),
    x: typeof value === 'number' ? value : at,
    set: Object.fromEntries(sweep.fields.map((field) => [field, value])),
    place: ['sweep', 'values', at],
  }));
}

/** All rows, variant by variant. */
export function rowsOf(experiment: Experiment): readonly Row[] {
  const points = pointsOf(experiment);
  return experiment.variants.flatMap((variant, at): Row[] =>
    points.length === 0
      ? [{ name: variant.name, variant, at }]
      : points.map((point) => ({ name: `${variant.name} @ ${point.name}`, variant, at, point })),
  );
}

/** What a reference needs to know of a row. */
export interface Referable {
  readonly name: string;
  readonly variant: string;
  readonly point?: string;
}

/** The rows that a reference names, in the order of the table; none: it names nothing. */
export function referred<R extends Referable>(rows: readonly R[], reference: RowReference): readonly R[] {
  const [variant = '', point] = reference.split(' @ ');
  return rows.filter(
    (row) => (variant === '*' || row.variant === variant) && (point === undefined || row.point === point),
  );
}
