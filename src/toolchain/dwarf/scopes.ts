// Functions and variables: entries of .debug_info turned into names with places, and the blocks that bound their lives.
import { AT, RLE, TAG } from './constants';
import { Cursor } from './cursor';
import { frameBaseLocal, isTombstone, readLocation } from './location';
import type { AddressRange, FunctionDebugInfo, Location, Scope, Type, VariableInfo } from './model';
import { bigintOf, numberOf, stringOf, type TypeReader } from './type-reader';
import { HIGH_PC_IS_ADDRESS, type AttributeValue, type Die, type Unit, type Units } from './unit';

/** Deeper nesting than any compiler writes is damage, and would exhaust the stack. */
const MAX_BLOCK_DEPTH = 256;

/** Maps a unit's file number (DW_AT_decl_file) to an index in DebugInfo.files, -1 if unknown. */
export type FileNumbers = (unit: Unit, file: number) => number;

/** Reads functions, blocks and variables out of their entries. */
export class ScopeReader {
  constructor(
    private readonly units: Units,
    private readonly types: TypeReader,
    private readonly files: FileNumbers,
  ) {}

  /** The function at an entry; undefined for a declaration, and for one that the linker dropped. */
  readFunction(unit: Unit, offset: number): FunctionDebugInfo | undefined {
    const die = this.units.read(unit, offset);
    const range = die && this.readRanges(unit, die)[0];
    if (!die || !range || isTombstone(range.low)) return undefined;
    const origin = this.resolve(die);
    const { units, types } = this;
    const readScope = (): Scope => this.readScope(unit, die, 0);
    let scope: Scope | undefined;
    let returns: Type | undefined;
    return {
      name: stringOf(origin.get(AT.name)) ?? 'unnamed function',
      low: range.low,
      high: range.high,
      ...this.declared(unit, origin),
      external: origin.has(AT.external),
      frameBaseLocal: frameBaseLocal(blockOf(die.attributes.get(AT.frame_base))),
      unit: unit.index,
      get scope() {
        return (scope ??= readScope());
      },
      get returns() {
        // the entry is read again: what it held was dropped to keep the list of functions small
        return (returns ??= types.of(units.read(unit, offset) as Die));
      },
    };
  }

  /** The variable or parameter at an entry; undefined for one without a name and for a declaration. */
  readVariable(unit: Unit, die: Die): VariableInfo | undefined {
    const attributes = this.resolve(die);
    const name = stringOf(attributes.get(AT.name));
    if (name === undefined || die.attributes.has(AT.declaration)) return undefined;
    const { types, units } = this;
    const typeReference = attributes.get(AT.type);
    let type: Type | undefined;
    return {
      name,
      location: this.locationOf(units, unit, die, attributes),
      ...this.declared(unit, attributes),
      parameter: die.tag === TAG.formal_parameter,
      external: attributes.has(AT.external),
      unit: unit.index,
      get type() {
        return (type ??= typeof typeReference === 'number' ? types.at(typeReference) : types.of(die));
      },
    };
  }

  private locationOf(units: Units, unit: Unit, die: Die, attributes: ReadonlyMap<number, AttributeValue>): Location {
    const expression = die.attributes.get(AT.location);
    const constant = bigintOf(attributes.get(AT.const_value));
    if (expression instanceof Uint8Array) return readLocation(units, unit, expression);
    if (expression !== undefined) return { kind: 'none', why: 'it moves between places (compiled with optimisation)' };
    if (constant !== undefined) return { kind: 'constant', value: constant };
    return { kind: 'none', why: 'the compiler optimised it away' };
  }

  private readScope(unit: Unit, die: Die, depth: number): Scope {
    const variables: VariableInfo[] = [];
    const blocks: Scope[] = [];
    for (const child of this.units.children(unit, die)) {
      if (child.tag === TAG.variable || child.tag === TAG.formal_parameter) {
        const variable = this.readVariable(unit, child);
        if (variable) variables.push(variable);
      } else if (child.tag === TAG.lexical_block && depth < MAX_BLOCK_DEPTH) {
        blocks.push(this.readScope(unit, child, depth + 1));
      }
    }
    return { ranges: this.readRanges(unit, die), variables, blocks };
  }

