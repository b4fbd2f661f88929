// Which two sessions are compared; with one, the same scenario is started with another driver beside it.
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { LabSession, Sessions } from '../../panel';
import { readManifest } from '../../toolchain';
import { startSession } from './start';

/** The only two sessions, or those the reader picks; with one session another is started beside it. */
export async function choosePair(
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
  const folder = debug.workspaceFolder?.uri.toString();
  const configuration = { ...rest, type: 'virtio', request: 'launch', name, driver };
  return startSession(sessions, { configuration, ...(folder === undefined ? {} : { folder }) });
}
