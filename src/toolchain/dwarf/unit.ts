// Units of .debug_info, their abbreviations, and reading one entry (DIE) of them with all forms that clang emits.
import { AT, FORM } from './constants';
import { Cursor } from './cursor';
import { fixedFormSize, isAddressForm, skipForm } from './forms';
import type { DebugSections } from './sections';

/** Value of an attribute once read: references are section offsets, `indexed` ones wait for whoever knows the list. */
export type AttributeValue =
  number | bigint | string | boolean | Uint8Array | { readonly rnglist: number } | { readonly loclist: number };

export interface Die {
  /** offset in .debug_info */
  readonly offset: number;
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly attributes: ReadonlyMap<number, AttributeValue>;
  /** offset of what follows: the first child, or the next sibling */
  readonly next: number;
}

interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  /** name, form, implicit constant; flat, three each */
  readonly specs: readonly number[];
  /** bytes of all attributes when every form has a fixed size, else -1 */
  readonly fixedSize: number;
  /** the entry has DW_AT_low_pc or DW_AT_ranges: it has code */
  readonly hasCode: boolean;
}

export interface Unit {
  readonly index: number;
  readonly offset: number;
  /** offset after the unit's last entry */
  readonly end: number;
  readonly version: number;
  readonly addressSize: number;
  /** offset of the unit's root entry */
  readonly first: number;
  readonly abbreviations: ReadonlyMap<number, Abbreviation>;
  readonly root: Die;
  readonly strOffsetsBase: number;
  readonly addrBase: number;
  readonly rnglistsBase: number;
}

const DW_UT_COMPILE = 1;
const DW_UT_TYPE = 2;
const DW_UT_PARTIAL = 3;

/** Size of the header of .debug_str_offsets and .debug_addr: where the table begins when the root does not say. */
const DEFAULT_BASE = 8;

/** The units of a module's .debug_info and a way to read entries in them. */
export class Units {
  readonly list: readonly Unit[];
  private readonly info: Cursor;
  private readonly strings: Cursor;
  private readonly decoded = new Map<number, string>();

  constructor(readonly sections: DebugSections) {
    this.info = new Cursor('.debug_info', sections.get('.debug_info'));
    this.strings = new Cursor('.debug_str', sections.get('.debug_str'));
    const list: Unit[] = [];
    while (!this.info.atEnd) {
      const unit = this.readUnit(list.length);
      if (unit) list.push(unit);
    }
    this.list = list;
  }

