// What names mean at a place in the driver: the blocks around it, the unit's statics, and everything global.
import type {
  DebugInfo,
  EnumType,
  FunctionDebugInfo,
  NamedTypeKind,
  Program,
  Scope,
  StructType,
  Type,
  VariableInfo,
} from '../toolchain';
import type { Names } from './expression';

/** A frame of the driver, as the machine knows it (machine's Frame has this shape). */
export interface FrameRef {
  /** index in Program.functions */
  readonly func: number;
  /** index in Program.sites; undefined in a prologue */
  readonly site?: number;
  /** what DW_OP_fbreg offsets are relative to */
  readonly base: number;
}

/** A place in the code: what a frame or a breakpoint's site says, as debug information understands it. */
export interface CodePlace {
  readonly fn: FunctionDebugInfo;
  /** undefined in a prologue */
  readonly site?: { readonly addr: number; readonly line: number };
}

/** A variable in scope; `shadowed` when an inner one has its name. */
export interface VisibleVariable {
  readonly variable: VariableInfo;
  readonly shadowed: boolean;
}

/** Names of a program that do not depend on a place. Made once for a program. */
export class ProgramNames {
  private readonly pointers = new Map<string, number>();
  private globals: Map<string, VariableInfo[]> | undefined;
  private functions: Map<string, FunctionDebugInfo[]> | undefined;

  constructor(
    readonly program: Program,
    readonly debugInfo: DebugInfo,
  ) {
    for (const [index, name] of Object.entries(program.table)) {
      if (!this.pointers.has(name)) this.pointers.set(name, Number(index));
    }
  }

  /** The place that a frame is at; undefined for one that the debug information does not know. */
  placeOf(frame: Pick<FrameRef, 'func' | 'site'>): CodePlace | undefined {
    const low = this.program.functions[frame.func]?.low;
    const fn = low === undefined ? undefined : this.debugInfo.functionAt(low);
    const site = frame.site === undefined ? undefined : this.program.sites[frame.site];
    return fn && { fn, site };
  }

  placeOfSite(site: number): CodePlace | undefined {
    const found = this.program.sites[site];
    return found && this.placeOf({ func: found.func, site });
  }

  /** The blocks around a place, outermost first. */
  scopesAt(place: CodePlace): readonly Pick<Scope, 'variables'>[] {
    const { scope } = place.fn;
    const chain = blocksAt(scope, place.site?.addr);
    // clang lists the statics of inner blocks among those of the function: each is put where it was declared
    const strays = scope.variables
      .filter(({ location }) => location.kind === 'static')
      .map((variable) => ({ variable, home: this.blockOfLine(scope, variable.line) }))
      .filter(({ home }) => home !== scope);
    if (strays.length === 0) return chain;
    return chain.map((block) => ({
      variables: [
        ...block.variables.filter((variable) => !strays.some((stray) => stray.variable === variable)),
        ...strays.filter(({ home }) => home === block).map(({ variable }) => variable),
      ],
    }));
  }

  /** The innermost block whose lines, those of its code and its variables, enclose a line. */
  private blockOfLine(scope: Scope, line: number): Scope {
    const inner = scope.blocks.find((block) => {
      const lines = [...this.linesOf(block), ...block.variables.map((variable) => variable.line)];
      return Math.min(...lines) <= line && line <= Math.max(...lines);
    });
    return inner ? this.blockOfLine(inner, line) : scope;
  }

  private linesOf({ ranges }: Scope): number[] {
    return this.program.sites
      .filter(({ addr }) => ranges.some(({ low, high }) => addr >= low && addr < high))
      .map(({ line }) => line);
  }

  /**
   * The variable at file scope that a unit means by a name: its own static, one that is external, or the only static of that name.
   * @throws Error when several units have a static of this name and none is nearer
   */
  global(name: string, unit: number | undefined): VariableInfo | undefined {
    this.globals ??= groupByName(this.debugInfo.globals);
    const all = this.globals.get(name) ?? [];
    const kept = all.filter(({ location }) => location.kind !== 'none');
    const found = kept.length > 0 ? kept : all;
    const nearest = found.find((variable) => variable.unit === unit) ?? found.find((variable) => variable.external);
    if (nearest || found.length <= 1) return nearest ?? found[0];
    const files = found.map((variable) => this.debugInfo.files[variable.file] ?? '?').join(' and ');
    throw new Error(`"${name}" is static in ${files}: which is meant is clear only in a frame of one of these files`);
  }

  function(name: string, unit: number | undefined): { type: Type; pointer?: number } | undefined {
    this.functions ??= groupByName(this.debugInfo.functions);
    const found = this.functions.get(name);
    const fn = found?.find((each) => each.unit === unit) ?? found?.[0];
    return fn && { type: functionType(fn), pointer: this.pointers.get(name) };
  }
}

/** Names as they are understood at a place; without one, in the global scope. */
export class ScopeNames implements Names {
  /** blocks around the place, outermost first */
  private readonly chain: readonly Pick<Scope, 'variables'>[];

  constructor(
    private readonly names: ProgramNames,
    private readonly place?: CodePlace,
  ) {
    this.chain = place ? this.names.scopesAt(place) : [];
  }

  variable(name: string): VariableInfo | undefined {
    for (let i = this.chain.length - 1; i >= 0; i--) {
      const found = this.chain[i]?.variables.findLast((variable) => variable.name === name);
      if (found) return found;
    }
    return this.names.global(name, this.unit);
  }

  /** Parameters and locals of all blocks around the place, outermost first. */
  visible(): readonly VisibleVariable[] {
    return this.chain.flatMap(({ variables }) =>
      variables.map((variable) => ({ variable, shadowed: this.variable(variable.name) !== variable })),
    );
  }

  enumerator(name: string): { readonly type: EnumType; readonly value: bigint } | undefined {
    return this.names.debugInfo.types.enumerator(name, this.unit);
  }

  function(name: string): { type: Type; pointer?: number } | undefined {
    return this.names.function(name, this.unit);
  }

  typedef(name: string): Type | undefined {
    return this.names.debugInfo.types.find('typedef', name, this.unit);
  }

  tagged(tag: 'struct' | 'union', name: string): StructType | undefined;
  tagged(tag: 'struct' | 'union' | 'enum', name: string): Type | undefined;
  tagged(tag: NamedTypeKind, name: string): Type | undefined {
    return this.names.debugInfo.types.find(tag, name, this.unit);
  }

  private get unit(): number | undefined {
    return this.place?.fn.unit;
  }
}

/** The block at an address and those around it, outermost first. */
function blocksAt(scope: Scope, addr: number | undefined): Scope[] {
  const inner =
    addr === undefined
      ? undefined
      : scope.blocks.find(({ ranges }) => ranges.some(({ low, high }) => addr >= low && addr < high));
  return inner ? [scope, ...blocksAt(inner, addr)] : [scope];
}

function groupByName<T extends { readonly name: string }>(list: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const group = groups.get(item.name);
    if (group) group.push(item);
    else groups.set(item.name, [item]);
  }
  return groups;
}

function functionType(fn: FunctionDebugInfo): Type {
  return {
    kind: 'function',
    get returns() {
      return fn.returns;
    },
    get parameters() {
      return fn.scope.variables.filter(({ parameter }) => parameter).map(({ type }) => type);
    },
    variadic: false,
  };
}
