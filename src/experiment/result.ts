// The result of an experiment: its rows' reports as a table, charts, comparisons and judgements. Pure.
import { columnOf, columnsOf, valueOf, type Reports } from './columns';
import { judge, type JudgedRow } from './judge';
import type { Size } from './plan';
import { pointsOf, referred, type Row } from './rows';
import type { Chart, Experiment, ExperimentResult, ResultChart, ResultRow } from './types';

/** A row that was run. */
export interface Outcome {
  readonly row: Row;
  /** absent when the run failed, for the reason in `error` */
  readonly reports?: Reports;
  readonly error?: string;
  readonly ok: boolean;
}

/** The result, from the outcomes in the order of the rows. */
export function resultOf(experiment: Experiment, outcomes: readonly Outcome[], size: Size): ExperimentResult {
  const columns = columnsOf(experiment);
  const rows = outcomes.map(({ row, reports, error, ok }) => {
    const told: ResultRow = {
      name: row.name,
      variant: row.variant.name,
      ...(row.point === undefined ? {} : { point: row.point.name }),
      scenario: row.variant.scenario,
      values: columns.map(({ column }) => (reports === undefined ? null : valueOf(column, reports))),
      report: reports?.run ?? null,
      ...(error === undefined ? {} : { error }),
      ok,
    };
    const value = (measure: string): number | null =>
      reports === undefined ? null : valueOf(columnOf(experiment, measure), reports);
    return { told, row, judged: { name: told.name, variant: told.variant, point: told.point, value } };
  });
  const judged = rows.map((row) => row.judged);
  return {
    version: 1,
    experiment: experiment.name,
    claim: experiment.claim,
    size,
    columns: columns.map(({ id, title, unit, hint, standard }) => ({ id, title, unit, hint, standard })),
    rows: rows.map(({ told }) => told),
    charts: experiment.charts.map((chart) => chartOf(experiment, chart, rows)),
    published: size === 'full' ? comparisons(experiment, judged) : [],
    expectations: experiment.expect
      .filter(({ fullOnly }) => size === 'full' || !fullOnly)
      .map((expected) => judge(expected, judged)),
  };
}

/** Whether everything is as it should be. */
export function experimentPassed({ rows, expectations }: ExperimentResult): boolean {
  return rows.every(({ ok }) => ok) && expectations.every(({ ok }) => ok);
}

function comparisons(experiment: Experiment, rows: readonly JudgedRow[]): ExperimentResult['published'] {
  return experiment.published.flatMap(({ row: reference, measure, value, source, role }) =>
    referred(rows, reference).map((row) => {
      const predicted = row.value(measure);
      return {
        row: row.name,
        measure: columnOf(experiment, measure).title,
        predicted,
        published: value,
        ratio: predicted === null || value === 0 ? null : predicted / value,
        role,
        source,
      };
    }),
  );
}

function chartOf(
  experiment: Experiment,
  { title, x, y, xScale, yScale, marks }: Chart,
  rows: readonly { readonly row: Row; readonly judged: JudgedRow }[],
): ResultChart {
  const up = columnOf(experiment, y);
  const right = x === undefined ? undefined : columnOf(experiment, x);
  const swept = pointsOf(experiment).length > 0;
  const { sweep } = experiment;
  const place = ({ row, judged }: (typeof rows)[number]): number | null =>
    x === undefined ? (row.point?.x ?? row.at) : judged.value(x);
  const pointOf = (each: (typeof rows)[number]) => {
    const at = place(each);
    const height = each.judged.value(y);
    const label = each.row.point?.name ?? each.row.variant.name;
    return at === null || height === null ? [] : [{ label, x: at, y: height }];
  };
  // without a sweep the variants are the points of one series
  const series = swept
    ? experiment.variants.map(({ name }) => ({
        name,
        points: rows.filter(({ row }) => row.variant.name === name).flatMap(pointOf),
      }))
    : [{ name: up.title, points: rows.flatMap(pointOf) }];
  return {
    title,
    kind: swept || right !== undefined ? 'lines' : 'bars',
    xTitle: right?.title ?? sweep?.title ?? '',
    yTitle: up.title,
    xUnit: right?.unit ?? (sweep !== undefined && 'unit' in sweep ? sweep.unit : ''),
    yUnit: up.unit,
    xScale,
    yScale,
    series,
    marks,
  };
}
