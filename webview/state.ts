// The page's state: the last message, and what the reader has chosen to look at. `update` is pure; the view draws the result.
import {
  OWNERS,
  type FromPanel,
  type PanelQueue,
  type PanelState,
  type SkbBytes,
  type SlotState,
  type ToPanel,
} from '../src/panel/protocol';
import type { Owner } from '../src/virtqueue';
import { changedRows } from './changed';
import { atIndices, followRing, initialRing, reveal, type RingSlot, type RingUi, zoom } from './ring/follow';
import { descriptorRows, rowOfDescriptor } from './rows';
import { initialMemory, type Memory, type MemoryAction, receiveMemory, updateMemory } from './memory/state';
import { initialTimeline, receiveTimeline, type Timeline, type TimelineAction, updateTimeline } from './timeline/state';

/** The tables whose rows are drawn only where they are in view. */
export type GridId = 'desc' | 'avail' | 'used' | 'changes' | 'skbs' | 'events' | 'memory';

/** px; every row of every table has this height, so a row's place is its number times this */
export const ROW_HEIGHT = 18;

/** Rows each table shows without scrolling. */
export const VIEW_ROWS: Readonly<Record<GridId, number>> = {
  desc: 18,
  avail: 12,
  used: 12,
  changes: 12,
  skbs: 10,
  events: 12,
  memory: 16,
};

export type OwnerFilter = Owner | 'all' | 'busy';

export interface MenuItem {
  readonly label: string;
  readonly message: FromPanel;
}

export interface Menu {
  readonly x: number;
  readonly y: number;
  readonly title: string;
  readonly items: readonly MenuItem[];
}

/** A chain, and the skb it was chosen through. */
export interface Selection {
  readonly queue?: string;
  readonly head?: number;
  readonly skb?: number;
}

/** Where the pointer is in the drawn ring: px of the window, and the chain it is about. */
export interface Pointed extends RingSlot {
  readonly x: number;
  readonly y: number;
  readonly head?: number;
}

/** The ring as a ring, or its three parts as tables. */
export type RingView = 'circle' | 'table';

export interface Ui {
  /** name of the queue in view */
  readonly tab: string;
  /** title of the session whose queue that is */
  readonly title: string;
  readonly view: RingView;
  readonly ring: RingUi;
  readonly pointed?: Pointed;
  /** names of the fields that the clause under the pointer was derived from */
  readonly derived?: readonly string[];
  /** field of the decoded packet under the pointer or the keyboard: its place in the list */
  readonly packetField?: number;
  readonly filter: OwnerFilter;
  readonly selected?: Selection;
  readonly hover?: Selection;
  /** descriptors whose indirect table is folded out, by queue */
  readonly unfolded: Readonly<Record<string, readonly number[]>>;
  readonly showPosted: boolean;
  /** a long list of skbs is folded out */
  readonly allSkbs: boolean;
  readonly follow: boolean;
  /** row with the keyboard focus, by table */
  readonly active: Readonly<Partial<Record<GridId, number>>>;
  /** px scrolled, by table */
  readonly scroll: Readonly<Partial<Record<GridId, number>>>;
  /** tables whose `scroll` was set by the page and not by the reader: to be carried out after drawing */
  readonly scrollTo: readonly GridId[];
  readonly menu?: Menu;
}

export interface Model {
  readonly panel?: PanelState;
  /** the selected skb's bytes, as of this state or the one before it */
  readonly bytes?: SkbBytes;
  readonly running: boolean;
  /** shown instead of a state: what to do next */
  readonly empty?: string;
  /** the name of what ran last, offered to be run again while no machine runs */
  readonly again?: string;
  /** shown above the last good state */
  readonly error?: string;
  readonly ui: Ui;
  readonly timeline: Timeline;
  readonly memory: Memory;
}

export type Action =
  | { readonly do: 'message'; readonly message: ToPanel }
  | { readonly do: 'badMessage'; readonly error: string }
  | { readonly do: 'timeline'; readonly action: TimelineAction }
  | { readonly do: 'memory'; readonly action: MemoryAction }
  | { readonly do: 'tab'; readonly name: string }
  | { readonly do: 'filter'; readonly filter: OwnerFilter }
  | { readonly do: 'select'; readonly selection: Selection | undefined }
  | { readonly do: 'hover'; readonly selection: Selection | undefined }
  | { readonly do: 'fold'; readonly descriptor: number }
  | { readonly do: 'showPosted'; readonly on: boolean }
  | { readonly do: 'allSkbs'; readonly on: boolean }
  | { readonly do: 'follow'; readonly on: boolean }
  | { readonly do: 'scroll'; readonly grid: GridId; readonly top: number }
  | { readonly do: 'view'; readonly view: RingView }
  /** moves the keyboard's slot of the drawn ring, and brings it into the lens */
  | ({ readonly do: 'ringSlot' } & RingSlot)
  | { readonly do: 'ringZoom'; readonly factor: 0.5 | 2; readonly at: RingSlot }
  | { readonly do: 'derived'; readonly fields: readonly string[] | undefined }
  | { readonly do: 'packetField'; readonly field: number | undefined }
  | { readonly do: 'point'; readonly at: Pointed | undefined }
  /** moves the keyboard's row, and brings it into view */
  | { readonly do: 'active'; readonly grid: GridId; readonly row: number }
  | { readonly do: 'menu'; readonly menu: Menu | undefined };

