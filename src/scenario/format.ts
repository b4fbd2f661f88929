// A report as text, for people. Pure.
import type { Latency, Report } from './types';

/** The report in about twenty lines. */
export function reportText(report: Report): string {
  const { packets, exits, expectations, findings } = report;
  const { tx, rx } = packets;
  const lines = [
    report.scenario,
    `  ${time(report.virtualNs)} of virtual time, ${count(report.lines)} lines of the driver, ${count(report.ticks)} ticks`,
    ...(tx.offered > 0
      ? [
          `  tx: ${count(tx.offered)} offered, ${count(tx.sent)} sent, ${count(tx.dropped)} dropped; latency ${latency(tx.latencyNs)}`,
        ]
      : []),
    ...(rx.offered > 0
      ? [
          `  rx: ${count(rx.offered)} arrived, ${count(rx.delivered)} delivered, ${count(rx.dropped)} dropped; latency ${latency(rx.latencyNs)}`,
        ]
      : []),
    ...queueTable(report),
    `  exits: ${Object.entries(exits)
      .map(([kind, n]) => `${kind} ${count(n)}`)
      .join(', ')}`,
    ...(findings.length > 0 ? ['', `  ${findings.length === 1 ? '1 finding' : `${findings.length} findings`}:`] : []),
    ...findings.map(({ id, text, where }) => `    ${where === undefined ? '' : `${where}: `}${text} [${id}]`),
    ...(expectations.length > 0 ? [''] : []),
    ...expectations.map(({ what, expected, actual, ok }) =>
      ok ? `  ok      ${what} ${expected}` : `  FAILED  ${what} ${expected}: it is ${actual}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

const COLUMNS = ['queue', 'added', 'used', 'kicks', 'suppressed', 'interrupts', 'suppressed', 'most out', 'bytes'];

function queueTable({ queues }: Report): string[] {
  const rows = Object.entries(queues).map(([name, q]) => [
    name,
    ...[q.added, q.used, q.kicks, q.kicksSuppressed].map(count),
    ...[q.interrupts.delivered, q.interrupts.suppressed, q.maxOutstanding, q.bytes].map(count),
  ]);
  if (rows.length === 0) return [];
  const table = [COLUMNS, ...rows];
  const widths = COLUMNS.map((_, i) => Math.max(...table.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `  ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')}`;
  return table.map(line);
}

function latency({ p50, p99, max }: Latency): string {
  return `${time(p50)} median, ${time(p99)} p99, ${time(max)} max`;
}

/** ns in the unit that keeps it short: `150.3 µs` */
function time(ns: number): string {
  if (ns < 1000) return `${ns} ns`;
  if (ns < 1e6) return `${round(ns / 1e3)} µs`;
  if (ns < 1e9) return `${round(ns / 1e6)} ms`;
  return `${round(ns / 1e9)} s`;
}

const round = (n: number): string => String(Number(n.toPrecision(5)));

/** 1234567 as 1,234,567, whatever the language of the system. */
function count(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}
