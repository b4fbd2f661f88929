// The timeline's section of the page: labels, the plot with its playhead, the strip of the whole run, and the events as a table.
import { html, nothing, type TemplateResult } from 'lit';
import type { FromPanel } from '../../src/panel/protocol';
import { duration } from '../format';
import { grid } from '../view/grid';
import { vars } from '../view/vars';
import type { View } from '../view/view';
import type { Gestures } from './gestures';
import { keyTo } from './keys';
import { type Playhead, playheadOf, stripOf } from './playhead';
import type { Scene } from './scene';
import type { Target } from './shapes';
import { endOf, type Timeline, type TimelineAction } from './state';
import { tableOf } from './table';

export interface Surroundings {
  readonly act: (action: TimelineAction) => void;
  readonly send: (message: FromPanel) => void;
  readonly gestures: Gestures;
  /** for the table */
  readonly view: View;
  /** px of the plot; 0 before it is known */
  readonly width: number;
}

/** px */
export const OVERVIEW = 24;

export function timelineSection(
  t: Timeline,
  scene: Scene,
  pointed: Target | undefined,
  { act, send, gestures, view, width }: Surroundings,
): TemplateResult {
  const playhead = playheadOf(t, width);
  const strip = stripOf(t, width);
  const keydown = (event: KeyboardEvent): void => {
    const to = keyTo(event, t);
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if ('do' in to) act(to);
    else send(to);
    if ('type' in to && to.type === 'goToTime') act({ do: 'scrub', ns: to.ns, dragging: false });
  };
  const vcpu = view.panel.threads.find((thread) => thread.kind === 'vcpu');
  const context = vcpu?.kind === 'vcpu' ? `, ${vcpu.name} ${vcpu.context}` : '';
  return html`<section aria-label="Timeline">
    <h2>
      Timeline <span class="tl-readout">${readout(t, pointed)}</span>
      <span class="end">
        <button
          aria-pressed=${t.fit}
          title="Show the whole run, or the surroundings of the playhead (f)"
          @click=${() => act({ do: 'fit' })}
        >
          Fit
        </button>
        <button aria-pressed=${t.table} title="List what is in the window" @click=${() => act({ do: 'table' })}>
          Events
        </button>
      </span>
    </h2>
    <div class="tl" ${vars({ '--tl-height': `${scene.height}px` })}>
      <span class="tl-label tl-run">run, ${duration(endOf(t))}</span>
      <div
        class="tl-overview"
        aria-hidden="true"
        @pointerdown=${gestures.overviewDown}
        @pointermove=${gestures.overviewMove}
        @pointerup=${gestures.overviewUp}
        @dblclick=${() => act({ do: 'fit' })}
      >
        <canvas class="tl-canvas tl-strip"></canvas>
        <i class="tl-window" ${vars({ '--x': px(strip.x), '--w': px(strip.width) })}></i>
        <i class="tl-line tl-at" ${vars({ '--x': px(strip.at) })}></i>
      </div>
      <div class="tl-labels">
        <span class="tl-label dim" ${vars({ '--y': '2px' })}>${scene.unit}, virtual</span>
        ${scene.lanes.map(
          ({ label, title, y, height }) =>
            html`<span class="tl-label" title=${title} ${vars({ '--y': `${y + height / 2 - 8}px` })}>${label}</span>`,
        )}
      </div>
      <div
        class="tl-plot"
        role="slider"
        tabindex="0"
        aria-label="Playhead of the timeline"
        aria-description="Arrow keys go through time, Home and End to the ends of what is recorded, k and i to the next kick and interrupt, with Shift to the one before; plus and minus zoom, f fits."
        aria-valuemin="0"
        aria-valuemax=${Math.round(endOf(t))}
        aria-valuenow=${Math.round(t.atNs)}
        aria-valuetext="${duration(t.atNs)}${context}"
        @keydown=${keydown}
        @wheel=${gestures.wheel}
        @pointerdown=${gestures.down}
        @pointermove=${gestures.move}
        @pointerup=${gestures.up}
        @pointerleave=${gestures.leave}
      >
        <canvas class="tl-canvas tl-record"></canvas>
        <i
          class="tl-future"
          ${vars({ '--x': px(playhead.future.x), '--w': String(playhead.future.width.toFixed(1)) })}
        ></i>
        <canvas class="tl-canvas tl-places"></canvas>
        ${moving(playhead)}
      </div>
    </div>
    ${t.table ? events(t, send, view) : nothing}
  </section>`;
}

const px = (n: number): string => `${n.toFixed(1)}px`;

/** The playhead with its time, and where it is dragged to. They are moved, and nothing is painted for it. */
const moving = ({ at, time, side, scrub }: Playhead): TemplateResult =>
  html`<i class="tl-line tl-scrub" ?hidden=${scrub === undefined} ${vars({ '--x': px(scrub ?? 0) })}></i>
    <i class="tl-line tl-at" ?hidden=${at === undefined} ${vars({ '--x': px(at ?? 0) })}
      ><b class="tl-${side}">${time}</b></i
    >`;

/** What the pointer is on; without one, how much of the run is in view. */
function readout(t: Timeline, pointed: Target | undefined): TemplateResult | string {
  if (pointed === undefined) return `${duration(t.toNs - t.fromNs)} in view`;
  const event = pointed.seq === undefined ? undefined : t.events.get(pointed.seq);
  return html`${pointed.text}${event ? html` · <span class="mono">${event.text}</span>` : nothing}${
    event?.source ? ` · ${event.source.label}` : nothing
  }`;
}

function events(t: Timeline, send: Surroundings['send'], view: View): TemplateResult {
  const table = tableOf(t);
  return grid(view, {
    id: 'events',
    label: table.label,
    columns: [
      { label: 'time', right: true },
      { label: 'what' },
      { label: 'queue or thread' },
      { label: 'value', right: true },
    ],
    count: table.rows.length,
    none: 'Nothing happens in this window.',
    row: (at) => ({ cells: table.rows[at]?.cells ?? [] }),
    choose: (at) => {
      const row = table.rows[at];
      if (row?.tick !== undefined) send({ type: 'goTo', tick: row.tick, sub: 0 });
    },
  });
}
