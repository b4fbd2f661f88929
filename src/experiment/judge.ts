// Expectations across rows: order, flatness, ratios, values. Pure.
import { referred, type Referable } from './rows';
import type { Comparison, Expected, ExperimentResult, RowReference } from './types';

/** A row as expectations see it. */
export interface JudgedRow extends Referable {
  /** a measure's value; null: none */
  value(measure: string): number | null;
}

type Judgement = ExperimentResult['expectations'][number];

/** Whether an expectation holds, with the values that decide it. */
export function judge(expected: Expected, rows: readonly JudgedRow[]): Judgement {
  const { what, failures, seen } = judged(expected, rows);
  return { what, why: expected.why, actual: seen, ok: failures === 0 };
}

interface Outcome {
  readonly what: string;
  readonly failures: number;
  readonly seen: string;
}

function judged(expected: Expected, rows: readonly JudgedRow[]): Outcome {
  if ('order' in expected) {
    const { order, is } = expected;
    return ofGroups(
      `${order}: ${orderWords(is)}${about(expected.rows, expected.each)}`,
      expected,
      rows,
      order,
      (values) => values.every((value, i) => i === 0 || holds(values[i - 1] ?? NaN, is, value)),
    );
  }
  if ('flat' in expected) {
    const { flat, within } = expected;
    return ofGroups(
      `${flat}: within ${within} %${about(expected.rows, expected.each)}`,
      expected,
      rows,
      flat,
      (values) => Math.max(...values) <= Math.min(...values) * (1 + within / 100),
    );
  }
  if ('ratio' in expected) return ofRatio(expected, rows);
  if ('near' in expected) {
    const { near, to, by } = expected;
    return ofEach(
      `${near}: ${to} ± ${by}${about(expected.rows)}`,
      expected.rows,
      rows,
      near,
      (v) => Math.abs(v - to) <= by,
    );
  }
  const { value, is, than } = expected;
  return ofEach(`${value} ${is} ${than}${about(expected.rows)}`, expected.rows, rows, value, (v) => holds(v, is, than));
}

function ofGroups(
  what: string,
  { rows: references, each }: { readonly rows?: readonly RowReference[]; readonly each?: 'variant' | 'point' },
  rows: readonly JudgedRow[],
  measure: string,
  good: (values: readonly number[]) => boolean,
): Outcome {
  const chosen = chosenRows(references, rows);
  const keys = each === undefined ? [undefined] : [...new Set(chosen.map((row) => row[each]))];
  const groups = keys.map((key) => {
    const members = each === undefined ? chosen : chosen.filter((row) => row[each] === key);
    const values = members.map((row) => row.value(measure));
    const known = values.flatMap((value) => value ?? []);
    const ok = known.length === values.length && good(known);
    return { ok, text: `${key === undefined ? '' : `${key}: `}${values.map(shown).join(', ')}` };
  });
  return outcome(what, groups);
}

function ofEach(
  what: string,
  references: readonly RowReference[] | undefined,
  rows: readonly JudgedRow[],
  measure: string,
  good: (value: number) => boolean,
): Outcome {
  const results = chosenRows(references, rows).map((row) => {
    const value = row.value(measure);
    return { ok: value !== null && good(value), text: `${row.name}: ${shown(value)}` };
  });
  return outcome(what, results);
}

function ofRatio(
  { ratio, of, to, is, value }: Extract<Expected, { readonly ratio: string }>,
  rows: readonly JudgedRow[],
): Outcome {
  const what = `${ratio}: ${of} ÷ ${to} ${is} ${value}`;
  const above = referred(rows, of);
  const below = referred(rows, to);
  if (above.length !== below.length && below.length !== 1)
    return { what, failures: 1, seen: `${above.length} rows to ${below.length}: expected as many, or one` };
  const pairs = above.map((row, i) => {
    const other = below.length === 1 ? below[0] : below[i];
    const top = row.value(ratio);
    const bottom = other?.value(ratio) ?? null;
    const quotient = top === null || bottom === null || bottom === 0 ? null : top / bottom;
    return {
      ok: quotient !== null && holds(quotient, is, value),
      text: above.length === 1 ? shown(quotient) : `${row.name}: ${shown(quotient)}`,
    };
  });
  return outcome(what, pairs);
}

function outcome(what: string, results: readonly { readonly ok: boolean; readonly text: string }[]): Outcome {
  const failed = results.filter(({ ok }) => !ok);
  // where one of many fails, that one is what there is to see
  const told = failed.length > 0 ? failed : results;
  return { what, failures: failed.length, seen: told.map(({ text }) => text).join('; ') };
}

/** In the order of the references: an order is of the rows as they are named. */
function chosenRows(references: readonly RowReference[] | undefined, rows: readonly JudgedRow[]): readonly JudgedRow[] {
  return references === undefined ? rows : references.flatMap((reference) => referred(rows, reference));
}

function holds(left: number, is: Comparison, right: number): boolean {
  switch (is) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}

function orderWords(is: '<' | '<=' | '>' | '>='): string {
  return { '<': 'rising', '<=': 'never falling', '>': 'falling', '>=': 'never rising' }[is];
}

function about(references?: readonly RowReference[], each?: 'variant' | 'point'): string {
  const over = references === undefined ? '' : `: ${references.join(', ')}`;
  return `${each === undefined ? '' : ` for each ${each}`}${over}`;
}

const shown = (value: number | null): string => (value === null ? 'none' : String(Number(value.toPrecision(6))));
