// Figures that the documents quote from experiments: which number in a text is which measure of which row, and whether it still is.

/** A measure of a row, `linesP50 of lists`; a ratio of two; or by how many percent the first is more, or less, than the second. */
export type Source =
  | string
  | { readonly ratio: readonly [Operand, Operand] }
  | { readonly more: readonly [string, string] }
  | { readonly less: readonly [string, string] };
type Operand = string | number;

/** A piece of a page, and what the numbers in it are, one by one; null: a number that no run gives. */
export interface Quote {
  readonly experiment: string;
  readonly text: string;
  readonly are: readonly (Source | null)[];
}

/** Pages by their file's name. */
export type Quotes = Readonly<Record<string, readonly Quote[]>>;

/** What `lab experiment --json` prints, as far as it counts here. */
export interface Printed {
  readonly columns: readonly { readonly id: string }[];
  readonly rows: readonly {
    readonly name: string;
    readonly values: readonly (number | null)[];
    readonly report: unknown;
  }[];
}

const NUMBER = /(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?( (?:ns|µs|ms|s|%)(?!\w))?/g;
const SCALE: Readonly<Record<string, number>> = { ' µs': 1e3, ' ms': 1e6, ' s': 1e9 };

/** The numbers of a text, with their units. */
export const numbersIn = (text: string): readonly string[] => [...text.matchAll(NUMBER)].map(([whole]) => whole);

/** A row and a measure of it. @throws Error when a source does not read `MEASURE of ROW`. */
export function reference(source: string): { readonly measure: string; readonly row: string } {
  const [, measure, row] = /^(\S+) of (.+)$/.exec(source) ?? [];
  if (measure === undefined || row === undefined)
    throw new Error(`found ${JSON.stringify(source)}, expected "MEASURE of ROW"`);
  return { measure, row };
}

const operandsOf = (source: Exclude<Source, string>): readonly [Operand, Operand] =>
  'ratio' in source ? source.ratio : 'more' in source ? source.more : source.less;

/** All references of a source. */
export function referencesOf(source: Source): readonly string[] {
  if (typeof source === 'string') return [source];
  return operandsOf(source).filter((operand) => typeof operand === 'string');
}

/** The value of a measure: a column by its id, or a path into the row's report. @throws Error when there is none. */
function measured(printed: Printed, source: Operand): number {
  if (typeof source === 'number') return source;
  const { measure, row: name } = reference(source);
  const row = printed.rows.find((each) => each.name === name);
  if (row === undefined)
    throw new Error(`no row ${name}; there are ${printed.rows.map((each) => each.name).join(', ')}`);
  const column = printed.columns.findIndex(({ id }) => id === measure);
  const value =
    column < 0
      ? measure
          .split('.')
          .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], row.report)
      : row.values[column];
  if (typeof value !== 'number') throw new Error(`${name} has no ${measure}`);
  return value;
}

function valueOf(printed: Printed, source: Source): number {
  if (typeof source === 'string') return measured(printed, source);
  const [first, second] = operandsOf(source);
  const ratio = measured(printed, first) / measured(printed, second);
  return 'ratio' in source ? ratio : (ratio - 1) * ('more' in source ? 100 : -100);
}

/** A value as a number of the page is written: its unit, its decimals, its commas; 12,300 and 9,000 are round, 12,345 is not. */
function written(value: number, like: string): string {
  const [, whole = '', decimals = '', unit = ''] = new RegExp(NUMBER.source).exec(like) ?? [];
  const digits = whole.replaceAll(',', '');
  const zeros = /0*$/.exec(digits)?.[0].length ?? 0;
  const step = zeros >= 3 || (zeros === 2 && digits.length >= 5) ? 10 ** zeros : 1;
  const scaled = value / (SCALE[unit] ?? 1);
  const places = decimals.length === 0 ? 0 : decimals.length - 1;
  // 0.0535 is 0.054: what binary makes of a decimal does not decide
  const count = Math.round(Number(((scaled / step) * 10 ** places).toPrecision(12)));
  const [integer = '', fraction] = ((count / 10 ** places) * step).toFixed(places).split('.');
  const grouped = integer.length < 4 || !whole.includes(',') ? integer : Number(integer).toLocaleString('en');
  return `${grouped}${fraction === undefined ? '' : `.${fraction}`}${unit}`;
}

/** The text with the figures that the experiment prints now; the same text when all of them still hold. */
export function current({ text, are }: Quote, printed: Printed): string {
  let n = 0;
  return text.replace(NUMBER, (number) => {
    const source = are[n++];
    return source === null || source === undefined ? number : written(valueOf(printed, source), number);
  });
}
