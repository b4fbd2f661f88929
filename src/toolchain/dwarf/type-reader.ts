// Types out of .debug_info: each is made on first use, and its contents (members, pointee …) on theirs.
import { AT, ENCODING, TAG } from './constants';
import { LazyArray, LazyFunction, LazyPointer, LazyQualified, LazyStruct, LazyTypedef, memo } from './lazy-types';
import type {
  ArrayType,
  BaseEncoding,
  BitField,
  EnumType,
  Enumerator,
  Member,
  NamedTypeKind,
  StructType,
  Type,
  TypeIndex,
} from './model';
import type { AttributeValue, Die, Unit, Units } from './unit';

const VOID: Type = { kind: 'void' };

const NAMED_TAGS: ReadonlyMap<number, NamedTypeKind> = new Map<number, NamedTypeKind>([
  [TAG.structure_type, 'struct'],
  [TAG.union_type, 'union'],
  [TAG.enumeration_type, 'enum'],
  [TAG.typedef, 'typedef'],
  [TAG.base_type, 'base'],
]);

/** True for the tags whose entries TypeReader wants to be told of, to find types by name. */
export function isIndexedType(tag: number): boolean {
  return NAMED_TAGS.has(tag);
}

/** An attribute as a number; undefined when it is absent or of another class (a block, a string). */
export function numberOf(value: AttributeValue | undefined): number | undefined {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
}

