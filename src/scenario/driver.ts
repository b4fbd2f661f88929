// The driver of a scenario: which files are compiled, and what of the kernel API they replace.
import { readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { noKernel, readManifest, versionCode, type BuildRequest } from '../toolchain';
import { reason, type DocumentProblems } from './document';
import type { LoadedScenario } from './load';
import { applyPatches, patchedFolder } from './patches';
import type { FieldPath } from './problems';
import type { DriverChoice, ModuleParameters } from './types';

/** A driver chosen by a launch configuration, in place of the scenario's. Paths are absolute, or relative to the working directory. */
export interface DriverOverride {
  /** C files; not together with `bundled` */
  readonly files?: readonly string[];
  readonly bundled?: string;
  /** folder of copies of files of drivers/lib */
  readonly lib?: string;
  readonly defines?: Readonly<Record<string, string>>;
  /** version of the kernel API for `files`; default: that of the scenario's driver */
  readonly kernel?: string;
  /** module parameters, besides those that the scenario gives its own driver */
  readonly params?: ModuleParameters;
}

/** What is compiled. Paths are absolute. */
export interface DriverSources extends BuildRequest {
  /** not the driver that the scenario was written for */
  readonly replaced: boolean;
  /** folder of the copies of library files */
  readonly lib?: string;
  readonly params: ModuleParameters;
}

/** drivers/lguest was removed in it. */
const LGUEST_END = '4.14';
/** Copies of library files: there are some 150 originals. */
const MAX_LIB_FILES = 2000;
const MAX_DEPTH = 20;

/**
 * Finds the files of a scenario's driver. What is wrong goes to `problems`, at the fields of the scenario; what is wrong with
 * an override is thrown as an Error that names it.
 * @param root the lab's drivers/ folder
 * @param patchedDir where patched copies go; undefined: a folder for such
 * @returns undefined when there are problems
 */
export function driverSources(
  { scenario, file }: LoadedScenario,
  root: string,
  override: DriverOverride,
  problems: DocumentProblems,
  patchedDir?: string,
): DriverSources | undefined {
  const folder = dirname(file);
  const choice = scenario.driver;
  const own = 'files' in choice ? choice : undefined;
  const replaced = override.files !== undefined || override.bundled !== undefined;
  const files = replaced
    ? overridingFiles(override, root)
    : own === undefined
      ? bundledFiles(root, (choice as { readonly bundled: string }).bundled, (why) =>
          problems.add(['driver', 'bundled'], why),
        )
      : existingFiles(own.files, folder, (i, why) => problems.add(['driver', 'files', i], why));
  const lib = override.lib ?? (own?.lib === undefined || replaced ? undefined : resolve(folder, own.lib));
  const libOverrides =
    lib === undefined ? undefined : libraryCopies(resolve(lib), refusal(override, problems, ['driver', 'lib']));
  if (files === undefined || (lib !== undefined && libOverrides === undefined)) return undefined;
  const kernel = kernelOf(choice, override, root);
  if (scenario.device.transport === 'lguest' && versionCode(kernel) >= versionCode(LGUEST_END))
    problems.add(
      ['device', 'transport'],
      `found "lguest", and the driver is linked with kernel ${kernel}: lguest left Linux with ${LGUEST_END}; expected "mmio" or "pci", or an older driver`,
    );
  const patches = replaced ? [] : (choice.patches ?? []).map((path) => resolve(folder, path));
  return {
    files: files.map((path) => ({ path })),
    libOverrides,
    lib: lib === undefined ? undefined : resolve(lib),
    ...(patches.length === 0
      ? {}
      : {
          patched: applyPatches(patches, root, patchedDir ?? patchedFolder(), (i, why) =>
            problems.add(['driver', 'patches', i], why),
          ),
        }),
    defines: override.defines ?? (replaced ? undefined : own?.defines),
    kernel,
    replaced,
    params: { ...(replaced ? {} : choice.params), ...override.params },
  };
}

/** A file that takes the place of a scenario's driver is linked with the same kernel, when nothing else is said. */
function kernelOf(choice: DriverChoice, override: DriverOverride, root: string): string {
  const manifest = readManifest(root);
  const bundled = override.bundled ?? ('bundled' in choice ? choice.bundled : undefined);
  const own = 'files' in choice ? choice.kernel : undefined;
  const given = override.kernel ?? (override.bundled === undefined ? own : undefined);
  const kernel = given ?? manifest.drivers[bundled ?? '']?.kernel ?? manifest.defaultKernel;
  if (Object.hasOwn(manifest.kernels, kernel)) return kernel;
  throw new Error(`kernel: ${noKernel(manifest, kernel)}`);
}

function overridingFiles({ files, bundled }: DriverOverride, root: string): readonly string[] | undefined {
  const refuse = (why: string): never => {
    throw new Error(why);
  };
  if (files === undefined) return bundledFiles(root, bundled ?? '', (why) => refuse(`driver: ${why}`));
  return existingFiles(files, process.cwd(), (i, why) => refuse(`program: ${files[i]}: ${why}`));
}

/** What to do with a problem of a field that an override may have set. */
function refusal(override: DriverOverride, problems: DocumentProblems, path: FieldPath): (why: string) => void {
  if (override.lib === undefined) return (why) => problems.add(path, why);
  return (why) => {
    throw new Error(`lib: ${why}`);
  };
}

function bundledFiles(root: string, name: string, refuse: (why: string) => void): readonly string[] | undefined {
  const { drivers } = readManifest(root);
  const driver = Object.hasOwn(drivers, name) ? drivers[name] : undefined;
  if (driver !== undefined) return driver.files.map((file) => join(root, file));
  refuse(`no bundled driver is called ${JSON.stringify(name)}; there are ${Object.keys(drivers).join(', ')}`);
  return undefined;
}

function existingFiles(
  files: readonly string[],
  folder: string,
  refuse: (index: number, why: string) => void,
): readonly string[] | undefined {
  const paths = files.map((file) => resolve(folder, file));
  const bad = paths.map((path, i) => {
    const why = files[i]?.endsWith('.c') === true ? whyNoFile(path) : 'expected a C file (.c)';
    if (why !== undefined) refuse(i, why);
    return why !== undefined;
  });
  return bad.includes(true) ? undefined : paths;
}

function whyNoFile(path: string): string | undefined {
  try {
    return statSync(path).isFile() ? undefined : `${path} is no file`;
  } catch (error) {
    return `${path}: ${reason(error)}`;
  }
}

/** The C files and headers of a folder, by path relative to it with slashes. */
function libraryCopies(folder: string, refuse: (why: string) => void): ReadonlyMap<string, string> | undefined {
  const copies = new Map<string, string>();
  const walk = (relative: string, depth: number): void => {
    for (const entry of readdirSync(join(folder, relative), { withFileTypes: true })) {
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory() && depth < MAX_DEPTH && copies.size <= MAX_LIB_FILES) walk(path, depth + 1);
      else if (/\.[ch]$/.test(entry.name)) copies.set(path, join(folder, path));
    }
  };
  try {
    walk('', 0);
  } catch (error) {
    refuse(`${folder}: ${reason(error)}`);
    return undefined;
  }
  if (copies.size <= MAX_LIB_FILES) return copies;
  refuse(`${folder} has more than ${MAX_LIB_FILES} C files and headers; expected copies of files of drivers/lib`);
  return undefined;
}
