// The ring as a ring: used and avail by slot, descriptors by number, both sides' indices as hands, the selected chain drawn through.
import { html, nothing, svg, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import { repeat } from 'lit/directives/repeat.js';
import type { PanelQueue, PanelState, SlotState } from '../../src/panel/protocol';
import type { Author } from '../../src/virtqueue';
import { changeKey } from '../change-keys';
import { changedFields } from '../changed';
import type { Highlight } from '../chain';
import { AUTHOR_CLASS, grouped } from '../format';
import { handsOf, type Track } from '../hands';
import { type Arc, type Cell, trackArcs, type TrackArcs } from '../ring/arcs';
import { chainPaths } from '../ring/chain-paths';
import { type RingSlot, spanOf } from '../ring/follow';
import { placeHands, type PlacedHand } from '../ring/labels';
import { angleOf, EVEN, makeScale, type Scale } from '../ring/scale';
import { CX, CY, HEIGHT, RIM, sector, slotUnder, spoke, TRACKS, WIDTH } from '../ring/shapes';
import { slotTexts } from '../ring/texts';
import { headAt, slotActions, slotLine, slotName, statesOf } from '../slots';
import type { Ui } from '../state';
import { inFlight } from './header';
import { HATCH } from './hatch';
import { openMenu, type View } from './view';

const ALL_TRACKS: readonly Track[] = ['used', 'avail', 'desc'];

type Scales = Readonly<Record<Track, Scale>>;

export function scalesOf(queue: PanelQueue, { ring }: Ui): Scales {
  const size = queue.ring.avail.ring.length;
  const span = spanOf(ring, size);
  const rings = makeScale(size, { center: ring.center.rings, span });
  return { used: rings, avail: rings, desc: makeScale(size, { center: ring.center.desc, span }) };
}

export function circle(view: View, queue: PanelQueue, lit: Highlight): TemplateResult {
  const { panel, ui } = view;
  const scales = scalesOf(queue, ui);
  const size = scales.desc.size;
  const name = queue.ring.name;
  return html`<div
    class="circle"
    id="circle"
    role="listbox"
    tabindex="0"
    aria-label=${`Ring of ${name}, ${grouped(size)} entries: arrow keys go from slot to slot and from track to track`}
    aria-activedescendant="circle-slot"
    @keydown=${(event: KeyboardEvent) => keydown(view, queue, event)}
    @mousemove=${(event: MouseEvent) => hover(view, queue, scales, event)}
    @mouseleave=${() => view.act({ do: 'point', at: undefined })}
    @click=${(event: MouseEvent) => click(view, queue, scales, event)}
    @contextmenu=${(event: MouseEvent) => contextMenu(view, queue, scales, event)}
    @wheel=${(event: WheelEvent) => wheel(view, queue, scales, event)}
  >
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="presentation">
      ${ALL_TRACKS.map((track) => trackOf(queue, track, scales[track]))} ${frame(scales)}
      ${changedMarks(panel, queue, scales)} ${highlighted(queue, lit, scales)}
      ${handMarks(placeHands(handsOf(queue, panel.physOffset), scales.avail), ui.derived)} ${middle(queue)}
      ${activeSlot(queue, ui, scales)}
    </svg>
  </div>`;
}

const drawn = new WeakMap<readonly SlotState[], { readonly scale: string; readonly arcs: TrackArcs }>();

/** Remembered by state: a hover draws the same track again. */
function arcsOf(queue: PanelQueue, track: Track, scale: Scale): TrackArcs {
  const states = statesOf(queue, track);
  const key = JSON.stringify(scale.pieces);
  const known = drawn.get(states);
  if (known?.scale === key) return known.arcs;
  const arcs = trackArcs(scale, states);
  drawn.set(states, { scale: key, arcs });
  return arcs;
}

/** A track: one path for each state, so that a ring of 32768 is as many elements as one of 16. */
function trackOf(queue: PanelQueue, track: Track, scale: Scale): TemplateResult {
  const { cells, arcs } = arcsOf(queue, track, scale);
  const [inner, outer] = TRACKS[track];
  const depth = outer - inner;
  const parts = new Map<string, string[]>();
  const add = (key: string, d: string): void => {
    const list = parts.get(key);
    if (list) list.push(d);
    else parts.set(key, [d]);
  };
  const ofCell = ({ state, start, end }: Cell): void => add(`cell ${state}`, sector(inner, outer, start, end));
  const ofArc = ({ state, start, end, inner: from, outer: to }: Arc): void =>
    add(`arc ${state}`, sector(inner + from * depth, inner + to * depth, start, end));
  cells.forEach(ofCell);
  arcs.forEach(ofArc);
  return svg`<g class="track">
    ${repeat(
      parts,
      ([key]) => key,
      ([key, list]) => {
        const state = key.slice(key.indexOf(' ') + 1) as SlotState;
        return svg`<path class="slot ${key}" fill=${HATCH[state] ?? nothing} d=${list.join('')} />`;
      },
    )}
    ${repeat(
      slotTexts(queue, track, cells),
      ({ key }) => key,
      ({ x, y, turn, text, kind, small }) =>
        svg`<text class="slot-text ${kind} ${small ? 'small' : ''}" x=${x} y=${y} transform=${
          turn === 0 ? nothing : `rotate(${turn} ${x} ${y})`
        }>${text}</text>`,
    )}
  </g>`;
}

/** Names of the tracks and the wrap at the top, and where the lens ends. */
function frame({ avail, desc }: Scales): TemplateResult {
  const last = avail.size - 1;
  const edges = [
    ...lensEdges(avail).map((angle) => spoke(TRACKS.avail[0] - 3, TRACKS.used[1] + 4, angle)),
    ...lensEdges(desc).map((angle) => spoke(TRACKS.desc[0] - 4, TRACKS.desc[1] + 3, angle)),
  ];
  return svg`<g class="frame">
    ${ALL_TRACKS.map((track) => {
      const [inner, outer] = TRACKS[track];
      return svg`<text x=${CX} y=${CY - (inner + outer) / 2 + 3.5}>${track}</text>`;
    })}
    <text class="wrap" x=${CX} y=${CY - 153}>wrap ${last} → 0</text>
    <path class="wrap" d="M${CX - 15} ${CY - 146}h28m-5 -3.5l5 3.5l-5 3.5" />
    ${edges.length > 0 ? svg`<path class="lens" d=${edges.join('')} />` : nothing}
  </g>`;
}

const lensEdges = ({ pieces }: Scale): readonly number[] => pieces.slice(1).map(({ start }) => start);

/** Slots that a change names, in the hue of who wrote them last; flashing once, since a new stop is a new element. */
function changedMarks(panel: PanelState, queue: PanelQueue, scales: Scales): unknown {
  const parts = new Map<Author, string[]>();
  const marks = new Map<Author, string[]>();
  for (const [field, author] of changedFields(panel, queue.ring.name)) {
    const at = slotOf(field);
    if (!at || at.slot >= scales.desc.size) continue;
    const [inner, outer] = TRACKS[at.track];
    const [start, end] = extent(scales[at.track], at.slot);
    parts.set(author, [...(parts.get(author) ?? []), sector(inner, outer, start, end)]);
    marks.set(author, [...(marks.get(author) ?? []), sector(inner, inner + 3, start, end)]);
  }
  const { tick, sub } = panel.position;
  const paths = (of: ReadonlyMap<Author, readonly string[]>, kind: string): TemplateResult[] =>
    [...of].map(([author, d]) => svg`<path class="${kind} ${AUTHOR_CLASS[author]}" d=${d.join('')} />`);
  return svg`<g class="changed">${paths(marks, 'written')}</g>
    ${keyed(`${queue.ring.name} ${tick}.${sub}`, svg`<g class="changed">${paths(parts, 'flash')}</g>`)}`;
}

/** The slot a field is, or is part of: `desc[7]`, `used.ring[3]`; undefined for other fields and for the parts of a slot. */
function slotOf(field: string): RingSlot | undefined {
  const match = /^(desc|avail\.ring|used\.ring)\[(\d+)\]$/.exec(field);
  if (!match) return undefined;
  const track = match[1] === 'desc' ? 'desc' : match[1] === 'avail.ring' ? 'avail' : 'used';
  return { track, slot: Number(match[2]) };
}

/** least degrees of a mark */
const LEAST = 0.9;

function extent(scale: Scale, slot: number): readonly [start: number, end: number] {
  const start = angleOf(scale, slot);
  return [start, Math.max(start + LEAST, angleOf(scale, slot + 1 - 1e-6))];
}

/** What the pointer or the selection is about, in all tracks, and the way from the avail entry along the chain. */
function highlighted(queue: PanelQueue, lit: Highlight, scales: Scales): TemplateResult | typeof nothing {
  if (lit.head === undefined) return nothing;
  const outline = (track: Track, slots: ReadonlySet<number>): string =>
    [...slots]
      .filter((slot) => slot < scales[track].size)
      .map((slot) => sector(...TRACKS[track], ...extent(scales[track], slot)))
      .join('');
  const d = outline('avail', lit.availSlots) + outline('used', lit.usedSlots) + outline('desc', lit.descriptors);
  return svg`<g class="lit-chain">
    <path class="outline" d=${d} />
    ${chainPaths(queue, lit, scales).map((path) => svg`<path class="link" marker-end="url(#arrow)" d=${path} />`)}
  </g>`;
}

type HandLabel = NonNullable<PlacedHand['label']>;

const AUTHOR_MARK = { driver: 'M0 -5 4.5 4h-9z', device: 'M0 -5 5 0 0 5 -5 0z' } as const;

/** A hand stands on the leading edge of the slot its index names and reaches to its own track. */
function handMarks(hands: readonly PlacedHand[], derived: Ui['derived']): TemplateResult {
  // leaders first: one that passes a name passes behind it
  const leaders = hands.map(({ angle, label }) => (label ? leaderTo(label, angle) : nothing));
  return svg`<g class="hands">${leaders}${hands.map(({ hand, angle, inner, label }) => {
    const side = AUTHOR_CLASS[hand.author];
    const from = hand.event ? RIM - 8 : inner;
    const turn = hand.author === 'driver' ? angle + 180 : angle;
    return svg`<g class="hand-on-ring ${side} ${hand.private ? 'own-index' : ''} ${hand.event ? 'event' : ''} ${
      derived?.includes(hand.name) ? 'derived' : ''
    }">
      <title>${hand.name} = ${hand.value}: ${hand.title}</title>
      <path class="under" d=${spoke(from, RIM, angle)} /><path class="hand-line" d=${spoke(from, RIM, angle)} />
      <path class="hand-mark" d=${AUTHOR_MARK[hand.author]} transform="rotate(${angle} ${CX} ${CY}) translate(${CX} ${CY - RIM}) rotate(${turn - angle})" />
      ${label ? handLabel(hand.name, hand.value, side, hand.author, label) : nothing}
    </g>`;
  })}</g>`;
}

