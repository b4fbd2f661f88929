// The timeline's state in the page: the window in view, what is known of it, where the reader points and drags. Pure.
import {
  MOVED,
  type FromPanel,
  type PanelEvent,
  type PanelState,
  type TimelineWindow,
  type ToPanel,
  type WindowName,
} from '../../src/panel/protocol';
import { isOf, type SavedTimeline } from './saved';

export interface Timeline {
  /** the window in view, virtual ns */
  readonly fromNs: number;
  readonly toNs: number;
  /** the whole run is in view, and stays so as it grows */
  readonly fit: boolean;
  /** where the machine stands */
  readonly atNs: number;
  /** furthest tick of the run; -1 before the first stop */
  readonly furthest: number;
  /** how often the run has become another one: its recorded future was dropped, or it was started anew */
  readonly epoch: number;
  readonly view?: TimelineWindow;
  readonly overview?: TimelineWindow;
  /** looks taken at a run under way: it is longer each time */
  readonly looks: number;
  /** what was asked last and what the answers are to, by window */
  readonly asked: Readonly<Partial<Record<WindowName, string>>>;
  readonly answered: Readonly<Partial<Record<WindowName, string>>>;
  /** where the reader has dragged the playhead to: the machine follows */
  readonly scrub?: { readonly ns: number; readonly dragging: boolean };
  /** px in the plot */
  readonly pointer?: { readonly x: number; readonly y: number };
  /** virtual ns of the stops made, in order; not of places that were only gone to */
  readonly stops: readonly number[];
  /** events that were asked for in full, by number */
  readonly events: ReadonlyMap<number, PanelEvent>;
  /** number of the event asked for last */
  readonly wanted?: number;
  /** the window's items as a table, too */
  readonly table: boolean;
  /** what an earlier life of the page has left, for the first state of that run */
  readonly saved?: SavedTimeline;
}

export type TimelineAction =
  | { readonly do: 'window'; readonly fromNs: number; readonly toNs: number }
  /** < 1: closer; around a time that keeps its place */
  | { readonly do: 'zoom'; readonly aroundNs: number; readonly factor: number }
  /** by a share of the window */
  | { readonly do: 'pan'; readonly share: number }
  | { readonly do: 'fit' }
  | { readonly do: 'scrub'; readonly ns: number; readonly dragging: boolean }
  | { readonly do: 'point'; readonly at: { readonly x: number; readonly y: number } | undefined }
  | { readonly do: 'asked'; readonly name: WindowName; readonly key: string }
  | { readonly do: 'wanted'; readonly seq: number }
  /** the machine runs on: what is the end now? */
  | { readonly do: 'look' }
  | { readonly do: 'table' };

/** ns: a window of this width shows single lines */
const NARROWEST = 20;
/** ns: the first window, about two rounds of QEMU's transmit timer */
const FIRST = 320_000;
const STOPS = 500;
const EVENTS = 2000;
/** Items of a window told one by one; more are summed up. */
const ITEMS = 3000;
/** The page asks for more than is in view, so that panning shows no gap: this share of the window on each side. */
const MARGIN = 0.25;

export const initialTimeline: Timeline = {
  fromNs: 0,
  toNs: FIRST,
  fit: false,
  atNs: 0,
  furthest: -1,
  epoch: 0,
  looks: 0,
  asked: {},
  answered: {},
  stops: [],
  events: new Map(),
  table: false,
};

/** How far the run is recorded, as far as is known. */
export const endOf = (t: Pick<Timeline, 'atNs' | 'view' | 'overview'>): number =>
  Math.max(t.atNs, t.view?.endNs ?? 0, t.overview?.endNs ?? 0);

export function receiveTimeline(t: Timeline, message: ToPanel): Timeline {
  switch (message.type) {
    case 'state':
      return arrive(t, message.state);
    case 'empty':
      return { ...initialTimeline, table: t.table };
    case 'timeline': {
      const { name, window } = message;
      const answered = { ...t.answered, [name]: t.asked[name] };
      const next: Timeline = { ...t, [name]: window, answered, asked: { ...t.asked, [name]: undefined } };
      return t.fit ? fitted(next) : next;
    }
    case 'events': {
      const events = new Map(t.events.size > EVENTS ? [] : t.events);
      for (const event of message.events) events.set(event.seq, event);
      return { ...t, events, wanted: undefined };
    }
    default:
      return t;
  }
}

