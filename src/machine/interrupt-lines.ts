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
    if ((edge || waits) && !this.isPending(queue)) this.pending.push({ queue, line });
    if (!edge || waits) return 'coalesced';
    this.lines.push(line);
    if (this.lines.length > 1) this.lines.sort((a, b) => a - b);
    return 'raised';
  }

  private isPending(queue: string): boolean {
    for (const pending of this.pending) if (pending.queue === queue) return true;
    return false;
  }

  get raised(): boolean {
    return this.lines.length > 0;
  }

  /** The vCPU takes the interrupt of the lowest line. What it is about: its line, and the queues it was raised for. */
  deliver(): { readonly line: number; readonly queues: readonly string[] } {
    const line = this.lines.shift() ?? 0;
    const queues: string[] = [];
    const others: PendingQueue[] = [];
    for (const pending of this.pending)
      if (pending.line === line) queues.push(pending.queue);
      else others.push(pending);
    this.pending = others;
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
