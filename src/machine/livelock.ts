// Work that goes on for ever and moves nothing: told by what it did, never by a timeout.
import type { Hub } from './hub';

/** Runs of deferred work in a row, without any buffer or packet moved meanwhile, after which nothing will ever be different. */
const LIMIT = 20;

export interface LivelockState {
  readonly runs: number;
  readonly moved: number;
}

/** Counts the runs of deferred work (Linux's workqueues) that changed nothing a device or a peer could see. */
export class Livelock {
  private runs = 0;
  private moved = -1;
  /** line of the driver that had the work run again, where the level knows it */
  private site: number | undefined;

  constructor(private readonly hub: Hub) {}

  /** A timer was set, or work queued, while deferred work ran. */
  again(site: number | undefined): void {
    this.site = site;
  }

  /**
   * Deferred work has run.
   * @param moved a number that grows with every buffer and packet that moves, and with every allocation that failed: work
   *   that waits for memory is not in vain
   */
  ran(moved: number): void {
    this.runs = moved === this.moved ? this.runs + 1 : 0;
    this.moved = moved;
    if (this.runs !== LIMIT) return;
    this.hub.finding(
      'livelock',
      `the driver's deferred work ran ${LIMIT} times in a row and moved no buffer, no packet, and no allocation failed: it would go on for ever`,
      { site: this.site },
    );
  }

  snapshot(): LivelockState {
    return { runs: this.runs, moved: this.moved };
  }

  restore({ runs, moved }: LivelockState): void {
    this.runs = runs;
    this.moved = moved;
    this.site = undefined;
  }
}
