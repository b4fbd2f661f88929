// A Program as one file: how bundled drivers are shipped compiled, and what the cache keeps.
import { ContainerError, packContainer, unpackContainer } from './container';
import type { Program } from './program';

const KIND = 'program';
/** Raise it when Program or the meaning of its instrumented code changes. */
const VERSION = 1;

export function packProgram({ wasm, run, debug, ...rest }: Program): Uint8Array {
  return packContainer(KIND, VERSION, { json: rest, blobs: [wasm, run, debug] });
}

/** Throws ContainerError when the bytes are no undamaged program file of this version of the lab. */
export function unpackProgram(bytes: Uint8Array): Program {
  const { json, blobs } = unpackContainer(KIND, VERSION, bytes);
  const [wasm, run, debug] = blobs;
  if (!wasm || !run || !debug) throw new ContainerError('program: expected three modules');
  return { ...(json as Omit<Program, 'wasm' | 'run' | 'debug'>), wasm, run, debug };
}
