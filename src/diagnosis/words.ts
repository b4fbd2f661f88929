// Numbers and times as a sentence says them.

/** `1 buffer`, `3 buffers`; `many` where adding an s is not the plural. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** The form of a verb that goes with a number: `waits`, `wait`. */
export const verb = (n: number, one: string, many: string): string => (n === 1 ? one : many);

/** `2 frames wait at the tap`: what the device has yet to receive. */
export const atTap = (frames: number): string =>
  `${count(frames, 'frame')} ${verb(frames, 'waits', 'wait')} at the tap`;

const UNITS = [
  [1_000_000_000, 's'],
  [1_000_000, 'ms'],
  [1_000, 'µs'],
] as const;

/** A length of time in ns with three digits or more: `98.2 µs`, `850 ns`, `1.35 ms`. */
export function duration(ns: number): string {
  for (const [unit, name] of UNITS) {
    if (Math.abs(ns) < unit) continue;
    const value = ns / unit;
    const digits = Math.abs(value) < 10 ? 2 : Math.abs(value) < 1000 ? 1 : 0;
    return `${Number(value.toFixed(digits))} ${name}`;
  }
  return `${ns} ns`;
}

/** Clauses joined to one sentence, first letter large but in words like vCPU; empty ones are left out. */
export function sentence(...clauses: readonly (string | undefined)[]): string {
  const text = clauses.filter((clause) => clause !== undefined && clause !== '').join('; ');
  const first = /^[a-z][A-Z]/.test(text) ? text.charAt(0) : text.charAt(0).toUpperCase();
  return text === '' ? '' : `${first}${text.slice(1)}.`;
}
