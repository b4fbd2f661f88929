// Registers Virtio Lab with VS Code. Wiring only: what is wired lives in panel/, views/, debug/ and scenario/.
import { join } from 'node:path';
import * as vscode from 'vscode';
import {
  configurations,
  copyDriver,
  copyLibraryFile,
  hoverExpressionsInSessions,
  LastRun,
  type PanelState,
  Problems,
  RingFeed,
  runScenario,
  saveFrames,
  Sessions,
  watchedLauncher,
} from './panel';
import type { MachineHandle } from './machine';
import type { ScenarioLauncher } from './scenario';
import { registerViews } from './views';

/** What other extensions, and the tests, get from `activate`. */
export interface VirtioLab {
  /** What the ring panel shows of the session that is looked at, whether it is in view or not; undefined before its first stop. */
  panelState(): PanelState | undefined;
  /** The machine of that session. Its RAM is to be read only, and only while it is stopped. */
  machine(): MachineHandle | undefined;
}

export function activate(context: vscode.ExtensionContext): VirtioLab {
  const configuring = configurations(context);
  const problems = new Problems();
  const sessions = new Sessions();
  const lastRun = new LastRun(context.workspaceState, sessions);
  const rings = new RingFeed(context, sessions, lastRun);
  // what only a session needs is loaded with the first one: activation stays short
  let launcher: Promise<ScenarioLauncher> | undefined;
  const launching = (): Promise<ScenarioLauncher> =>
    (launcher ??= import('./scenario').then(({ createLauncher }) =>
      createLauncher({
        root: context.extensionPath,
        cacheDir: join(context.globalStorageUri.fsPath, 'compiled'),
        onWarnings: (warnings) => problems.show(warnings),
      }),
    ));
  // a driver that was just copied is about to be changed, and compiled
  const copying = async (copy: Promise<boolean>): Promise<void> => {
    if (await copy) (await launching()).warmUp();
  };
  context.subscriptions.push(
    { dispose: () => void launcher?.then((made) => made.dispose()) },
    problems,
    sessions,
    lastRun,
    rings,
    registerViews(context, sessions, launching, rings, problems),
    vscode.commands.registerCommand('virtioLab.runScenario', (file?: vscode.Uri) => runScenario(context, file)),
    vscode.commands.registerCommand('virtioLab.runAgain', () => lastRun.run()),
    vscode.commands.registerCommand('virtioLab.copyDriver', () => copying(copyDriver(context))),
    vscode.commands.registerCommand('virtioLab.copyLibraryFile', () => copying(copyLibraryFile(context))),
    vscode.commands.registerCommand('virtioLab.saveFrames', () => saveFrames(sessions.active?.launched.machine)),
    hoverExpressionsInSessions(),
    vscode.debug.registerDebugConfigurationProvider('virtio', configuring),
    vscode.debug.registerDebugConfigurationProvider(
      'virtio',
      configuring,
      vscode.DebugConfigurationProviderTriggerKind.Dynamic,
    ),
    vscode.debug.registerDebugAdapterDescriptorFactory('virtio', {
      createDebugAdapterDescriptor: async (session) => {
        const [{ VirtioSession }, made, listener] = await Promise.all([
          import('./debug'),
          launching(),
          sessions.listener(session),
        ]);
        return new vscode.DebugAdapterInlineImplementation(
          new VirtioSession({ launcher: watchedLauncher(made, problems), listener }),
        );
      },
    }),
  );
  return {
    panelState: () => sessions.active?.state,
    machine: () => sessions.active?.launched.machine,
  };
}
