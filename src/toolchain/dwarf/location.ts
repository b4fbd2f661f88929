// Location expressions, as far as clang uses them at -O0: a frame offset, a fixed address, or a value that is known.
import { OP } from './constants';
import { Cursor } from './cursor';
import type { Location } from './model';
import type { Unit, Units } from './unit';

/** The linker writes the highest addresses for what it dropped; 0 is where nothing of a program lies. */
export function isTombstone(address: number): boolean {
  return address === 0 || address >= 0xfffffff0;
}

/** @param expression bytes of DW_AT_location */
export function readLocation(units: Units, unit: Unit, expression: Uint8Array): Location {
  if (expression.length === 0) return { kind: 'none', why: 'the compiler optimised it away' };
  const cursor = new Cursor('a location expression', expression);
  const opcode = cursor.u8();
  switch (opcode) {
    case OP.fbreg: {
      const offset = cursor.sleb();
      if (cursor.atEnd) return { kind: 'frame', offset, deref: false };
      if (cursor.u8() === OP.deref && cursor.atEnd) return { kind: 'frame', offset, deref: true };
      break;
    }
    case OP.addr:
    case OP.addrx: {
      let address = opcode === OP.addr ? cursor.u32() : units.indexedAddress(unit, cursor.uleb());
      if (isTombstone(address)) return { kind: 'none', why: 'the linker dropped it: nothing uses it' };
      if (!cursor.atEnd && cursor.u8() === OP.plus_uconst) address += cursor.uleb();
      if (cursor.atEnd) return { kind: 'static', address };
      break;
    }
    case OP.wasm_location:
      // at -O0: an aggregate passed by value, whose copy's address never reaches memory
      return {
        kind: 'none',
        why: 'it is reached through a wasm local, which cannot be read (a struct passed by value?)',
      };
  }
  return { kind: 'none', why: `its location expression (operation 0x${opcode.toString(16)}) is not understood` };
}

/** The wasm local that DW_AT_frame_base names, if it is one. */
export function frameBaseLocal(expression: Uint8Array | undefined): number | undefined {
  if (!expression || expression.length < 3) return undefined;
  const cursor = new Cursor('a frame base expression', expression);
  const isLocal = cursor.u8() === OP.wasm_location && cursor.uleb() === 0;
  return isLocal ? cursor.uleb() : undefined;
}
