// Guard of a window of a machine's timeline, which more than one page draws.
import { count, list, number, object, oneOf, optional, text, type Check } from './checks';

const series: Check = (v) =>
  object({ kind: oneOf('mark', 'level'), what: text, queue: optional(text), of: optional(text) })(v);
const nullable =
  (check: Check): Check =>
  (v) =>
    v === null ? undefined : check(v);

/** A list of thousands: what is right is seen at a glance, what is not is named. */
const many =
  (right: (entry: unknown) => boolean, entry: Check): Check =>
  (v) =>
    Array.isArray(v) && v.every(right) ? undefined : list(entry)(v);
const numbers = many(Number.isFinite, number);
const counts = many((v) => Number.isSafeInteger(v) && (v as number) >= 0, count);

const kind = object({ kind: oneOf('items', 'columns') });
const items = object({ ns: numbers, tick: counts, series: counts, value: numbers });
const columns = object({ count, sums: list(nullable(numbers)), peaks: list(nullable(numbers)) });
const content: Check = (v) => kind(v) ?? ((v as { kind: string }).kind === 'items' ? items(v) : columns(v));

export const timelineWindow = object({
  fromNs: number,
  toNs: number,
  endNs: number,
  series: list(series),
  before: list(number),
  content,
});
