// Starts the sessions that are compared: one beside another, or both again; and waits until each has stopped first.
import * as vscode from 'vscode';
import type { LabSession, Sessions } from '../../panel';
import type { Again } from './protocol';

export const againOf = ({ debug: { configuration, workspaceFolder } }: LabSession): Again => ({
  // JSON only: it is kept by the page
  configuration: JSON.parse(JSON.stringify(configuration)) as Again['configuration'],
  ...(workspaceFolder && { folder: workspaceFolder.uri.toString() }),
});

/** Starts a session; resolves at its first stop, or to undefined when it does not come to be. */
export async function startSession(
  sessions: Sessions,
  { configuration, folder }: Again,
): Promise<LabSession | undefined> {
  const { name } = configuration;
  if (typeof name !== 'string') return undefined;
  const known = new Set(sessions.all.map(({ debug }) => debug.id));
  let settle: (session: LabSession | undefined) => void = () => undefined;
  const stopped = new Promise<LabSession | undefined>((resolve) => (settle = resolve));
  const isNew = ({ debug }: LabSession): boolean => debug.name === name && !known.has(debug.id);
  const registration = vscode.Disposable.from(
    sessions.onDidChange((session) => {
      if (isNew(session) && !session.running) settle(session);
    }),
    sessions.onDidEnd((session) => {
      if (isNew(session)) settle(undefined);
    }),
  );
  const at = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.toString() === folder);
  const launch: vscode.DebugConfiguration = { ...configuration, type: 'virtio', request: 'launch', name };
  const started = await vscode.debug.startDebugging(at, launch);
  if (!started) settle(undefined);
  const session = await stopped;
  registration.dispose();
  return session;
}
