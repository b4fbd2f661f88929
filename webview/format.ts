// Numbers and names as the panel writes them.
import type { Author, Owner } from '../src/virtqueue';
import type { FieldPlace, SlotState } from '../src/panel/protocol';

/** Virtual time or a span of it: `0.1 µs`, `1314.4 µs`, `352.118 ms`, `1.250 s`. */
export function duration(ns: number): string {
  const size = Math.abs(ns);
  // a microsecond's tenth would be 0.0
  if (size > 0 && size < 50) return `${ns} ns`;
  if (size < 10_000_000) return `${(ns / 1000).toFixed(1)} µs`;
  if (size < 1_000_000_000) return `${(ns / 1e6).toFixed(3)} ms`;
  return `${(ns / 1e9).toFixed(3)} s`;
}

/** A span of virtual time in nine characters at most, for a narrow column: `714.8 µs`, `352.1 ms`. */
export function ago(ns: number): string {
  if (ns < 1_000_000) return duration(ns);
  return ns < 1_000_000_000 ? `${(ns / 1e6).toFixed(1)} ms` : `${(ns / 1e9).toFixed(1)} s`;
}

/** Digits in groups of three, with thin spaces: they are read, not copied. */
export const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, '\u2009');

export const hex16 = (n: number): string => `0x${n.toString(16).padStart(4, '0')}`;

/** `, 0.29 per buffer`, `, 0.0039 per buffer`; nothing before the first. */
export function perBuffer(n: number, of: number): string {
  if (of === 0) return '';
  const each = n / of;
  return `, ${each > 0 && each < 0.1 ? each.toPrecision(2) : each.toFixed(2)} per buffer`;
}

export const plural = (n: number, one: string, many = `${one}s`): string => `${grouped(n)} ${n === 1 ? one : many}`;

/** Descriptor flags by name (spec 2.7.5); bits that mean nothing keep their number. */
export function descriptorFlags(flags: number): string {
  const names = [flags & 1 && 'NEXT', flags & 2 && 'WRITE', flags & 4 && 'INDIRECT'].filter(Boolean);
  const rest = flags & ~7;
  return [...names, ...(rest ? [hex16(rest)] : [])].join(' ') || '0';
}

/** avail.flags and used.flags (spec 2.7.6, 2.7.8). */
export function ringFlags(flags: number, name: 'NO_INTERRUPT' | 'NO_NOTIFY'): string {
  if (flags === 0) return '0';
  const rest = flags & ~1;
  return [...(flags & 1 ? [name] : []), ...(rest ? [hex16(rest)] : [])].join(' ');
}

/** Letter in the mark, class of its fill, and the words for it. */
export const STATES: Readonly<Record<SlotState, { readonly letter: string; readonly words: string }>> = {
  free: { letter: '', words: 'free' },
  building: { letter: 'B', words: 'being built by the driver' },
  added: { letter: '+', words: 'added, not exposed yet' },
  available: { letter: 'A', words: 'available to the device' },
  taken: { letter: 'T', words: 'taken by the device' },
  used: { letter: 'U', words: 'used, not read by the driver yet' },
  reclaimed: { letter: 'R', words: 'reclaimed since the previous stop' },
  unknown: { letter: '?', words: 'unknown: no history' },
  stale: { letter: '', words: 'left over from an earlier turn' },
};

export const OWNER_NAMES: Readonly<Record<Owner | 'all' | 'busy', string>> = {
  all: 'All',
  busy: 'Not free',
  free: 'Free',
  building: 'B being built',
  added: '+ added',
  available: 'A available',
  taken: 'T taken',
  used: 'U used',
  reclaimed: 'R reclaimed',
  unknown: '? unknown',
};

export const AUTHOR_CLASS: Readonly<Record<Author, string>> = {
  driver: 'drv',
  device: 'dev',
  debugger: 'dbg',
  machine: 'mch',
};

/** A field of a ring as a guest pointer, for a data breakpoint; undefined when it lies outside the pointers' range. */
export function placeInRing(part: string, offset: number, size: number, physOffset: string): FieldPlace | undefined {
  const pointer = BigInt(part) + BigInt(offset) - BigInt(physOffset);
  return pointer < 0n || pointer > 0xffff_ffffn ? undefined : { address: Number(pointer), size };
}
