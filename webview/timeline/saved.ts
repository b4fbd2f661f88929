// What of the timeline survives hiding, moving and reloading the page while its run goes on: the window in view and the stops made. Pure.
import type { PanelState } from '../../src/panel/protocol';
import type { Timeline } from './state';

export interface SavedTimeline extends Pick<Timeline, 'fromNs' | 'toNs' | 'fit' | 'table' | 'stops'> {
  /** the run: its title, and how far it had come */
  readonly title: string;
  readonly furthest: number;
}

export function saveTimeline(t: Timeline, title: string): SavedTimeline {
  const { fromNs, toNs, fit, table, stops, furthest } = t;
  return { title, furthest, fromNs, toNs, fit, table, stops };
}

/** Undefined for what is none: a page may find what another version of it has left. */
export function restoreTimeline(saved: unknown): SavedTimeline | undefined {
  if (typeof saved !== 'object' || saved === null) return undefined;
  const { title, furthest, fromNs, toNs, fit, table, stops } = saved as Partial<Record<keyof SavedTimeline, unknown>>;
  const isNs = (v: unknown): v is number => typeof v === 'number' && Number.isFinite(v) && v >= 0;
  if (typeof title !== 'string' || !isNs(furthest) || !isNs(fromNs) || !isNs(toNs) || fromNs >= toNs) return undefined;
  if (!Array.isArray(stops) || !stops.every(isNs)) return undefined;
  return { title, furthest, fromNs, toNs, fit: fit === true, table: table === true, stops };
}

/** The same run, as far as can be told: its name, and it has come at least as far. */
export const isOf = ({ title, furthest }: SavedTimeline, state: PanelState): boolean =>
  title === state.title && furthest <= state.furthest;