function arrive(found: Timeline, state: PanelState): Timeline {
  const { timeNs, furthest, reason } = state;
  const fresh = found.furthest < 0;
  const { saved, ...rest } = found;
  const resumed = fresh && saved !== undefined && isOf(saved, state) ? saved : undefined;
  const before: Timeline = resumed ? { ...rest, ...resumed } : rest;
  const t = furthest < before.furthest ? another(before, timeNs) : before;
  const known = t.stops.filter((ns) => ns !== timeNs).slice(-STOPS);
  const next: Timeline = {
    ...t,
    atNs: timeNs,
    furthest,
    stops: reason === MOVED ? t.stops : [...known, timeNs].sort((a, b) => a - b),
    scrub: t.scrub?.dragging === true ? t.scrub : undefined,
  };
  if (t.fit) return fitted(next);
  if (resumed) return next;
  if (fresh) return moved(next, timeNs - 0.3 * FIRST, FIRST);
  const span = t.toNs - t.fromNs;
  const inView = timeNs >= t.fromNs && timeNs <= t.toNs - 0.02 * span;
  if (inView || next.scrub !== undefined) return next;
  return moved(next, timeNs - (timeNs > t.toNs - 0.02 * span ? 0.7 : 0.3) * span, span);
}

/** What was recorded beyond `ns` is no more. */
const another = (t: Timeline, ns: number): Timeline => ({
  ...t,
  epoch: t.epoch + 1,
  asked: {},
  view: undefined,
  overview: undefined,
  events: new Map(),
  stops: t.stops.filter((stop) => stop <= ns),
});

export function updateTimeline(t: Timeline, action: TimelineAction): Timeline {
  const span = t.toNs - t.fromNs;
  switch (action.do) {
    case 'window':
      return moved(t, action.fromNs, action.toNs - action.fromNs);
    case 'zoom': {
      const to = Math.min(Math.max(span * action.factor, NARROWEST), 1.2 * Math.max(endOf(t), FIRST));
      const share = (action.aroundNs - t.fromNs) / span;
      return to === span ? t : moved(t, action.aroundNs - share * to, to);
    }
    case 'pan':
      return moved(t, t.fromNs + action.share * span, span);
    case 'fit':
      return t.fit ? moved({ ...t, fit: false }, t.atNs - 0.5 * FIRST, FIRST) : fitted({ ...t, fit: true });
    case 'scrub':
      return { ...t, scrub: { ns: Math.max(0, Math.min(action.ns, endOf(t))), dragging: action.dragging } };
    case 'point':
      return { ...t, pointer: action.at };
    case 'asked':
      return { ...t, asked: { ...t.asked, [action.name]: action.key } };
    case 'wanted':
      return { ...t, wanted: action.seq };
    case 'look':
      return look(t);
    case 'table':
      return { ...t, table: !t.table };
  }
}

/** Asks again, and keeps the end in view if it was. */
function look(t: Timeline): Timeline {
  const next: Timeline = { ...t, looks: t.looks + 1 };
  if (t.fit) return fitted(next);
  const span = t.toNs - t.fromNs;
  return endOf(t) > t.toNs ? moved(next, endOf(t) - 0.9 * span, span) : next;
}

/** Another window of the run; it does not leave it. */
function moved(t: Timeline, fromNs: number, span: number): Timeline {
  const from = Math.max(0, Math.min(fromNs, endOf(t) - 0.1 * span));
  return { ...t, fit: false, fromNs: from, toNs: from + span };
}

const fitted = (t: Timeline): Timeline => ({ ...t, fromNs: 0, toNs: 1.02 * Math.max(endOf(t), 1000) });

/**
 * What the page has to ask for now, one question a window at a time, and the names of the questions.
 * @param width px of the plot
 */
export function dueQuestions(
  t: Timeline,
  width: number,
): readonly { readonly key: string; readonly message: Question }[] {
  if (t.furthest < 0 || width <= 0) return [];
  const span = t.toNs - t.fromNs;
  const fromNs = Math.max(0, Math.floor(t.fromNs - MARGIN * span));
  const view = { fromNs, toNs: Math.ceil(t.toNs + MARGIN * span) };
  const end = Math.ceil(endOf(t)) + 1;
  return [
    ...question(t, 'view', `${t.furthest}/${t.looks}`, {
      ...view,
      columns: columnsOf(((view.toNs - view.fromNs) / span) * width),
      items: ITEMS,
    }),
    // of the whole run only when it has grown by a pixel: a step adds nothing that could be seen
    ...question(t, 'overview', `${Math.floor(Math.log(end) * width)}`, {
      fromNs: 0,
      toNs: end,
      columns: columnsOf(width),
      items: 0,
    }),
  ];
}

type Question = Extract<FromPanel, { type: 'timeline' }>;

const columnsOf = (width: number): number => Math.max(1, Math.min(4096, Math.floor(width / 2)));

function question(
  t: Timeline,
  name: WindowName,
  of: string,
  query: Question['query'],
): { key: string; message: Question }[] {
  const range = name === 'overview' ? '' : `${query.fromNs}/${query.toNs}`;
  const key = `${t.epoch}/${of}/${range}/${query.columns}`;
  if (t.asked[name] !== undefined || t.answered[name] === key) return [];
  return [{ key, message: { type: 'timeline', name, query } }];
}
