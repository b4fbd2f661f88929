// Where the driver can stop: places the statement rows of the line table on instructions of the code section.
import { LAB_MAX_SITES } from '../runtime-layout';
import type { FunctionInfo, Site } from '../program';
import type { DebugInfo, FunctionDebugInfo, LineRow } from '../dwarf';
import { ByteReader, WasmError } from '../wasm/bytes';
import { newInstruction, OP, readInstruction } from '../wasm/instruction';
import type { Body, WasmModule } from '../wasm/module';

/** What instrumentation knows of one defined function. */
export interface FunctionPlan {
  /** index in SitePlan.functions; undefined for a function without debug information */
  readonly id?: number;
  readonly frameBaseLocal?: number;
  /** The frame base is set in one place, so that what is loaded from it is on the C stack, and not on the NULL page. */
  readonly frameBaseSteady?: boolean;
}

export interface SitePlan {
  readonly functions: readonly FunctionInfo[];
  readonly sites: readonly Site[];
  /** per defined function, in the order of the code section */
  readonly plans: readonly FunctionPlan[];
  /** site by file offset of the instruction that it comes before */
  readonly at: ReadonlyMap<number, number>;
}

/**
 * Chooses the sites of a module. A site is an is_stmt row at or after its function's prologue_end. It moves past `block`,
 * `loop`, `end` and `else`, so that it is passed each time round a loop, and by both ways into a join. A loop whose head has
 * no row gets a site of its own: every time round takes a tick, and `for (;;);` can be interrupted.
 */
export function planSites(module: WasmModule, debug: DebugInfo): SitePlan {
  const functions: FunctionInfo[] = [];
  const plans: FunctionPlan[] = [];
  const sites: Site[] = [];
  const at = new Map<number, number>();
  const byLow = new Map(debug.functions.map((fn) => [fn.low, fn]));
  const rows = statementRows(debug.lines);
  for (const body of module.bodies) {
    const low = body.start - module.codeBase;
    const fn = byLow.get(low);
    if (!fn) {
      plans.push({});
      continue;
    }
    const id = functions.length;
    functions.push({ id, name: fn.name, file: fn.file, line: fn.line, low: fn.low, high: fn.high });
    const settings = placeSites(module, body, functionRows(rows, fn), fn, id, sites, at);
    plans.push({ id, frameBaseLocal: fn.frameBaseLocal, frameBaseSteady: settings === 1 });
  }
  if (sites.length > LAB_MAX_SITES) {
    throw new WasmError(
      `the program has ${sites.length} places to stop; the lab holds ${LAB_MAX_SITES}: compile fewer files`,
    );
  }
  return { functions, sites, plans, at };
}

/** Line group of each site: equal for the sites of one line of one function (what `lab.line_of` holds). */
export function lineGroups(sites: readonly Site[]): number[] {
  const groups = new Map<string, number>();
  return sites.map(({ func, file, line }) => {
    const key = `${func}:${file}:${line}`;
    const known = groups.get(key);
    if (known !== undefined) return known;
    groups.set(key, groups.size);
    return groups.size - 1;
  });
}

interface Rows {
  readonly list: readonly LineRow[];
}

/** All rows that count, by address; of several at one address the table's order is kept. */
function statementRows(lines: readonly LineRow[]): Rows {
  const list = lines.filter((row) => !row.endSequence && row.line > 0);
  return {
    list: list
      .map((row, i) => ({ row, i }))
      .sort((a, b) => a.row.addr - b.row.addr || a.i - b.i)
      .map(({ row }) => row),
  };
}

function functionRows({ list }: Rows, fn: FunctionDebugInfo): LineRow[] {
  let low = 0;
  for (let high = list.length; low < high;) {
    const middle = (low + high) >> 1;
    if (list[middle]!.addr < fn.low) low = middle + 1;
    else high = middle;
  }
  const rows: LineRow[] = [];
  for (let i = low; i < list.length && list[i]!.addr < fn.high; i++) rows.push(list[i]!);
  const first = rows.find((row) => row.prologueEnd)?.addr ?? 0;
  return rows.filter((row) => row.isStmt && row.addr >= first);
}

/** Returns how often the body sets the frame base. */
function placeSites(
  module: WasmModule,
  body: Body,
  rows: readonly LineRow[],
  fn: FunctionDebugInfo,
  func: number,
  sites: Site[],
  at: Map<number, number>,
): number {
  const reader = new ByteReader(module.bytes, body.start, body.end);
  skipLocals(reader);
  const instruction = newInstruction();
  let next = 0;
  let pending: LineRow | undefined;
  let last: Pick<LineRow, 'file' | 'line' | 'column'> = { file: fn.file, line: fn.line, column: 0 };
  let atLoopHead = false;
  let depth = 1;
  let settings = 0;
  const place = (row: Pick<LineRow, 'file' | 'line' | 'column'>, addr: number): void => {
    at.set(instruction.start, sites.length);
    sites.push({ id: sites.length, func, file: row.file, line: row.line, column: row.column, addr });
    last = row;
  };
  while (!reader.done) {
    readInstruction(reader, instruction);
    const addr = instruction.start - module.codeBase;
    while (next < rows.length && rows[next]!.addr <= addr) pending = rows[next++];
    const structural =
      instruction.op === OP.block ||
      instruction.op === OP.loop ||
      instruction.op === OP.else ||
      (instruction.op === OP.end && depth > 1);
    if (!structural) {
      if (pending) place(pending, pending.addr);
      else if (atLoopHead) place(last, addr);
      pending = undefined;
      atLoopHead = false;
    }
    if (instruction.op === OP.loop) atLoopHead = true;
    if (instruction.op === OP.block || instruction.op === OP.loop || instruction.op === OP.if) depth++;
    if (instruction.op === OP.end) depth--;
    const sets = instruction.op === OP.localSet || instruction.op === OP.localTee;
    if (sets && instruction.index === fn.frameBaseLocal) settings++;
  }
  return settings;
}

/** Moves past the declarations of locals at the head of a body. */
export function skipLocals(reader: ByteReader): void {
  for (let n = reader.u32(); n > 0; n--) {
    reader.u32();
    reader.u8();
  }
}
