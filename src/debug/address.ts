// Addresses as text: how guest pointers are written in memory references and messages.

/** A guest pointer as shown: `0x1f2c`. */
export function hex(address: number): string {
  return `0x${address.toString(16)}`;
}

/** Reads `123` or `0x7b`; undefined for anything else. */
export function parseAddress(text: string): number | undefined {
  const trimmed = text.trim();
  return /^(0x[0-9a-f]+|\d+)$/i.test(trimmed) ? Number(trimmed) : undefined;
}

/** A range that has no name of its own: `0x1f2c (2 B)`. */
export function rangeName(address: number, size: number): string {
  return `${hex(address)} (${size} B)`;
}
