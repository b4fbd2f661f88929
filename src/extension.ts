// Registers Virtio Lab with VS Code. Wiring only: what is wired lives in panel/ and debug/.
import * as vscode from 'vscode';
import { ConfigurationProvider, runScenario } from './panel';

export function activate(context: vscode.ExtensionContext): void {
  const configurations = new ConfigurationProvider(context);
  context.subscriptions.push(
    vscode.commands.registerCommand('virtioLab.runScenario', (file?: vscode.Uri) => runScenario(context, file)),
    vscode.debug.registerDebugConfigurationProvider('virtio', configurations),
    vscode.debug.registerDebugConfigurationProvider(
      'virtio',
      configurations,
      vscode.DebugConfigurationProviderTriggerKind.Dynamic,
    ),
  );
}