  /** Attributes of an entry, with those of the declaration it completes or the abstract function it is a copy of. */
  private resolve(die: Die): ReadonlyMap<number, AttributeValue> {
    let merged = die.attributes;
    let current = die;
    for (let depth = 0; depth < 4; depth++) {
      const reference = current.attributes.get(AT.specification) ?? current.attributes.get(AT.abstract_origin);
      const unit = typeof reference === 'number' ? this.units.unitAt(reference) : undefined;
      const origin = unit && this.units.read(unit, reference as number);
      if (!origin) break;
      merged = new Map([...origin.attributes, ...merged]);
      current = origin;
    }
    return merged;
  }

  private declared(unit: Unit, attributes: ReadonlyMap<number, AttributeValue>): { file: number; line: number } {
    const file = numberOf(attributes.get(AT.decl_file));
    return {
      file: file === undefined ? -1 : this.files(unit, file),
      line: numberOf(attributes.get(AT.decl_line)) ?? 0,
    };
  }

  /** Code that an entry covers, tombstones left out. */
  private readRanges(unit: Unit, die: Die): AddressRange[] {
    const low = numberOf(die.attributes.get(AT.low_pc));
    const high = numberOf(die.attributes.get(AT.high_pc));
    if (low !== undefined && high !== undefined) {
      const range = { low, high: die.attributes.has(HIGH_PC_IS_ADDRESS) ? high : low + high };
      return isTombstone(low) || range.high <= low ? [] : [range];
    }
    const ranges = die.attributes.get(AT.ranges);
    if (ranges === undefined) return [];
    const base = numberOf(unit.root.attributes.get(AT.low_pc)) ?? 0;
    const list = unit.version >= 5 ? this.readRnglist(unit, ranges, base) : this.readRanges4(Number(ranges), base);
    return list.filter((range) => !isTombstone(range.low) && range.high > range.low);
  }

  private readRanges4(offset: number, start: number): AddressRange[] {
    const cursor = new Cursor('.debug_ranges', this.units.sections.get('.debug_ranges'), offset);
    const list: AddressRange[] = [];
    let base = start;
    for (;;) {
      const low = cursor.u32();
      const high = cursor.u32();
      if (low === 0 && high === 0) return list;
      if (low === 0xffffffff) base = high;
      else if (!isTombstone(low)) list.push({ low: base + low, high: base + high });
    }
  }

  private readRnglist(unit: Unit, value: AttributeValue, start: number): AddressRange[] {
    const section = this.units.sections.get('.debug_rnglists');
    const offset =
      typeof value === 'object' && 'rnglist' in value
        ? unit.rnglistsBase + new Cursor('.debug_rnglists', section, unit.rnglistsBase + 4 * value.rnglist).u32()
        : Number(value);
    const cursor = new Cursor('.debug_rnglists', section, offset);
    const address = (): number => this.units.indexedAddress(unit, cursor.uleb());
    const list: AddressRange[] = [];
    let base = start;
    for (;;) {
      const kind = cursor.u8();
      switch (kind) {
        case RLE.end_of_list:
          return list;
        case RLE.base_addressx:
          base = address();
          break;
        case RLE.base_address:
          base = cursor.u32();
          break;
        case RLE.startx_endx:
          list.push({ low: address(), high: address() });
          break;
        case RLE.startx_length: {
          const low = address();
          list.push({ low, high: low + cursor.uleb() });
          break;
        }
        case RLE.offset_pair: {
          const low = base + cursor.uleb();
          list.push({ low, high: base + cursor.uleb() });
          break;
        }
        case RLE.start_end:
          list.push({ low: cursor.u32(), high: cursor.u32() });
          break;
        case RLE.start_length: {
          const low = cursor.u32();
          list.push({ low, high: low + cursor.uleb() });
          break;
        }
        default:
          cursor.fail(`found the unknown range entry ${kind}`);
      }
    }
  }
}

function blockOf(value: AttributeValue | undefined): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined;
}
