// The whole page from the model: f(state, ui). Nothing here remembers anything.
import { html, nothing, type TemplateResult } from 'lit';
import type { FromPanel, PanelQueue } from '../../src/panel/protocol';
import { type Highlight, highlight } from '../chain';
import { type Action, currentQueue, type Model, type Ui } from '../state';
import { changes } from './changes';
import { chainStrip } from './chain-strip';
import { circle } from './circle';
import { descriptorTable } from './descriptors';
import { hatches } from './hatch';
import { header } from './header';
import { device, findings, threads } from './machine';
import { menu } from './menu';
import { memorySection } from '../memory/view';
import { legend, notifications } from './notifications';
import { packet } from './packet';
import { progress } from './progress';
import { rings } from './rings';
import { skbs } from './skbs';
import { counters, problems } from './summary';
import { tip } from './tip';
import type { View } from './view';
import { why } from './why';

export interface Surroundings {
  readonly act: (action: Action) => void;
  readonly send: (message: FromPanel) => void;
  readonly latest: () => Ui;
  /** px of the window */
  readonly size: { readonly width: number; readonly height: number };
}

export function page(model: Model, { act, send, latest, size }: Surroundings): TemplateResult {
  const { panel, ui, running, error } = model;
  const view: View | undefined = panel && { panel, ui, latest, act, send };
  return html`
    <div class="sr" role="status" aria-live="polite">${announcement(model)}</div>
    ${error === undefined ? nothing : html`<div class="error" role="alert">${error}</div>`}
    ${running ? html`<div class="busy" aria-hidden="true"></div>` : nothing}
    ${view ? live(view, model, size) : noMachine(model, send)} ${view ? menu(view, ui.menu, size) : nothing}
  `;
}

/** Before the first stop of a session, and when it is over: how to begin, and what ran last at the press of a button. */
function noMachine({ running, empty, again }: Model, send: Surroundings['send']): TemplateResult {
  if (running) return html`<div class="empty"><h1>The machine is starting</h1></div>`;
  const button = html`<vscode-button @click=${() => send({ type: 'runAgain' })}>Run “${again}” again</vscode-button>`;
  return html`<div class="empty">
    <h1>No machine is running</h1>
    <p>${empty ?? ''}</p>
    ${again === undefined ? nothing : button}
  </div>`;
}

/** What a screen reader says at a stop: why it stopped, then who has to act. */
function announcement({ panel, ui, running, empty, timeline }: Model): string {
  // under a dragged playhead stops come faster than they can be said: the last one is
  if (timeline.scrub?.dragging) return '';
  if (running) return 'Running';
  if (!panel) return empty ?? '';
  const queue = currentQueue(panel, ui);
  return `${panel.reason}. ${queue ? `${queue.ring.name}: ${queue.sentence}` : ''}`;
}

function live(view: View, { running, memory, bytes }: Model, size: Surroundings['size']): TemplateResult {
  const { panel, ui } = view;
  const queue = currentQueue(panel, ui);
  if (!queue) {
    return html`<main class="page ${running ? 'running' : ''}" aria-busy=${running ? 'true' : 'false'}>
      ${header(view)} ${findings(view)}
      <p class="empty">The driver has not found its queues yet. ${panel.reason}.</p>
      <div class="columns three">${device(view)}${threads(view)}</div>
    </main>`;
  }
  const lit = highlight(panel, queue, ui.hover ?? ui.selected);
  return html`<main class="page ${running ? 'running' : ''}" aria-busy=${running ? 'true' : 'false'}>
    ${hatches()} ${header(view)}
    <div
      id="queue"
      class="queue ${ui.view === 'table' ? '' : 'circle-view'}"
      role="tabpanel"
      aria-labelledby="tab-${queue.ring.name}"
    >
      ${why(view, queue)} ${findings(view)} ${problems(queue)} ${counters(view, queue)}
      <div class="main ${ui.view === 'table' ? 'table' : 'circle-view'}">
        ${ringSection(view, queue, lit)} ${changes(view)} ${notifications(view, queue)} ${legend()}
        <div class="packets">${skbs(view, lit)} ${packet(view, bytes)}</div>
      </div>
      <div id="timeline"></div>
      ${memorySection(view, memory, queue)}
      <div class="columns two">${threads(view)} ${device(view)}</div>
    </div>
    ${tip(view, queue, size)}
  </main>`;
}

/** The ring, drawn or in tables; and in both both sides' progress on a line. */
function ringSection(view: View, queue: PanelQueue, lit: Highlight): TemplateResult {
  if (!queue.ready) return html`<section class="ring" aria-label="Ring"></section>`;
  const { view: kind } = view.ui;
  return html`<section class="ring" aria-label="Ring">
    ${
      kind === 'circle'
        ? circle(view, queue, lit)
        : html`<div class="tables">${descriptorTable(view, queue, lit)} ${rings(view, queue, lit)}</div>`
    }
    ${chainStrip(view, queue)} ${progress(view, queue)}
  </section>`;
}
