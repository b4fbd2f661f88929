// What an experiment's page shows of a result. Pure.
import { cellText, experimentPassed, type Experiment, type ExperimentResult } from '../../experiment';
import type { ExperimentView } from './protocol';

/** @param file absolute path of the experiment's file */
export function viewOf(file: string, experiment: Experiment, result: ExperimentResult): ExperimentView {
  // what no row has a value of is not worth a column
  const shown = result.columns.flatMap((column, i) =>
    result.rows.some(({ values }) => (values[i] ?? null) !== null) ? [{ column, i }] : [],
  );
  return {
    version: 1,
    file,
    title: result.experiment,
    claim: result.claim,
    description: experiment.description,
    passed: experimentPassed(result),
    columns: shown.map(({ column: { title, hint, standard } }) => ({ title, hint, standard })),
    rows: result.rows.map(({ name, values, report, error }) => ({
      name,
      cells: shown.map(({ column, i }) => {
        const value = values[i] ?? null;
        return { text: cellText(value, column.unit), value };
      }),
      problems: [
        ...(error === undefined ? [] : [error]),
        ...(report?.expectations ?? [])
          .filter(({ ok }) => !ok)
          .map(({ what, expected, actual }) => `${what} ${expected}: it is ${actual}`),
        ...(report?.findings ?? []).map(({ text, where }) => (where === undefined ? text : `${where}: ${text}`)),
      ],
    })),
    charts: result.charts,
    published: result.published.map(({ row, measure, predicted, published, ratio, role, source }) => ({
      row,
      measure,
      predicted: cellText(predicted, ''),
      published: cellText(published, ''),
      ratio: cellText(ratio, ''),
      role,
      source,
    })),
    expectations: result.expectations,
  };
}
