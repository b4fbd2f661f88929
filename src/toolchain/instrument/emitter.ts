// Writes the code of one function body: instructions by name, and temporaries that are added to the body's locals.
import { ByteWriter } from '../wasm/bytes';
import { BULK, EMPTY_BLOCK, OP } from '../wasm/instruction';
import { F32, F64, I64 } from '../wasm/module';

export { BULK };

/** Builds one body. `reset` starts the next one and keeps the buffers. */
export class Emitter {
  private readonly code = new ByteWriter(64 * 1024);
  private readonly head = new ByteWriter(256);
  private groups: { count: number; type: number }[] = [];
  private locals = 0;
  private readonly temporaries = new Map<string, number>();

  /** `locals`: number of parameters and declared locals. */
  reset(groups: readonly { count: number; type: number }[], locals: number): void {
    this.code.clear();
    this.groups = [...groups];
    this.locals = locals;
    this.temporaries.clear();
  }

  /** Index of a local of a wasm type, used for nothing else in this body. */
  temporary(use: string, type: number): number {
    const key = `${use}:${type}`;
    const known = this.temporaries.get(key);
    if (known !== undefined) return known;
    this.groups.push({ count: 1, type });
    this.temporaries.set(key, this.locals);
    return this.locals++;
  }

  /** Appends the finished body, with its size, to the code section. */
  finish(section: ByteWriter): void {
    this.head.clear().u32(this.groups.length);
    for (const { count, type } of this.groups) this.head.u32(count).u8(type);
    section
      .u32(this.head.length + this.code.length)
      .raw(this.head.view())
      .raw(this.code.view());
  }

  /** Instructions copied from the source. */
  raw(bytes: Uint8Array): this {
    this.code.raw(bytes);
    return this;
  }

  op(code: number): this {
    this.code.u8(code);
    return this;
  }

  const(value: number): this {
    this.code.u8(OP.i32Const).s32(value);
    return this;
  }

  get(local: number): this {
    this.code.u8(OP.localGet).u32(local);
    return this;
  }

  set(local: number): this {
    this.code.u8(OP.localSet).u32(local);
    return this;
  }

  tee(local: number): this {
    this.code.u8(OP.localTee).u32(local);
    return this;
  }

  call(index: number): this {
    this.code.u8(OP.call).u32(index);
    return this;
  }

  /** A call that throws: the code behind it is not reached, and costs the code around it nothing. */
  fail(index: number): this {
    return this.call(index).op(OP.unreachable);
  }

  /** Makes an i64 of the bits of the value on the stack. */
  bits(type: number): this {
    if (type === F64) return this.op(OP.i64ReinterpretF64);
    if (type === F32) this.op(OP.i32ReinterpretF32);
    return type === I64 ? this : this.op(OP.i64ExtendI32U);
  }

  /** i32.load of a word at a constant address plus what is on the stack. */
  load(address: number): this {
    this.code.u8(OP.i32Load).u8(2).u32(address);
    return this;
  }

  load8(address: number): this {
    this.code.u8(OP.i32Load8U).u8(0).u32(address);
    return this;
  }

  store(address: number): this {
    this.code.u8(OP.i32Store).u8(2).u32(address);
    return this;
  }

  /** Adds a constant to what is on the stack; nothing for 0. */
  plus(value: number): this {
    return value === 0 ? this : this.const(value).op(OP.i32Add);
  }

  /** Adds a constant to the word at an address and leaves the sum in a local. */
  bump(address: number, by: number, sum: number): this {
    return this.const(0).const(0).load(address).plus(by).tee(sum).store(address);
  }

  if(result: number = EMPTY_BLOCK): this {
    this.code.u8(OP.if).u8(result);
    return this;
  }

  else(): this {
    return this.op(OP.else);
  }

  end(): this {
    return this.op(OP.end);
  }
}
