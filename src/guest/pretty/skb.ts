// struct sk_buff: its length, its linear part as offsets from head, its page fragments.
import type { StructType } from '../../toolchain';
import { readWord } from '../memory';
import { asAggregate, findMember, sizeOf, strip } from '../types';
import { show, type FormatSubject, type Formatter } from '../values';
import { hex, makeVariable, type Variable } from '../variable';
import { field, memberVariable, note } from './fields';

/** EtherTypes by what they carry (linux/if_ether.h). */
const PROTOCOLS: Readonly<Record<number, string>> = {
  0x0800: 'IPv4',
  0x0806: 'ARP',
  0x8100: '802.1Q',
  0x86dd: 'IPv6',
};

export const skbView: Formatter = {
  summary({ look, aggregate, address }) {
    const length = field(look.memory, aggregate, address, 'len');
    const inPages = field(look.memory, aggregate, address, 'data_len');
    if (length === undefined) return undefined;
    return `{${length} bytes${inPages ? `, ${inPages} of them in fragments` : ''}}`;
  },
  view(subject) {
    const named = (): Variable[] => [
      ...memberVariable(subject, 'len'),
      ...memberVariable(subject, 'data_len'),
      ...protocol(subject),
      ...linearPart(subject),
      ...linearBytes(subject),
      ...fragments(subject),
      ...['cb', 'dev', 'sk', 'users', 'next', 'prev'].flatMap((name) => memberVariable(subject, name)),
    ];
    return { named };
  },
};

/** Protocol in host order, with its name: the field is big-endian. */
function protocol(subject: FormatSubject): readonly Variable[] {
  const { look, aggregate, address } = subject;
  const raw = field(look.memory, aggregate, address, 'protocol');
  if (raw === undefined) return [];
  const value = ((raw & 0xff) << 8) | (raw >> 8);
  const name = PROTOCOLS[value];
  return memberVariable(subject, 'protocol', `0x${value.toString(16).padStart(4, '0')}${name ? ` (${name})` : ''}`);
}

function linearPart(subject: FormatSubject): readonly Variable[] {
  const { look, aggregate, address } = subject;
  const head = field(look.memory, aggregate, address, 'head');
  if (head === undefined) return [];
  const asOffset = (name: string): readonly Variable[] => {
    const pointer = field(look.memory, aggregate, address, name);
    if (pointer === undefined) return [];
    const distance = pointer - head;
    return memberVariable(subject, name, `${hex(pointer)} (head ${distance < 0 ? '-' : '+'} ${Math.abs(distance)})`);
  };
  return [...memberVariable(subject, 'head', hex(head)), ...asOffset('data'), ...asOffset('tail'), ...asOffset('end')];
}

/** The bytes from data to tail as an array. */
function linearBytes(subject: FormatSubject): readonly Variable[] {
  const { look, aggregate, address } = subject;
  const data = field(look.memory, aggregate, address, 'data');
  const tail = field(look.memory, aggregate, address, 'tail');
  const member = findMember(aggregate, 'data');
  const pointer = member && strip(member.type);
  if (data === undefined || tail === undefined || pointer?.kind !== 'pointer' || tail <= data) return [];
  const type = { kind: 'array', of: pointer.to, count: Math.min(tail - data, 1 << 16) } as const;
  return [show({ ...look, format: 'x' }, { name: 'data … tail', type, at: { kind: 'place', address: data } })];
}

/** Fragments are in struct skb_shared_info, which follows the linear part at `end`. */
function fragments(subject: FormatSubject): readonly Variable[] {
  const { look, aggregate, address } = subject;
  const end = field(look.memory, aggregate, address, 'end');
  const info = look.types.find('struct', 'skb_shared_info', aggregate.unit);
  const frags = info && findMember(info, 'frags');
  const array = frags && strip(frags.type);
  if (end === undefined || !info || !frags || array?.kind !== 'array') return [];
  const count = field(look.memory, info, end, 'nr_frags');
  if (count === undefined) return [note('frags', `<cannot read skb_shinfo at ${hex(end)}>`)];
  const limit = array.count ?? 0;
  const shown = Math.min(count, limit);
  const fragment = asAggregate(array.of);
  const size = sizeOf(array.of);
  return [
    makeVariable({
      name: 'frags',
      type: 'skb_frag_t[]',
      value: countText(count, limit),
      address: end + frags.offset,
      indexedCount: shown,
      element: (index) => showFragment(subject, fragment, array.of, end + frags.offset + index * size, index),
    }),
    ...['gso_size', 'gso_type'].flatMap((name) =>
      memberVariable({ ...subject, aggregate: info, address: end, evaluateName: undefined }, name),
    ),
  ];
}

function countText(count: number, limit: number): string {
  if (count > limit) return `${count} fragments, more than the ${limit} that there is room for`;
  return count === 1 ? '1 fragment' : `${count} fragments`;
}

function showFragment(
  subject: FormatSubject,
  fragment: StructType | undefined,
  type: FormatSubject['aggregate']['members'][number]['type'],
  address: number,
  index: number,
): Variable {
  const variable = show(subject.look, { name: `[${index}]`, type, at: { kind: 'place', address } });
  const { memory } = subject.look;
  const page = fragment && findMember(fragment, 'page');
  const pointer = page && readWord(memory, address + page.offset);
  const offset = fragment && field(memory, fragment, address, 'page_offset');
  const size = fragment && field(memory, fragment, address, 'size');
  if (pointer === undefined || offset === undefined || size === undefined) return variable;
  return { ...variable, value: `{${size} bytes at ${offset} of page ${hex(pointer)}}` };
}
