// One packet of both runs on one axis of time: which windows of their timelines to ask for, and both moved to the packet's beginning. Pure.
import type { Journey, TimelineQuery, TimelineWindow } from '../../machine';
import type { ComparedPacket } from './align';
import type { PacketSide } from './protocol';

/** Items of a window told one by one. */
const ITEMS = 4000;
const COLUMNS = 1000;
/** ns: no window is narrower, and as much is shown at least around the packet */
const LEAST = 2000;
/** share of the packet's time that is shown before its beginning and after its end */
const MARGIN = 0.06;

/** ns since a packet's beginning, the same for both runs. */
export interface Span {
  readonly fromNs: number;
  readonly toNs: number;
}

/** From before the packet begins until the slower run is done with it. */
export function spanOf({ left, right }: ComparedPacket): Span {
  const lasts = [left, right].map((journey) => (journey === undefined ? 0 : lastNs(journey)));
  const length = Math.max(LEAST, ...lasts);
  const margin = Math.ceil(Math.max(LEAST / 4, length * MARGIN));
  return { fromNs: -margin, toNs: length + margin };
}

function lastNs({ fromNs, doneNs = fromNs, story }: Journey): number {
  return Math.max(doneNs, story.at(-1)?.ns ?? fromNs) - fromNs;
}

/** The window of a run's timeline that has the packet; it does not begin before power-on. */
export function queryOf({ fromNs: start }: Journey, { fromNs, toNs }: Span): TimelineQuery {
  return { fromNs: Math.max(0, start + fromNs), toNs: start + toNs, columns: COLUMNS, items: ITEMS };
}

/**
 * A packet's share of a run, its times counted from the packet's beginning.
 * @param atNs where the machine stands, virtual ns since power-on
 */
export function sideOf(journey: Journey, window: TimelineWindow, atNs: number): PacketSide {
  const { fromNs, doneNs, story } = journey;
  return {
    window: sinceBegin(journey, window),
    story: story.map(({ what, ns, tick }) => ({ what, ns: ns - fromNs, tick })),
    ...(doneNs === undefined ? {} : { doneNs: doneNs - fromNs }),
    atNs: atNs - fromNs,
  };
}

/** A window of the packet's run, its times counted from the packet's beginning. */
export const sinceBegin = ({ fromNs }: Journey, window: TimelineWindow): TimelineWindow => moved(window, -fromNs);

function moved(window: TimelineWindow, by: number): TimelineWindow {
  const { content } = window;
  return {
    ...window,
    fromNs: window.fromNs + by,
    toNs: window.toNs + by,
    endNs: window.endNs + by,
    content: content.kind === 'items' ? { ...content, ns: content.ns.map((ns) => ns + by) } : content,
  };
}