function leaderTo({ leader }: HandLabel, angle: number): TemplateResult {
  const tip = spoke(RIM + 6, RIM + 6, angle).split('L')[0] ?? '';
  return svg`<path class="leader" d="${tip}L${leader[0].toFixed(1)} ${leader[1].toFixed(1)}" />`;
}

function handLabel(
  name: string,
  value: number,
  side: string,
  author: 'driver' | 'device',
  { x, y, anchor }: HandLabel,
): TemplateResult {
  const out = anchor === 'start' ? 1 : -1;
  return svg`<path class="hand-mark ${side}" d=${AUTHOR_MARK[author]} transform="translate(${x + out * 5} ${y - 4}) scale(0.85)" />
    <text class="hand-name" x=${x + out * 13} y=${y} text-anchor=${anchor}>${name} <tspan class="value">${value}</tspan></text>`;
}

function middle(queue: PanelQueue): TemplateResult {
  const { avail, progress, layout } = queue.ring;
  const flight = inFlight(queue);
  const held = progress.lastUsedIdx === undefined ? flight : (avail.idx - progress.lastUsedIdx) & 0xffff;
  return svg`<g class="middle">
    <title>avail.idx − ${progress.lastUsedIdx === undefined ? 'used.idx' : 'last_used_idx'}: exposed by the driver and not ${
      progress.lastUsedIdx === undefined ? 'used by the device' : 'reclaimed yet'
    }</title>
    <text class="number ${held > 9999 ? 'long' : ''}" x=${CX} y=${CY + 3}>${grouped(held)}</text>
    <text x=${CX} y=${CY + 17}>${progress.lastUsedIdx === undefined ? 'with the device' : 'outstanding'}</text>
    ${progress.numFree === undefined ? nothing : freeOf(progress.numFree, layout.size)}
  </g>`;
}

