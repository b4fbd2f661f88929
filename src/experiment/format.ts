// An experiment's result as text for a terminal, and as Markdown. Pure.
import type { ExperimentResult, ResultColumn, Unit } from './types';

/** A value as tables show it: five digits, times and sizes in the unit that keeps them short; `–` for none. */
export function cellText(value: number | null, unit: Unit): string {
  if (value === null) return '–';
  switch (unit) {
    case 'ns':
      return time(value);
    case 'bytes':
      return `${digits(value)} B`;
    case '/s':
      return `${digits(value)}/s`;
    case '%':
      return `${digits(value)} %`;
    case '':
      return digits(value);
  }
}

/** ns in the unit that keeps it short: `150.3 µs` */
function time(ns: number): string {
  const size = Math.abs(ns);
  if (size < 1000) return `${digits(ns)} ns`;
  if (size < 1e6) return `${digits(ns / 1e3)} µs`;
  if (size < 1e9) return `${digits(ns / 1e6)} ms`;
  return `${digits(ns / 1e9)} s`;
}

/** Whole numbers whole, others to four digits; thousands apart, whatever the language of the system. */
function digits(value: number): string {
  const text = Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
  const [whole = '', fraction] = text.split('.');
  const apart = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? apart : `${apart}.${fraction}`;
}

type Table = readonly (readonly string[])[];

interface ShownColumn {
  readonly column: ResultColumn;
  /** index of its values in a row */
  readonly at: number;
}

/** Columns that have a value in some row: what no row has is not worth a column. */
function shownColumns(
  { columns, rows }: ExperimentResult,
  wanted: (column: ResultColumn) => boolean = () => true,
): readonly ShownColumn[] {
  return columns.flatMap((column, at) =>
    wanted(column) && rows.some(({ values }) => (values[at] ?? null) !== null) ? [{ column, at }] : [],
  );
}

function tableOf(result: ExperimentResult, wanted: (column: ResultColumn) => boolean): Table {
  const shown = shownColumns(result, wanted);
  if (shown.length === 0) return [];
  return [
    ['', ...shown.map(({ column }) => column.title)],
    ...result.rows.map(({ name, values }) => [
      name,
      ...shown.map(({ column, at }) => cellText(values[at] ?? null, column.unit)),
    ]),
  ];
}

function publishedTable(published: ShownResult['published']): Table {
  if (published.length === 0) return [];
  return [
    ['', 'measure', 'predicted', 'published', 'ratio', 'is a', 'source'],
    ...published.map(({ row, measure, predicted, published: figure, ratio, role, source }) => [
      row,
      measure,
      predicted,
      figure,
      ratio,
      role,
      source,
    ]),
  ];
}

/** The result for a terminal. */
export function experimentText(result: ExperimentResult): string {
  const { rows, expectations } = result;
  const failed = rows.flatMap(({ name, error, report }) => [
    ...(error === undefined ? [] : [`  FAILED  ${name}: ${error}`]),
    ...(report?.expectations ?? [])
      .filter(({ ok }) => !ok)
      .map(({ what, expected, actual }) => `  FAILED  ${name}: ${what} ${expected}: it is ${actual}`),
    ...(report?.findings ?? []).map(
      ({ text, where, id }) => `  found   ${name}: ${where ?? ''}${where === undefined ? '' : ': '}${text} [${id}]`,
    ),
  ]);
  const blocks = [
    [title(result), ...(result.claim === '' ? [] : [`  ${result.claim}`])],
    aligned(tableOf(result, ({ standard }) => !standard)),
    // a terminal is not wide: what belongs together is a table of its own
    ...STANDARD_TABLES.map((ids) => aligned(tableOf(result, ({ id, standard }) => standard && ids.test(id)))),
    aligned(publishedTable(shownResult(result).published)),
    failed,
    expectations.map(({ what, actual, ok, why }) =>
      ok ? `  ok      ${what}` : `  FAILED  ${what}: it is ${actual}${why === '' ? '' : ` (${why})`}`,
    ),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

const STANDARD_TABLES = [
  /^(kicks|exits|interrupts)/,
  /^(latency|packetsPerSecond|drops|[tr]x(Latency|PacketsPerSecond))/,
  /^(lines|cacheLines|[tr]xLines)/,
];

/** A result as it is shown: cells as text, and the value that they are sorted by. */
export interface ShownResult {
  readonly title: string;
  readonly claim: string;
  readonly columns: readonly { readonly title: string; readonly hint: string; readonly standard: boolean }[];
  readonly rows: readonly {
    readonly name: string;
    readonly cells: readonly { readonly text: string; readonly value: number | null }[];
  }[];
  readonly published: readonly {
    readonly row: string;
    readonly measure: string;
    readonly predicted: string;
    readonly published: string;
    readonly ratio: string;
    readonly role: string;
    readonly source: string;
  }[];
  readonly expectations: ExperimentResult['expectations'];
}

/** A result for a page, and for Markdown; without the columns that no row has a value of. */
export function shownResult(result: ExperimentResult): ShownResult {
  const shown = shownColumns(result);
  return {
    title: title(result),
    claim: result.claim,
    columns: shown.map(({ column: { title: name, hint, standard } }) => ({ title: name, hint, standard })),
    rows: result.rows.map(({ name, values }) => ({
      name,
      cells: shown.map(({ column, at }) => {
        const value = values[at] ?? null;
        return { text: cellText(value, column.unit), value };
      }),
    })),
    published: result.published.map(({ predicted, published, ratio, ...words }) => ({
      ...words,
      predicted: cellText(predicted, ''),
      published: cellText(published, ''),
      ratio: cellText(ratio, ''),
    })),
    expectations: result.expectations,
  };
}

/** The result for an issue, a mail or a document. */
export const experimentMarkdown = (result: ExperimentResult): string => shownMarkdown(shownResult(result));

/** The same of a result as it is shown. */
export function shownMarkdown({ title: name, claim, columns, rows, published, expectations }: ShownResult): string {
  const table =
    columns.length === 0
      ? []
      : [
          ['', ...columns.map((column) => column.title)],
          ...rows.map((row) => [row.name, ...row.cells.map((c) => c.text)]),
        ];
  const blocks = [
    [`## ${name}`],
    claim === '' ? [] : [`> ${claim}`],
    markdown(table),
    markdown(publishedTable(published)),
    expectations.map(
      ({ what, actual, ok }) => `- ${ok ? 'holds' : '**fails**'}: ${escaped(what)} (${escaped(actual)})`,
    ),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

const title = ({ experiment, size }: ExperimentResult): string =>
  size === 'quick' ? `${experiment} (quick run, few packets)` : experiment;

/** Names to the left, figures to the right; nothing after the last column. */
function aligned(table: Table): string[] {
  const widths = (table[0] ?? []).map((_, i) => Math.max(...table.map((row) => row[i]?.length ?? 0)));
  return table.map((row) =>
    `  ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')}`.trimEnd(),
  );
}

function markdown(table: Table): string[] {
  const [head, ...rows] = table;
  if (head === undefined) return [];
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`;
  return [line(head), `|${head.map((_, i) => (i === 0 ? ' --- |' : ' ---: |')).join('')}`, ...rows.map(line)];
}

/** A name may hold what Markdown would take for its own. */
const escaped = (text: string): string => text.replace(/[\\|*_<>`[\]]/g, '\\$&');
