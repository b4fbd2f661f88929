// Linked lists of the kernel: struct list_head and struct sk_buff_head, walked with an eye on loops and wild links.
import type { StructType } from '../../toolchain';
import { isReadable, readWord } from '../memory';
import { findMember, POINTER_SIZE, pointerTo } from '../types';
import { show, type FormatSubject, type Formatter } from '../values';
import type { Variable } from '../variable';
import { hex } from '../variable';
import { field, memberVariable } from './fields';

/** Longer lists are shown up to here. */
const MAX_ENTRIES = 1000;

/** linux/poison.h: what list_del() leaves in an entry's links. */
const POISON = new Set([0x00100100, 0x00200200]);

/** What the lists of the kernel API hold: member that is the head -> struct of an entry, and its member that is linked. */
const CONTAINERS: ReadonlyMap<string, readonly [struct: string, member: string]> = new Map([
  ['virtio_device.vqs', ['virtqueue', 'list']],
  ['virtio_mmio_device.virtqueues', ['virtio_mmio_vq_info', 'node']],
  ['softnet_data.poll_list', ['napi_struct', 'poll_list']],
  ['net_device.napi_list', ['napi_struct', 'dev_list']],
  ['bus_type.devices', ['device', 'node']],
  ['bus_type.drivers', ['device_driver', 'node']],
]);

interface Walk {
  /** addresses of the entries' links */
  readonly entries: readonly number[];
  /** why the walk ended elsewhere than at the head */
  readonly broken?: string;
}

/** Follows `next`, the first word of head and entries, from the head around to it. */
function walk(memory: Uint8Array, head: number): Walk {
  const entries: number[] = [];
  const seen = new Set([head]);
  for (let at = readWord(memory, head); ; at = readWord(memory, at)) {
    if (at === head) return { entries };
    if (at === undefined) return { entries, broken: 'its links cannot be read' };
    if (at === 0) return { entries, broken: entries.length === 0 ? 'not initialised' : 'a next pointer is NULL' };
    if (POISON.has(at)) {
      return { entries, broken: entries.length === 0 ? 'deleted by list_del()' : 'an entry was deleted while linked' };
    }
    if (seen.has(at)) return { entries, broken: `it runs in a circle at ${hex(at)} without coming back to its head` };
    if (!isReadable(memory, at, 2 * POINTER_SIZE)) return { entries, broken: `next is ${hex(at)}, which is no RAM` };
    if (entries.length === MAX_ENTRIES) return { entries, broken: `only the first ${MAX_ENTRIES} entries are listed` };
    seen.add(at);
    entries.push(at);
  }
}

function describeWalk({ entries, broken }: Walk): string {
  const count = entries.length === 0 ? 'empty' : entries.length === 1 ? '1 entry' : `${entries.length} entries`;
  if (broken === undefined) return `{${count}}`;
  return entries.length === 0 ? `{${broken}}` : `{${count}, then: ${broken}}`;
}

const listHead: Formatter = {
  summary: ({ look, address, owner }) => {
    const found = walk(look.memory, address);
    // whether it is a head or an entry, its type does not say: of an entry, the head counts among the others
    const isHead = owner !== undefined && CONTAINERS.has(owner);
    if (isHead || found.broken !== undefined || found.entries.length === 0) return describeWalk(found);
    return `{linked with ${found.entries.length} other${found.entries.length === 1 ? '' : 's'}}`;
  },
  view(subject) {
    const { look, address, aggregate, owner } = subject;
    const { entries } = walk(look.memory, address);
    const [name, member] = CONTAINERS.get(owner ?? '') ?? [];
    const container = name === undefined ? undefined : look.types.find('struct', name, aggregate.unit);
    const link = container && member !== undefined ? findMember(container, member) : undefined;
    const element = (index: number): Variable => {
      const at = entries[index] as number;
      return container && link
        ? entry(subject, container, at - link.offset, index)
        : entry(subject, aggregate, at, index);
    };
    return { ...links(subject), indexedCount: entries.length, element };
  },
};

/** The head of an skb queue is laid out as the beginning of an skb, so that it can be an entry of its own ring. */
const skbQueue: Formatter = {
  summary({ look, address, aggregate }) {
    const found = walk(look.memory, address);
    const length = field(look.memory, aggregate, address, 'qlen');
    const differs = found.broken === undefined && length !== undefined && length !== found.entries.length;
    return differs ? `{qlen is ${length}, but ${found.entries.length} are linked}` : describeWalk(found);
  },
  view(subject) {
    const { look, address, aggregate } = subject;
    const { entries } = walk(look.memory, address);
    const skb = look.types.find('struct', 'sk_buff', aggregate.unit);
    return {
      named: () => ['qlen', 'lock'].flatMap((name) => memberVariable(subject, name)),
      indexedCount: entries.length,
      element: (index) => entry(subject, skb ?? aggregate, entries[index] as number, index),
    };
  },
};

function links(subject: FormatSubject): { named: () => readonly Variable[] } {
  return { named: () => ['next', 'prev'].flatMap((name) => memberVariable(subject, name)) };
}

/** An entry as a pointer to its struct: opens onto the members. */
function entry(subject: FormatSubject, type: StructType, address: number, index: number): Variable {
  // of two links that lead to each other, readable views would nest without end: an unknown entry is shown plain
  return show(subject.look, {
    name: `[${index}]`,
    evaluateName: `(${type.kind} ${type.name} *)${hex(address)}`,
    type: pointerTo(type),
    at: { kind: 'scalar', value: BigInt(address) },
  });
}

export const listViews: readonly [string, Formatter][] = [
  ['list_head', listHead],
  ['sk_buff_head', skbQueue],
];