/** In two lines where one would reach into the ring. */
function freeOf(free: number, size: number): TemplateResult {
  if (size <= 9999) return svg`<text class="free" x=${CX} y=${CY + 29}>${grouped(free)}/${grouped(size)} free</text>`;
  return svg`<text class="free" x=${CX} y=${CY + 28}>${grouped(free)} of<tspan x=${CX} dy="11">${grouped(size)} free</tspan></text>`;
}

/** The keyboard's slot: the one option of the list box, outlined while the ring has the focus. */
function activeSlot(queue: PanelQueue, ui: Ui, scales: Scales): TemplateResult {
  const { track, slot } = ui.ring.active;
  const size = scales[track].size;
  const at = { track, slot: Math.min(slot, size - 1) };
  const head = headAt(queue, at);
  const selected = ui.selected?.queue === queue.ring.name && head !== undefined && ui.selected.head === head;
  return svg`<g
    id="circle-slot"
    class="active-slot"
    role="option"
    aria-selected=${selected ? 'true' : 'false'}
    aria-setsize=${size}
    aria-posinset=${at.slot + 1}
    aria-label=${slotLine(queue, at)}
  ><path d=${sector(TRACKS[track][0] - 1, TRACKS[track][1] + 1, ...extent(scales[track], at.slot))} /></g>`;
}

