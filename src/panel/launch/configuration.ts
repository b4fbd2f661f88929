// Debug configurations: F5 without a launch.json, and defaults from the settings.
import { access } from 'node:fs/promises';
import * as vscode from 'vscode';
import { readManifest } from '../../toolchain';
import { bundledGroups, scenarioName, type ScenarioEntry } from '../scenario-list';
import { bundledScenarios, pickScenario, workspaceScenarios } from '../scenarios';
import { driversRoot } from '../workspace/lab-paths';
import { canBeDriver, type LabFiles, usesFile } from './file-role';
import { rememberedScenario, rememberScenario, type RememberedChoice } from './remembered';

const C_FILE = /\.[ch]$/;

export class ConfigurationProvider implements vscode.DebugConfigurationProvider {
  constructor(private readonly context: vscode.ExtensionContext) {}

  async resolveDebugConfiguration(
    _folder: vscode.WorkspaceFolder | undefined,
    config: vscode.DebugConfiguration,
  ): Promise<vscode.DebugConfiguration | undefined> {
    const resolved = config.type ? config : await this.forActiveFile();
    if (!resolved) return undefined;
    const settings = vscode.workspace.getConfiguration('virtioLab');
    return {
      stepIntoInterrupts: settings.get<boolean>('stepIntoInterrupts', false),
      // the console would take the lower third of the rings; what a run without debugging prints is all there is to see
      internalConsoleOptions: resolved['noDebug'] === true ? 'openOnSessionStart' : 'neverOpen',
      ...resolved,
    };
  }

  /** Offered by "Add Configuration" and "Show all automatic debug configurations". */
  async provideDebugConfigurations(): Promise<vscode.DebugConfiguration[]> {
    const entries = [...(await workspaceScenarios()), ...(await bundledScenarios(this.context.extensionPath))];
    return entries.map(configurationOf);
  }

  /** F5 without a launch.json: the scenario that the active C file was last run in, else the user's choice. */
  private async forActiveFile(): Promise<vscode.DebugConfiguration | undefined> {
    const document = vscode.window.activeTextEditor?.document;
    const file = document?.uri.scheme === 'file' && C_FILE.test(document.fileName) ? document.fileName : undefined;
    if (!file) return this.forNoFile();
    const choice = (await this.valid(rememberedScenario(this.context, file))) ?? (await this.ask(file));
    if (!choice) return undefined;
    await rememberScenario(this.context, file, choice);
    return {
      type: 'virtio',
      request: 'launch',
      name: `${vscode.workspace.asRelativePath(file)} in ${scenarioName(choice.scenario)}`,
      scenario: choice.scenario,
      ...(choice.own ? {} : { program: file }),
    };
  }

  private async forNoFile(): Promise<vscode.DebugConfiguration | undefined> {
    const groups = await this.groups();
    const entry = await pickScenario(groups, 'Which scenario to run?');
    return entry && configurationOf(entry);
  }

  private async valid(choice: RememberedChoice | undefined): Promise<RememberedChoice | undefined> {
    if (!choice) return undefined;
    return access(choice.scenario).then(
      () => choice,
      () => undefined,
    );
  }

  private async groups() {
    const [own, bundled] = await Promise.all([workspaceScenarios(), bundledScenarios(this.context.extensionPath)]);
    return [{ title: 'this workspace', entries: own }, ...bundledGroups(bundled)];
  }

  private async ask(file: string): Promise<RememberedChoice | undefined> {
    const groups = await this.groups();
    const lab = this.labFiles();
    const uses = (entry: ScenarioEntry) => usesFile(entry, file, lab);
    const driver = canBeDriver(file, lab);
    const using = { title: 'use this file', entries: groups.flatMap((g) => g.entries.filter(uses)) };
    const others = groups.map((g) => ({
      title: driver ? `this file in place of the driver: ${g.title}` : g.title,
      entries: g.entries.filter((entry) => !uses(entry)),
    }));
    const entry = await pickScenario(
      [using, ...others],
      `Which scenario runs ${vscode.workspace.asRelativePath(file)}?`,
    );
    return entry && { scenario: entry.path, own: !driver || uses(entry) };
  }

  private labFiles(): LabFiles {
    const root = driversRoot(this.context.extensionPath);
    return {
      driversRoot: root,
      drivers: readManifest(root).drivers,
      workspaces: (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath),
    };
  }
}

function configurationOf(entry: ScenarioEntry): vscode.DebugConfiguration {
  return {
    type: 'virtio',
    request: 'launch',
    name: `Virtio: ${entry.name}`,
    scenario: entry.id ?? entry.path,
  };
}
