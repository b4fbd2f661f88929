// The device's interrupt lines: which were raised and not delivered yet, and the queues that they are about.

/** A queue that something was used on since its line's interrupt was delivered last. */
interface PendingQueue {
  readonly queue: string;
  readonly line: number;
  /** the delivery that is about nothing else */
  readonly alone: Delivery;
}

/** What an interrupt is about: its line, and the queues it was raised for. */
export interface Delivery {
  readonly line: number;
  readonly queues: readonly string[];
}

export interface InterruptLinesState {
  readonly lines: readonly number[];
  readonly pending: readonly Omit<PendingQueue, 'alone'>[];
}

/** A million packets raise a million interrupts: nothing here grows and shrinks with them. */
export class InterruptLines {
  /** raised and not delivered yet: a bit a line */
  private lines = 0;
  /** the first `pendingCount` of it */
  private readonly pending: PendingQueue[] = [];
  private pendingCount = 0;
  /** every queue with its line that has raised so far */
  private readonly known: PendingQueue[] = [];

  /**
   * A queue raises a line.
   * @param line below 32
   * @param edge the line was low: an interrupt is to be delivered, unless one is pending
   * @returns 'coalesced' when there was nothing new to deliver
   */
  raise(queue: string, line: number, edge: boolean): 'raised' | 'coalesced' {
    const waits = (this.lines & (1 << line)) !== 0;
    if ((edge || waits) && !this.isPending(queue)) this.pending[this.pendingCount++] = this.source(queue, line);
    if (!edge || waits) return 'coalesced';
    this.lines |= 1 << line;
    return 'raised';
  }

  private source(queue: string, line: number): PendingQueue {
    for (const source of this.known) if (source.queue === queue && source.line === line) return source;
    const source: PendingQueue = { queue, line, alone: { line, queues: [queue] } };
    this.known.push(source);
    return source;
  }

  private isPending(queue: string): boolean {
    for (let i = 0; i < this.pendingCount; i++) if (this.pending[i]?.queue === queue) return true;
    return false;
  }

  get raised(): boolean {
    return this.lines !== 0;
  }

  /** The vCPU takes the interrupt of the lowest line. */
  deliver(): Delivery {
    const line = this.lines === 0 ? 0 : 31 - Math.clz32(this.lines & -this.lines);
    this.lines &= ~(1 << line);
    const [first] = this.pending;
    if (this.pendingCount === 1 && first?.line === line) {
      this.pendingCount = 0;
      return first.alone;
    }
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
    const pending = this.pending.slice(0, this.pendingCount).map(({ queue, line }) => ({ queue, line }));
    return { lines, pending };
  }

  restore({ lines, pending }: InterruptLinesState): void {
    this.lines = lines.reduce((bits, line) => bits | (1 << line), 0);
    pending.forEach(({ queue, line }, i) => (this.pending[i] = this.source(queue, line)));
    this.pendingCount = pending.length;
  }
}
