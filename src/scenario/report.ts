// The report of a run: the contract that --json prints, made of what the machine counted. Pure.
import type { HeadlessResult, PacketSummary } from '../machine';
import { EVENT_KINDS } from './events';
import { evaluate } from './expect';
import type { Report, Scenario } from './types';

/** The report, the scenario's expectations evaluated. */
export function reportOf(scenario: Pick<Scenario, 'name' | 'expect'>, result: HeadlessResult): Report {
  const { tx, rx } = result;
  const report: Report = {
    version: 1,
    scenario: scenario.name,
    virtualNs: result.virtualNs,
    ticks: result.ticks,
    lines: result.lines,
    exits: result.exits,
    queues: result.queues,
    packets: {
      tx: { offered: tx.offered, sent: tx.done, dropped: tx.dropped, spanNs: spanOf(tx), latencyNs: tx.latencyNs },
      rx: { offered: rx.offered, delivered: rx.done, dropped: rx.dropped, spanNs: spanOf(rx), latencyNs: rx.latencyNs },
    },
    cost: result.cost,
    events: Object.fromEntries(EVENT_KINDS.map((kind) => [kind, result.events[kind] ?? 0])),
    findings: result.findings.map(({ id, text, where, position }) => ({ id, text, where, position })),
    expectations: [],
  };
  return { ...report, expectations: scenario.expect.map((expectation) => evaluate(report, expectation)) };
}

function spanOf({ done, firstNs, lastNs }: PacketSummary): number {
  return done === 0 ? 0 : lastNs - firstNs;
}

/**
 * Whether a run was as it should be: every expectation holds, and nothing was found. A scenario that expects something of
 * its findings says itself what is right.
 */
export function passed(report: Report): boolean {
  const expectsFindings = report.expectations.some(({ what }) => /^findings\b/.test(what));
  return report.expectations.every(({ ok }) => ok) && (expectsFindings || report.findings.length === 0);
}
