// What the compare page knows, and how messages and the reader change it. Pure.
import type { CompareState, Kept, PacketSide, PacketView, Side, ToCompare } from '../../src/views/compare/protocol';

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
  /** px in one of the plots */
  readonly pointer?: { readonly side: Side; readonly x: number; readonly y: number };
}

export type Action =
  | { readonly do: 'message'; readonly message: ToCompare }
  | { readonly do: 'badMessage'; readonly error: string }
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
      return { ...model, packet: message.packet, ...(other ? { window: undefined } : {}) };
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

/** When the runs part, earliest first, ns since the packet began: one a run that does something there. */
export function partingNs(packet: PacketView | undefined): readonly number[] {
  if (packet?.mark === undefined) return [];
  const { at } = packet.mark;
  const times = sidesOf(packet).flatMap(({ story }) => story[at]?.ns ?? []);
  return times.length === 1 ? [...times, ...times] : times.sort((a, b) => a - b);
}
