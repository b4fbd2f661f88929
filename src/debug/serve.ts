// Serving a session on streams, for editors other than VS Code.
import type { Readable, Writable } from 'node:stream';
import { VirtioSession, type SessionOptions } from './session';

/**
 * Speaks DAP on two streams. On stdin and stdout the process ends with the session, as clients expect of an adapter.
 * @param keepProcess the streams are not the process's own: it goes on
 */
export function serve(options: SessionOptions, input: Readable, output: Writable, keepProcess = false): VirtioSession {
  const session = new VirtioSession(options);
  session.setRunAsServer(keepProcess);
  session.start(input, output);
  return session;
}
