// The packet that is shown: its timelines in both runs above each other, and the story of its ring, event beside event.
import { html, nothing, type TemplateResult } from 'lit';
import type { Moment, PacketSide, PacketView, PartingMark, Side } from '../../src/views/compare/protocol';
import { duration } from '../format';
import { type lanesOf, heightOf, type PlacedLane } from '../timeline/lanes';
import type { Target } from '../timeline/shapes';
import { vars } from '../view/vars';
import type { Ways } from './page';
import { lanesOfPacket, MARKS, type Plot } from './plots';
import { windowOf, type Model } from './state';

export interface Drawn {
  readonly plots: Readonly<Partial<Record<Side, Plot>>>;
  readonly pointed: Target | undefined;
}

const LETTER: Readonly<Record<Side, string>> = { left: 'A', right: 'B' };

export function packetSection(model: Model, packet: PacketView, drawn: Drawn, ways: Ways): TemplateResult {
  const label = model.state?.rows[packet.row]?.label ?? '';
  const lanes = lanesOfPacket(packet, label.split(' ')[0] ?? '');
  return html`<section class="packet" aria-labelledby="packet-name">
    <h2 id="packet-name">
      Packet ${label} <span class="readout">${readout(model, drawn)}</span>${tools(model, packet, ways)}
    </h2>
    <div class="packet-parts">
      <div id="timeline">${plot('left', packet, lanes, model, ways)} ${plot('right', packet, lanes, model, ways)}</div>
      ${story(packet, ways)}
    </div>
  </section>`;
}

function readout(model: Model, { pointed }: Drawn): string {
  if (pointed !== undefined) return pointed.text;
  const { fromNs, toNs } = windowOf(model);
  return `${duration(toNs - fromNs)} in view; time counts from where the packet begins in each run`;
}

function tools({ state, window }: Model, packet: PacketView, { act, send }: Ways): TemplateResult {
  const rows = state?.rows.length ?? 0;
  const { row, mark } = packet;
  const tool = (text: string, label: string, click: () => void, off = false): TemplateResult =>
    html`<button
      class="tool"
      title=${label}
      aria-label=${text.length === 1 ? label : nothing}
      ?disabled=${off}
      @click=${click}
    >
      ${text}
    </button>`;
  return html`<span class="tools">
    ${tool('‹', 'Previous packet', () => send({ type: 'choose', row: row - 1 }), row === 0)}
    ${tool('›', 'Next packet', () => send({ type: 'choose', row: row + 1 }), row + 1 >= rows)}
    ${tool('−', 'Zoom out', () => act({ do: 'zoom', factor: 2 }), window === undefined)}
    ${tool('+', 'Zoom in', () => act({ do: 'zoom', factor: 0.5 }))}
    ${tool('←', 'Earlier', () => act({ do: 'pan', share: -0.3 }), window === undefined)}
    ${tool('→', 'Later', () => act({ do: 'pan', share: 0.3 }), window === undefined)}
    ${tool('Whole packet', 'Show the whole packet', () => act({ do: 'whole' }), window === undefined)}
    ${
      mark === undefined
        ? nothing
        : html`${tool('Zoom to the difference', 'Show the surroundings of where the runs part', () => act({ do: 'parting' }))}
          ${tool('Go to the difference', 'Both sessions go to where the runs part', () => send(goToParting(packet, mark.at)))}`
    }
  </span>`;
}

const goToParting = ({ left, right }: PacketView, at: number) => {
  // a run that does nothing there goes to the last thing that it did
  const tick = (side: PacketSide | undefined): number | undefined => (side?.story[at] ?? side?.story.at(-1))?.tick;
  const [a, b] = [tick(left), tick(right)];
  return { type: 'goTo', ...(a === undefined ? {} : { left: a }), ...(b === undefined ? {} : { right: b }) } as const;
};