export function stringOf(value: AttributeValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A constant as its 64 bits; undefined when it is no number. */
export function bigintOf(value: AttributeValue | undefined): bigint | undefined {
  return typeof value === 'number' || typeof value === 'bigint' ? BigInt(value) : undefined;
}

interface IndexEntry {
  readonly unit: Unit;
  readonly die: Die;
}

/** Reads types, and finds them by name. */
export class TypeReader implements TypeIndex {
  private readonly made = new Map<number, Type>();
  private readonly offsets: { readonly unit: Unit; readonly offset: number }[] = [];
  private byName: Map<string, IndexEntry[]> | undefined;
  private byEnumerator: Map<string, { unit: Unit; type: EnumType; value: bigint }[]> | undefined;
  private completeAggregates: StructType[] | undefined;

  constructor(private readonly units: Units) {}

  /** Notes the entry of a struct, union, enum, typedef or base type. */
  add(unit: Unit, offset: number): void {
    this.offsets.push({ unit, offset });
  }

  /** The type that an entry's DW_AT_type names; void when it has none. */
  of(die: Die): Type {
    const reference = die.attributes.get(AT.type);
    if (reference === undefined) return VOID;
    if (typeof reference !== 'number')
      return { kind: 'unknown', why: 'its type lies in a type unit (-fdebug-types-section)' };
    return this.at(reference);
  }

  /** The type whose entry is at an offset of .debug_info. */
  at(offset: number): Type {
    const known = this.made.get(offset);
    if (known) return known;
    const unit = this.units.unitAt(offset);
    const die = unit && this.units.read(unit, offset);
    const type: Type =
      unit && die ? this.make(unit, die) : { kind: 'unknown', why: `no type is at offset 0x${offset.toString(16)}` };
    this.made.set(offset, type);
    return type;
  }

  find(kind: 'struct' | 'union', name: string, unit?: number): StructType | undefined;
  find(kind: NamedTypeKind, name: string, unit?: number): Type | undefined;
  find(kind: NamedTypeKind, name: string, unit?: number): Type | undefined {
    const offset = this.definition(kind, name, unit) ?? this.index().get(`${kind} ${name}`)?.[0]?.die.offset;
    return offset === undefined ? undefined : this.at(offset);
  }

  aggregates(): readonly StructType[] {
    this.index();
    return this.completeAggregates as StructType[];
  }

  enumerator(name: string, unit?: number): { readonly type: EnumType; readonly value: bigint } | undefined {
    if (!this.byEnumerator) {
      this.byEnumerator = new Map();
      for (const { unit: owner, offset } of this.offsets) {
        const type = this.units.read(owner, offset)?.tag === TAG.enumeration_type ? this.at(offset) : undefined;
        if (type?.kind !== 'enum') continue;
        for (const each of type.enumerators) {
          const entry = { unit: owner, type, value: each.value };
          const list = this.byEnumerator.get(each.name);
          if (list) list.push(entry);
          else this.byEnumerator.set(each.name, [entry]);
        }
      }
    }
    const entries = this.byEnumerator.get(name);
    return entries?.find((entry) => entry.unit.index === unit) ?? entries?.[0];
  }

  /** Offset of a type's complete entry, a unit's own if it has one. */
  private definition(kind: NamedTypeKind, name: string, unit?: number): number | undefined {
    const entries = this.index().get(`${kind} ${name}`) ?? [];
    const complete = entries.filter(({ die }) => !die.attributes.has(AT.declaration));
    const chosen = complete.find((entry) => entry.unit.index === unit) ?? complete[0];
    return chosen?.die.offset;
  }

  private index(): Map<string, IndexEntry[]> {
    if (this.byName) return this.byName;
    const byName = new Map<string, IndexEntry[]>();
    // set first: making a declared struct below looks for its definition here
    this.byName = byName;
    const aggregates: number[] = [];
    for (const { unit, offset } of this.offsets) {
      const die = this.units.read(unit, offset);
      if (!die) continue;
      const kind = NAMED_TAGS.get(die.tag);
      if ((kind === 'struct' || kind === 'union') && !die.attributes.has(AT.declaration)) aggregates.push(offset);
      const name = stringOf(die.attributes.get(AT.name));
      if (!kind || name === undefined) continue;
      const key = `${kind} ${name}`;
      const list = byName.get(key);
      if (list) list.push({ unit, die });
      else byName.set(key, [{ unit, die }]);
    }
    this.completeAggregates = aggregates
      .map((offset) => this.at(offset))
      .filter((type): type is StructType => type.kind === 'struct' || type.kind === 'union');
    return byName;
  }

  private make(unit: Unit, die: Die): Type {
    const name = stringOf(die.attributes.get(AT.name));
    const size = numberOf(die.attributes.get(AT.byte_size)) ?? 0;
    switch (die.tag) {
      case TAG.base_type:
        return makeBase(die, name ?? 'unnamed', size);
      case TAG.pointer_type:
        return new LazyPointer(unit.addressSize, () => this.of(die));
      case TAG.typedef:
        return new LazyTypedef(name ?? 'unnamed', () => this.of(die));
      case TAG.const_type:
        return new LazyQualified('const', () => this.of(die));
      case TAG.volatile_type:
        return new LazyQualified('volatile', () => this.of(die));
      case TAG.restrict_type:
        return new LazyQualified('restrict', () => this.of(die));
      case TAG.atomic_type:
        return new LazyQualified('_Atomic', () => this.of(die));
      case TAG.structure_type:
        return this.makeStruct('struct', unit, die, name, size);
      case TAG.union_type:
        return this.makeStruct('union', unit, die, name, size);
      case TAG.enumeration_type:
        return this.makeEnum(unit, die, name, size);
      case TAG.array_type:
        return this.makeArray(unit, die);
      case TAG.subroutine_type:
      case TAG.subprogram:
        return new LazyFunction(
          () => this.of(die),
          () => this.readParameters(unit, die),
        );
      default:
        return {
          kind: 'unknown',
          why: `the debug information has a type of the unknown tag 0x${die.tag.toString(16)}`,
        };
    }
  }

  private makeStruct(kind: 'struct' | 'union', unit: Unit, die: Die, name: string | undefined, size: number): Type {
    const incomplete = die.attributes.has(AT.declaration);
    if (incomplete && name !== undefined) {
      // a struct that this unit only declares is mostly defined in another one: the developer means that
      const defined = this.definition(kind, name, unit.index);
      if (defined !== undefined) return this.at(defined);
    }
    return new LazyStruct(kind, name, size, incomplete, unit.index, () => this.readMembers(unit, die));
  }

  private readMembers(unit: Unit, die: Die): Member[] {
    const members: Member[] = [];
    for (const child of this.units.children(unit, die)) {
      if (child.tag !== TAG.member) continue;
      const { attributes } = child;
      const name = stringOf(attributes.get(AT.name)) || undefined;
      members.push({ name, type: this.of(child), ...placeOf(attributes) });
    }
    return members;
  }

  private makeEnum(unit: Unit, die: Die, name: string | undefined, size: number): EnumType {
    const underlying = die.attributes.has(AT.type) ? this.of(die) : undefined;
    const base = underlying && stripToBase(underlying);
    const lazy = memo(() => {
      const list: Enumerator[] = [];
      for (const child of this.units.children(unit, die)) {
        const value = bigintOf(child.attributes.get(AT.const_value));
        const each = stringOf(child.attributes.get(AT.name));
        if (child.tag === TAG.enumerator && value !== undefined && each !== undefined) list.push({ name: each, value });
      }
      return list;
    });
    return {
      kind: 'enum',
      name,
      size: size || 4,
      get signed() {
        return base ? base === 'signed' || base === 'signedChar' : lazy().some(({ value }) => value < 0n);
      },
      get enumerators() {
        return lazy();
      },
    };
  }

  private makeArray(unit: Unit, die: Die): Type {
    const counts: (number | undefined)[] = [];
    for (const child of this.units.children(unit, die)) {
      if (child.tag !== TAG.subrange_type) continue;
      const upper = numberOf(child.attributes.get(AT.upper_bound));
      counts.push(numberOf(child.attributes.get(AT.count)) ?? (upper === undefined ? undefined : upper + 1));
    }
    // int a[2][3] is one entry with two subranges: the last one is the innermost array
    const build = (depth: number): ArrayType =>
      new LazyArray(counts[depth], () => (depth + 1 < counts.length ? build(depth + 1) : this.of(die)));
    return build(0);
  }

  private readParameters(unit: Unit, die: Die): { parameters: Type[]; variadic: boolean } {
    const parameters: Type[] = [];
    let variadic = false;
    for (const child of this.units.children(unit, die)) {
      if (child.tag === TAG.formal_parameter) parameters.push(this.of(child));
      else if (child.tag === TAG.unspecified_parameters) variadic = true;
    }
    return { parameters, variadic };
  }
}

/** Typedefs and qualifiers taken off, as far as an encoding; bounded, since damaged input may hold a cycle. */
function stripToBase(type: Type): BaseEncoding | undefined {
  let current = type;
  for (let depth = 0; depth < 64; depth++) {
    if (current.kind === 'base') return current.encoding;
    if (current.kind !== 'typedef' && current.kind !== 'qualified') return undefined;
    current = current.to;
  }
  return undefined;
}

function makeBase(die: Die, name: string, size: number): Type {
  const encoding = encodingOf(numberOf(die.attributes.get(AT.encoding)));
  if (!encoding) return { kind: 'unknown', why: `the base type "${name}" has an encoding that C does not use` };
  return { kind: 'base', name, size, encoding };
}

function encodingOf(encoding: number | undefined): BaseEncoding | undefined {
  switch (encoding) {
    case ENCODING.boolean:
      return 'bool';
    case ENCODING.float:
      return 'float';
    case ENCODING.signed:
      return 'signed';
    case ENCODING.unsigned:
    case ENCODING.utf:
      return 'unsigned';
    case ENCODING.signed_char:
      return 'signedChar';
    case ENCODING.unsigned_char:
      return 'unsignedChar';
    default:
      return undefined;
  }
}

/**
 * Where a member lies. Bit-fields come in two spellings: DW_AT_data_bit_offset counts from the start of the aggregate (DWARF 4 and 5),
 * DW_AT_bit_offset counts down from the highest bit of a storage unit of DW_AT_byte_size at the member's location (DWARF 2 and 3,
 * which clang still writes when it tunes for gdb). Both become one here.
 */
function placeOf(attributes: ReadonlyMap<number, AttributeValue>): { offset: number; bitField?: BitField } {
  const location = numberOf(attributes.get(AT.data_member_location)) ?? 0;
  const bits = numberOf(attributes.get(AT.bit_size));
  if (bits === undefined) return { offset: location };
  const dataBitOffset = numberOf(attributes.get(AT.data_bit_offset));
  // negative for a field that crosses the end of its storage unit (packed structs): written as 64 bits of two's complement
  const fromTop = Number(BigInt.asIntN(64, bigintOf(attributes.get(AT.bit_offset)) ?? 0n));
  const storageBits = 8 * (numberOf(attributes.get(AT.byte_size)) ?? 4);
  const lowest = dataBitOffset ?? location * 8 + storageBits - fromTop - bits;
  return { offset: Math.floor(lowest / 8), bitField: { shift: ((lowest % 8) + 8) % 8, bits } };
}
