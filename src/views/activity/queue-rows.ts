// What the Queues tree says of a stop. Pure.
import type { PanelQueue, PanelState } from '../../panel';
import { count } from '../words';
import type { Row } from './row';

type Owner = PanelQueue['ring']['descriptors'][number]['owner'];

/** Owners as the ring panel words them, in the order in which a buffer passes through them. */
const OWNERS: Readonly<Record<Owner, string>> = {
  building: 'being built',
  added: 'added, not exposed',
  available: 'available',
  taken: 'taken by the device',
  used: 'used',
  reclaimed: 'reclaimed',
  free: 'free',
  unknown: 'unknown',
};

/** One row a queue, with its indices, owners and notifications below. */
export function queueRows(state: PanelState): readonly Row[] {
  return state.queues.map((queue) => queueRow(queue));
}

function queueRow(queue: PanelQueue): Row {
  const { name, problems, layout } = queue.ring;
  const inFlight = (queue.ring.avail.idx - queue.ring.used.idx) & 0xffff;
  return {
    id: name,
    label: name,
    description: queue.ready ? `${inFlight} of ${layout.size} in flight` : 'not set up',
    tooltip: queue.sentence,
    icon: problems.length > 0 ? 'warning' : 'circuit-board',
    context: 'queue',
    unfolded: true,
    children: [
      { id: `${name} sentence`, label: queue.sentence, icon: 'comment', tooltip: queue.sentence },
      ...problems.map((text, i) => ({ id: `${name} problem ${i}`, label: text, icon: 'warning' })),
      ...(queue.ready ? readyRows(queue) : []),
    ],
  };
}

function readyRows(queue: PanelQueue): Row[] {
  const { name } = queue.ring;
  return [indices(queue), owners(queue), notifications(queue)].map((row) => ({ ...row, id: `${name} ${row.id}` }));
}

function leaf(parent: string, label: string, value: string | number | undefined): readonly Row[] {
  return value === undefined ? [] : [{ id: `${parent} ${label}`, label, description: String(value) }];
}

function indices({ ring: { name, avail, used, progress } }: PanelQueue): Row {
  const at = (label: string, value: number | undefined): readonly Row[] => leaf(`${name} indices`, label, value);
  return {
    id: 'indices',
    label: 'Indices',
    description: `avail.idx ${avail.idx}, used.idx ${used.idx}`,
    icon: 'list-ordered',
    children: [
      ...at('avail.idx', avail.idx),
      ...at('last_avail_idx (device)', progress.lastAvailIdx),
      ...at('used.idx', used.idx),
      ...at('last_used_idx (driver)', progress.lastUsedIdx),
      ...at('num_added', progress.numAdded),
      ...at('num_free', progress.numFree),
      ...at('free_head', progress.freeHead),
    ],
  };
}

function owners({ ring: { name, descriptors } }: PanelQueue): Row {
  const counts = new Map<Owner, number>();
  for (const { owner } of descriptors) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  const present = (Object.keys(OWNERS) as Owner[]).filter((owner) => counts.has(owner));
  return {
    id: 'owners',
    label: 'Descriptors',
    description: present.map((owner) => `${counts.get(owner)} ${OWNERS[owner]}`).join(', '),
    icon: 'symbol-array',
    children: present.flatMap((owner) => leaf(`${name} owners`, OWNERS[owner], counts.get(owner))),
  };
}

function notifications({ ring: { name }, notifications: { kick, interrupt }, counters }: PanelQueue): Row {
  const verdict = (what: string, { sent, why }: { readonly sent: boolean; readonly why: string }): Row => ({
    id: `${name} ${what} now`,
    label: `${what} now`,
    description: `${sent ? 'sent' : 'suppressed'}: ${why}`,
    icon: sent ? 'bell' : 'bell-slash',
  });
  const { raised, delivered, suppressed } = counters.interrupts;
  const at = (label: string, value: number): readonly Row[] => leaf(`${name} notifications`, label, value);
  return {
    id: 'notifications',
    label: 'Notifications',
    description: `${count(counters.kicks, 'kick')}, ${count(delivered, 'interrupt')}`,
    icon: kick.sent ? 'bell' : 'bell-slash',
    children: [
      verdict('kick', kick),
      verdict('interrupt', interrupt),
      ...at('kicks', counters.kicks),
      ...at('kicks suppressed', counters.kicksSuppressed),
      ...at('interrupts raised', raised),
      ...at('interrupts delivered', delivered),
      ...at('interrupts suppressed', suppressed),
    ],
  };
}
