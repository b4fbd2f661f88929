// The messages between the compare tab's host side and its page, and the guards that each side checks them with.

/** One run's share of a packet. */
export interface PacketCells {
  readonly kicks: number;
  readonly kicksSuppressed: number;
  readonly exits: number;
  readonly interrupts: number;
  /** in words; `under way` while it has not ended */
  readonly latency: string;
}

export interface CompareRow {
  /** `tx 3` */
  readonly label: string;
  readonly left?: PacketCells;
  readonly right?: PacketCells;
  /** what differs, in words; empty: nothing */
  readonly difference: string;
}

export interface CompareState {
  readonly left: string;
  readonly right: string;
  readonly rows: readonly CompareRow[];
  /** index of the first row that differs */
  readonly first?: number;
  /** what the reader has to know of the table */
  readonly notes: readonly string[];
}

export type ToCompare =
  { readonly type: 'comparison'; readonly state: CompareState } | { readonly type: 'over'; readonly text: string };

export type FromCompare =
  | { readonly type: 'ready' }
  /** both sessions go to where this row's packet begins */
  | { readonly type: 'goTo'; readonly row: number }
  | { readonly type: 'showRings' }
  | { readonly type: 'runBoth' };

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function isCells(value: unknown): boolean {
  if (value === undefined) return true;
  if (!isRecord(value)) return false;
  const { kicks, kicksSuppressed, exits, interrupts, latency } = value;
  return [kicks, kicksSuppressed, exits, interrupts].every(isCount) && isText(latency);
}

const isRow = (value: unknown): boolean =>
  isRecord(value) &&
  isText(value['label']) &&
  isText(value['difference']) &&
  isCells(value['left']) &&
  isCells(value['right']);

function isState(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { left, right, rows, first, notes } = value;
  return (
    isText(left) &&
    isText(right) &&
    Array.isArray(rows) &&
    rows.every(isRow) &&
    (first === undefined || (isCount(first) && first < rows.length)) &&
    Array.isArray(notes) &&
    notes.every(isText)
  );
}

/** A message from the extension; undefined when it is none. */
export function checkToCompare(value: unknown): ToCompare | undefined {
  if (!isRecord(value)) return undefined;
  const right =
    value['type'] === 'comparison' ? isState(value['state']) : value['type'] === 'over' && isText(value['text']);
  return right ? (value as unknown as ToCompare) : undefined;
}

/** A message from the page; undefined when it is none. */
export function checkFromCompare(value: unknown): FromCompare | undefined {
  if (!isRecord(value)) return undefined;
  const { type, row } = value;
  const right = type === 'goTo' ? isCount(row) : type === 'ready' || type === 'showRings' || type === 'runBoth';
  return right ? (value as unknown as FromCompare) : undefined;
}
