// Bytes to RingState: decodes one split ring out of guest memory that may hold anything. Never throws, never loops.
import { chainOf, DescriptorTable, tableOf, walkTable } from './chain';
import type { Walk } from './chain';
import {
  DESC_SIZE,
  MAX_QUEUE_SIZE,
  USED_ELEM_SIZE,
  VRING_AVAIL_F_NO_INTERRUPT,
  VRING_USED_F_NO_NOTIFY,
} from './constants';
import { partSizes } from './layout';
import { decodedOutstanding, trackedOutstanding } from './outstanding';
import { OWNERS } from './state';
import type {
  AvailRing,
  Chain,
  Descriptor,
  Owner,
  Progress,
  ReadMemory,
  RingState,
  SplitLayout,
  UsedElement,
  UsedRing,
} from './state';
import { hex } from './wire';

/** What a decoder may know beyond the bytes. */
export interface DecodeExtra {
  readonly name?: string;
  readonly index?: number;
  readonly progress?: Progress;
  /** a tracker's table: index in OWNERS of each descriptor's owner, and the head of the chain it is in (-1: none) */
  readonly owners?: Uint8Array;
  readonly heads?: Int32Array;
}

/** Problems listed at most; a ring of random bytes has hundreds. */
const MAX_PROBLEMS = 50;
/** Indirect descriptors decoded at most, over all tables: keeps garbage in a large ring from taking seconds. */
const MAX_INDIRECT = 65536;

const ADDED = OWNERS.indexOf('added');

/** Collects sentences, each once, and counts what it does not keep. */
class Problems {
  private readonly kept = new Set<string>();
  private dropped = 0;

  add(text: string): void {
    if (this.kept.has(text)) return;
    if (this.kept.size < MAX_PROBLEMS) this.kept.add(text);
    else this.dropped += 1;
  }
  list(): readonly string[] {
    return this.dropped === 0 ? [...this.kept] : [...this.kept, `… and ${this.dropped} more`];
  }
}

/**
 * Decodes a split ring (spec 2.7).
 * @param read guest memory by guest-physical address
 * @param extra names, private indices and a tracker's table, where there are any; without owners every owner is `unknown`
 */
export function decodeSplit(read: ReadMemory, layout: SplitLayout, extra: DecodeExtra = {}): RingState {
  const problems = new Problems();
  const size = checkedSize(layout, problems);
  const sizes = partSizes({ size, eventIdx: layout.eventIdx });
  const part = (name: string, base: bigint, bytes: number): Uint8Array | undefined => {
    const got = read(base, bytes);
    if (got !== undefined && got.length >= bytes) return got;
    problems.add(`${name}: ${bytes} bytes at ${hex(base)} are not all in RAM`);
    return undefined;
  };
  const descBytes = part('descriptor table', layout.desc, sizes.desc);
  const availBytes = part('avail', layout.avail, sizes.avail);
  const usedBytes = part('used', layout.used, sizes.used);
  const table = new DescriptorTable(descBytes?.subarray(0, sizes.desc) ?? new Uint8Array(0));
  const avail = decodeAvail(availBytes, size, layout.eventIdx);
  const used = decodeUsed(usedBytes, size, layout.eventIdx);
  if (availBytes !== undefined && usedBytes !== undefined) checkIndices(avail, used, size, extra.progress, problems);
  if (layout.kickCount !== true) checkFlags(avail, used, problems);

  const whole = descBytes !== undefined && availBytes !== undefined && usedBytes !== undefined;
  const heads = whole ? outstandingHeads(avail, used, extra, problems) : [];
  const walker = new Walker(table, { size, indirect: layout.indirect }, read, problems);
  const walks = heads.flatMap((head) => walker.exposed(head));
  const added = whole ? addedHeads(extra).flatMap((head) => walker.unexposed(head)) : [];
  const { descriptors, chains } = assemble(table, walks, added, extra);
  return {
    version: 1,
    name: extra.name ?? '',
    index: extra.index ?? 0,
    layout,
    descriptors,
    avail,
    used,
    progress: extra.progress ?? {},
    outstanding: chains,
    problems: problems.list(),
  };
}

