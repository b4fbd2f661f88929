// Guards of the panel's messages: each side checks what it receives, and says which field is wrong.
import {
  allOf,
  anything,
  check,
  count,
  expected,
  flag,
  hex,
  list,
  number,
  object,
  oneOf,
  optional,
  text,
  timelineWindow,
  within,
  type Check,
  type Checked,
} from '../messages';
import { madeOfBytes } from './made-of-bytes';
import { withLists } from './ring-bytes';
import { ring, slots } from './validate-ring';
import type { FromPanel, ToPanel } from './protocol';

export type { Checked };

const position = object({ tick: count, sub: count });
const link = object({ label: text, path: text, line: count });
const author = oneOf('driver', 'device', 'debugger', 'machine');
const u16 = within(0, 0xffff);

const written = object({ author, timeNs: number, position, source: optional(link) });
const flagBasis = object({ name: oneOf('NO_NOTIFY', 'NO_INTERRUPT'), set: flag });
const eventBasis = object({ name: oneOf('avail_event', 'used_event'), event: u16, old: u16, next: u16 });
const basis: Check = (v) => {
  const kind = object({ kind: oneOf('flags', 'event') })(v);
  if (kind !== undefined) return kind;
  return (v as { kind: string }).kind === 'flags' ? flagBasis(v) : eventBasis(v);
};
const verdict = object({ sent: flag, why: text, basis: optional(basis), written: optional(written) });
const party = object({ name: text, side: oneOf('driver', 'device') });

const queue = object({
  ring,
  ready: flag,
  legacy: flag,
  availSlots: slots,
  usedSlots: slots,
  places: allOf(optional(object({ address: count, size: count }))),
  counters: object({
    added: count,
    used: count,
    kicks: count,
    kicksSuppressed: count,
    interrupts: object({ raised: count, delivered: count, suppressed: count }),
    maxOutstanding: count,
    bytes: count,
  }),
  notifications: object({ kick: verdict, interrupt: verdict }),
  sentence: text,
  clauses: list(object({ text, from: list(text) })),
  waits: optional(object({ who: party, whom: party })),
});

const thread: Check = (v) => {
  const common = object({ id: count, name: text, kind: oneOf('vcpu', 'host') })(v);
  if (common !== undefined) return common;
  return (v as { kind: string }).kind === 'vcpu' ? vcpu(v) : host(v);
};
const vcpu = object({
  context: oneOf('idle', 'process', 'softirq', 'hardirq'),
  irqsOff: flag,
  at: optional(text),
  source: optional(link),
  interrupts: list(text),
  blockedBy: optional(text),
});
const host = object({
  status: oneOf('rest', 'ready', 'running', 'sleeping', 'dead'),
  waitsFor: text,
  sinceNs: number,
  wakeNs: optional(number),
  next: optional(text),
  state: allOf(anything),
  frames: list(object({ function: text, source: optional(link) })),
});

const skbs = list(
  object({
    id: count,
    address: count,
    length: count,
    direction: oneOf('tx', 'rx'),
    place: text,
    queue: optional(text),
    head: optional(count),
    bornNs: number,
    sinceNs: number,
    orphaned: flag,
    charged: flag,
    summary: text,
    history: list(object({ place: text, sinceNs: number })),
    where: text,
  }),
);

const state = object({
  version: (v) => (v === 1 ? undefined : expected('1', v)),
  title: text,
  reason: text,
  position,
  timeNs: number,
  physOffset: hex,
  queues: list(queue),
  skbs: (v) => (madeOfBytes(v) ? undefined : skbs(v)),
  changesSince: oneOf('previous', 'history'),
  older: count,
  changes: list(
    object({
      position,
      timeNs: number,
      author,
      queue: optional(text),
      field: text,
      before: text,
      after: text,
      thread: optional(text),
      address: optional(count),
      size: optional(count),
      source: optional(link),
    }),
  ),
  threads: list(thread),
  device: object({
    status: count,
    features: text,
    interruptStatus: count,
    irqPending: flag,
    tapFrames: count,
    timers: list(object({ name: text, queue: text, dueNs: number, armedNs: number })),
    statusNames: list(text),
    featureNames: list(text),
  }),
  netdev: object({ queueStopped: flag, qdiscLength: count }),
  exits: object({ notify: count, interruptStatus: count, interruptAck: count, config: count, injection: count }),
  findings: list(object({ id: text, kind: text, text, position, timeNs: number, source: optional(link) })),
  furthest: count,
});

const windowName = oneOf('view', 'overview');
const hexBytes: Check = (v) =>
  typeof v === 'string' && /^([0-9a-f]{2})*$/.test(v) ? undefined : expected('bytes in hex', v);

/** A few plain values; the page checks each where it takes it over. */
const choice: Check = (v) =>
  ['string', 'number', 'boolean'].includes(typeof v) && String(v).length <= 200
    ? undefined
    : expected('a short text, a number, true or false', v);
const choices: Check = (v) =>
  allOf(choice)(v) ?? (Object.keys(v as object).length > 40 ? expected('at most 40 choices', v) : undefined);

const toPanel: Readonly<Record<ToPanel['type'], Check>> = {
  state: object({ state }),
  timeline: object({ name: windowName, window: timelineWindow }),
  events: object({ events: list(object({ seq: count, text, source: optional(link) })) }),
  memory: object({ address: count, bytes: hexBytes }),
  running: anything,
  choices: object({ choices }),
  skbBytes: object({
    bytes: object({
      skb: count,
      position,
      parts: list(object({ name: text, address: hex, length: count })),
      hex: hexBytes,
      length: count,
      fields: list(object({ layer: text, name: text, value: text, offset: count, length: count })),
      note: optional(text),
    }),
  }),
  empty: object({ text, again: optional(text) }),
  error: object({ text }),
};

const address = within(0, 0xffff_ffff);
const size = within(1, 0x10000);
const ns: Check = (v) => number(v) ?? ((v as number) >= 0 ? undefined : expected('ns from 0', v));
const query: Check = (v) =>
  object({ fromNs: ns, toNs: ns, columns: within(1, 4096), items: within(0, 20_000) })(v) ??
  ((v as { fromNs: number }).fromNs < (v as { toNs: number }).toNs ? undefined : expected('fromNs before toNs', v));
const EVENTS = 500;

const fromPanel: Readonly<Record<FromPanel['type'], Check>> = {
  ready: anything,
  runAgain: anything,
  choices: object({ choices }),
  openSource: object({
    path: (v) => text(v) ?? (v === '' ? expected('a path', v) : undefined),
    line: within(1, 0xffff_ffff),
  }),
  goTo: position,
  goToTime: object({ ns }),
  goToMark: object({ what: list(text), forward: flag }),
  timeline: object({ name: windowName, query }),
  events: (v) =>
    object({ from: count, to: count })(v) ?? within(0, EVENTS)((v as { to: number }).to - (v as { from: number }).from),
  memory: object({ address, size }),
  openMemory: object({ address, label: text }),
  readSkb: object({ id: count }),
  breakOnWrite: object({ address, size, label: text }),
  lastWriter: object({ address, size, label: text }),
  nextWriter: object({ address, size, label: text }),
};

/** Checks a message on its way from the extension to the page, as it is or as `withBytes` posts it. */
export const checkToPanel = (value: unknown): Checked<ToPanel> => check<ToPanel>(toPanel, withLists(value));

/** Checks a message on its way from the page to the extension: the page shows a driver's data, and is not trusted. */
export const checkFromPanel = (value: unknown): Checked<FromPanel> => check<FromPanel>(fromPanel, value);
