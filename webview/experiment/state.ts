// What an experiment's page knows, and how messages and the reader change it. Pure.
import type { ExperimentView, ToExperiment, ViewRow } from '../../src/views/experiment/protocol';

export interface Sort {
  /** -1: the names */
  readonly column: number;
  readonly descending: boolean;
}

export interface Model {
  readonly view?: ExperimentView;
  /** a run under way */
  readonly running?: Extract<ToExperiment, { readonly type: 'running' }>;
  /** why the last run has no result */
  readonly failed?: Extract<ToExperiment, { readonly type: 'failed' }>;
  /** absent: the experiment's own order */
  readonly sort?: Sort;
}

export type Action =
  | { readonly do: 'message'; readonly message: ToExperiment }
  | { readonly do: 'badMessage'; readonly error: string }
  | { readonly do: 'sort'; readonly column: number };

export function update(model: Model, action: Action): Model {
  switch (action.do) {
    case 'message':
      return received(model, action.message);
    case 'badMessage':
      return { ...model, running: undefined, failed: { type: 'failed', file: '', title: '', text: action.error } };
    case 'sort':
      return { ...model, sort: nextSort(model.sort, action.column) };
  }
}

function received(model: Model, message: ToExperiment): Model {
  switch (message.type) {
    case 'running':
      return { ...model, running: message, failed: undefined };
    case 'failed':
      return { ...model, running: undefined, failed: message };
    case 'result':
      return { view: message.view, sort: model.sort };
  }
}

/** Greatest first, least first, and the experiment's own order again; names the other way round. */
function nextSort(sort: Sort | undefined, column: number): Sort | undefined {
  const first = column >= 0;
  if (sort?.column !== column) return { column, descending: first };
  return sort.descending === first ? { column, descending: !first } : undefined;
}

/** The rows as they are sorted; those without a value come last. Rows of equal values keep their order. */
export function sortedRows(rows: readonly ViewRow[], sort: Sort | undefined): readonly ViewRow[] {
  if (sort === undefined) return rows;
  const { column, descending } = sort;
  const sign = descending ? -1 : 1;
  if (column < 0) return [...rows].sort((a, b) => sign * a.name.localeCompare(b.name, 'en', { numeric: true }));
  const value = (row: ViewRow): number | null => row.cells[column]?.value ?? null;
  return [...rows].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return sign * (x - y);
  });
}
