// Guard of a window of a machine's timeline, which more than one page draws.
import { count, list, number, object, oneOf, optional, text, type Check } from './checks';

const series: Check = (v) =>
  object({ kind: oneOf('mark', 'level'), what: text, queue: optional(text), of: optional(text) })(v);
const nullable =
  (check: Check): Check =>
  (v) =>
    v === null ? undefined : check(v);
const content: Check = (v) => {
  const kind = object({ kind: oneOf('items', 'columns') })(v);
  if (kind !== undefined) return kind;
  return (v as { kind: string }).kind === 'items'
    ? object({ ns: list(number), tick: list(count), series: list(count), value: list(number) })(v)
    : object({ count, sums: list(nullable(list(number))), peaks: list(nullable(list(number))) })(v);
};

export const timelineWindow = object({
  fromNs: number,
  toNs: number,
  endNs: number,
  series: list(series),
  before: list(number),
  content,
});
