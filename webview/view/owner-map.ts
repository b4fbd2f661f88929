// The descriptor table in small, beside its scroll bar: who owns which part of all rows, the rows in view, and a way to others.
import { html, nothing, svg, type TemplateResult } from 'lit';
import type { PanelQueue, SlotState } from '../../src/panel/protocol';
import { grouped, STATES } from '../format';
import { trackArcs } from '../ring/arcs';
import type { DescriptorRows } from '../rows';
import { ROW_HEIGHT, VIEW_ROWS } from '../state';
import { HATCH } from './hatch';
import type { View } from './view';

/** The drawing's own units: it is stretched over the height of the rows. */
const WIDTH = 8;
const HEIGHT = 216;
/** least height of the mark for the rows in view: those of a large ring are thinner than a pixel */
const LEAST = 5;

const SHOWN = VIEW_ROWS.desc;

interface Drawn {
  /** an SVG path by state, keyed `cell STATE` or `arc STATE` as the ring's drawing is */
  readonly paths: readonly (readonly [key: string, d: string])[];
  readonly words: string;
}

const cache = new WeakMap<DescriptorRows, Drawn>();

/** Remembered as long as the rows are: a scrolled table draws the same map. Bins and shares are those of the ring's drawing. */
function draw(queue: PanelQueue, rows: DescriptorRows): Drawn {
  const known = cache.get(rows);
  if (known) return known;
  const { count } = rows;
  const states = Array.from({ length: count }, (_, row) => ownerAt(queue, rows, row));
  const scale = { size: count, pieces: [{ from: 0, to: count, start: 0, end: HEIGHT }] };
  const { cells, arcs } = trackArcs(scale, states);
  const paths = new Map<string, string>();
  const add = (key: string, from: number, to: number, start: number, end: number): void => {
    const box = `M${n(from * WIDTH)} ${n(start)}H${n(to * WIDTH)}V${n(end)}H${n(from * WIDTH)}Z`;
    paths.set(key, (paths.get(key) ?? '') + box);
  };
  for (const { state, start, end } of cells) add(`cell ${state}`, 0, 1, start, end);
  for (const { state, start, end, inner, outer } of arcs) add(`arc ${state}`, inner, outer, start, end);
  const drawn = { paths: [...paths], words: countWords(states) };
  cache.set(rows, drawn);
  return drawn;
}

const n = (value: number): string => String(Math.round(value * 100) / 100);

const ownerAt = (queue: PanelQueue, rows: DescriptorRows, row: number): SlotState =>
  queue.ring.descriptors[rows.at(row).index]?.owner ?? 'unknown';

/** `3 taken by the device, 32,765 available to the device`. */
function countWords(states: readonly SlotState[]): string {
  const counts = new Map<SlotState, number>();
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => a - b)
    .map(([state, count]) => `${grouped(count)} ${STATES[state].words}`)
    .join(', ');
}

/** The map of the descriptor table; nothing where all rows are in view anyway. */
export function ownerMap({ ui }: View, queue: PanelQueue, rows: DescriptorRows): TemplateResult | typeof nothing {
  const { count } = rows;
  if (count <= SHOWN) return nothing;
  const { paths, words } = draw(queue, rows);
  const last = count - SHOWN;
  const first = Math.max(0, Math.min(last, Math.round((ui.scroll.desc ?? 0) / ROW_HEIGHT)));
  const height = Math.max(LEAST, (SHOWN / count) * HEIGHT);
  const inView = Array.from({ length: SHOWN }, (_, i) => ownerAt(queue, rows, first + i));
  const [from, to] = [rows.at(first).index, rows.at(first + SHOWN - 1).index];
  return html`<div
    class="owner-map"
    role="slider"
    tabindex="0"
    aria-orientation="vertical"
    aria-controls="grid-desc"
    aria-label=${`Rows in view, of ${grouped(count)}: ${words}`}
    aria-valuemin="0"
    aria-valuemax=${last}
    aria-valuenow=${first}
    aria-valuetext=${`desc[${from}] to desc[${to}]: ${countWords(inView)}`}
    title=${words}
    @keydown=${keydown}
    @pointerdown=${(event: PointerEvent) => point(event, count)}
    @pointermove=${(event: PointerEvent) => point(event, count)}
  >
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
      ${paths.map(
        ([key, d]) =>
          svg`<path class="slot ${key}" fill=${HATCH[key.slice(key.indexOf(' ') + 1) as SlotState] ?? nothing} d=${d} />`,
      )}
      <rect class="in-view" x="0" width=${WIDTH} y=${n((first / last) * (HEIGHT - height))} height=${n(height)} />
    </svg>
  </div>`;
}

/** Keys arrive faster than frames: where the table stands is asked of the table. It says by its own event that it has moved. */
function scrollTable(to: (top: number, most: number) => number): void {
  const table = document.getElementById('grid-desc');
  if (table) table.scrollTop = to(table.scrollTop, table.scrollHeight);
}

function keydown(event: KeyboardEvent): void {
  const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: SHOWN - 1, PageUp: 1 - SHOWN };
  const step = steps[event.key];
  if (step !== undefined) scrollTable((top) => top + step * ROW_HEIGHT);
  else if (event.key === 'Home') scrollTable(() => 0);
  else if (event.key === 'End') scrollTable((_, most) => most);
  else return;
  event.preventDefault();
}

/** Pressed or dragged: the rows at the pointer come into the middle of the table. */
function point(event: PointerEvent, count: number): void {
  if ((event.buttons & 1) === 0) return;
  const map = event.currentTarget as Element;
  map.setPointerCapture(event.pointerId);
  const { top, height } = map.getBoundingClientRect();
  const row = ((event.clientY - top) / height) * count - SHOWN / 2;
  scrollTable(() => Math.round(row) * ROW_HEIGHT);
}
