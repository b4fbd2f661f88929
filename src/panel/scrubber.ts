// Scrubbing: the reader drags faster than a machine goes. It goes to the newest place that is wanted, one at a time.
import type { Position } from '../machine';

/** The session that is scrubbed through. */
export interface Scrubbed {
  /** the position at a virtual time; undefined when the session has ended */
  placeAt(ns: number): Promise<Position | undefined>;
  /** sets out for a position; the session then runs until it is there, or has refused */
  go(position: Position): Promise<unknown>;
  running(): boolean;
}

export class Scrubber {
  private wanted: number | undefined;
  private travelling = false;
  private arrived: (() => void) | undefined;

  constructor(private readonly session: Scrubbed) {}

  /** Goes to a virtual time, as soon as the journey before it has ended. While the machine runs for somebody else: nothing. */
  to(ns: number): void {
    if (this.travelling) this.wanted = ns;
    else if (!this.session.running()) {
      this.wanted = ns;
      void this.travel();
    }
  }

  /** The session runs, or has stopped. */
  changed(): void {
    if (!this.session.running()) this.arrived?.();
  }

  private async travel(): Promise<void> {
    this.travelling = true;
    for (let ns = this.wanted; ns !== undefined; ns = this.wanted) {
      this.wanted = undefined;
      const position = await this.session.placeAt(ns).catch(() => undefined);
      if (position === undefined) break;
      await this.session.go(position);
      if (this.session.running()) await new Promise<void>((arrived) => (this.arrived = arrived));
      this.arrived = undefined;
    }
    this.travelling = false;
  }
}
