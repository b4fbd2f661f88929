// What an experiment's page shows of a result. Pure.
import { experimentPassed, shownResult, type Experiment, type ExperimentResult } from '../../experiment';
import type { ExperimentView } from './protocol';

/** @param file absolute path of the experiment's file */
export function viewOf(file: string, experiment: Experiment, result: ExperimentResult): ExperimentView {
  const shown = shownResult(result);
  return {
    ...shown,
    version: 1,
    file,
    description: experiment.description,
    passed: experimentPassed(result),
    rows: shown.rows.map((row, i) => ({ ...row, problems: problemsOf(result.rows[i]) })),
    charts: result.charts,
  };
}

function problemsOf(row: ExperimentResult['rows'][number] | undefined): string[] {
  return [
    ...(row?.error === undefined ? [] : [row.error]),
    ...(row?.report?.expectations ?? [])
      .filter(({ ok }) => !ok)
      .map(({ what, expected, actual }) => `${what} ${expected}: it is ${actual}`),
    ...(row?.report?.findings ?? []).map(({ text, where }) => (where === undefined ? text : `${where}: ${text}`)),
  ];
}
