// Following one descriptor chain, and the indirect table it may end in, through bytes that may hold anything.
import { DESC_SIZE, VRING_DESC_F_INDIRECT, VRING_DESC_F_NEXT, VRING_DESC_F_WRITE } from './constants';
import type { Chain, Descriptor, Owner, ReadMemory, SplitLayout } from './state';
import { hex } from './wire';

/** The longest indirect table that is looked at, in entries: a queue's size bounds a chain (spec 2.7.5.3.1), with room to show an excess. */
const MAX_TABLE = 4096;

/** Raw descriptors: one table in memory. */
export class DescriptorTable {
  private readonly view: DataView;

  /** @param bytes a whole number of descriptors */
  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return Math.floor(this.view.byteLength / DESC_SIZE);
  }
  addr(i: number): bigint {
    return this.view.getBigUint64(i * DESC_SIZE, true);
  }
  len(i: number): number {
    return this.view.getUint32(i * DESC_SIZE + 8, true);
  }
  flags(i: number): number {
    return this.view.getUint16(i * DESC_SIZE + 12, true);
  }
  next(i: number): number {
    return this.view.getUint16(i * DESC_SIZE + 14, true);
  }
  descriptor(i: number, owner: Owner, chain?: number, indirect?: readonly Descriptor[]): Descriptor {
    const at = i * DESC_SIZE;
    const { view } = this;
    const addr = view.getBigUint64(at, true);
    const len = view.getUint32(at + 8, true);
    const flags = view.getUint16(at + 12, true);
    const next = view.getUint16(at + 14, true);
    // Spelled out: a spread costs more than all the rest, and a panel update decodes hundreds.
    if (chain === undefined) return { index: i, addr, len, flags, next, owner };
    if (indirect === undefined) return { index: i, addr, len, flags, next, owner, chain };
    return { index: i, addr, len, flags, next, owner, chain, indirect };
  }
}

/** What a walk found, as numbers: the descriptors in order, where the walk had to stop, and rules broken on the way. */
export interface Walk {
  readonly indices: readonly number[];
  /** why the walk stopped early */
  readonly error?: string;
  /** broken rules that did not stop it */
  readonly faults: readonly string[];
  /** the indirect table the chain ends in, when it could be read */
  readonly table?: { readonly at: number; readonly entries: DescriptorTable };
}

/** Where a descriptor stands: in the ring's table, or as `entry` of the indirect table that it names; entry -1 for itself. */
interface Place {
  readonly at: number;
  readonly entry: number;
}

const nameOf = ({ at, entry }: Place): string => (entry < 0 ? `desc[${at}]` : `desc[${at}] → [${entry}]`);

/** Totals over a walk's buffers, for the rules that look at a chain as a whole. */
interface Totals {
  readonly faults: string[];
  bytes: number;
  count: number;
  /** the first device-writable buffer */
  writable: Place | undefined;
  misplaced: boolean;
}

/**
 * Follows the chain from `head` through `table`. Bounded by the table's length, whatever the bytes say.
 * @param holder for each descriptor of the table, the head of the chain that it was walked in, or -1: the walk stops at one that is
 *   held, and notes its own
 */
export function walkTable(
  table: DescriptorTable,
  layout: Pick<SplitLayout, 'size' | 'indirect'>,
  head: number,
  read: ReadMemory,
  holder: Int32Array,
): Walk {
  const totals: Totals = { faults: [], bytes: 0, count: 0, writable: undefined, misplaced: false };
  const indices: number[] = [];
  const stop = (error: string): Walk => ({ indices, error, faults: totals.faults });
  if (!(head >= 0 && head < table.length)) {
    return stop(`head: found ${head}, expected below ${table.length} (queue size)`);
  }
  for (let i = head, before = -1; ;) {
    const other = holder[i] as number;
    if (other >= 0) return stop(metAgain(before, i, head, other));
    holder[i] = head;
    indices.push(i);
    const flags = table.flags(i);
    if ((flags & VRING_DESC_F_INDIRECT) !== 0) return walkIndirect(table, i, layout, read, indices, totals);
    account(totals, { at: i, entry: -1 }, table.len(i), flags, layout.size);
    if ((flags & VRING_DESC_F_NEXT) === 0) return { indices, faults: wholeChain(totals, head) };
    before = i;
    i = table.next(i);
    if (i >= table.length) {
      return stop(`desc[${before}].next: found ${i}, expected below ${table.length} (queue size)`);
    }
  }
}

function metAgain(before: number, i: number, head: number, other: number): string {
  const field = before < 0 ? 'avail.ring: found head' : `desc[${before}].next: found`;
  const where = other === head ? 'this chain already (a loop)' : `the chain of head ${other} already`;
  return `${field} ${i}, which is in ${where}, expected one in no chain`;
}

/** Follows the chain that starts at `head`, reading the descriptor table through `read`. Never throws. */
export function walkChain(read: ReadMemory, layout: SplitLayout, head: number): Chain {
  const length = DESC_SIZE * layout.size;
  const bytes = read(layout.desc, length);
  if (bytes === undefined || bytes.length < length) {
    const error = `descriptor table: ${length} bytes at ${hex(layout.desc)} are not all in RAM`;
    return { head, descriptors: [], error };
  }
  const table = new DescriptorTable(bytes.subarray(0, length));
  const walk = walkTable(table, layout, head, read, new Int32Array(table.length).fill(-1));
  return chainOf(head, walk, (i, indirect) => table.descriptor(i, 'unknown', head, indirect));
}

