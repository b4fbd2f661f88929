// What the machine needs of debug information: where an skb's fields lie, and C conditions compiled for the worker.
import { readDebugInfo, type DebugInfo, type Program, type StructType } from '../toolchain';
import type { ExpressionCompiler } from './breakpoints';
import type { SkbLayout } from './guest-calls';

/** Offsets in the kernel API's struct sk_buff, as this program was compiled. @throws Error when the API is not the lab's */
export function skbLayoutOf(program: Program, info: DebugInfo = readDebugInfo(program.wasm)): SkbLayout {
  const skb = structOf(info, 'sk_buff');
  const shared = structOf(info, 'skb_shared_info');
  const fragment = structOf(info, 'skb_frag_struct');
  return {
    len: offsetOf(skb, 'len'),
    data: offsetOf(skb, 'data'),
    head: offsetOf(skb, 'head'),
    end: offsetOf(skb, 'end'),
    nrFrags: offsetOf(shared, 'nr_frags'),
    frags: offsetOf(shared, 'frags'),
    fragSize: fragment.size,
    fragPage: offsetOf(fragment, 'page'),
    pageStruct: structOf(info, 'page').size,
  };
}

function structOf(info: DebugInfo, name: string): StructType {
  const type = info.types.find('struct', name);
  if (type === undefined)
    throw new Error(
      `the program's debug information has no struct ${name}: is drivers/lib overridden by something else?`,
    );
  return type;
}

function offsetOf(type: StructType, name: string): number {
  const member = type.members.find((m) => m.name === name);
  if (member === undefined) throw new Error(`struct ${type.name ?? '?'} has no member ${name}`);
  return member.offset;
}

export function expressionCompiler(_program: Program, _memory: Uint8Array): ExpressionCompiler {
  throw new Error('not yet');
}
