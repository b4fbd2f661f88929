// What "Copy Driver to Workspace…" writes: the driver's files, a scenario that runs them, and how editors compile them. Pure.
import { basename, join } from 'node:path';
import { applyEdits, modify } from 'jsonc-parser';
import { scenarioName } from '../scenario-list';
import type { CompileCommand } from './compile-commands';
import type { NamedConfiguration } from './launch-json';

const FORMAT = { formattingOptions: { insertSpaces: true, tabSize: 2, eol: '\n' } };

/**
 * A bundled scenario with the copied files in place of its driver.
 * @param text of the bundled scenario
 * @param files names of the copied files, beside the new scenario file
 * @param kernel version of the kernel API that they are linked with
 */
export function scenarioOfCopy(text: string, name: string, files: readonly string[], kernel: string): string {
  const renamed = applyEdits(text, modify(text, ['name'], name, FORMAT));
  return applyEdits(renamed, modify(renamed, ['driver'], { files, kernel }, FORMAT));
}

/** The launch configuration that runs a scenario file of the workspace. */
export function configurationOf(folder: string, scenarioFile: string): NamedConfiguration {
  return {
    type: 'virtio',
    request: 'launch',
    name: `Virtio: ${folder}, ${scenarioName(scenarioFile)}`,
    scenario: `\${workspaceFolder}/${folder}/${basename(scenarioFile)}`,
  };
}

/** Flags that serve the lab's own build alone, and would only disturb another tool's view of the file. */
const LAB_ONLY = /^-f(diagnostics-format|debug-compilation-dir|macro-prefix-map)=|^-Wno-sarif|^-ferror-limit=/;

/**
 * How the lab compiles a file, as clangd and cpptools read it.
 * @param flags the lab's arguments of clang for it, include folders left out
 * @param includes real include folders, in search order
 */
export function compileCommand(
  directory: string,
  file: string,
  flags: readonly string[],
  includes: readonly string[],
): CompileCommand {
  return {
    directory,
    file,
    arguments: [
      ...flags.filter((flag) => !LAB_ONLY.test(flag)),
      // the lab's kernel API is all there is: no header of this machine may be found
      '-nostdlibinc',
      ...includes.map((folder) => `-I${folder}`),
      file,
    ],
  };
}

/** c_cpp_properties.json for cpptools: take everything from compile_commands.json; pointers and long have 4 bytes. */
export function cppProperties(): string {
  const configuration = {
    name: 'Virtio Lab',
    compileCommands: '${workspaceFolder}/compile_commands.json',
    intelliSenseMode: 'linux-clang-x86',
    cStandard: 'gnu11',
  };
  return `${JSON.stringify({ configurations: [configuration], version: 4 }, null, 2)}\n`;
}

/** Where the copies of a driver's files go: side by side in one folder. */
export function copiesOf(
  files: readonly string[],
  driversRoot: string,
  folder: string,
): { readonly from: string; readonly to: string }[] {
  return files.map((file) => ({ from: join(driversRoot, file), to: join(folder, basename(file)) }));
}
