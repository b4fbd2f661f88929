// Progress of long searches and replays, as a client that asked for it shows it.
import { ProgressEndEvent, ProgressStartEvent, ProgressUpdateEvent } from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';

/** One undertaking: silent until the first report, and ended once. */
export class Progress {
  private percent: number | undefined;
  private message = '';
  private ended = false;

  /** @param cancel what a click on its cancel button does; without it there is no button */
  constructor(
    readonly id: string,
    private readonly title: string,
    private readonly send: (event: DebugProtocol.Event) => void,
    readonly cancel?: () => void,
  ) {}

  /** @param fraction 0 to 1; undefined when nobody can tell */
  report(message: string, fraction?: number): void {
    if (this.ended) return;
    const percent = fraction === undefined ? undefined : Math.floor(Math.min(1, Math.max(0, fraction)) * 100);
    if (this.message !== '' && percent === this.percent && message === this.message) return;
    const event =
      this.message === ''
        ? new ProgressStartEvent(this.id, this.title, message)
        : new ProgressUpdateEvent(this.id, message);
    this.percent = percent;
    this.message = message || this.title;
    const body = { ...event.body, percentage: percent, ...(this.cancel && { cancellable: true }) };
    this.send({ ...event, body });
  }

  end(): void {
    if (!this.ended && this.message !== '') this.send(new ProgressEndEvent(this.id));
    this.ended = true;
  }
}
