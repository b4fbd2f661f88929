// Device status: its bits, and the order in which a driver sets them (spec 2.1, 3.1).
import { hex, type TransportEffect } from './transport';

/** Device status bits (spec 2.1). */
export const ACKNOWLEDGE = 1;
export const DRIVER = 2;
export const DRIVER_OK = 4;
export const FEATURES_OK = 8;
export const NEEDS_RESET = 64;
export const FAILED = 128;
export const STATUS_BITS = ACKNOWLEDGE | DRIVER | DRIVER_OK | FEATURES_OK | NEEDS_RESET | FAILED;

/** What is wrong with a new status (spec 2.1.1, 3.1.1; legacy drivers know no FEATURES_OK, 3.1.2). */
export function statusProblems(version: 1 | 2, from: number, value: number): string[] {
  const said = `Status ${hex(from)} -> ${hex(value)}`;
  const added = value & ~from;
  const problems: string[] = [];
  if ((value & ~STATUS_BITS) !== 0) problems.push(`${said}: sets bits that have no meaning (spec 2.1)`);
  if ((from & ~value & ~NEEDS_RESET) !== 0) problems.push(`${said}: clears a bit; only a reset does that (spec 2.1.1)`);
  if ((from & FAILED) !== 0 && (added & ~FAILED) !== 0)
    problems.push(`${said}: goes on after FAILED without a reset (spec 2.1.1)`);
  const needs = (bit: number, before: number, name: string, beforeName: string): void => {
    if ((added & bit) !== 0 && (value & before) !== before)
      problems.push(`${said}: ${name} without ${beforeName} (spec 3.1.1)`);
  };
  needs(DRIVER, ACKNOWLEDGE, 'DRIVER', 'ACKNOWLEDGE');
  needs(DRIVER_OK, DRIVER, 'DRIVER_OK', 'DRIVER');
  if (version === 2) {
    needs(FEATURES_OK, DRIVER, 'FEATURES_OK', 'DRIVER');
    needs(DRIVER_OK, FEATURES_OK, 'DRIVER_OK', 'FEATURES_OK');
    if ((added & DRIVER_OK) !== 0 && (from & FEATURES_OK) === 0 && (value & FEATURES_OK) !== 0)
      problems.push(`${said}: FEATURES_OK and DRIVER_OK in one write; Status must be read in between (spec 3.1.1)`);
  }
  return problems;
}

/** A legacy device's new status, and the effects of setting it: FEATURES_OK it does not know. */
export function legacyStatus(
  from: number,
  value: number,
): { readonly to: number; readonly effects: readonly TransportEffect[] } {
  const to = value & STATUS_BITS & ~FEATURES_OK;
  const effects: TransportEffect[] = statusProblems(1, from, value).map((text) => ({ kind: 'violation', text }));
  if (to !== from) effects.push({ kind: 'status', from, to });
  return { to, effects };
}
