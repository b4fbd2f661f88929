// Attribute forms: how many bytes a value takes (DWARF 5, section 7.5.6).
import { FORM } from './constants';
import type { Cursor } from './cursor';

/** True when a value of the form is an address, not a number. */
export function isAddressForm(form: number): boolean {
  return form === FORM.addr || form === FORM.addrx || (form >= FORM.addrx1 && form <= FORM.addrx4);
}

/** Bytes that a form takes, -1 if that depends on its contents. */
export function fixedFormSize(form: number, addressSize: number): number {
  switch (form) {
    case FORM.flag_present:
    case FORM.implicit_const:
      return 0;
    case FORM.data1:
    case FORM.flag:
    case FORM.ref1:
    case FORM.strx1:
    case FORM.addrx1:
      return 1;
    case FORM.data2:
    case FORM.ref2:
    case FORM.strx2:
    case FORM.addrx2:
      return 2;
    case FORM.strx3:
    case FORM.addrx3:
      return 3;
    case FORM.data4:
    case FORM.ref4:
    case FORM.strx4:
    case FORM.addrx4:
    case FORM.strp:
    case FORM.line_strp:
    case FORM.sec_offset:
    case FORM.ref_addr:
      return 4;
    case FORM.data8:
    case FORM.ref8:
    case FORM.ref_sig8:
      return 8;
    case FORM.data16:
      return 16;
    case FORM.addr:
      return addressSize;
    default:
      return -1;
  }
}

/** Moves over a value of the form. */
export function skipForm(cursor: Cursor, form: number, addressSize: number): void {
  const size = fixedFormSize(form, addressSize);
  if (size >= 0) {
    cursor.skip(size);
    return;
  }
  switch (form) {
    case FORM.sdata:
    case FORM.udata:
    case FORM.ref_udata:
    case FORM.strx:
    case FORM.addrx:
    case FORM.loclistx:
    case FORM.rnglistx:
      cursor.skipLeb();
      return;
    case FORM.string:
      while (cursor.u8() !== 0);
      return;
    case FORM.block1:
      cursor.skip(cursor.u8());
      return;
    case FORM.block2:
      cursor.skip(cursor.u16());
      return;
    case FORM.block4:
      cursor.skip(cursor.u32());
      return;
    case FORM.block:
    case FORM.exprloc:
      cursor.skip(cursor.uleb());
      return;
    default:
      cursor.fail(`found the unknown attribute form 0x${form.toString(16)}`);
  }
}