/** Where in the drawing the pointer is: the drawing is scaled to the width there is. */
function under(scales: Scales, event: MouseEvent): RingSlot | undefined {
  const box = (event.currentTarget as Element).querySelector('svg')?.getBoundingClientRect();
  if (!box || box.width === 0) return undefined;
  const scale = Math.min(box.width / WIDTH, box.height / HEIGHT);
  const x = (event.clientX - box.left - (box.width - WIDTH * scale) / 2) / scale;
  const y = (event.clientY - box.top - (box.height - HEIGHT * scale) / 2) / scale;
  return slotUnder(scales, x, y);
}

function hover({ act }: View, queue: PanelQueue, scales: Scales, event: MouseEvent): void {
  const at = under(scales, event);
  act({ do: 'point', at: at && { ...at, x: event.clientX, y: event.clientY, head: headAt(queue, at) } });
}

function click({ act }: View, queue: PanelQueue, scales: Scales, event: MouseEvent): void {
  const at = under(scales, event);
  if (!at) return;
  act({ do: 'ringSlot', ...at });
  choose(act, queue, at);
}

function choose(act: View['act'], queue: PanelQueue, at: RingSlot): void {
  const head = headAt(queue, at);
  if (head !== undefined) act({ do: 'select', selection: { queue: queue.ring.name, head } });
}

function contextMenu(view: View, queue: PanelQueue, scales: Scales, event: MouseEvent): void {
  const at = under(scales, event);
  if (!at) return;
  view.act({ do: 'ringSlot', ...at });
  openMenu(view, event, slotName(at), slotActions(view.panel, queue, at));
}

/** The page scrolls with the wheel: the ring takes it with Ctrl (a pinch of the touch pad says that too), or with the focus. */
function wheel({ act }: View, queue: PanelQueue, scales: Scales, event: WheelEvent): void {
  if (queue.ring.avail.ring.length <= EVEN) return;
  if (!event.ctrlKey && document.activeElement !== event.currentTarget) return;
  event.preventDefault();
  const at = under(scales, event);
  if (at && event.deltaY !== 0) act({ do: 'ringZoom', factor: event.deltaY < 0 ? 0.5 : 2, at });
}

function keydown(view: View, queue: PanelQueue, event: KeyboardEvent): void {
  const { act } = view;
  const ui = view.latest();
  const { active } = ui.ring;
  const size = queue.ring.avail.ring.length;
  const to = moved(event.key, active, size);
  if (to) act({ do: 'ringSlot', ...to });
  else if (event.key === 'Enter' || event.key === ' ') choose(act, queue, active);
  else if (event.key === 'ContextMenu' || event.key === 'm')
    openMenu(view, event, slotName(active), slotActions(view.panel, queue, active));
  else if (event.key === '+' || event.key === '=') act({ do: 'ringZoom', factor: 0.5, at: active });
  else if (event.key === '-') act({ do: 'ringZoom', factor: 2, at: active });
  else if (event.key === 'Escape') act({ do: 'select', selection: undefined });
  else {
    const message = changeKey(event.key, slotActions(view.panel, queue, active));
    if (!message) return;
    view.send(message);
  }
  event.preventDefault();
}

/** Left and right go round, over the wrap; up and down go from track to track. */
function moved(key: string, { track, slot }: RingSlot, size: number): RingSlot | undefined {
  const step = { ArrowRight: 1, ArrowLeft: -1, PageDown: Math.ceil(size / 16), PageUp: -Math.ceil(size / 16) }[key];
  if (step !== undefined) return { track, slot: (slot + step + size) % size };
  if (key === 'Home') return { track, slot: 0 };
  if (key === 'End') return { track, slot: size - 1 };
  const from = ALL_TRACKS.indexOf(track);
  const other = key === 'ArrowUp' ? ALL_TRACKS[from - 1] : key === 'ArrowDown' ? ALL_TRACKS[from + 1] : undefined;
  return other && { track: other, slot };
}
