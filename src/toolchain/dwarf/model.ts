// What the debug information says, as the rest of the lab sees it: lines, functions with their scopes, variables, types.

/** A row of the line table. Rows of one sequence are together and ascend; sequences are sorted by their first address. */
export interface LineRow {
  /** offset from the start of the code section's payload */
  readonly addr: number;
  /** index in DebugInfo.files */
  readonly file: number;
  readonly line: number;
  /** 1-based; 0 if unknown */
  readonly column: number;
  readonly isStmt: boolean;
  readonly prologueEnd: boolean;
  /** The row only ends its sequence: its address is the first byte after it. */
  readonly endSequence: boolean;
}

/** Where a variable lives. */
export type Location =
  /** relative to the frame base; `deref`: that place holds the variable's address (an aggregate passed by value) */
  | { readonly kind: 'frame'; readonly offset: number; readonly deref: boolean }
  | { readonly kind: 'static'; readonly address: number }
  /** no memory: the value is known to the compiler */
  | { readonly kind: 'constant'; readonly value: bigint }
  /** not readable; `why` is part of a sentence for the user */
  | { readonly kind: 'none'; readonly why: string };

export interface VariableInfo {
  readonly name: string;
  readonly type: Type;
  readonly location: Location;
  /** index in DebugInfo.files; -1 if unknown */
  readonly file: number;
  readonly line: number;
  readonly parameter: boolean;
  /** visible outside its compilation unit */
  readonly external: boolean;
  /** compilation unit: statics of one name differ by it */
  readonly unit: number;
}

export interface AddressRange {
  readonly low: number;
  readonly high: number;
}

/** A function's outermost block, or a block in it. */
export interface Scope {
  readonly ranges: readonly AddressRange[];
  /** in order of declaration */
  readonly variables: readonly VariableInfo[];
  readonly blocks: readonly Scope[];
}

export interface FunctionDebugInfo {
  readonly name: string;
  readonly low: number;
  /** first address after it */
  readonly high: number;
  /** index in DebugInfo.files; -1 if unknown */
  readonly file: number;
  /** line of its declaration */
  readonly line: number;
  readonly external: boolean;
  /** wasm local that holds the frame base; undefined when the function has no frame in memory */
  readonly frameBaseLocal?: number;
  readonly unit: number;
  /** read on first use */
  readonly scope: Scope;
  readonly returns: Type;
}

export interface VoidType {
  readonly kind: 'void';
}

export type BaseEncoding = 'signed' | 'unsigned' | 'bool' | 'float' | 'signedChar' | 'unsignedChar';

export interface BaseType {
  readonly kind: 'base';
  readonly name: string;
  /** bytes */
  readonly size: number;
  readonly encoding: BaseEncoding;
}

export interface PointerType {
  readonly kind: 'pointer';
  readonly size: number;
  readonly to: Type;
}

/** A bit-field: `bits` wide, its lowest bit is bit `shift` (0 to 7) of the byte at Member.offset. */
export interface BitField {
  readonly shift: number;
  readonly bits: number;
}

export interface Member {
  /** undefined for an anonymous struct or union, whose members belong to the parent's name space */
  readonly name?: string;
  readonly type: Type;
  /** bytes from the start of the aggregate; of a bit-field: of the byte that holds its lowest bit */
  readonly offset: number;
  readonly bitField?: BitField;
}

export interface StructType {
  readonly kind: 'struct' | 'union';
  readonly name?: string;
  readonly size: number;
  /** Only declared, nowhere defined: size and members are unknown. */
  readonly incomplete: boolean;
  readonly members: readonly Member[];
  readonly unit: number;
}

export interface Enumerator {
  readonly name: string;
  readonly value: bigint;
}

export interface EnumType {
  readonly kind: 'enum';
  readonly name?: string;
  readonly size: number;
  readonly signed: boolean;
  readonly enumerators: readonly Enumerator[];
}

/** One dimension; an array of arrays is nested. */
export interface ArrayType {
  readonly kind: 'array';
  readonly of: Type;
  /** undefined for a flexible array member or `extern` array of unknown size */
  readonly count?: number;
}

export interface FunctionType {
  readonly kind: 'function';
  readonly returns: Type;
  readonly parameters: readonly Type[];
  readonly variadic: boolean;
}

export interface TypedefType {
  readonly kind: 'typedef';
  readonly name: string;
  readonly to: Type;
}

export interface QualifiedType {
  readonly kind: 'qualified';
  readonly qualifier: 'const' | 'volatile' | 'restrict' | '_Atomic';
  readonly to: Type;
}

/** Something this reader does not know: shown as such, never guessed. */
export interface UnknownType {
  readonly kind: 'unknown';
  readonly why: string;
}

/** Contents of a type (`to`, `members` …) are read on first use, and then stay the same objects. */
export type Type =
  | VoidType
  | BaseType
  | PointerType
  | StructType
  | EnumType
  | ArrayType
  | FunctionType
  | TypedefType
  | QualifiedType
  | UnknownType;

export type NamedTypeKind = 'struct' | 'union' | 'enum' | 'typedef' | 'base';

/** Types by name. `unit` says whose definition is preferred when several units have one. */
export interface TypeIndex {
  find(kind: 'struct' | 'union', name: string, unit?: number): StructType | undefined;
  find(kind: NamedTypeKind, name: string, unit?: number): Type | undefined;
  /** Every complete struct and union, also unnamed ones and all copies of a header's. */
  aggregates(): readonly StructType[];
  enumerator(name: string, unit?: number): { readonly type: EnumType; readonly value: bigint } | undefined;
}

export interface DebugInfo {
  /** Full paths as DWARF says them, `.` and `..` resolved; unique. */
  readonly files: readonly string[];
  readonly lines: readonly LineRow[];
  /** Functions that are in the code, by address. */
  readonly functions: readonly FunctionDebugInfo[];
  /** Variables that are defined at file scope; those that the linker dropped have no location. */
  readonly globals: readonly VariableInfo[];
  readonly types: TypeIndex;
  /** The function whose code has this address. */
  functionAt(addr: number): FunctionDebugInfo | undefined;
}
