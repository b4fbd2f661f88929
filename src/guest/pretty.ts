// Readable views of the kernel's structs, keyed by Linux's names. A driver's own structs are shown as they are.
import { listViews } from './pretty/lists';
import { lockView, scatterlistView } from './pretty/small';
import { skbView } from './pretty/skb';
import { vringView } from './pretty/vring';
import type { Formatter } from './values';

/** Formatters by struct name. */
export const kernelFormatters: ReadonlyMap<string, Formatter> = new Map<string, Formatter>([
  ['sk_buff', skbView],
  ['vring', vringView],
  ['spinlock', lockView],
  ['scatterlist', scatterlistView],
  ...listViews,
]);
