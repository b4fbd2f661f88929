// Whether a kick and an interrupt would be sent now: the flag or the event window that decides, on both sides; and the legend.
import { html, nothing, svg, type TemplateResult } from 'lit';
import type { DirectiveResult } from 'lit/directive.js';
import { guard } from 'lit/directives/guard.js';
import { OWNERS, type PanelQueue, type PanelVerdict } from '../../src/panel/protocol';
import type { Owner } from '../../src/virtqueue';
import { changedFields } from '../changed';
import { duration, hex16, STATES } from '../format';
import { type EventBasis, eventWindow, formula } from '../window';
import { authorMark, gate, noticeMark, sourceLink, stateMark } from './marks';
import type { View } from './view';

interface Side {
  readonly title: string;
  readonly author: 'driver' | 'device';
  readonly verb: 'sent' | 'raised';
  /** the field that decides by flags, and its owner */
  readonly flags: 'used.flags' | 'avail.flags';
  readonly rule: string;
}

const KICK: Side = {
  title: 'A kick now would be',
  author: 'driver',
  verb: 'sent',
  flags: 'used.flags',
  rule: 'the driver kicks unless VIRTQ_USED_F_NO_NOTIFY is set; a hint (spec 2.7.10)',
};
const INTERRUPT: Side = {
  title: 'An interrupt now would be',
  author: 'device',
  verb: 'raised',
  flags: 'avail.flags',
  rule: 'the device interrupts unless VIRTQ_AVAIL_F_NO_INTERRUPT is set; a hint (spec 2.7.7)',
};

export function notifications(view: View, queue: PanelQueue): TemplateResult {
  const { kick, interrupt } = queue.notifications;
  const vcpu = view.panel.threads.find((thread) => thread.kind === 'vcpu');
  const { irqPending } = view.panel.device;
  return html`<section class="notify" aria-label="Notifications">
    <h2>Notifications <span>${queue.ring.layout.eventIdx ? 'event index' : 'flags'}</span></h2>
    ${verdict(view, queue, KICK, kick)} ${verdict(view, queue, INTERRUPT, interrupt)}
    ${
      irqPending
        ? html`<p class="reason">
            ${noticeMark('device', true)} One interrupt is
            pending${vcpu?.kind === 'vcpu' && vcpu.irqsOff ? ': the vCPU runs with interrupts off' : ''}
          </p>`
        : nothing
    }
  </section>`;
}

function verdict(
  view: View,
  queue: PanelQueue,
  side: Side,
  { sent, why, basis, written }: PanelVerdict,
): TemplateResult {
  const by = basis?.kind === 'event' ? `${basis.name === 'avail_event' ? 'used' : 'avail'}.${basis.name}` : side.flags;
  const derived = view.ui.derived?.includes(by) ? 'derived' : '';
  const changed = changedFields(view.panel, queue.ring.name).has(by) ? 'just-changed' : '';
  return html`<div class="side ${derived} ${changed}">
    <p class="verdict" title=${basis?.kind === 'event' ? formula(basis) : side.rule}>
      ${gate(side.author, sent)}<span>${side.title} <b>${sent ? side.verb : 'suppressed'}</b></span>
    </p>
    ${
      basis?.kind === 'event'
        ? eventLine(basis, sent, why)
        : html`<p class="reason">${why} <span class="mono">(${flagValue(queue, side)})</span></p>`
    }
    ${
      written
        ? html`<p class="reason">
            ${by} written by the ${written.author}
            <button
              class="link"
              title="Go back to this moment"
              @click=${() => view.send({ type: 'goTo', tick: written.position.tick, sub: written.position.sub })}
            >
              ${duration(view.panel.timeNs - written.timeNs)} ago
            </button>
            ${sourceLink(view, written.source)}
          </p>`
        : nothing
    }
  </div>`;
}

const flagValue = ({ ring }: PanelQueue, { flags }: Side): string =>
  hex16(flags === 'used.flags' ? ring.used.flags : ring.avail.flags);

/** The window [old, next) on the line of indices, and the entry whose passing asks for the notification. */
function eventLine(basis: EventBasis, sent: boolean, why: string): TemplateResult {
  const { event, from, to, ticks, gap } = eventWindow(basis);
  const side = basis.name === 'avail_event' ? 'dev' : 'drv';
  const anchor = (at: number): string => (at < 20 ? 'start' : at > 80 ? 'end' : 'middle');
  const middle = (from + to) / 2;
  // percent stand for the width there is, px for the height
  return html`<svg class="event-line" role="img" aria-label=${why} width="100%" height="40">
      <title>${why}</title>
      ${
        gap === undefined
          ? svg`<line class="axis" x1="0" x2="100%" y1="21" y2="21" />`
          : svg`<line class="axis" x1="0" x2="100%" y1="21" y2="21" stroke-dasharray="3 3" />
              <text class="faint" x="50%" y="18" text-anchor="middle">${gap} entries</text>`
      }
      ${ticks.map((x) => svg`<line class="axis" x1="${x}%" x2="${x}%" y1="18" y2="24" />`)}
      <rect class="window ${sent ? 'open' : ''}" x="${from}%" y="15" width="${to - from}%" height="12" />
      <text x="${middle}%" y="38" text-anchor=${anchor(middle)}>
        old
        <tspan class="value">${basis.old}</tspan>
        → new
        <tspan class="value">${basis.next}</tspan>
      </text>
      <line class="event ${side}" x1="${event}%" x2="${event}%" y1="12" y2="28" />
      <text x="${event}%" y="10" text-anchor=${anchor(event)}>
        ${basis.name}
        <tspan class="value">${basis.event}</tspan>
      </text>
    </svg>
    <p class="reason mono formula">${basis.name} ${basis.event}: ${formula(basis)} is <b>${String(sent)}</b></p>`;
}

const LEGEND_WORDS: Readonly<Record<Owner, string>> = {
  free: 'free',
  building: 'being built',
  added: 'added, not exposed',
  available: 'available',
  taken: 'taken by device',
  used: 'used',
  reclaimed: 'just reclaimed',
  unknown: 'unknown',
};

/** Always the same: drawn once. */
export const legend = (): DirectiveResult => guard([], drawLegend);

const drawLegend = (): TemplateResult =>
  html`<section class="legend" aria-label="Legend">
    ${OWNERS.map((owner) => html`<span title=${STATES[owner].words}>${stateMark(owner)} ${LEGEND_WORDS[owner]}</span>`)}
    <span>${authorMark('driver')} driver</span>
    <span>${authorMark('device')} device</span>
    <span>${authorMark('debugger')} debugger</span>
    <span>${authorMark('machine')} machine</span>
    <span><i class="private">idx</i> private index</span>
  </section>`;
