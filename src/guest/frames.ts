// What a frame of the driver is called, and where it stands.
import type { Program } from '../toolchain';
import type { FrameRef } from './scope';

export interface FrameName {
  readonly function: string;
  /** index in Program.files */
  readonly file: number;
  /** In a prologue, which has no line of its own yet, that of the function's declaration. */
  readonly line: number;
  /** 1-based; 0 if unknown */
  readonly column: number;
}

/** Undefined for a function that the program does not list (one without debug information). */
export function frameName(program: Program, frame: Pick<FrameRef, 'func' | 'site'>): FrameName | undefined {
  const fn = program.functions[frame.func];
  if (!fn) return undefined;
  const site = frame.site === undefined ? undefined : program.sites[frame.site];
  return { function: fn.name, file: site?.file ?? fn.file, line: site?.line ?? fn.line, column: site?.column ?? 0 };
}