/** What survives hiding and reloading the page. */
export type Saved = Pick<Ui, 'tab' | 'title' | 'view' | 'filter' | 'showPosted' | 'follow'>;

export const initialUi: Ui = {
  tab: '',
  title: '',
  view: 'circle',
  ring: initialRing,
  filter: 'all',
  unfolded: {},
  showPosted: false,
  allSkbs: false,
  follow: true,
  active: {},
  scroll: {},
  scrollTo: [],
};

export const initialModel: Model = {
  running: false,
  empty: 'Waiting for the extension…',
  ui: initialUi,
  timeline: initialTimeline,
  memory: initialMemory,
};

export const FILTERS: readonly OwnerFilter[] = ['all', 'busy', ...OWNERS];

/** Takes over what an earlier life of the page saved; anything that does not fit is left at its default. */
export function restore(saved: unknown): Ui {
  if (typeof saved !== 'object' || saved === null) return initialUi;
  const { tab, title, view, filter, showPosted, follow } = saved as Partial<Record<keyof Saved, unknown>>;
  return {
    ...initialUi,
    tab: typeof tab === 'string' ? tab : '',
    title: typeof title === 'string' ? title : '',
    view: view === 'table' ? 'table' : 'circle',
    filter: FILTERS.find((f) => f === filter) ?? 'all',
    showPosted: showPosted === true,
    follow: follow !== false,
  };
}

export const save = ({ tab, title, view, filter, showPosted, follow }: Ui): Saved => ({
  tab,
  title,
  view,
  filter,
  showPosted,
  follow,
});

/** The queue in view; undefined before the device has any. */
export const currentQueue = (panel: PanelState, ui: Ui): PanelQueue | undefined =>
  panel.queues.find((queue) => queue.ring.name === ui.tab) ?? panel.queues[0];

export function update(model: Model, action: Action): Model {
  if (action.do === 'message') {
    const timeline = receiveTimeline(model.timeline, action.message);
    const memory = receiveMemory(model.memory, action.message);
    return receive({ ...model, timeline, memory }, action.message);
  }
  if (action.do === 'memory') return { ...model, memory: updateMemory(model.memory, action.action) };
  if (action.do === 'timeline') return { ...model, timeline: updateTimeline(model.timeline, action.action) };
  if (action.do === 'badMessage') return { ...model, running: false, error: action.error };
  const ui = updateUi(model, action);
  if (ui === model.ui) return model;
  const { bytes } = model;
  return { ...model, ui, bytes: bytes && selectedSkb(model.panel, ui) === bytes.skb ? bytes : undefined };
}

function receive(model: Model, message: ToPanel): Model {
  switch (message.type) {
    case 'running':
      return { ...model, running: true, ui: { ...model.ui, menu: undefined } };
    case 'empty':
      return {
        running: false,
        empty: message.text,
        again: message.again,
        timeline: model.timeline,
        memory: model.memory,
        ui: { ...model.ui, hover: undefined, menu: undefined },
      };
    case 'error':
      return { ...model, running: false, error: message.text };
    case 'choices':
      return { ...model, ui: { ...restore(message.choices), scroll: model.ui.scroll } };
    case 'skbBytes':
      return isWanted(model, message.bytes) ? { ...model, bytes: message.bytes } : model;
    case 'state': {
      const settled = settle(message.state, model);
      // the first state of a session shows where both sides stand; later ones show what changed
      const ui = model.panel ? settled : showIndices(message.state, settled);
      const followed = ui.follow ? followChanges(message.state, model.panel, ui) : ui;
      const bytes = keptBytes(model, message.state, followed);
      const { timeline, memory } = model;
      return { running: false, panel: message.state, timeline, memory, ui: followed, bytes };
    }
    case 'timeline':
    case 'events':
    case 'memory':
      return model;
  }
}

/** The skb that is selected, by itself or by its chain; undefined when none is pending there. */
export function selectedSkb(panel: PanelState | undefined, { selected }: Ui): number | undefined {
  if (!panel || !selected) return undefined;
  const { skb, queue, head } = selected;
  const found = panel.skbs.find((s) => (skb === undefined ? s.queue === queue && s.head === head : s.id === skb));
  return found?.id;
}

