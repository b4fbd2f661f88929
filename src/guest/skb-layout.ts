// Offsets in struct sk_buff and its shared info, so that the machine can read a packet without knowing C.
import type { DebugInfo, StructType } from '../toolchain';
import { asAggregate, findMember, sizeOf, strip } from './types';

/** Bytes from the start of struct sk_buff unless said otherwise. */
export interface SkbLayout {
  readonly len: number;
  readonly dataLen: number;
  readonly head: number;
  readonly data: number;
  readonly tail: number;
  readonly end: number;
  readonly next: number;
  readonly prev: number;
  /** bytes of struct sk_buff */
  readonly size: number;
  /** from `end`, where struct skb_shared_info begins: the number of fragments, 16 bits, and the array of them */
  readonly nrFrags: number;
  readonly frags: number;
  /** bytes of a fragment, and in it: struct page *, offset in the page, bytes */
  readonly fragSize: number;
  readonly fragPage: number;
  readonly fragOffset: number;
  readonly fragLength: number;
  /** entries in the array of fragments */
  readonly maxFrags: number;
  /** bytes of struct page: mem_map[] has one for each page of RAM */
  readonly pageStruct: number;
}

/** Undefined when the driver does not use the lab's sk_buff; nothing is guessed. */
export function findSkbLayout(debugInfo: DebugInfo): SkbLayout | undefined {
  const skb = complete(debugInfo, 'sk_buff');
  const info = complete(debugInfo, 'skb_shared_info');
  const page = complete(debugInfo, 'page');
  const frags = info && findMember(info, 'frags');
  const array = frags && strip(frags.type);
  const fragment = array?.kind === 'array' ? asAggregate(array.of) : undefined;
  if (!skb || !info || !page || !frags || array?.kind !== 'array' || !fragment) return undefined;
  try {
    return {
      len: offsetOf(skb, 'len'),
      dataLen: offsetOf(skb, 'data_len'),
      head: offsetOf(skb, 'head'),
      data: offsetOf(skb, 'data'),
      tail: offsetOf(skb, 'tail'),
      end: offsetOf(skb, 'end'),
      next: offsetOf(skb, 'next'),
      prev: offsetOf(skb, 'prev'),
      size: skb.size,
      nrFrags: offsetOf(info, 'nr_frags'),
      frags: frags.offset,
      fragSize: sizeOf(fragment),
      fragPage: offsetOf(fragment, 'page'),
      fragOffset: offsetOf(fragment, 'page_offset'),
      fragLength: offsetOf(fragment, 'size'),
      maxFrags: array.count ?? 0,
      pageStruct: page.size,
    };
  } catch (error) {
    if (error instanceof MissingMember) return undefined;
    throw error;
  }
}

class MissingMember extends Error {}

function complete(debugInfo: DebugInfo, name: string): StructType | undefined {
  const type = debugInfo.types.find('struct', name);
  return type?.incomplete ? undefined : type;
}

function offsetOf(type: StructType, name: string): number {
  const member = findMember(type, name);
  if (!member) throw new MissingMember();
  return member.offset;
}
