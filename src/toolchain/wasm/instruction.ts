// Decodes one wasm instruction at a time, as far as rewriting needs: its opcode, memory operand and branch depth.
import { type ByteReader, WasmError } from './bytes';
import { F32, F64, I32, I64 } from './module';

export const OP = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Load: 0x28,
  i32Load8U: 0x2d,
  i32Store: 0x36,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32Eqz: 0x45,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GtU: 0x4b,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32DivS: 0x6d,
  i32RemU: 0x70,
  i32And: 0x71,
  i32Or: 0x72,
  i32ShrU: 0x76,
  i64ExtendI32U: 0xad,
  i32ReinterpretF32: 0xbc,
  i64ReinterpretF64: 0xbd,
  bulk: 0xfc,
  simd: 0xfd,
  atomic: 0xfe,
} as const;

export const EMPTY_BLOCK = 0x40;

/** What a memory instruction does. Types are value types; widths are bytes. */
export type MemoryAccess =
  | { readonly kind: 'load'; readonly width: number; readonly type: number }
  | { readonly kind: 'store'; readonly width: number; readonly type: number }
  /** read, modify, write: one operand, gives the old value */
  | { readonly kind: 'rmw'; readonly width: number; readonly type: number }
  /** two operands (expected, replacement), gives the old value */
  | { readonly kind: 'cmpxchg'; readonly width: number; readonly type: number };

/** The instruction last decoded. One object is used over and over: rewriting visits every instruction twice. */
export interface Instruction {
  /** offsets in the file of its first byte, and of the byte after it */
  start: number;
  end: number;
  op: number;
  /** second opcode, after the prefixes 0xfc and 0xfe; 0 otherwise */
  sub: number;
  access: MemoryAccess | undefined;
  /** constant offset of a memory access */
  offset: number;
  /** index of a local, global or function; 0 otherwise */
  index: number;
  /** largest label of a branch; -1 if it is none */
  label: number;
}

export const BULK = { memoryInit: 8, dataDrop: 9, memoryCopy: 10, memoryFill: 11 } as const;

const load = (width: number, type: number): MemoryAccess => ({ kind: 'load', width, type });
const store = (width: number, type: number): MemoryAccess => ({ kind: 'store', width, type });

/** By opcode - 0x28, in the order of the specification: i32.load … i64.store32. */
const PLAIN: readonly MemoryAccess[] = [
  load(4, I32), load(8, I64), load(4, F32), load(8, F64),
  load(1, I32), load(1, I32), load(2, I32), load(2, I32),
  load(1, I64), load(1, I64), load(2, I64), load(2, I64), load(4, I64), load(4, I64),
  store(4, I32), store(8, I64), store(4, F32), store(8, F64),
  store(1, I32), store(2, I32), store(1, I64), store(2, I64), store(4, I64),
]; // prettier-ignore

/** Widths and types of the seven forms of each atomic operation, in the order of the threads proposal. */
const ATOMIC_FORMS: readonly (readonly [number, number])[] = [
  [4, I32],
  [8, I64],
  [1, I32],
  [2, I32],
  [1, I64],
  [2, I64],
  [4, I64],
];
const ATOMIC = Array.from({ length: 0x4e - 0x10 + 1 }, (_, i): MemoryAccess => {
  const [width, type] = ATOMIC_FORMS[i % 7]!;
  const kind = i < 7 ? 'load' : i < 14 ? 'store' : i < 56 ? 'rmw' : 'cmpxchg';
  return { kind, width, type };
});

export function newInstruction(): Instruction {
  return { start: 0, end: 0, op: 0, sub: 0, access: undefined, offset: 0, index: 0, label: -1 };
}

/**
 * Decodes the instruction at the reader into `into` and moves past it.
 * Throws WasmError at anything that C for this target never compiles to: SIMD, several memories, exceptions.
 */
