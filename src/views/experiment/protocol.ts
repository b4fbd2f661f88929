// The messages between an experiment's tab and its page. JSON only.
import type { ResultChart, ShownResult } from '../../experiment';

// The page imports this file alone: the guards of the messages come with them.
export { checkFromExperiment, checkToExperiment, checkView, type Checked } from './validate';

/** A result as the page shows it. */
export interface ExperimentView extends Omit<ShownResult, 'rows'> {
  readonly version: 1;
  /** absolute path of the experiment's file */
  readonly file: string;
  readonly description: string;
  readonly passed: boolean;
  readonly rows: readonly ViewRow[];
  readonly charts: readonly ResultChart[];
}

export type ViewRow = ShownResult['rows'][number] & {
  /** what failed in it, and what was found */
  readonly problems: readonly string[];
};

export type ToExperiment =
  | { readonly type: 'result'; readonly view: ExperimentView }
  | {
      readonly type: 'running';
      readonly file: string;
      readonly title: string;
      readonly done: number;
      readonly total: number;
      readonly row: string;
    }
  | { readonly type: 'failed'; readonly file: string; readonly title: string; readonly text: string };

export type FromExperiment =
  | { readonly type: 'ready' }
  | { readonly type: 'runAgain' }
  | { readonly type: 'cancel' }
  | { readonly type: 'copyMarkdown' }
  | { readonly type: 'openFile' }
  /** the scenario of a row: open its file, debug it, or run it to its end */
  | { readonly type: 'row'; readonly act: 'open' | 'debug' | 'run'; readonly name: string };