function plot(
  side: Side,
  packet: PacketView,
  lanes: ReturnType<typeof lanesOf>,
  model: Model,
  { act, send, drawn }: Ways,
): TemplateResult {
  const name = model.state?.[side] ?? '';
  const heading = html`<h3><b>${LETTER[side]}</b> ${name}</h3>`;
  if (packet[side] === undefined)
    return html`${heading}
      <p class="dim">This run has no such packet.</p>`;
  const at = (event: MouseEvent): { x: number; y: number; share: number } => {
    const { left, top, width } = (event.currentTarget as Element).getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top, share: (event.clientX - left) / Math.max(1, width) };
  };
  const wheel = (event: WheelEvent): void => {
    // the page scrolls; with Ctrl, as everywhere, it zooms
    if (event.shiftKey || event.deltaX !== 0)
      act({ do: 'pan', share: Math.sign(event.deltaX === 0 ? event.deltaY : event.deltaX) * 0.1 });
    else if (event.ctrlKey || event.metaKey)
      act({ do: 'zoom', factor: event.deltaY < 0 ? 0.8 : 1.25, around: at(event).share });
    else return;
    event.preventDefault();
  };
  const click = (event: MouseEvent): void => {
    const tick = drawn().pointed?.tick;
    const { fromNs, toNs } = windowOf(model);
    if (tick !== undefined) send(side === 'left' ? { type: 'goTo', left: tick } : { type: 'goTo', right: tick });
    else send({ type: 'goToTime', row: packet.row, side, ns: fromNs + at(event).share * (toNs - fromNs) });
  };
  const pointing = model.pointer?.side === side && drawn().pointed?.tick !== undefined;
  return html`${heading}
    <div class="tl" ${vars({ '--tl-height': `${heightOf(lanes)}px` })}>
      <div class="tl-labels">${lanes.map(laneLabel)}</div>
      <div
        class="tl-plot ${pointing ? 'points' : ''}"
        @wheel=${{ handleEvent: wheel, passive: false }}
        @pointermove=${(event: PointerEvent) => act({ do: 'point', at: { side, ...at(event) } })}
        @pointerleave=${() => act({ do: 'point', at: undefined })}
        @click=${click}
      >
        <canvas
          class="tl-canvas ${side}"
          role="img"
          aria-label="Timeline of ${name}; its events are listed beside it"
        ></canvas>
      </div>
    </div>`;
}

const laneLabel = ({ label, title, y, height }: PlacedLane): TemplateResult =>
  html`<span class="tl-label" title=${title} ${vars({ '--y': `${y + height / 2 - 8}px` })}>${label}</span>`;

function story({ left, right, mark }: PacketView, { send }: Ways): TemplateResult {
  const length = Math.max(left?.story.length ?? 0, right?.story.length ?? 0);
  if (length === 0) return html`<p class="note">Nothing has happened at its ring yet.</p>`;
  const cell = (side: Side, moment: Moment | undefined): TemplateResult => {
    if (moment === undefined)
      return html`<td class="dim">–</td>
        <td></td>`;
    const go = (): void =>
      send(side === 'left' ? { type: 'goTo', left: moment.tick } : { type: 'goTo', right: moment.tick });
    return html`<td>${moment.what}</td>
      <td class="n">
        <button class="link" aria-label="${LETTER[side]} goes to ${moment.what} at ${duration(moment.ns)}" @click=${go}>
          ${duration(moment.ns)}
        </button>
      </td>`;
  };
  return html`<div class="story">
    <table aria-label="What happened at its ring">
      <thead>
        <tr>
          <th scope="col" colspan="2">A</th>
          <th scope="col" colspan="2">B</th>
          <th scope="col" class="n" title="B later than A">Δ</th>
        </tr>
      </thead>
      <tbody>
        ${Array.from({ length }, (_, i) => {
          const [a, b] = [left?.story[i], right?.story[i]];
          return html`<tr class=${i === mark?.at ? 'first' : ''}>
            ${cell('left', a)}${cell('right', b)}
            <td class="n">${later(a, b, i, mark)}</td>
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}

/** By how much the second run is later at an event of both; and whether they part there. */
function later(a: Moment | undefined, b: Moment | undefined, i: number, mark: PartingMark | undefined): unknown {
  const name = mark && i === mark.at ? html`<b>${MARKS[mark.is]}</b>` : nothing;
  const same = mark?.is !== 'event' || i < mark.at;
  return a === undefined || b === undefined || !same ? name : html`${name} ${signed(b.ns - a.ns)}`;
}

/** `+3.2 µs`; nothing for no difference. */
export const signed = (ns: number): string => (ns === 0 ? '' : `${ns > 0 ? '+' : '−'}${duration(Math.abs(ns))}`);
