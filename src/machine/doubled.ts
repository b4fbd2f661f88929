// Room for more in a record that only grows.

/** A typed array of twice the length that begins with what `array` holds. */
export function doubled<T extends Uint8Array | Int32Array | Float64Array>(array: T): T {
  const larger = new (array.constructor as new (length: number) => T)(2 * array.length);
  larger.set(array);
  return larger;
}
