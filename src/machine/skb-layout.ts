// Where an skb's fields lie in a program; read from its debug information once, and remembered with it.
import { findSkbLayout, type SkbLayout } from '../guest';
import { readDebugInfo, type Program } from '../toolchain';

const known = new WeakMap<Program, SkbLayout>();

/** @throws Error when the kernel API that the program was linked with has no struct sk_buff */
export function skbLayoutOf(program: Program): SkbLayout {
  const cached = known.get(program);
  if (cached !== undefined) return cached;
  const layout = findSkbLayout(readDebugInfo(program.wasm));
  if (layout === undefined)
    throw new Error(
      "the program's debug information has no complete struct sk_buff: is drivers/lib overridden by something else?",
    );
  known.set(program, layout);
  return layout;
}
