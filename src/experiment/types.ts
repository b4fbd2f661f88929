// Experiment and ExperimentResult: what an experiment file says, and what running it yields. The JSON contracts, version 1.
import type { Report } from '../scenario';

/** Fields of a scenario by their paths (`traffic[0].count`), with the values that take the place of the file's. */
export type Overrides = Readonly<Record<string, unknown>>;

/** A measure of a row: the id of a column, or a dotted path into the report. */
export type Measure = string;

/** `variant`: all its rows; `variant @ point`: one of them; `* @ point`: that point of every variant. */
export type RowReference = string;

export interface Experiment {
  readonly version: 1;
  readonly name: string;
  readonly description: string;
  /** what is to be shown or refuted, in the words of its source */
  readonly claim: string;
  /** whose packets the standard columns count */
  readonly packets: 'tx' | 'rx' | 'both';
  readonly variants: readonly Variant[];
  readonly sweep?: Sweep;
  readonly columns: Readonly<Record<string, Column>>;
  readonly charts: readonly Chart[];
  readonly published: readonly Published[];
  readonly expect: readonly Expected[];
  /** what makes a quick run quick */
  readonly quick: Overrides;
}

export interface Variant {
  readonly name: string;
  /** path of a scenario file, relative to the experiment's */
  readonly scenario: string;
  readonly set: Overrides;
}

/** What every variant is run at, point by point. */
export type Sweep =
  | {
      readonly title: string;
      /** fields that take each of the values in turn */
      readonly fields: readonly string[];
      readonly values: readonly (number | string)[];
      readonly unit: Unit;
    }
  | {
      readonly title: string;
      readonly points: readonly { readonly name: string; readonly set: Overrides }[];
    };

export type Unit = '' | 'ns' | 'bytes' | '/s' | '%';

export interface Column {
  readonly title: string;
  /** paths into the report whose values are added up */
  readonly of: readonly string[];
  /** paths whose sum the other sum is divided by */
  readonly per?: readonly string[];
  readonly times: number;
  readonly unit: Unit;
  readonly hint: string;
}

export interface Chart {
  readonly title: string;
  /** absent: the sweep's values; without a sweep, a bar for each variant */
  readonly x?: Measure;
  readonly y: Measure;
  readonly xScale: 'linear' | 'log';
  readonly yScale: 'linear' | 'log';
  /** lines across the chart where a published figure falls */
  readonly marks: readonly { readonly y: number; readonly label: string }[];
}

export interface Published {
  readonly row: RowReference;
  readonly measure: Measure;
  readonly value: number;
  readonly source: string;
  /** a calibration is a figure that the model's parameters were fitted to: that it agrees shows nothing */
  readonly role: 'calibration' | 'prediction';
}

interface ExpectedBase {
  /** absent: all rows */
  readonly rows?: readonly RowReference[];
  /** apart for each variant, or for each point of the sweep; absent: over all rows together */
  readonly each?: 'variant' | 'point';
  /** why it should hold */
  readonly why: string;
  /** not looked at in a quick run */
  readonly fullOnly: boolean;
}

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

export type Expected =
  /** the rows, in the order given, have ever lesser (`>`) or greater (`<`) values */
  | (ExpectedBase & { readonly order: Measure; readonly is: '<' | '<=' | '>' | '>=' })
  /** the greatest is at most `within` percent above the least */
  | (ExpectedBase & { readonly flat: Measure; readonly within: number })
  /** one row's value divided by another's; references to several rows go pair by pair */
  | (Omit<ExpectedBase, 'rows' | 'each'> & {
      readonly ratio: Measure;
      readonly of: RowReference;
      readonly to: RowReference;
      readonly is: Comparison;
      readonly value: number;
    })
  /** each row's value compared with a number */
  | (Omit<ExpectedBase, 'each'> & { readonly value: Measure; readonly is: Comparison; readonly than: number })
  /** each row's value is at most `by` away from a number */
  | (Omit<ExpectedBase, 'each'> & { readonly near: Measure; readonly to: number; readonly by: number });

export interface ExperimentResult {
  readonly version: 1;
  readonly experiment: string;
  readonly claim: string;
  readonly size: 'full' | 'quick';
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly ResultRow[];
  readonly charts: readonly ResultChart[];
  readonly published: readonly {
    readonly row: string;
    readonly measure: string;
    readonly predicted: number | null;
    readonly published: number;
    /** predicted : published */
    readonly ratio: number | null;
    readonly role: Published['role'];
    readonly source: string;
  }[];
  readonly expectations: readonly {
    readonly what: string;
    readonly why: string;
    readonly actual: string;
    readonly ok: boolean;
  }[];
}

export interface ResultColumn {
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  readonly hint: string;
  /** a column that every experiment has */
  readonly standard: boolean;
}

export interface ResultRow {
  /** `variant` or `variant @ point` */
  readonly name: string;
  readonly variant: string;
  /** name of the sweep's point, or its value */
  readonly point?: string;
  /** the scenario file as the experiment names it */
  readonly scenario: string;
  /** by the columns' order; null where there is none (nothing to divide by, no such measure) */
  readonly values: readonly (number | null)[];
  /** null when the run failed, for the reason in `error` */
  readonly report: Report | null;
  readonly error?: string;
  /** the scenario's own promises hold, and nothing was found that it does not expect */
  readonly ok: boolean;
}

export interface ResultChart {
  readonly title: string;
  readonly kind: 'bars' | 'lines';
  readonly xTitle: string;
  readonly yTitle: string;
  readonly xUnit: Unit;
  readonly yUnit: Unit;
  readonly xScale: Chart['xScale'];
  readonly yScale: Chart['yScale'];
  /** `x` is the sweep's value; where that is no number, the point's place */
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly { readonly label: string; readonly x: number; readonly y: number }[];
  }[];
  readonly marks: Chart['marks'];
}
