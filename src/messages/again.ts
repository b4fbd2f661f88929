// How a session is started again: what is kept of it when it has ended, and over a reload of the window.
import { object, oneOf, optional, text, type Check } from './checks';

/** VS Code's launch configuration, and the URI of its workspace folder. */
export interface Again {
  readonly configuration: Readonly<Record<string, unknown>> & { readonly name: string };
  readonly folder?: string;
}

export const again: Check = object({
  configuration: object({ type: oneOf('virtio'), request: oneOf('launch'), name: text }),
  folder: optional(text),
});

/** What was kept, as it can be started; undefined when it is nothing of the kind. */
export function checkAgain(value: unknown): Again | undefined {
  return again(value) === undefined ? (value as Again) : undefined;
}