  /** The unit that the offset in .debug_info lies in. */
  unitAt(offset: number): Unit | undefined {
    let low = 0;
    let high = this.list.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const unit = this.list[middle] as Unit;
      if (offset < unit.first) high = middle - 1;
      else if (offset >= unit.end) low = middle + 1;
      else return unit;
    }
    return undefined;
  }

  /** Reads the entry at an offset; undefined for the null entry that ends a list of children. */
  read(unit: Unit, offset: number): Die | undefined {
    const cursor = this.info;
    cursor.position = offset;
    cursor.end = unit.end;
    const abbreviation = this.abbreviationHere(unit);
    if (!abbreviation) return undefined;
    const attributes = new Map<number, AttributeValue>();
    const { specs } = abbreviation;
    for (let i = 0; i < specs.length; i += 3) {
      const form = specs[i + 1] as number;
      attributes.set(specs[i] as number, this.readForm(cursor, form, specs[i + 2] as number, unit));
      // high_pc is an offset from low_pc unless its form is an address; told apart by a marker attribute
      if (specs[i] === AT.high_pc && isAddressForm(form)) attributes.set(HIGH_PC_IS_ADDRESS, true);
    }
    return { offset, tag: abbreviation.tag, hasChildren: abbreviation.hasChildren, attributes, next: cursor.position };
  }

  /** The children of an entry, in order. */
  *children(unit: Unit, parent: Die): Generator<Die> {
    if (!parent.hasChildren) return;
    let offset = parent.next;
    while (offset < unit.end) {
      const die = this.read(unit, offset);
      if (!die) return;
      // where the next sibling begins is found before the consumer moves the shared cursor
      offset = die.hasChildren ? this.afterChildren(unit, die) : die.next;
      yield die;
    }
  }

  /** Walks every entry of a unit without reading its attributes. `depth` 0 is the root; `visit` must not read entries. */
  walk(unit: Unit, visit: (offset: number, tag: number, depth: number, hasCode: boolean) => void): void {
    const cursor = this.info;
    cursor.position = unit.first;
    cursor.end = unit.end;
    let depth = 0;
    while (cursor.position < unit.end) {
      const offset = cursor.position;
      const abbreviation = this.abbreviationHere(unit);
      if (!abbreviation) {
        if (--depth <= 0) return;
        continue;
      }
      visit(offset, abbreviation.tag, depth, abbreviation.hasCode);
      this.skipAttributes(abbreviation, unit);
      if (abbreviation.hasChildren) depth++;
      else if (depth === 0) return;
    }
  }

  /** Reads a value of the given form; `unit` resolves indexed strings and addresses. */
  readForm(cursor: Cursor, form: number, implicit: number, unit: FormContext): AttributeValue {
    switch (form) {
      case FORM.addr:
        return unit.addressSize === 8 ? cursor.u64() : cursor.u32();
      case FORM.data1:
        return cursor.u8();
      case FORM.data2:
        return cursor.u16();
      case FORM.data4:
      case FORM.sec_offset:
        return cursor.u32();
      case FORM.data8:
        return cursor.u64();
      case FORM.data16:
        return cursor.block(16);
      case FORM.sdata:
        return cursor.sleb64();
      case FORM.udata:
        return cursor.uleb64();
      case FORM.string:
        return cursor.string();
      case FORM.strp:
        return this.stringAt(cursor.u32());
      case FORM.line_strp:
        return new Cursor('.debug_line_str', this.sections.get('.debug_line_str'), cursor.u32()).string();
      case FORM.strx:
        return this.indexedString(unit, cursor.uleb());
      case FORM.strx1:
        return this.indexedString(unit, cursor.u8());
      case FORM.strx2:
        return this.indexedString(unit, cursor.u16());
      case FORM.strx3:
        return this.indexedString(unit, cursor.u24());
      case FORM.strx4:
        return this.indexedString(unit, cursor.u32());
      case FORM.addrx:
        return this.indexedAddress(unit, cursor.uleb());
      case FORM.addrx1:
        return this.indexedAddress(unit, cursor.u8());
      case FORM.addrx2:
        return this.indexedAddress(unit, cursor.u16());
      case FORM.addrx3:
        return this.indexedAddress(unit, cursor.u24());
      case FORM.addrx4:
        return this.indexedAddress(unit, cursor.u32());
      case FORM.ref1:
        return unit.offset + cursor.u8();
      case FORM.ref2:
        return unit.offset + cursor.u16();
      case FORM.ref4:
        return unit.offset + cursor.u32();
      case FORM.ref8:
        return unit.offset + Number(cursor.u64());
      case FORM.ref_udata:
        return unit.offset + cursor.uleb();
      case FORM.ref_addr:
        return cursor.u32();
      case FORM.ref_sig8:
        // a type unit's signature: kept as a value that no entry has, so that the type shows as unknown
        return cursor.u64();
      case FORM.block1:
        return cursor.block(cursor.u8());
      case FORM.block2:
        return cursor.block(cursor.u16());
      case FORM.block4:
        return cursor.block(cursor.u32());
      case FORM.block:
      case FORM.exprloc:
        return cursor.block(cursor.uleb());
      case FORM.flag:
        return cursor.u8() !== 0;
      case FORM.flag_present:
        return true;
      case FORM.implicit_const:
        return implicit;
      case FORM.loclistx:
        return { loclist: cursor.uleb() };
      case FORM.rnglistx:
        return { rnglist: cursor.uleb() };
      default:
        return cursor.fail(`found the unknown attribute form 0x${form.toString(16)}`);
    }
  }

  /** Entry `index` of the unit's part of .debug_addr. */
  indexedAddress(unit: FormContext, index: number): number {
    return new Cursor('.debug_addr', this.sections.get('.debug_addr'), unit.addrBase + 4 * index).u32();
  }

  private indexedString(unit: FormContext, index: number): string {
    const table = this.sections.get('.debug_str_offsets');
    return this.stringAt(new Cursor('.debug_str_offsets', table, unit.strOffsetsBase + 4 * index).u32());
  }

  /** A name is used by many entries: each is decoded once. */
  private stringAt(offset: number): string {
    const known = this.decoded.get(offset);
    if (known !== undefined) return known;
    this.strings.position = offset;
    const text = this.strings.string();
    this.decoded.set(offset, text);
    return text;
  }

  private afterChildren(unit: Unit, die: Die): number {
    const cursor = this.info;
    cursor.position = die.next;
    cursor.end = unit.end;
    let depth = 1;
    while (cursor.position < unit.end) {
      const abbreviation = this.abbreviationHere(unit);
      if (!abbreviation) {
        if (--depth === 0) break;
        continue;
      }
      this.skipAttributes(abbreviation, unit);
      if (abbreviation.hasChildren) depth++;
    }
    return cursor.position;
  }

  private abbreviationHere(unit: Unit): Abbreviation | undefined {
    const code = this.info.uleb();
    if (code === 0) return undefined;
    return (
      unit.abbreviations.get(code) ?? this.info.fail(`found abbreviation ${code}, which .debug_abbrev does not define`)
    );
  }

  private skipAttributes(abbreviation: Abbreviation, unit: Unit): void {
    const cursor = this.info;
    if (abbreviation.fixedSize >= 0) {
      cursor.skip(abbreviation.fixedSize);
      return;
    }
    const { specs } = abbreviation;
    for (let i = 1; i < specs.length; i += 3) skipForm(cursor, specs[i] as number, unit.addressSize);
  }

  /** Reads a unit's header and root, and moves to the next unit; undefined for a kind of unit that holds no code. */
  private readUnit(index: number): Unit | undefined {
    const cursor = this.info;
    const total = cursor.bytes.length;
    cursor.end = total;
    const offset = cursor.position;
    const length = cursor.u32();
    if (length >= 0xfffffff0)
      cursor.fail('found 64-bit DWARF; expected the 32-bit format, as clang writes it for wasm32');
    const end = cursor.position + length;
    if (end > total) cursor.fail(`the unit's length 0x${length.toString(16)} exceeds the section`);
    const version = cursor.u16();
    if (version < 4 || version > 5) {
      cursor.fail(`found DWARF version ${version}, expected 4 or 5 (compile with -gdwarf-4)`);
    }
    const unitType = version >= 5 ? cursor.u8() : DW_UT_COMPILE;
    const sizeFirst = version >= 5 ? cursor.u8() : 0;
    const abbreviationOffset = cursor.u32();
    const addressSize = version >= 5 ? sizeFirst : cursor.u8();
    if (addressSize !== 4) cursor.fail(`found ${addressSize}-byte addresses, expected 4 (wasm32)`);
    if (unitType !== DW_UT_COMPILE && unitType !== DW_UT_PARTIAL) {
      if (unitType !== DW_UT_TYPE) cursor.fail(`found a unit of type ${unitType}, expected a compilation unit`);
      cursor.position = end;
      return undefined;
    }
    const first = cursor.position;
    const abbreviations = this.abbreviationsAt(abbreviationOffset, addressSize);
    const bases = this.readBases(first, end, abbreviations, addressSize);
    const unit = { index, offset, end, version, addressSize, first, abbreviations, ...bases };
    const root = this.read(unit as Unit, first);
    if (!root) return cursor.fail('the unit has no root entry');
    cursor.end = total;
    cursor.position = end;
    return { ...unit, root };
  }

  /** The bases of indexed forms stand in the root entry, which may itself use such forms: they are looked for first. */
  private readBases(first: number, end: number, abbreviations: ReadonlyMap<number, Abbreviation>, addressSize: number) {
    const cursor = this.info;
    cursor.position = first;
    cursor.end = end;
    const bases = { strOffsetsBase: DEFAULT_BASE, addrBase: DEFAULT_BASE, rnglistsBase: 12 };
    const specs = abbreviations.get(cursor.uleb())?.specs ?? [];
    for (let i = 0; i < specs.length; i += 3) {
      const name = specs[i];
      if (specs[i + 1] !== FORM.sec_offset) {
        skipForm(cursor, specs[i + 1] as number, addressSize);
        continue;
      }
      const value = cursor.u32();
      if (name === AT.str_offsets_base) bases.strOffsetsBase = value;
      else if (name === AT.addr_base) bases.addrBase = value;
      else if (name === AT.rnglists_base) bases.rnglistsBase = value;
    }
    return bases;
  }

  private readonly abbreviationTables = new Map<number, ReadonlyMap<number, Abbreviation>>();

  private abbreviationsAt(offset: number, addressSize: number): ReadonlyMap<number, Abbreviation> {
    const known = this.abbreviationTables.get(offset);
    if (known) return known;
    const cursor = new Cursor('.debug_abbrev', this.sections.get('.debug_abbrev'), offset);
    const table = new Map<number, Abbreviation>();
    for (let code = cursor.uleb(); code !== 0; code = cursor.uleb()) {
      const tag = cursor.uleb();
      const hasChildren = cursor.u8() !== 0;
      const specs: number[] = [];
      let fixedSize = 0;
      for (;;) {
        const name = cursor.uleb();
        const form = cursor.uleb();
        const implicit = form === FORM.implicit_const ? cursor.sleb() : 0;
        if (name === 0 && form === 0) break;
        specs.push(name, form, implicit);
        const size = fixedFormSize(form, addressSize);
        fixedSize = fixedSize < 0 || size < 0 ? -1 : fixedSize + size;
      }
      const has = (wanted: number): boolean => specs.some((value, i) => i % 3 === 0 && value === wanted);
      const hasCode = has(AT.low_pc) || has(AT.ranges);
      table.set(code, { tag, hasChildren, specs, fixedSize, hasCode });
    }
    this.abbreviationTables.set(offset, table);
    return table;
  }
}

/** What a form needs to know of its unit. */
export type FormContext = Pick<Unit, 'offset' | 'addressSize' | 'strOffsetsBase' | 'addrBase'>;

/** Set beside DW_AT_high_pc when that is an address. No DWARF attribute has this number. */
export const HIGH_PC_IS_ADDRESS = -1;
