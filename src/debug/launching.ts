// Launching under way: one compilation each, with its progress, its cancellation, and its errors told.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Client } from './client';
import { RequestError } from './errors';
import { launchFailure, type Launched, type LaunchArguments, type Launcher } from './launch';
import { plainOutput } from './output';
import { Progress } from './progress';

export class Launching {
  /** by the seq of the request, and by the id of its progress */
  private readonly pending = new Map<number | string, AbortController>();

  constructor(
    private readonly launcher: Launcher,
    private readonly client: () => Client,
    private readonly send: (event: DebugProtocol.Event) => void,
  ) {}

  /**
   * Compiles and builds a machine.
   * @param seq of the request that wants it
   * @throws RequestError when it was cancelled or failed; then nothing is left of it, and the console has every diagnostic
   */
  async launch(args: LaunchArguments, seq: number): Promise<Launched> {
    const controller = new AbortController();
    const { signal } = controller;
    const progress = new Progress(`virtio-launch-${seq}`, 'Virtio Lab', this.send, () => controller.abort());
    this.pending.set(seq, controller).set(progress.id, controller);
    try {
      const report = (text: string): void => (this.client().progress ? progress.report(text) : undefined);
      const launched = await this.launcher.launch(args, signal, report);
      if (!signal.aborted) return launched;
      await launched.machine.dispose();
      throw cancelled();
    } catch (error) {
      throw signal.aborted ? cancelled() : this.failed(error);
    } finally {
      progress.end();
      this.pending.delete(seq);
      this.pending.delete(progress.id);
    }
  }

  /** Gives up the launch of a request (its seq) or of a progress (its id), if there is one. */
  cancel(which: number | string): void {
    this.pending.get(which)?.abort();
  }

  cancelAll(): void {
    for (const controller of this.pending.values()) controller.abort();
  }

  private failed(error: unknown): RequestError {
    const { message, lines } = launchFailure(error);
    for (const { text, path, line } of lines) {
      const event = plainOutput(text, 'stderr');
      if (path !== undefined && line !== undefined) {
        event.body.source = { path };
        event.body.line = this.client().lineTo(line);
      }
      this.send(event);
    }
    return new RequestError(message, { showUser: true });
  }
}

function cancelled(): RequestError {
  return new RequestError('The launch was cancelled.', { code: 'cancelled' });
}
