// Samples: values kept one by one up to a limit and then thinned evenly, so that a long run stays bounded.
import { doubled } from './doubled';

/** Median, 99th percentile and maximum. */
export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Values there is room for at first; it doubles with what comes, up to LIMIT. */
const FIRST = 256;

/** Latencies in ns, or whatever comes one a packet. */
export class Samples {
  /** the first `kept` of it are values: memory that is full at LIMIT values grows no more, however long the run */
  private values = new Float64Array(FIRST);
  private kept = 0;
  private seen = 0;
  private stride = 1;
  private greatest = 0;
  /** a snapshot has a part of `values` */
  private shared = false;

  /** Kept values; when they are this many, every second one is dropped and only every second new one is kept. */
  static readonly LIMIT = 1 << 17;

  add(value: number): void {
    if (value > this.greatest) this.greatest = value;
    if (this.seen++ % this.stride !== 0) return;
    if (this.kept === this.values.length) this.values = doubled(this.values);
    this.values[this.kept++] = value;
    if (this.kept === Samples.LIMIT) this.thin();
  }

  private thin(): void {
    const before = this.values;
    if (this.shared) this.values = new Float64Array(Samples.LIMIT);
    this.shared = false;
    this.kept = Samples.LIMIT / 2;
    for (let i = 0; i < this.kept; i++) this.values[i] = before[2 * i] as number;
    this.stride *= 2;
  }

  /** 0 for all when there was none. Exact up to LIMIT values, of an even sample of them beyond; `max` is always exact. */
  summary(): Spread {
    const sorted = this.values.slice(0, this.kept).sort();
    const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
    return { p50: at(0.5), p99: at(0.99), max: this.greatest };
  }

  snapshot(): SamplesState {
    // Values are only ever appended, and thinning then makes a new array: memory can be shared by hundreds of checkpoints.
    this.shared = true;
    const { seen, stride, greatest } = this;
    return { values: this.values.subarray(0, this.kept), seen, stride, greatest };
  }

  restore(state: SamplesState): void {
    this.kept = state.values.length;
    let room = FIRST;
    while (room < this.kept) room *= 2;
    this.values = new Float64Array(room);
    this.values.set(state.values);
    this.shared = false;
    this.seen = state.seen;
    this.stride = state.stride;
    this.greatest = state.greatest;
  }
}

export interface SamplesState {
  readonly values: Float64Array;
  readonly seen: number;
  readonly stride: number;
  readonly greatest: number;
}
