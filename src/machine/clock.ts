// Where a run is: the tick counter that names positions, and virtual time.

export interface ClockState {
  readonly tick: number;
  readonly ns: number;
  readonly lines: number;
}

/** The machine's one clock. Only the machine moves it; nothing in it reads the real one. */
export class Clock {
  /** Ticks so far: each driver line, driver store to a ring page, host action, interrupt delivery and timer expiry is one. */
  tick = 0;
  /** Virtual ns since power-on. */
  ns = 0;
  /** Driver lines among the ticks. */
  lines = 0;

  snapshot(): ClockState {
    return { tick: this.tick, ns: this.ns, lines: this.lines };
  }

  restore(state: ClockState): void {
    this.tick = state.tick;
    this.ns = state.ns;
    this.lines = state.lines;
  }
}
