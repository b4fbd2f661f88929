// What changed since the previous stop, looked up by field while drawing.
import type { PanelState } from '../src/panel/protocol';
import type { Author } from '../src/virtqueue';

type Fields = ReadonlyMap<string, Author>;

const NONE: Fields = new Map();
const cache = new WeakMap<PanelState, ReadonlyMap<string, Fields>>();

/** Last author of each changed field of a queue: `avail.idx`, `desc[7].flags`, and `desc[7]` for any part of it. */
export function changedFields(panel: PanelState, queue: string): Fields {
  let byQueue = cache.get(panel);
  if (!byQueue) cache.set(panel, (byQueue = collect(panel)));
  return byQueue.get(queue) ?? NONE;
}

/** A store that left the value as it was: an event for who looks at cache lines, and nothing to mark. */
export const isUnchanged = ({ before, after }: PanelState['changes'][number]): boolean => before === after;

/** Stores since the previous stop, or on the way to this place where that is what is known; in order of time. */
export const freshChanges = ({ changes, older }: PanelState): PanelState['changes'] =>
  older === 0 ? changes : changes.slice(older);

function collect(panel: PanelState): ReadonlyMap<string, Fields> {
  const byQueue = new Map<string, Map<string, Author>>();
  for (const change of freshChanges(panel)) {
    const { queue, field, author } = change;
    if (queue === undefined || isUnchanged(change)) continue;
    let fields = byQueue.get(queue);
    if (!fields) byQueue.set(queue, (fields = new Map<string, Author>()));
    fields.set(field, author);
    const entry = /^(.*\[\d+\])\./.exec(field)?.[1];
    if (entry !== undefined) fields.set(entry, author);
  }
  return byQueue;
}

/** The last changed row of each ring table, where there is one. */
export function changedRows(panel: PanelState, queue: string): { desc?: number; avail?: number; used?: number } {
  const rows: { desc?: number; avail?: number; used?: number } = {};
  for (const change of freshChanges(panel)) {
    if (change.queue !== queue) continue;
    const match = /^(desc|avail\.ring|used\.ring)\[(\d+)\]/.exec(change.field);
    if (match?.[1] === 'desc') rows.desc = Number(match[2]);
    else if (match?.[1] === 'avail.ring') rows.avail = Number(match[2]);
    else if (match?.[1] === 'used.ring') rows.used = Number(match[2]);
  }
  return rows;
}
