// A tally: the value of every series at a moment, and what has summed up until then.

/** Values and sums by series. A mark's sum counts it; a level's sum is the ns for which it was not 0. */
export interface TallyState {
  readonly values: Int32Array;
  /** up to the moment of the state */
  readonly sums: Float64Array;
}

export class Tally {
  readonly values: number[] = [];
  private readonly sums: number[] = [];
  /** virtual ns up to which a level's sum is right */
  private readonly since: number[] = [];
  private readonly marks: boolean[] = [];

  /** @param isMark by series: marks count, levels stand */
  constructor(private readonly isMark: (series: number) => boolean) {}

  get length(): number {
    return this.values.length;
  }

  apply(ns: number, series: number, value: number): void {
    while (this.values.length <= series) this.add(ns);
    if (this.marks[series] === true) {
      this.sums[series] = (this.sums[series] as number) + 1;
      return;
    }
    if (this.values[series] !== 0)
      this.sums[series] = (this.sums[series] as number) + ns - (this.since[series] as number);
    this.since[series] = ns;
    this.values[series] = value;
  }

  /** What has summed up until `ns`, which is not before the last item. */
  sumAt(ns: number, series: number): number {
    const sum = this.sums[series];
    if (sum === undefined) return 0;
    return this.values[series] === 0 ? sum : sum + ns - (this.since[series] as number);
  }

  value(series: number): number {
    return this.values[series] ?? 0;
  }

  /** @param count series that exist at that moment */
  state(ns: number, count: number): TallyState {
    const values = new Int32Array(count);
    const sums = new Float64Array(count);
    for (let series = 0; series < count; series++) {
      values[series] = this.value(series);
      sums[series] = this.sumAt(ns, series);
    }
    return { values, sums };
  }

  load({ values, sums }: TallyState, ns: number): void {
    this.values.length = this.sums.length = this.since.length = this.marks.length = 0;
    for (let series = 0; series < values.length; series++) {
      this.add(ns);
      this.values[series] = values[series] as number;
      this.sums[series] = sums[series] as number;
    }
  }

  private add(ns: number): void {
    this.marks.push(this.isMark(this.values.length));
    this.values.push(0);
    this.sums.push(0);
    this.since.push(ns);
  }
}
