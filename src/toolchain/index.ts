// Entry point of the room: C in, an instrumented Program out.
export * from './program';
export * from './runtime-layout';
export * from './dwarf';
export { callsBetween } from './calls';
export { buildProgram, measuredCode } from './build-program';
export { lineGroups } from './instrument/sites';
export { WasmError } from './wasm/bytes';
export { createToolchain } from './toolchain';
export type { BuildRequest, DriverFile, Toolchain, ToolchainOptions } from './toolchain';
export { CompileError } from './compile/diagnostics';
export type { Diagnostic, MissingSymbol } from './compile/diagnostics';
export { CompilerFailure } from './compile/compiler';
export { compileFlags, RAM_SIZE } from './compile/flags';
export { noKernel, readManifest, versionCode } from './compile/manifest';
export type { BundledDriver, Manifest } from './compile/manifest';
