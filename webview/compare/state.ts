// What the compare page knows, and how messages and the reader change it. Pure.
import type {
  CompareState,
  Detail,
  Kept,
  PacketSide,
  PacketView,
  Side,
  ToCompare,
} from '../../src/views/compare/protocol';

/** ns since the packet began, the same for both runs. */
export interface Window {
  readonly fromNs: number;
  readonly toNs: number;
}

export interface Model {
  readonly state?: CompareState;
  readonly again?: Kept['again'];
  readonly packet?: PacketView;
  /** why what is shown follows nobody any more */
  readonly over?: string;
  /** what of the packet is in view; absent: all of it */
  readonly window?: Window;
  /** a closer look at a part of the packet */
  readonly detail?: Detail;
  /** the part that was asked for, until the answer comes */
  readonly asked?: Window;
  /** px in one of the plots */
  readonly pointer?: { readonly side: Side; readonly x: number; readonly y: number };
}

export type Action =
  | { readonly do: 'message'; readonly message: ToCompare }
  | { readonly do: 'badMessage'; readonly error: string }
  | { readonly do: 'asked'; readonly window: Window }
  | { readonly do: 'point'; readonly at: Model['pointer'] }
  /** < 1: closer; around a share of the window that keeps its place */
  | { readonly do: 'zoom'; readonly factor: number; readonly around?: number }
  /** by a share of the window */
  | { readonly do: 'pan'; readonly share: number }
  | { readonly do: 'whole' }
  /** shows the surroundings of where the runs part */
  | { readonly do: 'parting' };

/** ns: no window is narrower */
const NARROWEST = 20;
/** share of what lies before the parting, and of its distance in the two runs, that is shown around it */
const AROUND = 0.25;

export function modelOf(kept: Kept | undefined): Model {
  if (kept === undefined) return {};
  const { state, packet, again } = kept;
  return { state, again, ...(packet && { packet }) };
}

/** What comes back after a reload of the window; undefined while there is nothing. */
export function keptOf({ state, packet, again }: Model): Kept | undefined {
  return state && again && { version: 1, state, ...(packet && { packet }), again };
}

export function update(model: Model, action: Action): Model {
  switch (action.do) {
    case 'message':
      return received(model, action.message);
    case 'badMessage':
      return { ...model, over: action.error };
    case 'asked':
      return { ...model, asked: action.window };
    case 'point':
      return { ...model, pointer: action.at };
    case 'whole':
      return { ...model, window: undefined };
    case 'zoom': {
      const whole = wholeOf(model);
      const now = windowOf(model);
      const { around = 0.5 } = action;
      const at = now.fromNs + around * (now.toNs - now.fromNs);
      return within(model, whole, at, around, (now.toNs - now.fromNs) * action.factor);
    }
    case 'pan': {
      const { fromNs, toNs } = windowOf(model);
      const by = action.share * (toNs - fromNs);
      return within(model, wholeOf(model), fromNs + by, 0, toNs - fromNs);
    }
    case 'parting': {
      const [first, last] = partingNs(model.packet);
      if (first === undefined || last === undefined) return model;
      const room = Math.max(10 * NARROWEST, AROUND * first, AROUND * (last - first));
      return { ...model, window: { fromNs: first - room, toNs: last + room } };
    }
  }
}

function received(model: Model, message: ToCompare): Model {
  switch (message.type) {
    case 'comparison':
      return { ...model, state: message.state, again: message.again, over: undefined };
    case 'packet': {
      const other = message.packet.row !== model.packet?.row;
      const fresh = { packet: message.packet, detail: undefined, asked: undefined };
      return { ...model, ...fresh, ...(other ? { window: undefined } : {}) };
    }
    case 'detail': {
      const { type: _, ...detail } = message;
      return detail.row === model.packet?.row ? { ...model, detail, asked: undefined } : model;
    }
    case 'over':
      return { ...model, over: message.text };
  }
}

/** A window around a time, not wider than the whole and not outside of it. */
function within(model: Model, whole: Window, at: number, share: number, wanted: number): Model {
  const most = whole.toNs - whole.fromNs;
  const span = Math.min(most, Math.max(NARROWEST, wanted));
  if (span === most) return { ...model, window: undefined };
  const from = Math.min(Math.max(whole.fromNs, at - share * span), whole.toNs - span);
  return { ...model, window: { fromNs: from, toNs: from + span } };
}

const sidesOf = (packet: PacketView | undefined): readonly PacketSide[] =>
  [packet?.left, packet?.right].flatMap((side) => side ?? []);

/** All that was asked for of the packet. */
function wholeOf({ packet }: Model): Window {
  const windows = sidesOf(packet).map(({ window }) => window);
  if (windows.length === 0) return { fromNs: 0, toNs: 1 };
  return {
    fromNs: Math.min(...windows.map(({ fromNs }) => fromNs)),
    toNs: Math.max(...windows.map(({ toNs }) => toNs)),
  };
}

export const windowOf = (model: Model): Window => model.window ?? wholeOf(model);

/** The timeline that is drawn of a run: of the whole packet, or of a part that holds what is in view. */
export const timelineOf = (model: Model, side: Side): PacketSide['window'] | undefined =>
  (covers(model.detail, windowOf(model)) ? model.detail?.[side] : undefined) ?? model.packet?.[side]?.window;

const covers = (outer: Window | undefined, { fromNs, toNs }: Window): boolean =>
  outer !== undefined && outer.fromNs <= fromNs && toNs <= outer.toNs;

/** Share of the window that is asked for on each side of it, so that panning shows no gap. */
const MARGIN = 0.25;
/** A part in columns is asked for anew when the window is narrower than it by this factor. */
const CLOSER = 3;

/** What has to be asked for: the packet's many items came summed up in columns, and less of it is in view. */
export function dueLook(model: Model): Window | undefined {
  const { packet, window, detail, asked, over } = model;
  if (window === undefined || asked !== undefined || over !== undefined) return undefined;
  const inColumns = (windows: readonly (PacketSide['window'] | undefined)[]): boolean =>
    windows.some((each) => each?.content.kind === 'columns');
  if (!inColumns(sidesOf(packet).map((side) => side.window))) return undefined;
  const span = window.toNs - window.fromNs;
  const fine = detail !== undefined && !inColumns([detail.left, detail.right]);
  if (covers(detail, window) && (fine || (detail && detail.toNs - detail.fromNs < CLOSER * span))) return undefined;
  return { fromNs: Math.floor(window.fromNs - MARGIN * span), toNs: Math.ceil(window.toNs + MARGIN * span) };
}

/** When the runs part, earliest first, ns since the packet began: one a run that does something there. */
export function partingNs(packet: PacketView | undefined): readonly number[] {
  if (packet?.mark === undefined) return [];
  const { at } = packet.mark;
  const times = sidesOf(packet).flatMap(({ story }) => story[at]?.ns ?? []);
  return times.length === 1 ? [...times, ...times] : times.sort((a, b) => a - b);
}
