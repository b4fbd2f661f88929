// Expectations: dotted paths into the report, compared with values. Pure.
import { EVENT_KINDS } from './events';
import type { Expectation, Report } from './types';

const LATENCY = { p50: 0, p99: 0, max: 0 };
const QUEUE = {
  added: 0,
  used: 0,
  kicks: 0,
  kicksSuppressed: 0,
  interrupts: { raised: 0, delivered: 0, suppressed: 0 },
  maxOutstanding: 0,
  bytes: 0,
};

/** A report with nothing in it: what paths there are. */
const SKELETON: Report = {
  version: 1,
  scenario: '',
  virtualNs: 0,
  ticks: 0,
  lines: 0,
  exits: { notify: 0, interruptStatus: 0, interruptAck: 0, config: 0, injection: 0 },
  queues: { rx: QUEUE, tx: QUEUE },
  packets: {
    tx: { offered: 0, sent: 0, dropped: 0, spanNs: 0, latencyNs: LATENCY },
    rx: { offered: 0, delivered: 0, dropped: 0, spanNs: 0, latencyNs: LATENCY },
  },
  cost: {
    linesPerPacket: { tx: LATENCY, rx: LATENCY },
    descriptorsPerPacket: { tx: 0, rx: 0 },
    bytesCopied: { guest: 0, host: 0 },
    unaligned: { guestPerPacket: 0, host: 0 },
    divisionsPerPacket: 0,
    wakeups: { host: 0, spurious: 0 },
    skbHeldNs: LATENCY,
    socketHeldNs: LATENCY,
    cacheLines: { touchedPerPacket: 0, fromOtherSidePerPacket: 0 },
  },
  events: Object.fromEntries(EVENT_KINDS.map((kind) => [kind, 0])),
  findings: [],
  expectations: [],
};

/** Findings are known only after a run. */
const FINDING = /^findings\.(0|[1-9]\d{0,5})\.(id|text|where|position\.(tick|sub))$/;

/** `true`, or why a path leads to no value of any report. */
export function isReportPath(path: string): true | string {
  if (FINDING.test(path)) return true;
  const { value, at, names } = follow(SKELETON, path);
  if (isValue(value)) return true;
  if (at !== undefined)
    return `the report has no ${JSON.stringify(path)}: expected one of ${names.join(', ')} in place of ${JSON.stringify(at)}`;
  return `${JSON.stringify(path)} is no single value: expected one of ${names.map((n) => `${path}.${n}`).join(', ')}`;
}

/** A number of a report by its dotted path; undefined where there is none. */
export function reportNumber(report: Report, path: string): number | undefined {
  const { value } = follow(report, path);
  return typeof value === 'number' ? value : undefined;
}

/** Compares a run's report with what was expected of it. A path without a value (a finding that was not) fails. */
export function evaluate(report: Report, { what, is, value }: Expectation): Report['expectations'][number] {
  const found = follow(report, what).value;
  const actual = isValue(found) ? found : undefined;
  return {
    what,
    expected: `${is} ${value}`,
    actual: actual === undefined ? 'none' : String(actual),
    ok: actual !== undefined && holds(actual, is, value),
  };
}

function holds(actual: number | string, is: Expectation['is'], value: number | string): boolean {
  switch (is) {
    case '==':
      return actual === value;
    case '!=':
      return actual !== value;
    case '<':
      return actual < value;
    case '<=':
      return actual <= value;
    case '>':
      return actual > value;
    case '>=':
      return actual >= value;
  }
}

const isValue = (value: unknown): value is number | string => typeof value === 'number' || typeof value === 'string';

/** Own properties only: a path reaches nothing of JavaScript's but an array's length. */
function follow(
  root: unknown,
  path: string,
): { readonly value: unknown; readonly at?: string; readonly names: readonly string[] } {
  let value = root;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
      return { value: undefined, at: name, names: namesOf(value) };
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return { value, names: namesOf(value) };
}

function namesOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return ['length'];
  return typeof value === 'object' && value !== null ? Object.keys(value) : ['nothing'];
}
