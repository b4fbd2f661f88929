// What a host thread's variables hold, as plain data: to show, and to send from thread to thread.

export type HostValue =
  number | string | boolean | null | undefined | readonly HostValue[] | { readonly [name: string]: HostValue };

export type HostValues = Readonly<Record<string, HostValue>>;

/** Deeper than this, and beyond so many elements of an array, a value is cut off: a model's own are far below. */
const DEPTH = 6;
const ELEMENTS = 1024;

/** A copy without what cannot be shown: functions are left out, and a bigint (feature bits) becomes a number. */
export function hostValue(value: unknown, depth = 0): HostValue {
  if (typeof value === 'bigint') return Number(value);
  if (value === null || typeof value !== 'object')
    return typeof value === 'function' ? undefined : (value as HostValue);
  if (depth >= DEPTH) return '…';
  if (Array.isArray(value)) return value.slice(0, ELEMENTS).map((element) => hostValue(element, depth + 1));
  return hostValues(value as Record<string, unknown>, depth + 1);
}

export function hostValues(object: Readonly<Record<string, unknown>>, depth = 0): HostValues {
  return Object.fromEntries(
    Object.entries(object)
      .filter(([, value]) => typeof value !== 'function')
      .map(([name, value]) => [name, hostValue(value, depth)]),
  );
}
