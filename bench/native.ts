// The same driver and kernel API as a native program, with the device in C (bench/native/).
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from '../scripts/lib/project.mjs';
import { which } from '../scripts/lib/system.mjs';
import { readManifest } from '../src/toolchain';
import { OUT } from './bundle';
import { output } from './child';
import { Skip } from './part';
import { DRIVER, DRIVERS } from './workload';

export interface NativeFigures {
  readonly ms: number;
  /** processor time */
  readonly cpuMs: number;
  readonly sent: number;
  readonly bytes: number;
  readonly kicks: number;
  readonly interrupts: number;
  /** over the headers and sequence number of each frame that the device sent */
  readonly hash: number;
  readonly findings: number;
}

/**
 * How the driver, the kernel API and bench/native/main.c are compiled, without optimisation, input and output. The kernel API's own
 * memcpy() charges virtual time; what the compiler and the device call by that name is the C library's.
 * @param at folder of the repository
 * @param include the kernel API's include folders, relative to drivers/
 */
export function kernelFlags(at: string, include: readonly string[]): string[] {
  const folders = ['src/toolchain/runtime', 'bench/native', ...include.map((dir) => `drivers/${dir}`)];
  return [
    ...['-std=gnu11', '-ffreestanding', '-fno-common', '-fno-strict-aliasing', '-fwrapv', '-w', '-D__KERNEL__'],
    ...['memcpy', 'memmove', 'memset', 'memcmp'].map((name) => `-D${name}=kernel_${name}`),
    ...['-include', join(at, 'bench/native/machine.h'), ...folders.flatMap((dir) => ['-I', join(at, dir)])],
  ];
}

/**
 * Builds the native program. Pointers have 64 bits, but the program is not position-independent and its RAM is a static
 * array, so that every address fits into the 32 bits that the kernel API keeps for some of them.
 * @param flags optimisation and debug information
 * @throws Skip when there is no gcc for this machine
 */
export async function buildNative(name: string, flags: readonly string[]): Promise<string> {
  const gcc = which('gcc');
  if (gcc === undefined) throw new Skip('the native build needs gcc: apt-get install gcc');
  if (process.platform !== 'linux') throw new Skip('the native build is for Linux: its addresses must lie below 4 GiB');
  const { lib, nodebug, include } = readManifest(DRIVERS);
  const sources = [...new Set([...lib, ...nodebug])].map((file) => join(DRIVERS, file));
  const folder = join(OUT, name);
  mkdirSync(folder, { recursive: true });
  const compile = async (file: string, more: readonly string[]): Promise<string> => {
    const object = join(folder, `${basename(file, '.c')}.o`);
    await output(gcc, [...flags, '-fno-pie', ...more, '-c', file, '-o', object]);
    return object;
  };
  const kernel = kernelFlags(root, include);
  const objects: string[] = [];
  for (const file of [DRIVER, ...sources, join(root, 'bench/native/main.c')]) objects.push(await compile(file, kernel));
  objects.push(await compile(join(root, 'bench/native/device.c'), ['-Wall', '-Wextra']));
  const program = join(folder, 'native');
  await output(gcc, ['-no-pie', ...objects, '-o', program]);
  return program;
}

export async function runNative(program: string, packets: number): Promise<NativeFigures> {
  return JSON.parse(await output(program, [String(packets)])) as NativeFigures;
}
