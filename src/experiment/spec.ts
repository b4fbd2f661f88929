// The fields of an experiment file, version 1: shapes, defaults, and what the editor tells about each. The shape of types.ts' Experiment.
import { fields, fileSchema, type RecordShape, type Shape } from '../scenario';

const { choice, flag, list, optional, or, record, relative, required, text } = fields;

const number: Shape = { kind: 'number' };
const name = text('a name without " @ "', 100, /^(?!.* @ )\S(.*\S)?$/);
/** `device.host.parameters.txTimerNs`, `traffic[0].count` */
export const FIELD_PATH = /^[A-Za-z_]\w*(\.\w+|\[(0|[1-9]\d{0,5})\])*$/;

const overrides: Shape = {
  kind: 'map',
  of: { kind: 'json' },
  key: FIELD_PATH,
  keys: 'paths of fields of a scenario, as traffic[0].count',
  max: 100,
};
const fieldPath = text('the path of a field of a scenario, as traffic[0].count', 200, FIELD_PATH);
const measure = text('the id of a column, or a path into the report', 200);
const row = text('a row: "variant", "variant @ point" or "* @ point"', 250);
const unit = choice('', 'ns', 'bytes', '/s', '%');
const scale = choice('linear', 'log');
const comparison = choice('==', '!=', '<', '<=', '>', '>=');

const variant = record({
  name: required(name, 'Its name in the table.'),
  scenario: required(relative('a scenario file (*.virtio.json)'), 'The scenario that it runs, relative to this file.'),
  set: or(
    {},
    overrides,
    'Fields of the scenario to change, by their paths: `{ "device.host.parameters.txTimerNs": 0 }`.',
  ),
});

const sweep: Shape = {
  kind: 'either',
  cases: [
    record({
      fields: required(list(fieldPath, 1, 20), 'Fields of the scenarios that take each of the values in turn.'),
      values: required(list({ kind: 'scalar' }, 1, 100), 'The values.'),
      title: required(text('a text', 100), 'What is swept, as the table and the chart call it.'),
      unit: or('', unit, 'Unit of the values.'),
    }),
    record({
      points: required(
        list(
          record({
            name: required(name, 'Its name in the table.'),
            set: required(overrides, 'Fields of the scenarios to change at this point, by their paths.'),
          }),
          1,
          100,
        ),
        'What every variant is run at, where one value does not say it.',
      ),
      title: required(text('a text', 100), 'What is swept, as the table and the chart call it.'),
    }),
  ],
};

const column = record({
  title: required(text('a text', 100), 'Its head in the table.'),
  of: required(
    list(text('a path into the report', 200), 1, 20),
    'Values of the report that are added up: `["queues.tx.kicks"]`.',
  ),
  per: optional(
    list(text('a path into the report', 200), 1, 20),
    'Values whose sum that is divided by: `["packets.tx.sent"]` for a figure per packet.',
  ),
  times: or(1, number, 'A factor: 100 for percent.'),
  unit: or('', unit, 'Its unit.'),
  hint: or('', text('a text', 500, /^/), 'What it means, where the title does not say it.'),
});

const chart = record({
  title: required(text('a text', 200), 'Its title.'),
  x: optional(
    measure,
    'What goes to the right: the id of a column or a path into the report. Default: the sweep; without one, a bar for each variant.',
  ),
  y: required(measure, 'What goes up: the id of a column or a path into the report.'),
  xScale: or('linear', scale, 'Scale to the right.'),
  yScale: or('linear', scale, 'Scale upwards.'),
  marks: or(
    [],
    list(record({ y: required(number, 'Where.'), label: required(text('a text', 200), 'What it is.') }), 0, 10),
    'Published figures to mark in the chart.',
  ),
});

const published = record({
  row: required(row, 'The row that the figure is of.'),
  measure: required(measure, 'What was measured: the id of a column or a path into the report.'),
  value: required(number, 'The published figure.'),
  source: required(text('a text', 300), 'Where it was published.'),
  role: required(
    choice('calibration', 'prediction'),
    'Whether the model was fitted to this figure, or is on trial with it.',
  ),
});

const rows = optional(
  list(row, 1, 100),
  'The rows it is about, in this order: `"variant"`, `"variant @ point"`, `"* @ point"`. Default: all.',
);
const each = optional(
  choice('variant', 'point'),
  'Apart for each variant, or for each point of the sweep. Default: over all rows together.',
);
const why = or('', text('a text', 500, /^/), 'Why it should hold.');
const fullOnly = or(false, flag, 'Not looked at in a quick run, which has too few packets for it.');

const expected: Shape = {
  kind: 'either',
  cases: [
    record({
      order: required(measure, 'The rows, in their order, have ever greater (`<`) or lesser (`>`) values of this.'),
      is: or('<', choice('<', '<=', '>', '>='), 'From one row to the next.'),
      rows,
      each,
      why,
      fullOnly,
    }),
    record({
      flat: required(measure, 'The rows have nearly the same value of this.'),
      within: required(number, 'How far the greatest is above the least at most, in percent.'),
      rows,
      each,
      why,
      fullOnly,
    }),
    record({
      ratio: required(measure, 'One row’s value of this, divided by another’s.'),
      of: required(row, 'The row that is divided.'),
      to: required(row, 'The row that it is divided by.'),
      is: required(comparison, 'How the ratio compares …'),
      value: required(number, '… with what.'),
      why,
      fullOnly,
    }),
    record({
      value: required(measure, 'Each row’s value of this …'),
      is: required(comparison, '… compares so …'),
      than: required(number, '… with this.'),
      rows,
      why,
      fullOnly,
    }),
    record({
      near: required(measure, 'Each row’s value of this …'),
      to: required(number, '… is close to this.'),
      by: required(number, 'How far away it is at most.'),
      rows,
      why,
      fullOnly,
    }),
  ],
};

/** The whole file. */
export const EXPERIMENT: RecordShape = record({
  version: required(choice(1), 'Version of this format.'),
  name: required(text('a name', 200), 'Its name in lists.'),
  description: or('', text('a text', 5000, /^/), 'What is compared, and what to look at.'),
  claim: or('', text('a text', 5000, /^/), 'What is to be shown or refuted, in the words of its source.'),
  packets: or(
    'both',
    { kind: 'choice', values: ['tx', 'rx', 'both'], titles: ['those sent', 'those received', 'all'] },
    'Whose packets, queues and latencies the standard columns are about.',
  ),
  variants: required(list(variant, 1, 100), 'What is compared: a row, or a series over the sweep, for each.'),
  sweep: optional(sweep, 'What every variant is run at, point by point.'),
  columns: or(
    {},
    {
      kind: 'map',
      of: column,
      key: /^[A-Za-z]\w*$/,
      keys: 'ids of letters and digits, for charts and expectations to refer to',
      max: 50,
    },
    'Columns of this experiment’s own, by id. Kicks, exits, interrupts, latencies, rates, drops and lines are always there.',
  ),
  charts: or([], list(chart, 0, 10), 'Charts.'),
  published: or([], list(published, 0, 200), 'Published figures, to be shown beside the predicted ones.'),
  expect: or([], list(expected, 0, 200), 'What must hold across the rows.'),
  quick: or(
    {},
    overrides,
    'Fields of the scenarios that make a quick run quick: `{ "traffic[0].count": 500 }`. Whoever tests all experiments at each change runs them so.',
  ),
});

/** The schema of experiment files. */
export const experimentSchema = (): Readonly<Record<string, unknown>> =>
  fileSchema('Virtio Lab experiment', EXPERIMENT);