export function readInstruction(reader: ByteReader, into: Instruction): void {
  into.start = reader.pos;
  const op = (into.op = reader.u8());
  into.sub = 0;
  into.access = undefined;
  into.offset = 0;
  into.index = 0;
  into.label = -1;
  if (op >= 0x28 && op <= 0x3e) {
    into.access = PLAIN[op - 0x28]!;
    readMemoryOperand(reader, into);
  } else if (op >= 0x45 && op <= 0xc4) {
    // numeric instructions have no immediate
  } else {
    readOther(reader, into, op);
  }
  into.end = reader.pos;
}

function readOther(reader: ByteReader, into: Instruction, op: number): void {
  switch (op) {
    case 0x00:
    case 0x01:
    case 0x05:
    case 0x0b:
    case 0x0f:
    case 0x1a:
    case 0x1b:
    case 0xd1:
      return;
    case OP.block:
    case OP.loop:
    case OP.if:
      reader.skipLeb();
      return;
    case OP.br:
    case OP.brIf:
      into.label = reader.u32();
      return;
    case OP.brTable:
      for (let n = reader.u32() + 1; n > 0; n--) into.label = Math.max(into.label, reader.u32());
      return;
    case OP.call:
    case OP.localGet:
    case OP.localSet:
    case OP.localTee:
    case OP.globalGet:
    case OP.globalSet:
    case 0x25:
    case 0x26:
    case 0xd0:
    case 0xd2:
      into.index = reader.u32();
      return;
    case OP.callIndirect:
      reader.u32();
      reader.u32();
      return;
    case 0x1c:
      reader.take(reader.u32());
      return;
    case 0x3f:
    case 0x40:
      if (reader.u8() !== 0) throw unsupported(into, 'several memories');
      return;
    case OP.i32Const:
    case OP.i64Const:
      reader.skipLeb();
      return;
    case OP.f32Const:
      reader.take(4);
      return;
    case OP.f64Const:
      reader.take(8);
      return;
    case OP.bulk:
      return readBulk(reader, into);
    case OP.atomic:
      return readAtomic(reader, into);
    case OP.simd:
      throw unsupported(into, 'SIMD');
    case 0x06:
    case 0x07:
    case 0x08:
    case 0x09:
    case 0x0a:
    case 0x18:
    case 0x19:
    case 0x1f:
      throw unsupported(into, 'exceptions');
    case 0x12:
    case 0x13:
      throw unsupported(into, 'tail calls');
    default:
      throw unsupported(into, `opcode 0x${op.toString(16)}`);
  }
}

function readBulk(reader: ByteReader, into: Instruction): void {
  const sub = (into.sub = reader.u32());
  if (sub <= 7) return; // saturating conversions
  switch (sub) {
    case BULK.memoryInit:
      reader.u32();
      readMemoryIndex(reader, into);
      return;
    case BULK.dataDrop:
      reader.u32();
      return;
    case BULK.memoryCopy:
      readMemoryIndex(reader, into);
      readMemoryIndex(reader, into);
      return;
    case BULK.memoryFill:
      readMemoryIndex(reader, into);
      return;
    default:
      throw unsupported(into, `bulk instruction ${sub}`);
  }
}

function readAtomic(reader: ByteReader, into: Instruction): void {
  const sub = (into.sub = reader.u32());
  if (sub === 3) {
    reader.u8(); // fence
    return;
  }
  if (sub > 2 && sub < 0x10) throw unsupported(into, `atomic instruction ${sub}`);
  if (sub > 0x4e) throw unsupported(into, `atomic instruction ${sub}`);
  into.access = ATOMIC[sub - 0x10];
  readMemoryOperand(reader, into);
}

function readMemoryOperand(reader: ByteReader, into: Instruction): void {
  const align = reader.u32();
  if (align & 0x40) throw unsupported(into, 'several memories');
  into.offset = reader.u32();
}

function readMemoryIndex(reader: ByteReader, into: Instruction): void {
  if (reader.u8() !== 0) throw unsupported(into, 'several memories');
}

function unsupported(at: Instruction, what: string): WasmError {
  return new WasmError(`offset ${at.start}: ${what}: the lab cannot instrument this`);
}
