// The bar at the top: one tab a queue with who owns its descriptors, and where in the run the machine stands.
import { html, nothing, type TemplateResult } from 'lit';
import { countOwners, type PanelQueue } from '../../src/panel/protocol';
import type { Owner } from '../../src/virtqueue';
import { duration, grouped, STATES } from '../format';
import { currentQueue } from '../state';
import { vars } from './vars';
import type { View } from './view';

/** Exposed and not used yet, from the two indices in the ring. */
export const inFlight = ({ ring }: PanelQueue): number => (ring.avail.idx - ring.used.idx) & 0xffff;

const SHARES: readonly Owner[] = ['used', 'reclaimed', 'taken', 'available', 'added', 'building', 'unknown', 'free'];

const countCache = new WeakMap<PanelQueue, Readonly<Record<Owner, number>>>();

/** Descriptors by owner. */
export function ownerCounts(queue: PanelQueue): Readonly<Record<Owner, number>> {
  let counts = countCache.get(queue);
  if (!counts) countCache.set(queue, (counts = countOwners(queue.ring.descriptors)));
  return counts;
}

function shareBar(queue: PanelQueue): TemplateResult {
  const counts = ownerCounts(queue);
  const words = SHARES.filter((o) => counts[o] > 0).map((o) => `${grouped(counts[o])} ${STATES[o].words}`);
  return html`<span class="share" role="img" aria-label=${`descriptors: ${words.join(', ')}`} title=${words.join('\n')}
    >${SHARES.map((o) => html`<i class="own-${o}" ${vars({ '--n': String(counts[o]) })}></i>`)}</span
  >`;
}

function queueWords(queue: PanelQueue): string {
  if (!queue.ready) return 'not set up';
  const flight = inFlight(queue);
  return flight === 0 ? 'none in flight' : `${grouped(flight)} in flight`;
}

function tab(view: View, queue: PanelQueue, selected: boolean): TemplateResult {
  const { name, problems } = queue.ring;
  return html`<button
    role="tab"
    class="tab"
    id="tab-${name}"
    data-queue=${name}
    aria-selected=${selected ? 'true' : 'false'}
    aria-controls="queue"
    tabindex=${selected ? 0 : -1}
    @click=${() => view.act({ do: 'tab', name })}
  >
    <b>${name}</b>${shareBar(queue)}<span>${queueWords(queue)}</span>
    ${problems.length > 0 ? html`<span class="warn" title=${problems.join('\n')}>⚠ bad ring</span>` : nothing}
  </button>`;
}

export function header(view: View): TemplateResult {
  const { panel, ui, act } = view;
  const current = currentQueue(panel, ui)?.ring.name;
  const names = panel.queues.map((queue) => queue.ring.name);
  const keydown = (event: KeyboardEvent): void => {
    const at = names.indexOf(current ?? '');
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: names.length - 1 }[event.key];
    const name = to === undefined ? undefined : names[(to + names.length) % names.length];
    if (name === undefined) return;
    event.preventDefault();
    act({ do: 'tab', name });
    (event.currentTarget as Element).querySelector<HTMLElement>(`[data-queue="${CSS.escape(name)}"]`)?.focus();
  };
  const { tick, sub } = panel.position;
  const recorded = panel.furthest > tick;
  return html`<header class="bar">
    <div role="tablist" aria-label="Queues" class="tabs" @keydown=${keydown}>
      ${panel.queues.map((queue) => tab(view, queue, queue.ring.name === current))}
    </div>
    <div class="now">
      <b class="mono">${duration(panel.timeNs)}</b>
      <span class="dim" title="position in the run: machine tick${sub ? ', and stores since' : ''}"
        >tick ${grouped(tick)}${sub ? `+${sub}` : ''}</span
      >
      ${
        recorded
          ? html`<span class="past" title="The run has been further: the recorded future reaches tick ${panel.furthest}"
              >of ${grouped(panel.furthest)}</span
            >`
          : nothing
      }
    </div>
    ${viewSwitch(view)}
  </header>`;
}

const VIEWS = [
  { view: 'circle', label: 'Circle' },
  { view: 'table', label: 'Table' },
] as const;

/** The ring as a ring, or as tables. */
const viewSwitch = ({ ui, act }: View): TemplateResult =>
  html`<div class="switch" role="group" aria-label="Show the ring as">
    ${VIEWS.map(
      ({ view, label }) =>
        html`<button
          aria-pressed=${ui.view === view ? 'true' : 'false'}
          title="${label} (key t goes from one to the other)"
          @click=${() => act({ do: 'view', view })}
        >
          ${label}
        </button>`,
    )}
  </div>`;
