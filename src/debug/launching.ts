// Launching under way: one compilation each, with its progress, its cancellation, and its errors told.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Client } from './client';
import { RequestError } from './errors';
import { isShown, launchFailure } from './launch';
import { plainOutput } from './output';
import { Progress } from './progress';

export class Launching {
  /** by the seq of the request, and by the id of its progress */
  private readonly pending = new Map<number | string, AbortController>();

  constructor(
    private readonly client: () => Client,
    private readonly send: (event: DebugProtocol.Event) => void,
  ) {}

  /**
   * Compiles a driver and makes something of it.
   * @param seq of the request that wants it
   * @param work the launcher's part
   * @param discard ends what came too late
   * @throws RequestError when it was cancelled or failed; then nothing is left of it, and the console has every diagnostic
   */
  async launch<T>(
    seq: number,
    work: (signal: AbortSignal, report: (text: string) => void) => Promise<T>,
    discard: (late: T) => Promise<void>,
  ): Promise<T> {
    const controller = new AbortController();
    const { signal } = controller;
    const progress = new Progress(`virtio-launch-${seq}`, 'Virtio Lab', this.send, () => controller.abort());
    this.pending.set(seq, controller).set(progress.id, controller);
    try {
      const made = await work(signal, (text) => (this.client().progress ? progress.report(text) : undefined));
      if (!signal.aborted) return made;
      await discard(made);
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
    if (isShown(error)) return new RequestError(message, { showUser: false });
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