/** The queue size to decode with: 0, and a problem, where the layout's is no queue size. */
function checkedSize(layout: SplitLayout, problems: Problems): number {
  const { size } = layout;
  if (!Number.isInteger(size) || size < 1 || size > MAX_QUEUE_SIZE) {
    problems.add(`queue size: found ${size}, expected a power of two from 1 to ${MAX_QUEUE_SIZE}`);
    return 0;
  }
  if ((size & (size - 1)) !== 0)
    problems.add(`queue size: found ${size}, expected a power of two: slots jump when an index wraps`);
  return size;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function decodeAvail(bytes: Uint8Array | undefined, size: number, eventIdx: boolean): AvailRing {
  if (bytes === undefined) return { flags: 0, idx: 0, ring: [] };
  const view = viewOf(bytes);
  const ring = new Array<number>(size);
  for (let i = 0; i < size; i++) ring[i] = view.getUint16(4 + 2 * i, true);
  const base = { flags: view.getUint16(0, true), idx: view.getUint16(2, true), ring };
  return eventIdx ? { ...base, usedEvent: view.getUint16(4 + 2 * size, true) } : base;
}

function decodeUsed(bytes: Uint8Array | undefined, size: number, eventIdx: boolean): UsedRing {
  if (bytes === undefined) return { flags: 0, idx: 0, ring: [] };
  const view = viewOf(bytes);
  const ring = new Array<UsedElement>(size);
  for (let i = 0; i < size; i++) {
    ring[i] = { id: view.getUint32(4 + USED_ELEM_SIZE * i, true), len: view.getUint32(8 + USED_ELEM_SIZE * i, true) };
  }
  const base = { flags: view.getUint16(0, true), idx: view.getUint16(2, true), ring };
  return eventIdx ? { ...base, availEvent: view.getUint16(4 + USED_ELEM_SIZE * size, true) } : base;
}

/** What the two indices and the entries last used say that cannot be. */
function checkIndices(
  avail: AvailRing,
  used: UsedRing,
  size: number,
  progress: Progress | undefined,
  problems: Problems,
): void {
  const count = (avail.idx - used.idx) & 0xffff;
  if (count > size) {
    const found = count >= 0x8000 ? `${65536 - count} behind it` : `${count} buffers outstanding`;
    problems.add(
      `avail.idx: found ${avail.idx} with used.idx ${used.idx}: ${found}, expected 0 to ${size} (queue size) ahead`,
    );
  }
  const unread = progress?.lastUsedIdx === undefined ? 0 : (used.idx - progress.lastUsedIdx) & 0xffff;
  if (unread > size) {
    problems.add(
      `used.idx: found ${used.idx} with last_used_idx ${progress?.lastUsedIdx}, expected 0 to ${size} (queue size) ahead`,
    );
  }
  // An index below the size may be on its first lap, with the slots above it never written; they hold zeros or are nobody's yet.
  for (let back = 1; back <= Math.min(size, used.idx); back++) {
    const slot = (used.idx - back) % size;
    const id = used.ring[slot]?.id ?? 0;
    if (id >= size) problems.add(`used.ring[${slot}].id: found ${id}, expected below ${size} (queue size)`);
  }
}

/** Flags hold one bit each, unless they count kicks besides. */
function checkFlags(avail: AvailRing, used: UsedRing, problems: Problems): void {
  if ((avail.flags & ~VRING_AVAIL_F_NO_INTERRUPT) !== 0) {
    problems.add(`avail.flags: found 0x${avail.flags.toString(16)}, expected 0 or 1 (NO_INTERRUPT)`);
  }
  if ((used.flags & ~VRING_USED_F_NO_NOTIFY) !== 0) {
    problems.add(`used.flags: found 0x${used.flags.toString(16)}, expected 0 or 1 (NO_NOTIFY)`);
  }
}

function outstandingHeads(avail: AvailRing, used: UsedRing, extra: DecodeExtra, problems: Problems): readonly number[] {
  if (extra.owners !== undefined && extra.heads !== undefined) {
    return trackedOutstanding(extra.owners, extra.heads, avail.idx, avail.ring);
  }
  const { heads, doubt } = decodedOutstanding(avail.idx, used.idx, avail.ring, used.ring);
  if (doubt !== undefined) problems.add(doubt);
  return heads;
}

/** Heads in the available ring that avail.idx has not passed yet: only a tracker knows them. */
function addedHeads(extra: DecodeExtra): readonly number[] {
  const { owners, heads } = extra;
  if (owners === undefined || heads === undefined) return [];
  return [...owners.keys()].filter((i) => owners[i] === ADDED && heads[i] === i);
}

interface HeadWalk {
  readonly head: number;
  readonly walk: Walk;
}

/** Walks chains, each descriptor in one chain only: that bounds all walks together by the table. */
class Walker {
  /** head of the chain that a descriptor was walked in, -1 for none */
  private readonly holder: Int32Array;
  private indirect = 0;

  constructor(
    private readonly table: DescriptorTable,
    private readonly layout: Pick<SplitLayout, 'size' | 'indirect'>,
    private readonly read: ReadMemory,
    private readonly problems: Problems,
  ) {
    this.holder = new Int32Array(table.length).fill(-1);
  }

  /** A chain that the device may look at: what is wrong in it is a problem of the ring. */
  exposed(head: number): readonly HeadWalk[] {
    if (this.holder[head] === head) {
      this.problems.add(`avail.ring: head ${head} is outstanding twice`);
      return [];
    }
    const walk = this.walk(head);
    if (walk.error !== undefined) this.problems.add(walk.error);
    for (const fault of walk.faults) this.problems.add(fault);
    return [{ head, walk }];
  }

  /** A chain that the driver may still be changing. */
  unexposed(head: number): readonly HeadWalk[] {
    return (this.holder[head] ?? -1) >= 0 ? [] : [{ head, walk: this.walk(head) }];
  }

  private walk(head: number): Walk {
    return walkTable(this.table, this.layout, head, this.bounded, this.holder);
  }

  private readonly bounded: ReadMemory = (addr, length) => {
    this.indirect += length / DESC_SIZE;
    if (this.indirect <= MAX_INDIRECT) return this.read(addr, length);
    this.problems.add(`indirect tables: more than ${MAX_INDIRECT} descriptors outstanding, the rest is not decoded`);
    return undefined;
  };
}

/** Descriptors with owner, chain and table, and the outstanding chains made of the same objects. */
function assemble(
  table: DescriptorTable,
  outstanding: readonly HeadWalk[],
  added: readonly HeadWalk[],
  extra: DecodeExtra,
): { readonly descriptors: readonly Descriptor[]; readonly chains: readonly Chain[] } {
  const chainOfDesc = new Int32Array(table.length).fill(-1);
  const tables = new Map<number, DescriptorTable>();
  for (const { head, walk } of [...outstanding, ...added]) {
    for (const i of walk.indices) chainOfDesc[i] = head;
    if (walk.table !== undefined) tables.set(walk.table.at, walk.table.entries);
  }
  const descriptors: Descriptor[] = [];
  for (let i = 0; i < table.length; i++) {
    const owner: Owner = OWNERS[extra.owners?.[i] ?? OWNERS.length - 1] ?? 'unknown';
    const walked = chainOfDesc[i] as number;
    const chain = walked >= 0 ? walked : (extra.heads?.[i] ?? -1);
    const entries = tables.get(i);
    descriptors.push(
      table.descriptor(i, owner, chain >= 0 ? chain : undefined, entries && tableOf(entries, chain, owner)),
    );
  }
  const chains = outstanding.map(({ head, walk }) =>
    chainOf(head, walk, (i) => descriptors[i] ?? table.descriptor(i, 'unknown', head)),
  );
  return { descriptors, chains };
}
