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

/** A million packets raise a million interrupts: nothing here grows and shrinks with them. */
export class InterruptLines {
  /** raised and not delivered yet: a bit a line */
  private lines = 0;
  /** the first `pendingCount` of it */
  private readonly pending: PendingQueue[] = [];
  private pendingCount = 0;

  /**
   * A queue raises a line.
   * @param line below 32
   * @param edge the line was low: an interrupt is to be delivered, unless one is pending
   * @returns 'coalesced' when there was nothing new to deliver
   */
  raise(queue: string, line: number, edge: boolean): 'raised' | 'coalesced' {
    const waits = (this.lines & (1 << line)) !== 0;
    if ((edge || waits) && !this.isPending(queue)) this.pending[this.pendingCount++] = { queue, line };
    if (!edge || waits) return 'coalesced';
    this.lines |= 1 << line;
    return 'raised';
  }

  private isPending(queue: string): boolean {
    for (let i = 0; i < this.pendingCount; i++) if (this.pending[i]?.queue === queue) return true;
    return false;
  }

  get raised(): boolean {
    return this.lines !== 0;
  }

  /** The vCPU takes the interrupt of the lowest line. What it is about: its line, and the queues it was raised for. */
  deliver(): { readonly line: number; readonly queues: readonly string[] } {
    const line = this.lines === 0 ? 0 : 31 - Math.clz32(this.lines & -this.lines);
    this.lines &= ~(1 << line);
    const queues: string[] = [];
    let others = 0;
    for (let i = 0; i < this.pendingCount; i++) {
      const pending = this.pending[i] as PendingQueue;
      if (pending.line === line) queues.push(pending.queue);
      else this.pending[others++] = pending;
    }
    this.pendingCount = others;
    return { line, queues };
  }

  snapshot(): InterruptLinesState {
    const lines = Array.from({ length: 32 }, (_, line) => line).filter((line) => (this.lines & (1 << line)) !== 0);
    return { lines, pending: this.pending.slice(0, this.pendingCount) };
  }

  restore({ lines, pending }: InterruptLinesState): void {
    this.lines = lines.reduce((bits, line) => bits | (1 << line), 0);
    pending.forEach((queue, i) => (this.pending[i] = queue));
    this.pendingCount = pending.length;
  }
}
