// The parts of a wasm module the lab needs: sections, types, imports, functions, globals, exports, elements, names.
import { ByteReader, WasmError } from './bytes';

export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const F64 = 0x7c;

export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  global: 6,
  export: 7,
  element: 9,
  code: 10,
} as const;

export interface Section {
  readonly id: number;
  /** of a custom section; '' otherwise */
  readonly name: string;
  /** offset of the id byte, of the contents (after the name of a custom section), and of the end */
  readonly start: number;
  readonly body: number;
  readonly end: number;
}

export interface FunctionType {
  readonly params: readonly number[];
  readonly results: readonly number[];
}

export interface ModuleImport {
  readonly module: string;
  readonly name: string;
  readonly kind: 'function' | 'table' | 'memory' | 'global' | 'tag';
}

export interface Global {
  readonly type: number;
  readonly mutable: boolean;
  /** value of an `i32.const` initialiser; undefined for any other, and for an import */
  readonly value?: number;
}

export interface ModuleExport {
  readonly name: string;
  readonly kind: number;
  readonly index: number;
}

/** Where a function's body lies in the file: after its size, up to and with its final `end`. */
export interface Body {
  readonly start: number;
  readonly end: number;
}

export interface WasmModule {
  readonly bytes: Uint8Array;
  readonly sections: readonly Section[];
  readonly types: readonly FunctionType[];
  readonly imports: readonly ModuleImport[];
  /** imported functions come first in the function index space */
  readonly importedFunctions: number;
  /** type index of each function, imported ones included */
  readonly functionTypes: readonly number[];
  readonly globals: readonly Global[];
  readonly exports: readonly ModuleExport[];
  /** of the defined functions, in order */
  readonly bodies: readonly Body[];
  /** offset that code addresses of DWARF count from: the contents of the code section */
  readonly codeBase: number;
  /** function index by table index, from the active element segments of table 0 */
  readonly table: ReadonlyMap<number, number>;
  /** function names of the name section by function index; exports fill the gaps */
  readonly names: ReadonlyMap<number, string>;
}

const MAGIC = 0x6d736100;
const IMPORT_KINDS = ['function', 'table', 'memory', 'global', 'tag'] as const;

/** Parses a module. Throws WasmError that names the section and offset when it is malformed. */
export function readModule(bytes: Uint8Array): WasmModule {
  const sections = readSections(bytes);
  const draft = new Draft(bytes);
  for (const section of sections) draft.section(section);
  return draft.finish(sections);
}

/** The sections of a module, in file order. */
export function readSections(bytes: Uint8Array): Section[] {
  const reader = new ByteReader(bytes);
  if (bytes.length < 8 || reader.u32le() !== MAGIC) {
    throw new WasmError('not a wasm module: expected it to start with "\\0asm"');
  }
  const version = reader.u32le();
  if (version !== 1) throw new WasmError(`wasm version: expected 1, found ${version}`);
  const sections: Section[] = [];
  while (!reader.done) {
    const start = reader.pos;
    const id = reader.u8();
    const size = reader.u32();
    const end = reader.pos + size;
    if (end > bytes.length) {
      throw new WasmError(`section ${id} at offset ${start}: says ${size} bytes, the file ends before that`);
    }
    const inner = new ByteReader(bytes, reader.pos, end);
    const name = id === SECTION.custom ? inner.name() : '';
    sections.push({ id, name, start, body: inner.pos, end });
    reader.pos = end;
  }
  return sections;
}

class Draft {
  private readonly types: FunctionType[] = [];
  private readonly imports: ModuleImport[] = [];
  private readonly functionTypes: number[] = [];
  private readonly globals: Global[] = [];
  private readonly exports: ModuleExport[] = [];
  private readonly bodies: Body[] = [];
  private readonly table = new Map<number, number>();
  private readonly names = new Map<number, string>();
  private importedFunctions = 0;
  private codeBase = 0;

  constructor(private readonly bytes: Uint8Array) {}

  section(section: Section): void {
    const reader = new ByteReader(this.bytes, section.body, section.end);
    switch (section.id) {
      case SECTION.type:
        return this.readTypes(reader);
      case SECTION.import:
        return this.readImports(reader);
      case SECTION.function:
        for (let n = reader.u32(); n > 0; n--) this.functionTypes.push(this.typeIndex(reader));
        return;
      case SECTION.global:
        return this.readGlobals(reader);
      case SECTION.export:
        for (let n = reader.u32(); n > 0; n--) {
          this.exports.push({ name: reader.name(), kind: reader.u8(), index: reader.u32() });
        }
        return;
      case SECTION.element:
        return this.readElements(reader);
      case SECTION.code:
        return this.readCode(reader);
      case SECTION.custom:
        if (section.name === 'name') this.readNames(reader);
    }
  }