/** An answer may come late: when another skb is selected, or the machine is elsewhere. */
function isWanted({ panel, ui }: Model, { skb, position }: SkbBytes): boolean {
  const at = panel?.position;
  return at?.tick === position.tick && at.sub === position.sub && selectedSkb(panel, ui) === skb;
}

/** What was shown stays until the answer for this place comes: it does not flicker. */
const keptBytes = ({ bytes }: Model, panel: PanelState, ui: Ui): SkbBytes | undefined =>
  bytes && selectedSkb(panel, ui) === bytes.skb ? bytes : undefined;

/** What the page asks the extension when its model has changed. */
export function questions(before: Model, after: Model): readonly FromPanel[] {
  const id = selectedSkb(after.panel, after.ui);
  if (id === undefined) return [];
  const same = before.panel === after.panel && selectedSkb(before.panel, before.ui) === id;
  return same ? [] : [{ type: 'readSkb', id }];
}

/** The choices that still make sense in a new state. */
function settle(panel: PanelState, { ui, panel: previous }: Model): Ui {
  const names = panel.queues.map((queue) => queue.ring.name);
  const begins = previous === undefined && panel.title !== ui.title;
  // the queue of the packet that a session begins with, or else the one where something happened last
  const packet = panel.skbs.findLast(({ place }) => place !== 'posted')?.direction;
  const first = begins ? (packet ?? panel.changes.at(-1)?.queue) : undefined;
  const tab = [first, ui.tab, 'tx'].find((name) => name !== undefined && names.includes(name)) ?? names[0] ?? '';
  return { ...ui, tab, title: panel.title, hover: undefined, pointed: undefined, derived: undefined, menu: undefined };
}

/** Brings what has just changed into view. */
function followChanges(panel: PanelState, previous: PanelState | undefined, ui: Ui): Ui {
  const queue = currentQueue(panel, ui);
  if (!queue) return ui;
  const before = previous?.queues.find((q) => q.ring.name === queue.ring.name);
  const rows = changedRows(panel, queue.ring.name);
  const descRow = rows.desc === undefined ? undefined : rowOfDescriptor(listed(queue, ui), rows.desc);
  let next = show({ ...ui, ring: followRing(ui.ring, panel, queue, before) }, 'changes', 0);
  next = descRow === undefined ? next : show(next, 'desc', descRow);
  next = rows.avail === undefined ? next : show(next, 'avail', rows.avail);
  return rows.used === undefined ? next : show(next, 'used', rows.used);
}

/** Brings the newest entries of both rings into view: those before the slots that the indices name, or, without any, those slots. */
function showIndices(panel: PanelState, ui: Ui): Ui {
  const queue = currentQueue(panel, ui);
  if (!queue || queue.ring.avail.ring.length === 0) return ui;
  const { avail, used } = queue.ring;
  const newest = (idx: number, slots: readonly SlotState[]): number => {
    const last = ((idx - 1) & 0xffff) % slots.length;
    return slots[last] === 'stale' ? idx % slots.length : last;
  };
  const opened: Ui = { ...ui, ring: atIndices(ui.ring, queue) };
  const next = show(opened, 'avail', newest(avail.idx, queue.availSlots));
  return show(next, 'used', newest(used.idx, queue.usedSlots));
}

const listed = (queue: PanelQueue, ui: Ui): ReturnType<typeof descriptorRows> =>
  descriptorRows(queue, ui.filter, ui.unfolded[queue.ring.name] ?? []);

/** Scrolls a table so that the row is in view, and not at all when it already is. */
function show(ui: Ui, grid: GridId, row: number): Ui {
  const view = VIEW_ROWS[grid] * ROW_HEIGHT;
  const top = ui.scroll[grid] ?? 0;
  const at = row * ROW_HEIGHT;
  if (at >= top && at + ROW_HEIGHT <= top + view) return ui;
  const target = at < top ? Math.max(0, at - ROW_HEIGHT) : at - view + 2 * ROW_HEIGHT;
  return { ...ui, scroll: { ...ui.scroll, [grid]: target }, scrollTo: [...ui.scrollTo, grid] };
}

