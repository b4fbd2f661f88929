// What F5 on a C file can mean: which scenarios use it, and whether it can take the place of a scenario's driver. Pure.
import { isAbsolute, join, relative } from 'node:path';
import type { BundledDriver } from '../../toolchain';
import type { ScenarioEntry } from '../scenario-list';
import { LIBRARY_COPIES } from '../workspace/lab-paths';

export interface LabFiles {
  /** the lab's drivers/ folder */
  readonly driversRoot: string;
  readonly drivers: Readonly<Record<string, BundledDriver>>;
  /** folders of the workspace */
  readonly workspaces: readonly string[];
}

/** The scenario compiles this file itself: as one of its own files, or as a file of its bundled driver. */
export function usesFile(entry: ScenarioEntry, file: string, lab: LabFiles): boolean {
  const bundled = lab.drivers[entry.bundledDriver ?? '']?.files ?? [];
  return entry.files.includes(file) || bundled.some((path) => join(lab.driversRoot, path) === file);
}

/** A C file that is a driver of its own, rather than a header or a part of the kernel API. */
export function canBeDriver(file: string, lab: LabFiles): boolean {
  const library = [join(lab.driversRoot, 'lib'), ...lab.workspaces.map((folder) => join(folder, LIBRARY_COPIES))];
  return file.endsWith('.c') && !library.some((folder) => isInside(folder, file));
}

function isInside(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return path !== '' && !path.startsWith('..') && !isAbsolute(path);
}
