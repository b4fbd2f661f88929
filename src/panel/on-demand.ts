// What of the room is loaded when it is asked for first: commands, lists of scenarios, F5. Activation stays short.
import type * as vscode from 'vscode';
import type * as copyingDriver from './commands/copy-driver';
import type * as copyingFile from './commands/copy-library-file';
import type * as running from './commands/run-scenario';
import type * as saving from './commands/save-frames';
import type * as lists from './scenarios';

export const copyDriver: typeof copyingDriver.copyDriver = async (...args) =>
  (await import('./commands/copy-driver')).copyDriver(...args);

export const copyLibraryFile: typeof copyingFile.copyLibraryFile = async (...args) =>
  (await import('./commands/copy-library-file')).copyLibraryFile(...args);

export const saveFrames: typeof saving.saveFrames = async (...args) =>
  (await import('./commands/save-frames')).saveFrames(...args);

export const runScenario: typeof running.runScenario = async (...args) =>
  (await import('./commands/run-scenario')).runScenario(...args);

export const bundledScenarios: typeof lists.bundledScenarios = async (...args) =>
  (await import('./scenarios')).bundledScenarios(...args);

export const workspaceScenarios: typeof lists.workspaceScenarios = async (...args) =>
  (await import('./scenarios')).workspaceScenarios(...args);

/** The ConfigurationProvider of launch/, made with the first configuration that it is asked for. */
export function configurations(
  context: vscode.ExtensionContext,
): Required<Pick<vscode.DebugConfigurationProvider, 'provideDebugConfigurations' | 'resolveDebugConfiguration'>> {
  const loading = async () => new (await import('./launch/configuration')).ConfigurationProvider(context);
  let made: ReturnType<typeof loading> | undefined;
  const provider = (): ReturnType<typeof loading> => (made ??= loading());
  return {
    provideDebugConfigurations: async () => (await provider()).provideDebugConfigurations(),
    resolveDebugConfiguration: async (folder, config) => (await provider()).resolveDebugConfiguration(folder, config),
  };
}
