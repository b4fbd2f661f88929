// Numbers as the views say them. Pure.

/** 1234567 as 1 234 567, as the ring panel does. */
export const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, '\u2009');

/** Virtual time since power-on in the unit that keeps it short: `1005.8 µs`. */
export function virtualTime(ns: number): string {
  if (ns < 1000) return `${ns} ns`;
  if (ns < 1e7) return `${(ns / 1e3).toFixed(1)} µs`;
  return ns < 1e10 ? `${(ns / 1e6).toFixed(2)} ms` : `${(ns / 1e9).toFixed(3)} s`;
}

/** `1 kick`, `2 kicks`. */
export const count = (n: number, one: string, many = `${one}s`): string => `${grouped(n)} ${n === 1 ? one : many}`;
