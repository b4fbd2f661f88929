// Guards of the compare tab's messages: each side checks what it receives, and says which field is wrong.
import {
  again,
  anything,
  check,
  count,
  expected,
  flag,
  list,
  number,
  object,
  oneOf,
  optional,
  text,
  timelineWindow,
  type Check,
  type Checked,
} from '../../messages';
import type { FromCompare, Kept, ToCompare } from './protocol';

export type { Checked };

const version: Check = (v) => (v === 1 ? undefined : expected('1', v));
const measures = {
  kicks: count,
  kicksSuppressed: count,
  exits: count,
  interrupts: count,
  lines: count,
  latencyNs: optional(number),
};
const cells = optional(object({ ...measures, tick: count }));
const totals = object({ ...measures, tx: count, rx: count });

const fields = object({
  version,
  left: text,
  right: text,
  rows: list(object({ label: text, left: cells, right: cells, difference: text, open: optional(flag) })),
  totals: object({ left: totals, right: totals }),
  ended: object({ left: flag, right: flag }),
  first: optional(count),
  notes: list(text),
});
const state: Check = (v) => {
  const error = fields(v);
  if (error !== undefined) return error;
  const { first, rows } = v as { readonly first?: number; readonly rows: readonly unknown[] };
  return first === undefined || first < rows.length ? undefined : `.first${expected('a row of the table', first)}`;
};

const side = optional(
  object({
    window: timelineWindow,
    story: list(object({ what: text, ns: number, tick: count })),
    doneNs: optional(number),
    atNs: number,
  }),
);
const packet = object({
  row: count,
  left: side,
  right: side,
  mark: optional(object({ at: count, is: oneOf('event', 'time') })),
});

const both = object({ left: again, right: again });

const part = { row: count, fromNs: number, toNs: number };

const toCompare: Readonly<Record<ToCompare['type'], Check>> = {
  comparison: object({ state, again: both }),
  packet: object({ packet }),
  detail: object({ ...part, left: optional(timelineWindow), right: optional(timelineWindow) }),
  over: object({ text }),
};

const fromCompare: Readonly<Record<FromCompare['type'], Check>> = {
  ready: object({ row: optional(count) }),
  choose: object({ row: optional(count) }),
  goTo: object({ left: optional(count), right: optional(count) }),
  goToTime: object({ row: count, side: oneOf('left', 'right'), ns: number }),
  look: (v) =>
    object(part)(v) ??
    ((v as { fromNs: number }).fromNs < (v as { toNs: number }).toNs ? undefined : expected('fromNs before toNs', v)),
  showRings: anything,
  runBoth: anything,
  again: anything,
};

const kept = object({ version, state, packet: optional(packet), again: both });

/** Checks a message on its way from the extension to the page. */
export const checkToCompare = (message: unknown): Checked<ToCompare> => check<ToCompare>(toCompare, message);

/** Checks a message on its way from the page to the extension. */
export const checkFromCompare = (message: unknown): Checked<FromCompare> => check<FromCompare>(fromCompare, message);

/** What the page kept over a reload of the window; undefined when it is nothing of the kind. */
export function checkKept(value: unknown): Kept | undefined {
  return kept(value) === undefined ? (value as Kept) : undefined;
}