function updateUi(
  { panel, ui }: Model,
  action: Exclude<Action, { do: 'message' | 'badMessage' | 'timeline' | 'memory' }>,
): Ui {
  switch (action.do) {
    case 'tab':
      return action.name === ui.tab ? ui : openTab(panel, ui, action.name);
    case 'filter':
      return { ...ui, filter: action.filter, active: {}, scroll: { ...ui.scroll, desc: 0 }, scrollTo: ['desc'] };
    case 'select':
      return select(panel, ui, action.selection);
    case 'hover':
      return sameSelection(ui.hover, action.selection) ? ui : { ...ui, hover: action.selection };
    case 'fold': {
      const open = ui.unfolded[ui.tab] ?? [];
      const { descriptor } = action;
      const next = open.includes(descriptor) ? open.filter((d) => d !== descriptor) : [...open, descriptor];
      return { ...ui, unfolded: { ...ui.unfolded, [ui.tab]: next } };
    }
    case 'showPosted':
      return { ...ui, showPosted: action.on, active: { ...ui.active, skbs: undefined } };
    case 'allSkbs':
      return { ...ui, allSkbs: action.on, active: { ...ui.active, skbs: undefined } };
    case 'follow':
      return { ...ui, follow: action.on };
    case 'scroll':
      return ui.scroll[action.grid] === action.top
        ? ui
        : { ...ui, scroll: { ...ui.scroll, [action.grid]: action.top } };
    case 'active':
      return show({ ...ui, active: { ...ui.active, [action.grid]: action.row } }, action.grid, action.row);
    case 'menu':
      return { ...ui, menu: action.menu };
    case 'view':
      // the tables are new on the page: what was brought into view while they were not there is now
      return { ...ui, view: action.view, hover: undefined, pointed: undefined, scrollTo: ['desc', 'avail', 'used'] };
    case 'ringSlot': {
      const { track, slot } = action;
      const at: RingSlot = { track, slot };
      return { ...ui, ring: reveal({ ...ui.ring, active: at }, ringSize(panel, ui), at) };
    }
    case 'ringZoom':
      return { ...ui, ring: zoom(ui.ring, ringSize(panel, ui), action.factor, action.at) };
    case 'derived':
      return ui.derived === action.fields ? ui : { ...ui, derived: action.fields };
    case 'packetField':
      return ui.packetField === action.field ? ui : { ...ui, packetField: action.field };
    case 'point':
      return point(ui, action.at);
  }
}

const ringSize = (panel: PanelState | undefined, ui: Ui): number =>
  (panel && currentQueue(panel, ui)?.ring.avail.ring.length) ?? 0;

/** The slot under the pointer, and with it the chain that lights up everywhere. */
function point(ui: Ui, at: Pointed | undefined): Ui {
  if (!at) return ui.pointed || ui.hover ? { ...ui, pointed: undefined, hover: undefined } : ui;
  const hover: Selection | undefined = at.head === undefined ? undefined : { queue: ui.tab, head: at.head };
  return { ...ui, pointed: at, hover: sameSelection(ui.hover, hover) ? ui.hover : hover };
}

function openTab(panel: PanelState | undefined, ui: Ui, tab: string): Ui {
  const { changes, skbs } = ui.scroll;
  const fresh: Ui = { ...ui, tab, active: {}, scroll: { changes, skbs }, scrollTo: ['desc', 'avail', 'used'] };
  return panel ? showIndices(panel, fresh) : fresh;
}

export const sameSelection = (a: Selection | undefined, b: Selection | undefined): boolean =>
  a === b || (a?.queue === b?.queue && a?.head === b?.head && a?.skb === b?.skb);

/** Selecting again clears. A chain of another queue brings that queue into view. */
function select(panel: PanelState | undefined, ui: Ui, selection: Selection | undefined): Ui {
  if (!selection || sameSelection(ui.selected, selection)) return { ...ui, selected: undefined };
  let next: Ui = { ...ui, selected: selection };
  const queue = panel?.queues.find((q) => q.ring.name === selection.queue);
  if (!queue || selection.head === undefined) return next;
  if (queue.ring.name !== ui.tab) next = openTab(panel, next, queue.ring.name);
  next = { ...next, ring: revealChain(next.ring, queue, selection.head) };
  const row = rowOfDescriptor(listed(queue, next), selection.head);
  return row === undefined ? next : show(next, 'desc', row);
}

/** The chain's head, and the slot of a ring that names it now. */
function revealChain(ring: RingUi, queue: PanelQueue, head: number): RingUi {
  const { avail, used } = queue.ring;
  const size = avail.ring.length;
  const next = head < size ? reveal(ring, size, { track: 'desc', slot: head }) : ring;
  const inAvail = queue.availSlots.findIndex((state, slot) => state !== 'stale' && avail.ring[slot] === head);
  const inUsed = queue.usedSlots.findIndex((state, slot) => state !== 'stale' && used.ring[slot]?.id === head);
  const slot = inUsed >= 0 ? inUsed : inAvail;
  return slot < 0 ? next : reveal(next, size, { track: inUsed >= 0 ? 'used' : 'avail', slot });
}
