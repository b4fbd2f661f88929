// Registers Virtio Lab with VS Code. Wiring only: what is wired lives in panel/ and debug/.
import * as vscode from 'vscode';
import {
  ConfigurationProvider,
  copyDriver,
  copyLibraryFile,
  hoverExpressionsInSessions,
  RingFeed,
  runScenario,
  saveFrames,
} from './panel';

export function activate(context: vscode.ExtensionContext): void {
  const configurations = new ConfigurationProvider(context);
  const rings = new RingFeed(context.extensionUri);
  context.subscriptions.push(
    rings,
    vscode.commands.registerCommand('virtioLab.runScenario', (file?: vscode.Uri) => runScenario(context, file)),
    vscode.commands.registerCommand('virtioLab.copyDriver', () => copyDriver(context)),
    vscode.commands.registerCommand('virtioLab.copyLibraryFile', () => copyLibraryFile(context)),
    vscode.commands.registerCommand('virtioLab.showRings', () => rings.show()),
    vscode.commands.registerCommand('virtioLab.saveFrames', () => saveFrames(rings.machine)),
    hoverExpressionsInSessions(),
    vscode.debug.registerDebugConfigurationProvider('virtio', configurations),
    vscode.debug.registerDebugConfigurationProvider(
      'virtio',
      configurations,
      vscode.DebugConfigurationProviderTriggerKind.Dynamic,
    ),
  );
}