  finish(sections: readonly Section[]): WasmModule {
    const defined = this.functionTypes.length - this.importedFunctions;
    if (defined !== this.bodies.length) {
      throw new WasmError(`code section: expected ${defined} function bodies, found ${this.bodies.length}`);
    }
    for (const item of this.exports) {
      if (item.kind === 0 && !this.names.has(item.index)) this.names.set(item.index, item.name);
    }
    return {
      bytes: this.bytes,
      sections,
      types: this.types,
      imports: this.imports,
      importedFunctions: this.importedFunctions,
      functionTypes: this.functionTypes,
      globals: this.globals,
      exports: this.exports,
      bodies: this.bodies,
      codeBase: this.codeBase,
      table: this.table,
      names: this.names,
    };
  }

  private typeIndex(reader: ByteReader): number {
    const at = reader.pos;
    const index = reader.u32();
    if (index >= this.types.length) throw new WasmError(`offset ${at}: type ${index} of ${this.types.length}`);
    return index;
  }

  private readTypes(reader: ByteReader): void {
    for (let n = reader.u32(); n > 0; n--) {
      const at = reader.pos;
      const form = reader.u8();
      if (form !== 0x60) {
        throw new WasmError(
          `type section, offset ${at}: expected a function type (0x60), found 0x${form.toString(16)}`,
        );
      }
      this.types.push({ params: [...reader.take(reader.u32())], results: [...reader.take(reader.u32())] });
    }
  }

  private readImports(reader: ByteReader): void {
    for (let n = reader.u32(); n > 0; n--) {
      const module = reader.name();
      const name = reader.name();
      const at = reader.pos;
      const code = reader.u8();
      const kind = IMPORT_KINDS[code];
      if (!kind) throw new WasmError(`import section, offset ${at}: unknown import kind ${code}`);
      this.imports.push({ module, name, kind });
      switch (kind) {
        case 'function':
          this.functionTypes.push(this.typeIndex(reader));
          this.importedFunctions++;
          break;
        case 'table':
          reader.u8();
          readLimits(reader);
          break;
        case 'memory':
          readLimits(reader);
          break;
        case 'global':
          this.globals.push({ type: reader.u8(), mutable: reader.u8() === 1 });
          break;
        case 'tag':
          throw new WasmError(`import ${module}.${name}: exceptions are not supported`);
      }
    }
  }

  private readGlobals(reader: ByteReader): void {
    for (let n = reader.u32(); n > 0; n--) {
      const type = reader.u8();
      const mutable = reader.u8() === 1;
      this.globals.push({ type, mutable, value: readConstant(reader) });
    }
  }

  private readElements(reader: ByteReader): void {
    for (let n = reader.u32(); n > 0; n--) {
      const at = reader.pos;
      const flags = reader.u32();
      if (flags !== 0 && flags !== 2) {
        throw new WasmError(
          `element section, offset ${at}: expected an active segment of function indices, found ${flags}`,
        );
      }
      const table = flags === 2 ? reader.u32() : 0;
      const offset = readConstant(reader);
      if (flags === 2) reader.u8();
      for (let i = 0, count = reader.u32(); i < count; i++) {
        const index = reader.u32();
        if (table === 0 && offset !== undefined) this.table.set(offset + i, index);
      }
    }
  }

  private readCode(reader: ByteReader): void {
    this.codeBase = reader.pos;
    for (let n = reader.u32(); n > 0; n--) {
      const size = reader.u32();
      const start = reader.pos;
      reader.take(size);
      this.bodies.push({ start, end: start + size });
    }
  }

  private readNames(reader: ByteReader): void {
    while (!reader.done) {
      const id = reader.u8();
      const size = reader.u32();
      const part = new ByteReader(this.bytes, reader.pos, reader.pos + size);
      reader.take(size);
      if (id !== 1) continue;
      for (let n = part.u32(); n > 0; n--) this.names.set(part.u32(), part.name());
    }
  }
}

function readLimits(reader: ByteReader): void {
  const flags = reader.u8();
  reader.u32();
  if (flags & 1) reader.u32();
}

/** Value of a constant expression that is one `i32.const`; undefined for another. */
function readConstant(reader: ByteReader): number | undefined {
  const at = reader.pos;
  const op = reader.u8();
  let value: number | undefined;
  switch (op) {
    case 0x41:
      value = Number(reader.signed()) >>> 0;
      break;
    case 0x42:
    case 0x23:
    case 0xd2:
      reader.skipLeb();
      break;
    case 0x43:
      reader.take(4);
      break;
    case 0x44:
      reader.take(8);
      break;
    case 0xd0:
      reader.u8();
      break;
    default:
      throw new WasmError(`offset ${at}: unexpected opcode 0x${op.toString(16)} in a constant expression`);
  }
  const end = reader.u8();
  if (end !== 0x0b) throw new WasmError(`offset ${at}: expected a constant expression of one instruction`);
  return value;
}
