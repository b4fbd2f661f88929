// Where an skb's fields lie in a program.
import { findSkbLayout, type SkbLayout } from '../guest';
import type { Program } from '../toolchain';
import { debugInfoOf } from './debug-info';

/** @throws Error when the kernel API that the program was linked with has no struct sk_buff */
export function skbLayoutOf(program: Program): SkbLayout {
  const layout = findSkbLayout(debugInfoOf(program));
  if (layout === undefined)
    throw new Error(
      "the program's debug information has no complete struct sk_buff: is drivers/lib overridden by something else?",
    );
  return layout;
}
