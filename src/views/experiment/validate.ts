// Guards of an experiment's messages: each side checks what it receives, and says which field is wrong.
import {
  anything,
  check,
  count,
  expected,
  flag,
  list,
  number,
  object,
  oneOf,
  text,
  type Check,
  type Checked,
} from '../../messages';
import type { ExperimentView, FromExperiment, ToExperiment } from './protocol';

export type { Checked };

const value: Check = (v) => (v === null ? undefined : number(v));
const scale = oneOf('linear', 'log');

const chart = object({
  title: text,
  kind: oneOf('bars', 'lines'),
  xTitle: text,
  yTitle: text,
  xUnit: text,
  yUnit: text,
  xScale: scale,
  yScale: scale,
  series: list(object({ name: text, points: list(object({ label: text, x: number, y: number })) })),
  marks: list(object({ y: number, label: text })),
});

const view = object({
  version: (v) => (v === 1 ? undefined : expected('1', v)),
  file: text,
  title: text,
  claim: text,
  description: text,
  passed: flag,
  columns: list(object({ title: text, hint: text, standard: flag })),
  rows: list(object({ name: text, cells: list(object({ text, value })), problems: list(text) })),
  charts: list(chart),
  published: list(
    object({ row: text, measure: text, predicted: text, published: text, ratio: text, role: text, source: text }),
  ),
  expectations: list(object({ what: text, why: text, actual: text, ok: flag })),
});

const toExperiment: Readonly<Record<ToExperiment['type'], Check>> = {
  result: object({ view }),
  running: object({ file: text, title: text, done: count, total: count, row: text }),
  failed: object({ file: text, title: text, text }),
};

const fromExperiment: Readonly<Record<FromExperiment['type'], Check>> = {
  ready: anything,
  runAgain: anything,
  cancel: anything,
  copyMarkdown: anything,
  openFile: anything,
  row: object({ act: oneOf('open', 'debug', 'run'), name: text }),
};

/** Checks a message on its way from the extension to the page. */
export const checkToExperiment = (message: unknown): Checked<ToExperiment> =>
  check<ToExperiment>(toExperiment, message);

/** Checks a message on its way from the page to the extension. */
export const checkFromExperiment = (message: unknown): Checked<FromExperiment> =>
  check<FromExperiment>(fromExperiment, message);

/** A result that the page kept over a reload of the window; undefined when it is none. */
export function checkView(kept: unknown): ExperimentView | undefined {
  return view(kept) === undefined ? (kept as ExperimentView) : undefined;
}
