// Reads values out of the guest's RAM as the debugger may: addresses that the driver could not use are not readable.
import type { BitField } from '../toolchain';

/** The first page is where NULL points: it is RAM in wasm, but nothing of a driver lies there and reading it is a bug. */
export const NULL_PAGE_SIZE = 4096;

/** True when `size` bytes at a guest pointer lie in RAM, and not in the NULL page. */
export function isReadable(memory: Uint8Array, address: number, size: number): boolean {
  return address >= NULL_PAGE_SIZE && address + size <= memory.length;
}

/** Little-endian bytes as an unsigned number; undefined when they cannot be read. */
export function readUnsigned(memory: Uint8Array, address: number, size: number): bigint | undefined {
  if (!isReadable(memory, address, size)) return undefined;
  if (size > 4) {
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(memory[address + i] as number);
    return value;
  }
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value * 256 + (memory[address + i] as number);
  return BigInt(value);
}

/** A 32-bit word, such as a pointer; undefined when it cannot be read. */
export function readWord(memory: Uint8Array, address: number): number | undefined {
  const value = readUnsigned(memory, address, 4);
  return value === undefined ? undefined : Number(value);
}

/** Bytes that hold a bit-field. */
export function bitFieldBytes(field: BitField): number {
  return Math.ceil((field.shift + field.bits) / 8);
}

/** The bits of a bit-field, unsigned; undefined when they cannot be read. */
export function readBitField(memory: Uint8Array, address: number, field: BitField): bigint | undefined {
  const raw = readUnsigned(memory, address, bitFieldBytes(field));
  return raw === undefined ? undefined : (raw >> BigInt(field.shift)) & ((1n << BigInt(field.bits)) - 1n);
}

/** A copy of `length` bytes; undefined when they cannot be read. */
export function readBytes(memory: Uint8Array, address: number, length: number): Uint8Array | undefined {
  return isReadable(memory, address, length) ? memory.slice(address, address + length) : undefined;
}

/** The bytes that hold `value`, little-endian. */
export function toBytes(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let rest = BigInt.asUintN(size * 8, value);
  for (let i = 0; i < size; i++) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}
