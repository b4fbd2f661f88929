// drivers/manifest.json: which files are the kernel API, which of them are not stepped, and the bundled drivers.
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface BundledDriver {
  readonly title: string;
  readonly description: string;
  /** relative to drivers/ */
  readonly files: readonly string[];
}

/** All paths are relative to drivers/. */
export interface Manifest {
  /** C files that every driver is linked with, in link order */
  readonly lib: readonly string[];
  /** those compiled without debug information: they are not stepped and cost no lines */
  readonly nodebug: readonly string[];
  /** include folders, in search order */
  readonly include: readonly string[];
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
  const { lib, nodebug, include, drivers } = data;
  if (!isStrings(lib)) return fail('lib', 'a list of C files');
  if (!isStrings(nodebug)) return fail('nodebug', 'a list of C files');
  if (!isStrings(include)) return fail('include', 'a list of folders');
  if (!isRecord(drivers)) return fail('drivers', 'an object of drivers by name');
  for (const [name, driver] of Object.entries(drivers)) {
    if (!isRecord(driver) || !isStrings(driver['files'])) return fail(`drivers.${name}.files`, 'a list of C files');
    for (const field of ['title', 'description']) {
      if (typeof driver[field] !== 'string') return fail(`drivers.${name}.${field}`, 'a text');
    }
  }
  return { lib, nodebug, include, drivers: drivers as unknown as Manifest['drivers'] };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