/** A Chain from a walk; `make` turns a descriptor's number, and its indirect table if it has one, into the descriptor. */
export function chainOf(
  head: number,
  walk: Walk,
  make: (index: number, indirect?: readonly Descriptor[]) => Descriptor,
): Chain {
  const descriptors = walk.indices.map((i) =>
    make(i, walk.table?.at === i ? tableOf(walk.table.entries, head) : undefined),
  );
  return walk.error === undefined ? { head, descriptors } : { head, descriptors, error: walk.error };
}

/** All entries of an indirect table. They belong to whoever owns the descriptor that points to it. */
export function tableOf(entries: DescriptorTable, chain: number, owner: Owner = 'unknown'): readonly Descriptor[] {
  return Array.from({ length: entries.length }, (_, i) => entries.descriptor(i, owner, chain));
}

/** The table at descriptor `at` ends the chain: spec 2.7.5.3 allows no NEXT beside INDIRECT, and no table in a table. */
function walkIndirect(
  table: DescriptorTable,
  at: number,
  layout: Pick<SplitLayout, 'size' | 'indirect'>,
  read: ReadMemory,
  indices: readonly number[],
  totals: Totals,
): Walk {
  const name = `desc[${at}]`;
  const { faults } = totals;
  const stop = (error: string): Walk => ({ indices, error, faults });
  if (!layout.indirect) {
    faults.push(`${name}.flags: found INDIRECT, expected it only with VIRTIO_RING_F_INDIRECT_DESC negotiated`);
  }
  if ((table.flags(at) & VRING_DESC_F_NEXT) !== 0) {
    return stop(`${name}.flags: found INDIRECT and NEXT together, expected one of them`);
  }
  const len = table.len(at);
  if (len === 0 || len % DESC_SIZE !== 0) {
    return stop(`${name}.len: found ${len}, expected a multiple of ${DESC_SIZE} above 0 (indirect table)`);
  }
  const count = len / DESC_SIZE;
  if (count > MAX_TABLE) {
    return stop(`${name}.len: found a table of ${count} descriptors, expected at most ${layout.size} (queue size)`);
  }
  const addr = table.addr(at);
  const bytes = read(addr, len);
  if (bytes === undefined || bytes.length < len) {
    return stop(`${name}.addr: found ${hex(addr)}, expected ${len} bytes of indirect table in RAM there`);
  }
  return walkEntries(new DescriptorTable(bytes.subarray(0, len)), at, layout.size, indices, totals);
}

function walkEntries(
  entries: DescriptorTable,
  at: number,
  size: number,
  indices: readonly number[],
  totals: Totals,
): Walk {
  const { faults } = totals;
  const table = { at, entries };
  const stop = (i: number, error: string): Walk => ({
    indices,
    table,
    error: `${nameOf({ at, entry: i })}${error}`,
    faults,
  });
  const seen = new Uint8Array(entries.length);
  for (let i = 0; ;) {
    seen[i] = 1;
    const flags = entries.flags(i);
    if ((flags & VRING_DESC_F_INDIRECT) !== 0) {
      return stop(i, '.flags: found INDIRECT inside an indirect table, expected no table in a table');
    }
    account(totals, { at, entry: i }, entries.len(i), flags, size);
    if ((flags & VRING_DESC_F_NEXT) === 0) return { indices, table, faults: wholeChain(totals, indices[0] ?? at) };
    const next = entries.next(i);
    if (next >= entries.length) {
      return stop(i, `.next: found ${next}, expected below ${entries.length} (entries of the table)`);
    }
    if (seen[next] === 1) {
      return stop(i, `.next: found ${next}, which is in this chain already (a loop), expected one in no chain`);
    }
    i = next;
  }
}

/** Notes one buffer; device-readable ones come before device-writable ones (spec 2.7.4.2). */
function account(totals: Totals, place: Place, len: number, flags: number, size: number): void {
  totals.bytes += len;
  totals.count += 1;
  if ((flags & VRING_DESC_F_WRITE) !== 0) {
    totals.writable ??= place;
  } else if (totals.writable !== undefined && !totals.misplaced) {
    totals.misplaced = true;
    const after = `found a device-readable buffer behind device-writable ${nameOf(totals.writable)}`;
    totals.faults.push(`${nameOf(place)}.flags: ${after}, expected it before`);
  }
  if (totals.count === size + 1) {
    totals.faults.push(
      `${nameOf(place)}: found descriptor ${size + 1} of its chain, expected at most ${size} (queue size)`,
    );
  }
}

/** Rules on a whole chain: at most 2^32 bytes (spec 2.7.5.2). */
function wholeChain(totals: Totals, head: number): readonly string[] {
  if (totals.bytes > 2 ** 32) {
    totals.faults.push(`chain of head ${head}: found ${totals.bytes} bytes, expected at most 2^32`);
  }
  return totals.faults;
}
