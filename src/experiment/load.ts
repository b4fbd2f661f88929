// Experiment files: JSON with comments in, a checked experiment out, or every problem with its place.
import { resolve } from 'node:path';
import {
  isReportPath,
  parseDocument,
  readDocument,
  type DocumentFormat,
  type LoadedDocument,
  type RuleProblem,
} from '../scenario';
import { standardColumns } from './columns';
import { pointsOf, referred, rowsOf } from './rows';
import { EXPERIMENT } from './spec';
import type { Experiment, Expected } from './types';

export type LoadedExperiment = LoadedDocument<Experiment>;

const FORMAT: DocumentFormat<Experiment> = {
  noun: 'an experiment',
  pattern: '*.virtio-experiment.json',
  shape: EXPERIMENT,
  rules: ruleProblems,
};

/**
 * Reads an experiment file. Its scenarios are read when it is run.
 * @throws ScenarioError with all problems
 */
export function loadExperiment(path: string): LoadedExperiment {
  const file = resolve(path);
  return parseExperiment(readDocument(file, FORMAT), file);
}

/**
 * An experiment from its text.
 * @param file absolute path, for messages and for the paths in it
 * @throws ScenarioError with all problems
 */
export function parseExperiment(text: string, file: string): LoadedExperiment {
  return parseDocument(text, file, FORMAT);
}

/** Rows beyond this are a slip: a machine is started for each. */
const MAX_ROWS = 1000;

/** What shapes cannot say: names that are given twice, and references to what is not there. */
function ruleProblems(experiment: Experiment, sound: (field: string) => boolean): readonly RuleProblem[] {
  if (!sound('variants') || !sound('sweep')) return [];
  const { variants, packets, columns } = experiment;
  const names = twice(
    variants.map(({ name }) => name),
    (i) => ['variants', i, 'name'],
  );
  const points = twice(
    pointsOf(experiment).map(({ name }) => name),
    (i) => ('points' in (experiment.sweep ?? {}) ? ['sweep', 'points', i, 'name'] : ['sweep', 'values', i]),
  );
  const rows = rowsOf(experiment);
  const many: RuleProblem[] =
    rows.length > MAX_ROWS
      ? [{ path: ['sweep'], message: `makes ${rows.length} rows; expected at most ${MAX_ROWS}` }]
      : [];
  const star = variants.flatMap(({ name }, i): RuleProblem[] =>
    name === '*' ? [{ path: ['variants', i, 'name'], message: 'found "*", which stands for all variants' }] : [],
  );
  if (!sound('packets') || !sound('columns')) return [...names, ...points, ...many, ...star];
  const standard = Object.keys(standardColumns(packets));
  return [
    ...names,
    ...points,
    ...many,
    ...star,
    ...Object.keys(columns).flatMap((id): RuleProblem[] =>
      standard.includes(id) ? [{ path: ['columns', id], message: 'is a column that every experiment has' }] : [],
    ),
    ...referenceProblems(experiment, sound, [...Object.keys(columns), ...standard]),
  ];
}

function twice(names: readonly string[], path: (index: number) => RuleProblem['path']): RuleProblem[] {
  return names.flatMap((name, i) =>
    names.indexOf(name) === i ? [] : [{ path: path(i), message: `${JSON.stringify(name)} is given twice` }],
  );
}

/** References of columns, charts, published figures and expectations: to rows, columns and paths of the report. */
function referenceProblems(
  experiment: Experiment,
  sound: (field: string) => boolean,
  ids: readonly string[],
): RuleProblem[] {
  const rows = rowsOf(experiment).map(({ name, variant, point }) => ({
    name,
    variant: variant.name,
    point: point?.name,
  }));
  const measure = (path: RuleProblem['path'], text: string): RuleProblem[] => {
    if (ids.includes(text)) return [];
    const known = isReportPath(text);
    if (known === true) return [];
    return [{ path, message: `${known}; or the id of a column: ${ids.join(', ')}` }];
  };
  const row = (path: RuleProblem['path'], reference: string): RuleProblem[] => {
    if (referred(rows, reference).length > 0) return [];
    return [{ path, message: `names no row; there are ${someOf(rows.map(({ name }) => name))}` }];
  };
  const { columns, charts, published, expect } = experiment;
  return [
    ...Object.entries(columns).flatMap(([id, { of, per = [] }]) => [
      ...of.flatMap((text, i) => reportPath(['columns', id, 'of', i], text)),
      ...per.flatMap((text, i) => reportPath(['columns', id, 'per', i], text)),
    ]),
    ...(sound('charts') ? charts : []).flatMap(({ x, y }, i) => [
      ...(x === undefined ? [] : measure(['charts', i, 'x'], x)),
      ...measure(['charts', i, 'y'], y),
    ]),
    ...(sound('published') ? published : []).flatMap((figure, i) => [
      ...row(['published', i, 'row'], figure.row),
      ...measure(['published', i, 'measure'], figure.measure),
    ]),
    ...(sound('expect') ? expect : []).flatMap((expected, i) => [
      ...measure(['expect', i, kindOf(expected)], measureOf(expected)),
      ...('rows' in expected ? (expected.rows ?? []) : []).flatMap((reference, at) =>
        row(['expect', i, 'rows', at], reference),
      ),
      ...('ratio' in expected
        ? [...row(['expect', i, 'of'], expected.of), ...row(['expect', i, 'to'], expected.to)]
        : []),
    ]),
  ];
}

function reportPath(path: RuleProblem['path'], text: string): RuleProblem[] {
  const known = isReportPath(text);
  return known === true ? [] : [{ path, message: known }];
}

/** The field that says what is expected. */
export function kindOf(expected: Expected): 'order' | 'flat' | 'ratio' | 'value' | 'near' {
  if ('order' in expected) return 'order';
  if ('flat' in expected) return 'flat';
  if ('ratio' in expected) return 'ratio';
  return 'near' in expected ? 'near' : 'value';
}

/** What it is expected of. */
export function measureOf(expected: Expected): string {
  if ('order' in expected) return expected.order;
  if ('flat' in expected) return expected.flat;
  if ('ratio' in expected) return expected.ratio;
  return 'near' in expected ? expected.near : expected.value;
}

const SHOWN = 12;

function someOf(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return (
    names
      .slice(0, SHOWN)
      .map((name) => JSON.stringify(name))
      .join(', ') + more
  );
}
