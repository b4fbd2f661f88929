// Virtio: Copy Driver to Workspace…: a bundled driver to change, with all that F5 and a C language server need to know of it.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { type BundledDriver, compileFlags, readManifest } from '../../toolchain';
import type { ScenarioEntry } from '../scenario-list';
import { bundledScenarios } from '../scenarios';
import { withCommands } from '../workspace/compile-commands';
import { compileCommand, configurationOf, copiesOf, cppProperties, scenarioOfCopy } from '../workspace/driver-copy';
import { rewrite, write } from '../workspace/files';
import { driversRoot, includeFolders } from '../workspace/lab-paths';
import { withConfiguration } from '../workspace/launch-json';
import { chooseFolder } from './workspace-folder';

/** @returns whether something was copied */
export async function copyDriver(context: vscode.ExtensionContext): Promise<boolean> {
  const workspace = await chooseFolder();
  const name = workspace && (await pickDriver(context.extensionPath));
  const folder = name && (await chooseTarget(workspace.uri.fsPath, name));
  if (!folder) return false;
  const main = await writeCopy(context.extensionPath, workspace.uri.fsPath, name, folder);
  await vscode.window.showTextDocument(vscode.Uri.file(main), { preview: false });
  void vscode.window.showInformationMessage(`${folder} is yours to change: F5 compiles it and stops in it.`);
  return true;
}

async function pickDriver(extensionPath: string): Promise<string | undefined> {
  const { drivers } = readManifest(driversRoot(extensionPath));
  const items = Object.entries(drivers).map(([label, { title, description }]: [string, BundledDriver]) => ({
    label,
    description: title,
    detail: description,
  }));
  const picked = await vscode.window.showQuickPick(items, { placeHolder: 'Which driver to copy?' });
  return picked?.label;
}

/** The driver's name; another one, if the user gives it, where that is taken. */
async function chooseTarget(workspace: string, name: string): Promise<string | undefined> {
  if (!existsSync(join(workspace, name))) return name;
  return vscode.window.showInputBox({
    prompt: `${name} is there already. Folder for this copy, in this workspace`,
    value: `${name}-2`,
    validateInput: (folder) => {
      if (!/^[\w][\w.-]*$/.test(folder)) return 'A name of letters, digits, dots, dashes and underscores';
      return existsSync(join(workspace, folder)) ? `${folder} is there already: choose another name` : undefined;
    },
  });
}

/** @returns the driver's first file, absolute */
async function writeCopy(extensionPath: string, workspace: string, name: string, folder: string): Promise<string> {
  const root = driversRoot(extensionPath);
  const driver = readManifest(root).drivers[name];
  if (driver === undefined) throw new Error(`the bundled driver ${name} is gone`);
  const copies = copiesOf(driver.files, root, join(workspace, folder));
  for (const { from, to } of copies) await write(to, await readFile(from));
  const files = copies.map(({ to }) => to);
  await writeScenario(extensionPath, workspace, { name, kernel: driver.kernel }, folder, files);
  await describeToLanguageServers(extensionPath, workspace, files);
  const main = files[0];
  if (main === undefined) throw new Error(`the bundled driver ${name} has no files`);
  return main;
}

/** The first bundled scenario of this driver (the smallest, as they are named), and a launch configuration for it. */
async function writeScenario(
  extensionPath: string,
  workspace: string,
  driver: { readonly name: string; readonly kernel: string },
  folder: string,
  files: readonly string[],
): Promise<void> {
  const scenario = exemplary(await bundledScenarios(extensionPath), driver.name);
  if (!scenario) return;
  const text = await readFile(scenario.path, 'utf8');
  const copy = scenarioOfCopy(
    text,
    `${scenario.name} (${folder})`,
    files.map((file) => basename(file)),
    driver.kernel,
  );
  await write(join(workspace, folder, basename(scenario.path)), copy);
  await rewrite(join(workspace, '.vscode/launch.json'), (launch) =>
    withConfiguration(launch, configurationOf(folder, scenario.path)),
  );
}

function exemplary(scenarios: readonly ScenarioEntry[], driver: string): ScenarioEntry | undefined {
  const own = scenarios.filter((s) => s.bundledDriver === driver);
  return own.find((s) => basename(s.path).startsWith('tx-one')) ?? own[0];
}

/** Tells clangd and cpptools how these files are compiled. */
export async function describeToLanguageServers(
  extensionPath: string,
  workspace: string,
  files: readonly string[],
): Promise<void> {
  const includes = includeFolders(extensionPath, workspace);
  const commands = files.map((file) => compileCommand(workspace, file, compileFlags('stepped', [], {}), includes));
  await rewrite(join(workspace, 'compile_commands.json'), (text) => withCommands(text, commands));
  await rewrite(join(workspace, '.vscode/c_cpp_properties.json'), (text) =>
    text === undefined ? cppProperties() : undefined,
  );
}
