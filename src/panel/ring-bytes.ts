// The rings and skbs of a stop as bytes, on their way to the page: as objects, a ring of 32768 takes the page longer to take in than to draw.
import { OWNERS, type Owner } from '../virtqueue';
import { keep } from './made-of-bytes';
import type { PanelChain, PanelChains, PanelQueue, PanelRing, SlotState, ToPanel } from './protocol';
import { skbBytes, skbsOf } from './skb-bytes';

type PanelDescriptor = PanelRing['descriptors'][number];
type UsedEntry = PanelRing['used']['ring'][number];

/** States in the order of their byte codes: the owners, which a descriptor can have, and `stale`. */
const STATES: readonly SlotState[] = [...OWNERS, 'stale'];
const CODES: ReadonlyMap<SlotState, number> = new Map(STATES.map((state, code) => [state, code]));

/** bytes of struct virtq_desc (spec 2.7.5) */
const DESC_SIZE = 16;

interface DescriptorBytes {
  /** as the table lies in guest memory, little-endian */
  readonly table: Uint8Array;
  readonly owners: Uint8Array;
  /** head of the chain of each; -1: in none */
  readonly heads: Int32Array;
  /** tables that descriptors point to, by the descriptor's number */
  readonly indirect: readonly (readonly [at: number, table: readonly PanelDescriptor[]])[];
}

interface ChainBytes {
  /** of each chain its head, how many descriptors it has, and those */
  readonly numbers: Int32Array;
  /** why walks stopped early, by the chain's place */
  readonly errors: readonly (readonly [at: number, error: string])[];
}

/** A message as it is posted: of a stop the long lists of each ring and the skbs are bytes, all else is as it was. */
export function withBytes(message: ToPanel): object {
  if (message.type !== 'state') return message;
  const { queues, skbs } = message.state;
  return { ...message, state: { ...message.state, queues: queues.map(queueBytes), skbs: skbBytes(skbs) } };
}

function queueBytes(queue: PanelQueue): object {
  const { ring, availSlots, usedSlots } = queue;
  const used = new Uint32Array(2 * ring.used.ring.length);
  ring.used.ring.forEach(({ id, len }, slot) => {
    used[2 * slot] = id;
    used[2 * slot + 1] = len;
  });
  return {
    ...queue,
    ring: {
      ...ring,
      descriptors: descriptorBytes(ring.descriptors),
      avail: { ...ring.avail, ring: Uint16Array.from(ring.avail.ring) },
      used: { ...ring.used, ring: used },
      outstanding: chainBytes(ring.outstanding),
    },
    availSlots: stateBytes(availSlots),
    usedSlots: stateBytes(usedSlots),
  };
}

/** By hand: `Uint8Array.from` goes by the iterator, and takes longer. */
function stateBytes(states: readonly SlotState[]): Uint8Array {
  const codes = new Uint8Array(states.length);
  for (let i = 0; i < codes.length; i++) codes[i] = CODES.get(states[i] ?? 'unknown') ?? STATES.length;
  return codes;
}

function descriptorBytes(descriptors: PanelRing['descriptors']): DescriptorBytes {
  const table = new Uint8Array(DESC_SIZE * descriptors.length);
  const view = new DataView(table.buffer);
  const owners: SlotState[] = [];
  const heads = new Int32Array(descriptors.length);
  const indirect: [number, readonly PanelDescriptor[]][] = [];
  descriptors.forEach((d, at) => {
    // 0x and up to 16 digits
    view.setUint32(DESC_SIZE * at, Number.parseInt(d.addr.slice(Math.max(2, d.addr.length - 8)), 16), true);
    if (d.addr.length > 10) view.setUint32(DESC_SIZE * at + 4, Number.parseInt(d.addr.slice(2, -8), 16), true);
    view.setUint32(DESC_SIZE * at + 8, d.len, true);
    view.setUint16(DESC_SIZE * at + 12, d.flags, true);
    view.setUint16(DESC_SIZE * at + 14, d.next, true);
    owners.push(d.owner);
    heads[at] = d.chain ?? -1;
    if (d.indirect) indirect.push([at, d.indirect]);
  });
  return { table, owners: stateBytes(owners), heads, indirect };
}

