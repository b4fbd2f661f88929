// Messages between the toolchain and its compiler child.

/** Files by absolute virtual path. */
export type FileSet = Readonly<Record<string, Uint8Array>>;

/** One run of a tool: `args[0]` is `clang` or `wasm-ld`. */
export interface ToolRequest {
  readonly id: number;
  readonly args: readonly string[];
  readonly files: FileSet;
  /** virtual path of the one file wanted back */
  readonly output: string;
}

export interface ToolResult {
  readonly id: number;
  /** what was written to `output`; undefined if the tool failed */
  readonly output?: Uint8Array;
  /** what it printed, both streams */
  readonly text: string;
  /** set when the tool itself broke, rather than refusing its input */
  readonly crash?: string;
}
