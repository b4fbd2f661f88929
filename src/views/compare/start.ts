// Starts the sessions that are compared: one beside another, or both again; and waits until each has stopped first.
import * as vscode from 'vscode';
import type { Again } from '../../messages';
import { type LabSession, type Sessions, startAgain } from '../../panel';

/** Starts a session; resolves at its first stop, or to undefined when it does not come to be. */
export async function startSession(sessions: Sessions, again: Again): Promise<LabSession | undefined> {
  const { name } = again.configuration;
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
  if (!(await startAgain(again))) settle(undefined);
  const session = await stopped;
  registration.dispose();
  return session;
}