function chainBytes(chains: PanelChains): ChainBytes {
  const numbers: number[] = [];
  const errors: [number, string][] = [];
  let at = 0;
  chains.find(({ head, descriptors, error }) => {
    numbers.push(head, descriptors.length, ...descriptors);
    if (error !== undefined) errors.push([at, error]);
    at++;
    return false;
  });
  return { numbers: Int32Array.from(numbers), errors };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A message as it arrived, with lists in place of bytes. What is not as `withBytes` makes it is left for the guards to name. */
export function withLists(value: unknown): unknown {
  if (!isRecord(value) || value['type'] !== 'state' || !isRecord(value['state'])) return value;
  const { queues, skbs } = value['state'];
  const lists = { skbs: skbsOf(skbs), ...(Array.isArray(queues) && { queues: queues.map(queueLists) }) };
  return { ...value, state: { ...value['state'], ...lists } };
}

function queueLists(queue: unknown): unknown {
  if (!isRecord(queue)) return queue;
  const { ring, availSlots, usedSlots } = queue;
  return { ...queue, ring: ringLists(ring), availSlots: statesOf(availSlots), usedSlots: statesOf(usedSlots) };
}

function ringLists(ring: unknown): unknown {
  if (!isRecord(ring)) return ring;
  const { descriptors, outstanding, avail, used } = ring;
  return {
    ...ring,
    descriptors: descriptorsOf(descriptors),
    outstanding: chainsOf(outstanding),
    avail: isRecord(avail) ? { ...avail, ring: headsOf(avail['ring']) } : avail,
    used: isRecord(used) ? { ...used, ring: entriesOf(used['ring']) } : used,
  };
}

function headsOf(heads: unknown): unknown {
  if (!(heads instanceof Uint16Array)) return heads;
  const list = new Array<number>(heads.length);
  // Array.from goes by the iterator, and takes longer
  for (let i = 0; i < heads.length; i++) list[i] = heads[i] ?? 0;
  return keep(list);
}

function entriesOf(numbers: unknown): unknown {
  if (!(numbers instanceof Uint32Array) || numbers.length % 2 !== 0) return numbers;
  const entries: UsedEntry[] = [];
  for (let i = 0; i < numbers.length; i += 2) entries.push({ id: numbers[i] ?? 0, len: numbers[i + 1] ?? 0 });
  return keep(entries);
}

function statesOf(codes: unknown): unknown {
  if (!(codes instanceof Uint8Array)) return codes;
  const states: SlotState[] = [];
  for (let i = 0; i < codes.length; i++) {
    const state = STATES[codes[i] ?? STATES.length];
    if (state === undefined) return codes;
    states.push(state);
  }
  return keep(states);
}

/** Owners of tables that were made of bytes: of the largest, to ask each descriptor takes longer than to draw it. */
const codesOf = new WeakMap<object, Uint8Array>();

/** Owner of each descriptor, in the order of the table. */
export function ownersIn(descriptors: PanelRing['descriptors']): readonly Owner[] {
  const codes = codesOf.get(descriptors);
  if (!codes) return descriptors.map(({ owner }) => owner);
  const owners = new Array<Owner>(codes.length);
  for (let i = 0; i < codes.length; i++) owners[i] = OWNERS[codes[i] ?? 0] ?? 'unknown';
  return owners;
}

/** Descriptors by owner. */
export function countOwners(descriptors: PanelRing['descriptors']): Readonly<Record<Owner, number>> {
  const counts = new Array<number>(OWNERS.length).fill(0);
  const codes = codesOf.get(descriptors) ?? descriptors.map(({ owner }) => OWNERS.indexOf(owner));
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    counts[code] = (counts[code] ?? 0) + 1;
  }
  return Object.fromEntries(OWNERS.map((owner, code) => [owner, counts[code] ?? 0])) as Record<Owner, number>;
}

