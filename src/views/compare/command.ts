// Virtio: Compare Sessions…: two sessions side by side; with one, the same scenario is started with another driver beside it.
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { LabSession, Sessions } from '../../panel';
import { readManifest } from '../../toolchain';
import { CompareTab } from './compare-tab';

export function registerCompare(
  context: vscode.ExtensionContext,
  sessions: Sessions,
  showRings: (session: LabSession, column: vscode.ViewColumn) => void,
): vscode.Disposable {
  return vscode.commands.registerCommand('virtioLab.compareSessions', async (driver?: string) => {
    const pair = await choosePair(context, sessions, driver);
    if (pair === undefined) return;
    const [left, right] = pair;
    const tab = new CompareTab(
      context.extensionUri,
      sessions,
      { left: left.debug.id, right: right.debug.id },
      showRings,
    );
    context.subscriptions.push(tab);
  });
}

async function choosePair(
  context: vscode.ExtensionContext,
  sessions: Sessions,
  driver: string | undefined,
): Promise<readonly [LabSession, LabSession] | undefined> {
  const { all } = sessions;
  const [first, second] = all;
  if (first === undefined)
    return void vscode.window.showInformationMessage(
      'Nothing to compare: start a session, then another one beside it.',
    );
  if (second === undefined) {
    const other = await startBeside(context, sessions, first, driver);
    return other && [first, other];
  }
  if (all.length === 2) return [first, second];
  const left = await pick(all, 'The left one');
  const right =
    left &&
    (await pick(
      all.filter((session) => session !== left),
      'The right one',
    ));
  return left && right && [left, right];
}

async function pick(sessions: readonly LabSession[], placeHolder: string): Promise<LabSession | undefined> {
  const items = sessions.map((session) => ({
    label: session.debug.name,
    description: session.launched.title,
    session,
  }));
  return (await vscode.window.showQuickPick(items, { placeHolder }))?.session;
}

/** The same scenario with a driver that the reader chooses, once it has stopped first. */
async function startBeside(
  context: vscode.ExtensionContext,
  sessions: Sessions,
  { debug }: LabSession,
  given: string | undefined,
): Promise<LabSession | undefined> {
  const { drivers } = readManifest(join(context.extensionPath, 'drivers'));
  const items = Object.entries(drivers).map(([label, { title }]) => ({ label, description: title }));
  const placeHolder = `Which driver to run beside “${debug.name}”, in the same scenario?`;
  const driver = given ?? (await vscode.window.showQuickPick(items, { placeHolder }))?.label;
  if (driver === undefined) return undefined;
  const { program: _program, name: _name, ...rest } = debug.configuration;
  const name = `${debug.configuration.name} with ${driver}`;
  const stopped = new Promise<LabSession>((resolve) => {
    const registration = sessions.onDidChange((session) => {
      if (session.debug.name !== name || session.running) return;
      registration.dispose();
      resolve(session);
    });
  });
  const started = await vscode.debug.startDebugging(debug.workspaceFolder, {
    ...rest,
    type: 'virtio',
    request: 'launch',
    name,
    driver,
  });
  return started ? stopped : undefined;
}
