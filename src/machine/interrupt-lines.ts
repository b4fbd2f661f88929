// The device's interrupt lines: which were raised and not delivered yet, and the queues that they are about.

/** A queue that something was used on since its line's interrupt was delivered last. */
interface PendingQueue {
  readonly queue: string;
  readonly line: number;
}

export interface InterruptLinesState {
  readonly lines: readonly number[];
  readonly pending: readonly PendingQueue[];
}

export class InterruptLines {
  /** raised and not delivered yet, in the order of their numbers */
  private lines: number[] = [];
  private pending: PendingQueue[] = [];

  /**
   * A queue raises a line.
   * @param edge the line was low: an interrupt is to be delivered, unless one is pending
   * @returns 'coalesced' when there was nothing new to deliver
   */
  raise(queue: string, line: number, edge: boolean): 'raised' | 'coalesced' {
    const waits = this.lines.includes(line);
    if ((edge || waits) && !this.pending.some((p) => p.queue === queue)) this.pending.push({ queue, line });
    if (!edge || waits) return 'coalesced';
    this.lines = [...this.lines, line].sort((a, b) => a - b);
    return 'raised';
  }

  get raised(): boolean {
    return this.lines.length > 0;
  }

  /** The vCPU takes the interrupt of the lowest line. What it is about: its line, and the queues it was raised for. */
  deliver(): { readonly line: number; readonly queues: readonly string[] } {
    const line = this.lines[0] ?? 0;
    const queues = this.pending.filter((p) => p.line === line).map((p) => p.queue);
    this.lines = this.lines.slice(1);
    this.pending = this.pending.filter((p) => p.line !== line);
    return { line, queues };
  }

  snapshot(): InterruptLinesState {
    return { lines: [...this.lines], pending: [...this.pending] };
  }

  restore(state: InterruptLinesState): void {
    this.lines = [...state.lines];
    this.pending = [...state.pending];
  }
}
