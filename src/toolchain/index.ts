// Entry point of the room: C in, an instrumented Program out.
export * from './program';
export * from './runtime-layout';
export { buildProgram } from './build-program';
export { lineGroups } from './instrument/sites';
export { WasmError } from './wasm/bytes';
