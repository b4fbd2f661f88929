// A run without debugging (Ctrl+F5): to its end, with its output, its report and an exit code.
import { ExitedEvent, TerminatedEvent } from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Prepared } from '../scenario';
import type { Client } from './client';
import { messageOf } from './errors';
import { outputEvent, plainOutput } from './output';
import { Sources } from './sources';

export class Unattended {
  private readonly controller = new AbortController();

  constructor(
    private readonly prepared: Prepared,
    private readonly client: Client,
    private readonly send: (event: DebugProtocol.Event) => void,
  ) {}

  start(): void {
    void this.run();
  }

  /** Gives the run up, and says that the session is over. */
  async terminate(): Promise<void> {
    if (this.controller.signal.aborted) return;
    this.controller.abort();
    this.send(new TerminatedEvent());
  }

  /** Gives the run up, silently. */
  async end(): Promise<void> {
    this.controller.abort();
  }

  async discard(): Promise<void> {
    this.controller.abort();
  }

  private async run(): Promise<void> {
    const { signal } = this.controller;
    const exitCode = await this.report(signal);
    if (signal.aborted) return;
    this.send(new ExitedEvent(exitCode));
    await this.terminate();
  }

  private async report(signal: AbortSignal): Promise<number> {
    const { program } = this.prepared;
    const sources = new Sources(program, this.prepared);
    const say = (event: DebugProtocol.Event): void => (signal.aborted ? undefined : this.send(event));
    for (const notice of this.prepared.notices) say(plainOutput(notice, 'important'));
    try {
      const { text, passed } = await this.prepared.run(signal, (output) =>
        say(outputEvent(output, program, sources, this.client)),
      );
      say(plainOutput(text, 'stdout'));
      return passed ? 0 : 1;
    } catch (error) {
      say(plainOutput(messageOf(error), 'stderr'));
      return 1;
    }
  }
}
