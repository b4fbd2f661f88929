// Samples: values kept one by one up to a limit and then thinned evenly, so that a long run stays bounded.

/** Median, 99th percentile and maximum. */
export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Latencies in ns, or whatever comes one a packet. */
export class Samples {
  private values: number[] = [];
  private seen = 0;
  private stride = 1;
  private greatest = 0;

  /** Kept values; when they are this many, every second one is dropped and only every second new one is kept. */
  static readonly LIMIT = 1 << 17;

  add(value: number): void {
    if (value > this.greatest) this.greatest = value;
    if (this.seen++ % this.stride !== 0) return;
    this.values.push(value);
    if (this.values.length < Samples.LIMIT) return;
    this.values = this.values.filter((_, i) => i % 2 === 0);
    this.stride *= 2;
  }

  /** 0 for all when there was none. Exact up to LIMIT values, of an even sample of them beyond; `max` is always exact. */
  summary(): Spread {
    const sorted = [...this.values].sort((a, b) => a - b);
    const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
    return { p50: at(0.5), p99: at(0.99), max: this.greatest };
  }

  snapshot(): SamplesState {
    // Values are only ever appended, and thinning makes a new array: the array can be shared by hundreds of checkpoints.
    const { values, seen, stride, greatest } = this;
    return { values, length: values.length, seen, stride, greatest };
  }

  restore(state: SamplesState): void {
    this.values = state.values.slice(0, state.length);
    this.seen = state.seen;
    this.stride = state.stride;
    this.greatest = state.greatest;
  }
}

export interface SamplesState {
  /** shared: the first `length` of them are the snapshot's */
  readonly values: readonly number[];
  readonly length: number;
  readonly seen: number;
  readonly stride: number;
  readonly greatest: number;
}