/** A descriptor, read where it is looked at: of a large table the page shows a few. */
class TableEntry {
  constructor(
    private readonly of: { readonly view: DataView } & Pick<DescriptorBytes, 'owners' | 'heads'>,
    readonly index: number,
  ) {}

  get addr(): string {
    const low = this.of.view.getUint32(DESC_SIZE * this.index, true);
    const high = this.of.view.getUint32(DESC_SIZE * this.index + 4, true);
    return high === 0 ? `0x${low.toString(16)}` : `0x${high.toString(16)}${low.toString(16).padStart(8, '0')}`;
  }

  get len(): number {
    return this.of.view.getUint32(DESC_SIZE * this.index + 8, true);
  }

  get flags(): number {
    return this.of.view.getUint16(DESC_SIZE * this.index + 12, true);
  }

  get next(): number {
    return this.of.view.getUint16(DESC_SIZE * this.index + 14, true);
  }

  get owner(): SlotState {
    return STATES[this.of.owners[this.index] ?? 0] ?? 'unknown';
  }

  get chain(): number | undefined {
    const head = this.of.heads[this.index] ?? -1;
    return head < 0 ? undefined : head;
  }
}

function descriptorsOf(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { table, owners, heads, indirect } = value;
  if (!(table instanceof Uint8Array && owners instanceof Uint8Array && heads instanceof Int32Array)) return value;
  const size = owners.length;
  if (table.length !== DESC_SIZE * size || heads.length !== size || !Array.isArray(indirect)) return value;
  for (let i = 0; i < size; i++) if ((owners[i] ?? OWNERS.length) >= OWNERS.length) return value;
  const of = { view: new DataView(table.buffer, table.byteOffset, table.byteLength), owners, heads };
  const descriptors: unknown[] = [];
  for (let at = 0; at < size; at++) descriptors.push(new TableEntry(of, at));
  codesOf.set(descriptors, owners);
  if (indirect.length === 0) return keep(descriptors);
  // the guards see these: an indirect table comes as it is
  for (const entry of indirect as unknown[]) {
    const [at, inner] = Array.isArray(entry) ? (entry as unknown[]) : [];
    const direct = typeof at === 'number' ? descriptors[at] : undefined;
    if (!(direct instanceof TableEntry)) return value;
    const { index, addr, len, flags, next, owner, chain } = direct;
    descriptors[index] = {
      index,
      addr,
      len,
      flags,
      next,
      owner,
      ...(chain !== undefined && { chain }),
      indirect: inner,
    };
  }
  return descriptors;
}

/** Chains, read where one is looked for. */
class Chains implements PanelChains {
  constructor(
    private readonly numbers: Int32Array,
    private readonly errors: ReadonlyMap<number, string>,
  ) {}

  find(wanted: (chain: PanelChain) => boolean): PanelChain | undefined {
    const { numbers, errors } = this;
    for (let at = 0, place = 0; at < numbers.length; place++) {
      const from = at + 2;
      const to = from + (numbers[at + 1] ?? 0);
      const error = errors.get(place);
      const chain = {
        head: numbers[at] ?? 0,
        descriptors: Array.from(numbers.subarray(from, to)),
        ...(error !== undefined && { error }),
      };
      if (wanted(chain)) return chain;
      at = to;
    }
    return undefined;
  }
}

function chainsOf(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { numbers, errors } = value;
  if (!(numbers instanceof Int32Array) || !Array.isArray(errors)) return value;
  for (let i = 0; i < numbers.length; i++) if ((numbers[i] ?? 0) < 0) return value;
  const places = new Map<number, string>();
  for (const entry of errors as unknown[]) {
    const [at, error] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (typeof at !== 'number' || typeof error !== 'string') return value;
    places.set(at, error);
  }
  return keep(new Chains(numbers, places));
}
