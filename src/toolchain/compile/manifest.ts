// drivers/manifest.json: which files are the kernel API, in which versions, which of them are not stepped, and the bundled drivers.
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface BundledDriver {
  readonly title: string;
  readonly description: string;
  /** relative to drivers/ */
  readonly files: readonly string[];
  /** version of the kernel API that it is linked with: a name in `kernels` */
  readonly kernel: string;
}

/** All paths are relative to drivers/. */
export interface Manifest {
  /** C files that every driver is linked with, in link order */
  readonly lib: readonly string[];
  /** those compiled without debug information: they are not stepped and cost no lines */
  readonly nodebug: readonly string[];
  /** include folders, in search order */
  readonly include: readonly string[];
  /** versions of the kernel API by name: which file of `lib` each replaces, and by which one */
  readonly kernels: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** the version that `lib` itself is: what a driver that names none is linked with */
  readonly defaultKernel: string;
  readonly drivers: Readonly<Record<string, BundledDriver>>;
}

/** Reads and checks the manifest of a drivers/ folder. Throws Error that names file and field. */
export function readManifest(root: string): Manifest {
  const file = path.join(root, 'manifest.json');
  let data: unknown;
  try {
    data = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  const fail = (field: string, expected: string): never => {
    throw new Error(`${file}: "${field}": expected ${expected}`);
  };
  if (!isRecord(data)) return fail('', 'an object');
  const { lib, nodebug, include, kernels, defaultKernel, drivers } = data;
  if (!isStrings(lib)) return fail('lib', 'a list of C files');
  if (!isStrings(nodebug)) return fail('nodebug', 'a list of C files');
  if (!isStrings(include)) return fail('include', 'a list of folders');
  if (!isRecord(kernels)) return fail('kernels', 'an object of replaced files by version');
  for (const [version, replaced] of Object.entries(kernels)) {
    if (!isRecord(replaced) || !isStrings(Object.values(replaced)))
      return fail(`kernels.${version}`, 'an object of C files by the file that each replaces');
    const stranger = Object.keys(replaced).find((file) => !lib.includes(file));
    if (stranger !== undefined) return fail(`kernels.${version}.${stranger}`, 'a file of "lib"');
  }
  const isKernel = (name: unknown): name is string => typeof name === 'string' && Object.hasOwn(kernels, name);
  if (!isKernel(defaultKernel)) return fail('defaultKernel', 'a name in "kernels"');
  if (!isRecord(drivers)) return fail('drivers', 'an object of drivers by name');
  for (const [name, driver] of Object.entries(drivers)) {
    if (!isRecord(driver) || !isStrings(driver['files'])) return fail(`drivers.${name}.files`, 'a list of C files');
    for (const field of ['title', 'description']) {
      if (typeof driver[field] !== 'string') return fail(`drivers.${name}.${field}`, 'a text');
    }
    if (!isKernel(driver['kernel'])) return fail(`drivers.${name}.kernel`, 'a name in "kernels"');
  }
  return {
    lib,
    nodebug,
    include,
    kernels: kernels as Manifest['kernels'],
    defaultKernel,
    drivers: drivers as unknown as Manifest['drivers'],
  };
}

/** The C files of the kernel API in one version, in link order. Throws Error that names the versions there are. */
export function kernelFiles(manifest: Manifest, kernel: string): readonly string[] {
  const { lib, nodebug, kernels } = manifest;
  const replaced = Object.hasOwn(kernels, kernel) ? kernels[kernel] : undefined;
  if (replaced === undefined) throw new Error(noKernel(manifest, kernel));
  return [...lib, ...nodebug.filter((file) => !lib.includes(file))].map((file) => replaced[file] ?? file);
}

/** That there is no such version, in words. */
export function noKernel({ kernels }: Manifest, kernel: string): string {
  return `no kernel version is called ${JSON.stringify(kernel)}; there are ${Object.keys(kernels).join(', ')}`;
}

/** LINUX_VERSION_CODE of a version: `2.6.31` is 0x2061f. */
export function versionCode(kernel: string): number {
  const [major = 0, minor = 0, patch = 0] = kernel.split('.').map(Number);
  return (major << 16) + (minor << 8) + patch;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
