// The form a value takes in a message: bigint addresses become hex strings, because a bigint never reaches JSON.

/** T with every bigint as a string; panel/protocol.ts states the same type for the page. */
export type Wire<T> = T extends bigint
  ? string
  : T extends readonly (infer U)[]
    ? readonly Wire<U>[]
    : T extends object
      ? { readonly [K in keyof T]: Wire<T[K]> }
      : T;

/** `0x` and lower-case digits, no leading zeros. */
export function hex(value: bigint): string {
  return value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}

/** A copy of plain data (objects, arrays, primitives) with bigints as hex strings; undefined members are left out, as JSON does. */
export function toWire<T>(value: T): Wire<T> {
  return convert(value) as Wire<T>;
}

function convert(value: unknown): unknown {
  if (typeof value === 'bigint') return hex(value);
  if (Array.isArray(value)) return value.map(convert);
  if (typeof value !== 'object' || value === null) return value;
  const out: Record<string, unknown> = {};
  // Plain data has no inherited keys; for-in is several times faster here than Object.entries, and a panel update has thousands.
  for (const key in value) {
    const member = (value as Record<string, unknown>)[key];
    if (member !== undefined)
      out[key] = typeof member === 'object' || typeof member === 'bigint' ? convert(member) : member;
  }
  return out;
}
