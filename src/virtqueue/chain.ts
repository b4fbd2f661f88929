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
    const base = { index: i, addr: this.addr(i), len: this.len(i), flags: this.flags(i), next: this.next(i), owner };
    if (chain === undefined) return base;
    return indirect === undefined ? { ...base, chain } : { ...base, chain, indirect };
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

/** Totals over a walk's buffers, for the rules that look at a chain as a whole. */
interface Totals {
  readonly faults: string[];
  bytes: number;
  count: number;
  writable: string | undefined;
  misplaced: boolean;
}

/**
 * Follows the chain from `head` through `table`. Bounded by the table's length, whatever the bytes say.
 * @param heldBy head of the chain that holds a descriptor already: the walk stops there
 */
export function walkTable(
  table: DescriptorTable,
  layout: Pick<SplitLayout, 'size' | 'indirect'>,
  head: number,
  read: ReadMemory,
  heldBy: (index: number) => number | undefined = () => undefined,
): Walk {
  const totals: Totals = { faults: [], bytes: 0, count: 0, writable: undefined, misplaced: false };
  const indices: number[] = [];
  const seen = new Set<number>();
  const stop = (error: string): Walk => ({ indices, error, faults: totals.faults });
  if (!(head >= 0 && head < table.length))
    return stop(`head: found ${head}, expected below ${table.length} (queue size)`);
  for (let i = head, from = ''; ;) {
    const other = heldBy(i);
    if (other !== undefined)
      return stop(`${from || `head ${head}`}: leads to desc[${i}], which is in the chain of head ${other} already`);
    if (seen.has(i))
      return stop(`${from}: found ${i}, which is in this chain already (a loop), expected one in no chain`);
    seen.add(i);
    indices.push(i);
    const flags = table.flags(i);
    if ((flags & VRING_DESC_F_INDIRECT) !== 0) return walkIndirect(table, i, layout, read, indices, totals);
    account(totals, `desc[${i}]`, table.len(i), flags, layout.size);
    if ((flags & VRING_DESC_F_NEXT) === 0) return { indices, faults: wholeChain(totals, head) };
    from = `desc[${i}].next`;
    i = table.next(i);
    if (i >= table.length) return stop(`${from}: found ${i}, expected below ${table.length} (queue size)`);
  }
}

/** Follows the chain that starts at `head`, reading the descriptor table through `read`. Never throws. */
export function walkChain(read: ReadMemory, layout: SplitLayout, head: number): Chain {
  const bytes = read(layout.desc, DESC_SIZE * layout.size);
  if (bytes === undefined || bytes.length < DESC_SIZE * layout.size) {
    return {
      head,
      descriptors: [],
      error: `descriptor table: ${DESC_SIZE * layout.size} bytes at ${hex(layout.desc)} are not all in RAM`,
    };
  }
  const table = new DescriptorTable(bytes);
  return chainOf(head, walkTable(table, layout, head, read), (i, indirect) =>
    table.descriptor(i, 'unknown', head, indirect),
  );
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
  const stop = (error: string): Walk => ({ indices, error, faults: totals.faults });
  if (!layout.indirect)
    totals.faults.push(`${name}.flags: found INDIRECT, but VIRTIO_RING_F_INDIRECT_DESC was not negotiated`);
  if ((table.flags(at) & VRING_DESC_F_NEXT) !== 0)
    return stop(`${name}.flags: found INDIRECT and NEXT together, expected one of them`);
  const len = table.len(at);
  if (len === 0 || len % DESC_SIZE !== 0)
    return stop(`${name}.len: found ${len}, expected a multiple of ${DESC_SIZE} above 0 (indirect table)`);
  const count = len / DESC_SIZE;
  if (count > MAX_TABLE)
    return stop(`${name}.len: found a table of ${count} descriptors, expected at most ${layout.size} (queue size)`);
  const bytes = read(table.addr(at), len);
  if (bytes === undefined || bytes.length < len)
    return stop(`${name}.addr: found ${hex(table.addr(at))}, where ${len} bytes of indirect table are not all in RAM`);
  const entries = new DescriptorTable(bytes.subarray(0, len));
  const done = { indices, table: { at, entries } };
  const seen = new Uint8Array(count);
  for (let i = 0; ;) {
    seen[i] = 1;
    const entry = `${name} → [${i}]`;
    const flags = entries.flags(i);
    if ((flags & VRING_DESC_F_INDIRECT) !== 0)
      return { ...done, error: `${entry}.flags: found INDIRECT inside an indirect table`, faults: totals.faults };
    account(totals, entry, entries.len(i), flags, layout.size);
    if ((flags & VRING_DESC_F_NEXT) === 0) return { ...done, faults: wholeChain(totals, indices[0] ?? at) };
    const next = entries.next(i);
    if (next >= count)
      return {
        ...done,
        error: `${entry}.next: found ${next}, expected below ${count} (entries of the table)`,
        faults: totals.faults,
      };
    if (seen[next] === 1)
      return {
        ...done,
        error: `${entry}.next: found ${next}, which is in this chain already (a loop), expected one in no chain`,
        faults: totals.faults,
      };
    i = next;
  }
}

/** Notes one buffer; device-readable ones come before device-writable ones (spec 2.7.4.2). */
function account(totals: Totals, name: string, len: number, flags: number, size: number): void {
  totals.bytes += len;
  totals.count += 1;
  if ((flags & VRING_DESC_F_WRITE) !== 0) {
    totals.writable ??= name;
  } else if (totals.writable !== undefined && !totals.misplaced) {
    totals.misplaced = true;
    totals.faults.push(
      `${name}.flags: found a device-readable buffer behind device-writable ${totals.writable}, expected it before`,
    );
  }
  if (totals.count === size + 1)
    totals.faults.push(`${name}: makes the chain longer than ${size} descriptors (queue size)`);
}

/** Rules on a whole chain: at most 2^32 bytes (spec 2.7.5.2). */
function wholeChain(totals: Totals, head: number): readonly string[] {
  if (totals.bytes > 2 ** 32)
    totals.faults.push(`chain of head ${head}: found ${totals.bytes} bytes, expected at most 2^32`);
  return totals.faults;
}
