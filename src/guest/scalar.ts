// Scalars: integers, pointers and enums as bigint, floats as number, kept within the bounds of their C type.
import { readBitField, readUnsigned } from './memory';
import { isSigned, type ScalarType } from './types';
import type { BitField } from '../toolchain';

/** bigint for all but floats. */
export type Scalar = bigint | number;

/** The value of `bits` bits as the type understands them. */
export function fromBits(raw: bigint, type: ScalarType, bits: number): Scalar {
  if (type.kind === 'base' && type.encoding === 'float') return floatFromBits(raw, type.size);
  return isSigned(type) ? BigInt.asIntN(bits, raw) : BigInt.asUintN(bits, raw);
}

/** A scalar in memory; undefined when it cannot be read. */
export function readScalar(
  memory: Uint8Array,
  address: number,
  type: ScalarType,
  bitField?: BitField,
): Scalar | undefined {
  const raw = bitField ? readBitField(memory, address, bitField) : readUnsigned(memory, address, type.size);
  return raw === undefined ? undefined : fromBits(raw, type, bitField?.bits ?? type.size * 8);
}

/** C's conversion to a type: integers wrap, `_Bool` becomes 0 or 1, floats lose their fraction on the way to an integer. */
export function convert(value: Scalar, type: ScalarType): Scalar {
  if (type.kind === 'base' && type.encoding === 'float') {
    return type.size === 4 ? Math.fround(Number(value)) : Number(value);
  }
  if (type.kind === 'base' && type.encoding === 'bool') return isTrue(value) ? 1n : 0n;
  const whole = typeof value === 'bigint' ? value : Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n;
  return fromBits(whole, type, type.size * 8);
}

/** The bits that a scalar of a type has in memory, unsigned. */
export function toBits(value: Scalar, type: ScalarType): bigint {
  if (typeof value === 'bigint') return BigInt.asUintN(type.size * 8, value);
  const view = new DataView(new ArrayBuffer(8));
  if (type.size === 4) view.setFloat32(0, value);
  else view.setFloat64(0, value);
  return type.size === 4 ? BigInt(view.getUint32(0)) : view.getBigUint64(0);
}

export function isTrue(value: Scalar): boolean {
  return typeof value === 'bigint' ? value !== 0n : value !== 0;
}

function floatFromBits(raw: bigint, size: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, raw);
  return size === 4 ? view.getFloat32(4) : view.getFloat64(0);
}
