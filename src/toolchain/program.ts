// Program: a compiled, linked and instrumented driver. Plain data: it crosses threads, and it is what the cache holds.

/** Where a source file of the program lives. */
export type SourceOrigin =
  /** shipped with the lab: path below its `drivers/` folder */
  | { readonly kind: 'bundled'; readonly path: string }
  /** the user's own: absolute path */
  | { readonly kind: 'disk'; readonly path: string }
  /** a copy of a bundled file with a patch applied: absolute path of the copy, and the original's path below `drivers/` */
  | { readonly kind: 'patched'; readonly path: string; readonly of: string };

/** One place where the driver can stop: a statement row of the line table (DWARF is_stmt). `id` is its index in Program.sites. */
export interface Site {
  readonly id: number;
  /** index in Program.functions */
  readonly func: number;
  /** index in Program.files */
  readonly file: number;
  readonly line: number;
  /** 1-based; 0 if unknown */
  readonly column: number;
  /** code offset in the uninstrumented module, as DWARF counts it */
  readonly addr: number;
}

/** A function with debug information. `id` is its index in Program.functions and what the enter hook passes. */
export interface FunctionInfo {
  readonly id: number;
  readonly name: string;
  readonly file: number;
  /** line of its declaration */
  readonly line: number;
  readonly low: number;
  readonly high: number;
}

export interface SourceFile {
  /** path as DWARF says it; unique */
  readonly path: string;
  readonly origin: SourceOrigin;
}

export interface Program {
  readonly version: 1;
  /** The linked module before instrumentation, with DWARF. Debug addresses refer to this one. */
  readonly wasm: Uint8Array;
  /** The same code at the two instrumentation levels (design: "Two levels, one module"). */
  readonly run: Uint8Array;
  readonly debug: Uint8Array;
  readonly files: readonly SourceFile[];
  readonly functions: readonly FunctionInfo[];
  readonly sites: readonly Site[];
  /** Data address of each exported data symbol, e.g. `__lab`. */
  readonly symbols: Readonly<Record<string, number>>;
  /** Names of functions by wasm table index: how a function pointer is shown by name. */
  readonly table: Readonly<Record<number, string>>;
  /** Hash of everything that went in: sources, flags, compiler. */
  readonly hash: string;
}
