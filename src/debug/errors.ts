// Errors of requests: what an error response says, and to whom.

/** A request that cannot be answered. The message is for the user: it names what was found, and what to do. */
export class RequestError extends Error {
  /**
   * @param message one sentence or two
   * @param options `showUser`: the client shows it in a window of its own; otherwise only where the answer would stand
   */
  constructor(
    message: string,
    readonly options: { readonly showUser?: boolean; readonly code?: 'notStopped' | 'cancelled' } = {},
  ) {
    super(message);
  }
}

/** The machine runs, and what was asked for is known only while it is stopped. DAP has a code for it. */
export function notStopped(): RequestError {
  return new RequestError('The machine is running: pause it first.', { code: 'notStopped' });
}

/** Any thrown value as text for a message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
