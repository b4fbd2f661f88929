// What was thrown out of the guest, in words for the driver's developer.
import type { FindingKind } from './types';

/** V8's messages for the traps of WebAssembly, and what they mean in C. */
const TRAPS: readonly (readonly [string, string])[] = [
  ['divide by zero', 'a division by zero'],
  ['remainder by zero', 'a division by zero, for its remainder'],
  ['divide result unrepresentable', 'the least integer divided by -1'],
  ['signature mismatch', 'a call through a function pointer that is NULL, or of another type than the function'],
  ['table index is out of bounds', 'a call through a function pointer that points to no function'],
  ['unreachable', '__builtin_trap(), or the end of a function that must not return'],
];

/**
 * What a WebAssembly trap, or a fault of the lab's own, means.
 * @param ramSize bytes
 */
export function crashWords(error: unknown, ramSize: number): [FindingKind, string] {
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof RangeError && text.includes('call stack'))
    return ['stack-overflow', 'the calls nest too deeply'];
  if (!(error instanceof WebAssembly.RuntimeError))
    return ['internal', `fault of the lab, please report it: ${error instanceof Error ? (error.stack ?? text) : text}`];
  // Stores are tested before they are made: what WebAssembly itself refuses is a load.
  if (text.includes('memory access out of bounds'))
    return [
      'trap',
      `trap: a read beyond RAM (0x${ramSize.toString(16)} bytes) through a wild pointer, not set or read from freed memory; device registers are read with readl() (${text})`,
    ];
  const words = TRAPS.find(([message]) => text.includes(message))?.[1];
  return ['trap', words === undefined ? `trap: ${text}` : `trap: ${words} (${text})`];
}
